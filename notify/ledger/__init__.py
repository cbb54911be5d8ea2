"""The ledger for people to read: proofs of an alert, a person or a company; their exports; and the check of the books."""

from notify.ledger.flat import COLUMNS, for_spreadsheet, hand_row, line_row, post_row, rows, seals
from notify.ledger.workbook import write_xlsx

__all__ = ["COLUMNS", "for_spreadsheet", "hand_row", "line_row", "post_row", "rows", "seals", "write_xlsx"]
