"""JSON and iCalendar over the same services."""
