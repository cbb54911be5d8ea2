"""What is found in one row while it is judged: its filled cells by meaning, and the findings on them. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field

from core.i18n import Message, t
from registry.cells import clean, is_formula
from registry.roster.columns import PHONES, Column
from registry.roster.model import Finding, Outcome, Weight
from registry.roster.table import RawRow, RawTable

NOTHING = frozenset({"无", "/", "-", "--", "—", "n/a", "none", "没有", "暂无"})
COMPUTED = frozenset("=+-@\t\r")
Cells = dict[Column, list[tuple[str, str]]]


@dataclass(slots=True)
class Judgement:
    """The findings on one row as they come up.

    Attributes:
        filled: header and text of the filled cells by meaning; a dash or 无 is no filling.
    """

    row: RawRow
    table: RawTable
    filled: Cells = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def cells(self, column: Column) -> list[tuple[str, str]]:
        """Return header and text of the filled cells of this meaning."""
        return self.filled.get(column, [])

    def cell(self, column: Column) -> str:
        """Return the text of the first filled cell of this meaning, or an empty text."""
        found = self.filled.get(column)
        return found[0][1] if found else ""

    def add(self, column: Column, read: str, message: Message, weight: Weight, *, name: str = "") -> None:
        """Write down a finding."""
        header = name or self.table.header.name_of(column)
        self.findings.append(Finding(self.row.number, header, read, message, weight, self.table.sheet))

    @property
    def outcome(self) -> Outcome:
        """Return what the heaviest finding makes of the row."""
        weights = {finding.weight for finding in self.findings}
        if Weight.REFUSAL in weights:
            return Outcome.REFUSED
        if Weight.DOUBT in weights:
            return Outcome.DOUBTFUL
        return Outcome.CHANGED if weights else Outcome.ACCEPTED


def judgement(row: RawRow, table: RawTable) -> Judgement:
    """Begin to judge a row: sort its cells by meaning. A formula without a value is named and counts as empty."""
    judged = Judgement(row, table)
    cells = row.cells
    for column, at, name in table.header.places:
        text = cells[at]
        if not text or (len(text) <= 4 and clean(text).lower() in NOTHING):
            continue
        if text[0] == "'" and text[1:2] in COMPUTED:
            text = text[1:]  # so a program keeps a spreadsheet from computing a cell of a .csv: ours does, too
        # "=13800138000" in a phone column is a number with a slip of the finger.
        if text[0] in "=＝#" and is_formula(text) and (column not in PHONES or not text[1:].isdecimal()):
            message = t("This cell holds a formula without a value. Copy the column and paste it as values.")
            judged.add(column, text, message, Weight.DOUBT, name=name)
        else:
            judged.filled.setdefault(column, []).append((name, text))
    return judged
