"""The `lingbao` command, and what needs flows and console together: demo and bench."""
