"""Our alerts as CAP 1.2 messages and an Atom feed: only what a home authority said and a rule passed on may be public."""
