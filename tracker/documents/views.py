"""Pages of documents."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("documents", __name__, url_prefix="/<authority>")
