"""The WSGI entry: ``gunicorn wsgi:app``; also FLASK_APP for the commands."""

from tracker.app import create_app

app = create_app()
