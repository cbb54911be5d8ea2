"""Questions to companies: is the list still right, and is this person still there."""
