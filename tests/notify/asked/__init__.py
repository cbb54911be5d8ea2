"""Ways in and rounds: how people answer whether they are safe, and what is done about the silent."""
