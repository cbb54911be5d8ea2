"""The command lines of README and docs, run as a reader would type them."""
