"""Are you safe? (平安确认): what people answer to an alert, who is still silent, and the board an officer works from."""
