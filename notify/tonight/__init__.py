"""What an officer must know now: what waits for a person, in the order in which it should be worked off, and what happened."""
