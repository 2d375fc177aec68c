"""Decides who is told what on which day, and writes rows into mail's outbox."""
