"""Bytes an authority keeps: which are accepted, where they lie, how they are answered."""
