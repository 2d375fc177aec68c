"""Rules to points; self, reviewed, appraised; ranking."""
