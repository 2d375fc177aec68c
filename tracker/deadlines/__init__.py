"""The working-day calendar, deadline rules, dates and their explanations. Knows no task."""
