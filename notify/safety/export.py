"""The board as a workbook, in the form in which a city reports to the ministry: figures by country and company, then the list.

The columns are those of the rosters such offices keep (姓名, 派出单位, 所在国家（地区）, 备注); no form of the ministry for this is public.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import xlsxwriter
from sqlalchemy import Connection

from core import audit
from core.i18n import Language, Message, t
from core.keys import KeyGone, MasterKeys, unseal
from core.places.names import codes, display
from notify.alerts import Acting
from notify.safety.board import Board, part_of
from notify.safety.model import Voice, Word
from notify.safety.take import WORDS_CONTEXT
from notify.safety.tally import MEANS_WORDS, STATE_WORDS, Entry, State, Tally
from notify.store import safety as store
from registry import scope
from registry.employers import list_employers

Cell = str | int | Message | None
FIGURES = (
    t("asked"),
    t("not asked, answered"),
    t("safe"),
    t("needs help"),
    t("unclear"),
    t("no answer"),
    t("of these late"),
)
TITLES = (
    t("No."), t("Country or region"), t("Company"), t("Number"), t("Name"), t("State"), t("Said at"), t("By which way"), t("Who said it"),
    t("Late"), t("Their own word"), t("The company's word"), t("The office's word"), t("In their words"),
)  # fmt: skip


@dataclass(frozen=True)
class People:
    """What is known of the people on a board by number: names, their companies' names, and what they wrote last."""

    names: Mapping[int, str]
    employers: Mapping[int, str]
    words: Mapping[int, str]


def people_of(connection: Connection, found: Board, acting: Acting, keys: MasterKeys) -> People:
    """Open names and words of everybody on a board; the look is written to the audit. The erased are absent."""
    numbers = sorted(one.place.registrant_id for one in found.entries)
    names = scope.names_of(connection, acting.actor, numbers, keys)
    employers = {one.employer_id: one.name for one in list_employers(connection, acting.actor)}
    audit.record(connection, actor=acting.actor.name, action="safe.export", subject=f"alert/{found.alert_id}",
                 now=acting.now, detail=f"{len(names)} registrants")  # fmt: skip
    if not acting.actor.is_office:  # what people wrote is for the office: an auditor sees figures, and names masked
        return People(names, employers, {})
    return People(names, employers, _opened(connection, found.alert_id, acting, keys))


def _opened(connection: Connection, alert_id: int, acting: Acting, keys: MasterKeys) -> dict[int, str]:
    rows = list(store.sealed_words(connection, alert_id, part_of(acting.actor)))
    wrapped = scope.person_keys(connection, sorted({row.registrant_id for row in rows}))
    found: dict[int, str] = {}
    for row in rows:
        try:
            key = keys.unwrap(wrapped.get(row.registrant_id))
            place = WORDS_CONTEXT.format(alert=alert_id, person=row.registrant_id)
            found[row.registrant_id] = unseal(key, row.words_sealed, place)
        except KeyGone:
            continue
    return found


def write_xlsx(
    to: Path | IO[bytes], found: Board, people: People, *, zone: str, language: Language, now: datetime
) -> None:
    """Write the workbook: the total, by country, by company, and everybody, those who need help first.

    Args:
        to: a file of the caller's; or a handle: then nothing of it touches the disk.
    """
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    options["in_memory"] = not isinstance(to, Path)
    with xlsxwriter.Workbook(str(to) if isinstance(to, Path) else to, options) as book:
        sheet = _Sheet(book, t("Summary"), language)
        sheet.add([_title(found, language)])
        sheet.add([t("As of {at}", at=_when(now, zone))])
        sheet.add([None, *FIGURES])
        sheet.add([t("All together"), *_figures(found.total)])
        for title, groups in (
            (t("By country or region"), _countries(found, language)),
            (t("By company"), _companies(found, people)),
        ):
            sheet.add([])
            sheet.add([title, *FIGURES])
            for name, counted in groups:
                sheet.add([name, *_figures(counted)])
        everybody = _Sheet(book, t("List"), language)
        everybody.add(TITLES)
        for number, one in enumerate(found.entries, 1):
            everybody.add([number, *_line(one, people, zone, language)])


def _title(found: Board, language: Language) -> Message:
    title = found.title_en if language == "en" else found.title_zh
    if found.drill:
        return t("DRILL. Safety of our people: alert {number}, {title}", number=found.alert_id, title=title)
    return t("Safety of our people: alert {number}, {title}", number=found.alert_id, title=title)


def _figures(counted: Tally) -> list[int]:
    return [getattr(counted, one.name) for one in fields(counted)]


def _countries(found: Board, language: Language) -> Iterable[tuple[str, Tally]]:
    return ((country_name(code, language), counted) for code, counted in found.by_country.items())


def _companies(found: Board, people: People) -> Iterable[tuple[Cell, Tally]]:
    return ((people.employers.get(code, t("of no company")), counted) for code, counted in found.by_employer.items())


def _line(one: Entry, people: People, zone: str, language: Language) -> list[Cell]:
    place, stands = one.place, one.stands
    return [
        country_name(place.country, language), people.employers.get(place.employer_id or 0, ""), place.registrant_id,
        people.names.get(place.registrant_id, t("erased")), STATE_WORDS[one.state],
        _when(stands.at, zone) if stands else None, way(stands), stands.by if stands else None,
        t("late") if stands and stands.late else None,
        *(_beside(one, voice, zone) for voice in (Voice.PERSON, Voice.COMPANY, Voice.OFFICE)),
        people.words.get(place.registrant_id),
    ]  # fmt: skip


def _beside(one: Entry, voice: Voice, zone: str) -> Cell:
    said = one.beside.get(voice)
    return (
        None if said is None else t("{answer}, {at}", answer=STATE_WORDS[State(said.answer)], at=_when(said.at, zone))
    )


def way(said: Word | None) -> Message | None:
    """Say by which way a word came; from a number of several people it is not known whose it was."""
    if said is None or not said.shared:
        return None if said is None else MEANS_WORDS[said.means]
    return t("{way}, from a number of several people", way=MEANS_WORDS[said.means])


def country_name(code: str, language: Language) -> str:
    """Return the name of a country; what is no code of ours is left as it is."""
    return display(code, language) if code in codes() else code


def _when(moment: datetime, zone: str) -> str:
    return f"{moment.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M}"


class _Sheet:
    """One sheet, written from the top down; sentences in the language of the reader."""

    def __init__(self, book: Any, name: Message, language: Language) -> None:
        self._sheet, self._language, self._next = book.add_worksheet(name.render(language)), language, 0

    def add(self, cells: Sequence[Cell]) -> None:
        """Write the next row. Text is never a formula."""
        for column, value in enumerate(cells):
            shown = value.render(self._language) if isinstance(value, Message) else value
            if isinstance(shown, int):
                self._sheet.write_number(self._next, column, shown)
            elif shown:
                self._sheet.write_string(self._next, column, shown)
        self._next += 1
