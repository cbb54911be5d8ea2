"""Rosters (花名册): a company's list of its people abroad, read from a spreadsheet, checked row by row, and applied."""
