"""Pages of indicators."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("indicators", __name__, url_prefix="/<authority>")
