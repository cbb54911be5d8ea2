"""Tables of users and employers, and what this database is: asked and written in one place."""
