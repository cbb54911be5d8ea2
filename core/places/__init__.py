"""Places: country codes and names, what a text or a feed's country field refers to, time zones."""
