"""Rounds fanned out to tasks, the status machine, all counts by unit, group and timeliness."""
