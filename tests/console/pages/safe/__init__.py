"""The page behind a personal link."""
