"""Sign-in, passwords, sessions, throttle. No roles: what a person may do is said by memberships (units)."""
