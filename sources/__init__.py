"""Sources: one small file per publisher; fetching, reading, checking and comparing what they say."""
