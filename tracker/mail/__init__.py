"""Transport, rendering, the outbox: claim, re-check, send, record. Re-checks are registered by kind."""
