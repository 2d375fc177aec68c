"""The checklist, items, versions and their bytes; handing a task in."""
