"""gunicorn's settings, for `make run` and for the service: two workers of four threads behind one loaded application."""

import ctypes
import os
from pathlib import Path

import config as settings
from tracker.operations.launch import READY
from tracker.operations.running import mark_running, settle

_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8  # of glibc's mallopt()


def _be_frugal():
    """glibc gives each thread an arena of its own and learns to keep the 19 MiB that checking a password frees: a worker would hold twice as much."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):
        library.mallopt(_M_ARENA_MAX, 2)
        library.mallopt(_M_MMAP_THRESHOLD, 1 << 20)
        library.mallopt(_M_TRIM_THRESHOLD, 1 << 20)


_be_frugal()
_production = os.environ.get("TRACKER_ENV") == "production"

# Development and demonstrations are never reachable from another machine.
bind = (_production and os.environ.get("BIND")) or f"127.0.0.1:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = int(os.environ.get("WEB_WORKERS", "2"))
threads = 4
# Loaded once, shared by the workers; create_app() leaves no connection open behind it.
preload_app = True
timeout = 60
graceful_timeout = 20
# A slow leak in a library must not become an outage.
max_requests = 20000
max_requests_jitter = 2000
loglevel = "info" if _production else "warning"
control_socket_disable = True


def on_starting(server):
    """The application is loaded, the port not yet open. A restore refuses as long as this process lives."""
    waits = os.environ.pop(READY, None)
    if waits and not os.read(int(waits), 1):
        raise SystemExit("The launcher went away before the data was ready.")
    server.running_lock = mark_running(Path(settings.read()["TRACKER_DATA"]))


def when_ready(server):
    settle()
