"""What every room stands on: the clock, the database, scope, errors, Vietnamese text."""
