"""All SQL of alerts and their delivery."""
