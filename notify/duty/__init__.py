"""The night watch: who is on duty, what a person is wanted for, and how that person is called."""
