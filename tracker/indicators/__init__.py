"""Indicator sets: versions, requirements, variables. Library rows, readable by all once published."""
