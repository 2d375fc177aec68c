"""Pages that read the whole chain: the front doors, the page of a task, of a unit, of an indicator."""
