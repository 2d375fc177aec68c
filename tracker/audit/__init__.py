"""Append-only events, sealed in a chain. Knows no feature."""
