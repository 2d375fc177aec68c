"""Notices, and who does which indicator."""
