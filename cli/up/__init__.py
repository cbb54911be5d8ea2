"""`lingbao up`: one command on one machine runs a whole office, and keeps it running."""
