"""One small file per publisher: a card, a pure `parse`, and `read`. Publishers do not know each other."""
