"""Pages for people: the portal of companies and what residents fill in, made on the server, without scripts."""
