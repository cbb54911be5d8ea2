"""Roll-ups: one mail to a company for each round of an alert, who of its people was told and who was not; no copies of notices."""
