"""Mail and what comes back of it."""
