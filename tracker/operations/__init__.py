"""Seed, demo, synthetic country, backup, restore, health."""
