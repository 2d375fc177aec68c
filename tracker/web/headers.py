"""Security headers on every answer: pages, errors and static files alike."""

from __future__ import annotations

from flask import Flask, Response, request

CONTENT_POLICY = (
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
#: Evidence opened from the site can run nothing.
FILE_POLICY = "sandbox; default-src 'none'"


def install(app: Flask) -> None:
    """Adds the headers after each request; a view may have set a stricter policy itself."""

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("X-Frame-Options", "DENY")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(self), geolocation=(), microphone=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        if app.config["BASE_URL"].startswith("https://"):
            headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        if request.endpoint == "static":
            if "v" in request.args:
                headers["Cache-Control"] = "public, max-age=31536000, immutable"
        elif not response.cache_control.private:  # a view that says «private» has said for how long
            headers["Cache-Control"] = "no-store"
            headers.add("Vary", "Cookie")
        return response
