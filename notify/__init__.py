"""Alerts, notices, the outbox, dispatch, channels, receipts and proof; and the local sandbox providers."""
