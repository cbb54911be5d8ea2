"""A proof as a file: the page to print, the workbook, the table or the lines, about an alert, a person or a company."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import orjson
from sqlalchemy import Connection

from core.i18n import Language, Message, t
from notify.account import in_words, of_alert
from notify.ledger.collect import hands, lines
from notify.ledger.flat import COLUMNS, for_spreadsheet, hand_row, line_row, post_row
from notify.ledger.model import About, Look
from notify.ledger.page import MOST_LINES, Printed, page
from notify.ledger.posts import posts
from notify.ledger.workbook import write_xlsx
from notify.model import OfficeName
from notify.store.ledger import last_seal


class Format(StrEnum):
    """Forms of an exported proof."""

    JSONL = "jsonl"
    CSV = "csv"
    XLSX = "xlsx"
    HTML = "html"


def proof_page(connection: Connection, about: About, look: Look, office: OfficeName, language: Language) -> str:
    """Return the proof as a page to print.

    Raises:
        NotAllowed, NotFound: as `collect.lines`.
        BadInput: there are more lines than anybody prints.
    """
    found = list(islice(lines(connection, about, look), MOST_LINES + 1))
    last, acting = last_seal(connection), look.acting
    whole = about.alert_id is not None and about.registrant_id is None and about.employer_id is None
    told = [in_words(one) for one in of_alert(connection, about.alert_id)] if whole else []
    return page(found, hands(connection, about, look), Printed(
        office, about_words(about), acting.actor.name, acting.now, language, not look.plain,
        (0, "") if last is None else (last.id, last.link), tuple(told),
    ), list(islice(posts(connection, about, look), MOST_LINES + 1)))  # fmt: skip


def proof_rows(connection: Connection, about: About, look: Look) -> Iterator[dict[str, Any]]:
    """Give the rows of a proof: notices to people, posts to groups, and what was told by hand. Raises as `collect.lines`."""
    return chain(
        (line_row(one) for one in lines(connection, about, look)),
        (post_row(one) for one in posts(connection, about, look)),
        (hand_row(one) for one in hands(connection, about, look)),
    )


def write_table(handle: IO[str], rows: Iterable[dict[str, Any]], form: Format) -> None:
    """Write rows as .csv (formulas made harmless) or as JSON, one object a line."""
    if form is Format.CSV:
        writer = csv.DictWriter(handle, fieldnames=COLUMNS)
        writer.writeheader()
        writer.writerows(for_spreadsheet(rows))
    else:
        handle.writelines(orjson.dumps(row).decode() + "\n" for row in rows)


def write_workbook(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    """Write rows as .xlsx, into a file that only its owner can read."""
    path.touch(0o600)
    write_xlsx(path, rows)


def about_words(about: About) -> Message:
    """Say what a proof is about."""
    parts = [
        *([t("alert {number}", number=about.alert_id)] if about.alert_id is not None else []),
        *([t("person {number}", number=about.registrant_id)] if about.registrant_id is not None else []),
        *([t("company {number}", number=about.employer_id)] if about.employer_id is not None else []),
    ]  # fmt: skip
    if not parts:
        return t("the whole ledger")
    return parts[0] if len(parts) == 1 else t("{one}, {other}", one=parts[0], other=parts[1])
