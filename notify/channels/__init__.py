"""Channels: one file each, one contract for all. A channel is the only thing that touches a provider."""
