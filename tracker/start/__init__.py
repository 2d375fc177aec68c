"""Bắt đầu: from a blank database to assigned indicators, step by step."""
