"""REST for the personnel systems of companies: rosters, people and postings, and what became of notices to one's own people."""
