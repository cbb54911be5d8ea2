"""Reading what publishers write: text from HTML, level, hazards, validity and telephone numbers."""
