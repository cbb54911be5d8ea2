"""Which company a roster says it is of, beside the one it is imported for. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from core.errors import BadInput
from registry.cells import clean
from registry.employers import CREDIT_CODE, EmployerView, check_credit_code
from registry.roster.columns import MARKS, Column
from registry.roster.report import RosterReport

COMPANY = frozenset(
    ["单位", "单位名称", "公司", "公司名称", "派出单位", "境内投资主体", "填报单位", "所属单位", "company", "employer"]
)
"""Headings under which a company writes its own name. They decide nothing about a row, and are not read for it."""
MOST = 5


class OtherCompany(BadInput):
    """The roster names another company than the one it is imported for."""


@dataclass(frozen=True)
class Cautions:
    """What whoever applies a roster must know beforehand, and no row tells.

    Attributes:
        other_company: codes and names in the file that are certainly of another company: applying needs a word of its own.
        other_names: names in the file that are not the company's as the register knows it: perhaps only written otherwise.
        erased_on: days on which people whom earlier rosters of this company brought were erased at their own wish. Who they
            were is not known any more; a new row may be one of them.
    """

    other_company: tuple[str, ...] = ()
    other_names: tuple[str, ...] = ()
    erased_on: tuple[date, ...] = ()


def cautions(report: RosterReport, own: EmployerView, others: Iterable[EmployerView]) -> Cautions:
    """Compare the companies that a roster names with the one it is imported for.

    A unified social credit code other than the company's own, and the name or code of another company of the register, are
    certain. Any other name may be the own one in short, or that of a branch.

    Args:
        others: the companies this actor may know of.
    """
    codes, names = _codes(report), _names(report)
    theirs = {_plain(word) for one in others if one.employer_id != own.employer_id for word in (one.name, one.code)}
    mine = {_plain(own.name), _plain(own.code)}
    has_code = CREDIT_CODE.fullmatch(own.code) is not None
    strange = [code for code in codes if code != own.code and (has_code or _plain(code) in theirs)]
    strange += [name for name in names if _plain(name) in theirs - mine]
    differ = [name for name in names if name not in strange and not any(_is_part(_plain(name), one) for one in mine)]
    return Cautions(tuple(strange[:MOST]), tuple(differ[:MOST]))


def _codes(report: RosterReport) -> list[str]:
    """Return the right credit codes of a file, each once; a wrong one is a finding on its row already."""
    found: dict[str, None] = {}
    for table in report.tables:
        for at in table.header.found.get(Column.CREDIT_CODE, ()):
            for text in {row.cells[at] for row in table.rows if row.cells[at]}:
                try:
                    found[check_credit_code(text)] = None
                except BadInput:
                    continue
    return sorted(found)


def _names(report: RosterReport) -> list[str]:
    found: set[str] = set()
    for table in report.tables:
        places = [at for at, name in enumerate(table.header.names) if _plain(name) in COMPANY]
        found |= {clean(row.cells[at]) for at in places for row in table.rows if clean(row.cells[at])}
    return sorted(found)


def _plain(text: str) -> str:
    return MARKS.sub("", clean(text).lower())


def _is_part(one: str, other: str) -> bool:
    return bool(one) and (one in other or other in one)
