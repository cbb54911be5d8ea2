"""Canaries: the office's own addresses, one a channel, to which a marked message goes to prove that the channel works."""
