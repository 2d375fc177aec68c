"""Authorities, units, groups, aliases, people's memberships, and the role × action table."""
