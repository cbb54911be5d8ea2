"""How people of the office prove who they are: a password, a second factor, recovery codes, links to set these up."""
