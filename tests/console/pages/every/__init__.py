"""Every page there is, found by following every link."""
