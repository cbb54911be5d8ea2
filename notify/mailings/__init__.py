"""Letters of the office's own, each once for each reader and edition: roll-ups, briefs, bulletins, digests."""
