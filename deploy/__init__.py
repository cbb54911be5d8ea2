"""How an office is installed: units, container and cluster files, the bundle for machines without internet, and what is in it."""
