"""The first floor: a Flask application that does nothing but answer with so many bytes."""

from __future__ import annotations

from flask import Flask, Response

app = Flask(__name__)


@app.get("/<int:size>")
def page(size: int) -> str:
    return "x" * size


@app.post("/<int:size>")
def form(size: int) -> Response:
    return Response("x" * size, status=302, headers={"Location": "/"})
