"""The night watch: duty table, pages, calls, watchdog."""
