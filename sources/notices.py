"""Chinese notices as government sites list them: one line with title, date and link each. Pure but for `with_pages`.

The key of a notice is its date and its title without white space, as for the ministry's own list: addresses and numbers
change with every redesign, and the copies of one notice (ministry, embassy, mirror) get the same key where date and title
are the same. Where only the post that speaks tells the country, the key carries that country as well.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from bs4 import Tag

from core.errors import SourceBroken
from core.i18n import Message, t
from sources.entries import Unreadable, web_address
from sources.formats import read_whole_html, wrong_shape
from sources.model import Advisory, Capture, Get, Grade, Hazard, Known, squeeze
from sources.reading.expiry import BEIJING, contacts_of, expiry_of
from sources.reading.hazards import hazards_of
from sources.reading.text import shown, to_text, without_tags
from sources.reading.titles import read_title

WARNS = re.compile("提醒|提示|防范|注意|安全|撤离|警惕|警示|预警|前往|离境")
"""What a title must hold to be a notice at all, where a list is full of passport hours and lectures
(knowledge: sources-asia, section 2)."""
_ALARM = re.compile(
    "紧急|告急|疏散|避险|避难|转移|不得|切勿|慎|撤|爆炸|袭|战|枪|地震|海啸|台风|飓风|洪|火山|疫|动乱|骚乱|政变|戒严|宵禁|封锁|失联|遇难"
)
_DAY = re.compile(r"(?<!\d)(20\d\d)[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})(?!\d)日?")
_DAY_IN_ADDRESS = re.compile(r"/t?(20\d\d)(\d\d)(\d\d)_?\d+\.s?html?$")
_HAN = re.compile(r"[\u3400-\u9fff]")
_LAST_DAY = re.compile(r"\s*[(（\[]?\s*(20\d\d)[-/.年]\s*(\d{1,2})[-/.月]\s*(\d{1,2})日?\s*[)）\]]?\s*$")


_DANGERS = frozenset({
    Hazard.CONFLICT, Hazard.TERRORISM, Hazard.CRIME, Hazard.KIDNAPPING, Hazard.UNREST, Hazard.NATURAL_DISASTER, Hazard.WEATHER,
    Hazard.EPIDEMIC, Hazard.TRAFFIC, Hazard.AVIATION,
})  # fmt: skip
"""Dangers to life. Passports, fees and customs are what the rest of such a list is about."""


def warns(title: str) -> bool:
    """Tell whether a title may be a notice: a word of warning, of alarm, or the name of a danger.

    What is passed over tells nobody: a lecture too much costs an officer a look, a notice too few costs more.
    """
    return bool(WARNS.search(title) or _ALARM.search(title) or _DANGERS.intersection(hazards_of(title)))


@dataclass(frozen=True)
class Line:
    """One line of a list, as found: nothing is known to be right yet. `date` is YYYY-MM-DD or empty."""

    title: str
    date: str
    href: str


def lines_of(capture: Capture, links: str, address: re.Pattern[str]) -> tuple[Line, ...]:
    """Return the lines of a list, each once.

    Args:
        links: CSS selector of the links of the list.
        address: what the address of a notice looks like; other links (menus, pages, pictures) are passed over.

    Raises:
        SourceBroken: no HTML, no such line, or a page that was cut off.
    """
    soup = read_whole_html(capture)
    found = [link for link in soup.select(links) if address.search(str(link.get("href") or "")) and _words(link)]
    if not found:
        raise wrong_shape(capture, t("a whole list of notices"))
    return tuple(dict.fromkeys(_line(link) for link in found))


def notice(source: str, line: Line, page: str, *, host: str | None = None) -> Advisory:
    """Read one line.

    Args:
        source: the id of the source.
        page: the address of the list.
        host: ISO code of the country of the post that speaks. It settles abbreviations (在加), and is meant where the
            title names no place at all: an embassy speaks to those in its own country.

    Raises:
        Unreadable: no title, link or date, or a title without one Chinese character.
    """
    if not line.title or not line.href:
        raise Unreadable(t("a line without title or link"))
    if not _HAN.search(line.title):
        raise Unreadable(t("a title that was garbled on its way: {title}", title=line.title))
    try:
        day = datetime.strptime(line.date, "%Y-%m-%d").replace(tzinfo=BEIJING)
    except ValueError as error:
        raise Unreadable(t("unreadable date: {value}", value=line.date)) from error
    found, mark = read_title(line.title, host=host), squeeze(line.title)
    placeless = not (found.countries or found.ambiguous or found.unresolved or found.worldwide)
    key = f"{day:%Y-%m-%d}/{hashlib.sha256(mark.encode()).hexdigest()[:12]}"
    if host and (placeless or found.countries != read_title(line.title).countries):
        key += f"/{host}"  # two posts may use the same words on the same day, each about its own country
    return Advisory(
        source=source,
        native_id=key,
        title=line.title,
        url=web_address(page, line.href),
        language="zh",
        countries=(host,) if host and placeless else found.countries,
        places=found.places,
        worldwide=found.worldwide,
        level_national=Grade.UNSTATED if found.regional else found.level,
        level_regional_max=found.level if found.regional else Grade.UNSTATED,
        level_words=found.level_words,
        hazards=found.hazards,
        acute=found.acute,
        published_at=day.astimezone(UTC),
        unresolved=found.unresolved or ((line.title,) if placeless and not host else ()),
        ambiguous=found.ambiguous,
        list_mark=mark,
    )


def once(advisories: Iterable[Advisory]) -> tuple[Advisory, ...]:
    """Keep the first of several with one key: the same notice is often listed twice, or by two posts."""
    first: dict[str, Advisory] = {}
    for one in advisories:
        first.setdefault(one.native_id, one)
    return tuple(first.values())


def with_text(capture: Capture, advisory: Advisory, body: str) -> Advisory:
    """Add what the notice's own page says: text, numbers to call, validity. Its place and level stay the title's.

    Args:
        body: CSS selectors of the text; the first one that finds some counts.

    Raises:
        SourceBroken: the page has no such text, or was cut off: the end of a notice holds its numbers and validity.
    """
    found = read_whole_html(capture).select_one(body)
    text = to_text(str(found)) if found else ""
    if not text.strip():
        raise wrong_shape(capture, t("the text of {title}", title=advisory.title))
    return replace(advisory, summary=text, expires_at=expiry_of(text), contacts=contacts_of(text), detail_read=True)


def with_pages(
    get: Get, advisories: tuple[Advisory, ...], known: Known, most: int, fuller: Callable[[Capture, Advisory], Advisory]
) -> tuple[tuple[Advisory, ...], tuple[Message, ...]]:
    """Read the pages of what is new, at most `most` of them, with `fuller`. On the first read nothing is new.

    Returns:
        All advisories, and a note for each whose page was not read: it stands as the list has it.
    """
    new = [] if known.first_time else [one for one in advisories if one.native_id not in known.marks]
    read: dict[str, Advisory] = {}
    notes: list[Message] = []
    for one in new[:most]:
        try:
            read[one.native_id] = fuller(get(one.url), one)
        except SourceBroken as error:
            notes.append(t("Read from the list alone: {title} ({reason})", title=one.title, reason=error.message))
    if new[most:]:
        names = ", ".join(one.title for one in new[most:])
        notes.append(t("More is new than we ask for in one run; read from the list alone: {names}", names=names))
    return tuple(read.get(one.native_id, one) for one in advisories), tuple(notes)


def _line(link: Tag) -> Line:
    """Read a link: the title in full (lists cut the text and keep the whole in an attribute), the day printed beside it.

    A day that is printed nowhere is taken from the address, where these sites write the day of filing. A day inside the
    title is that of the event, not of the notice.
    """
    href, text = str(link.get("href") or "").strip(), _words(link)
    last = _LAST_DAY.search(text)
    title = _whole_title(link) or (text[: last.start()] if last else text)
    beside = _DAY.search(_line_of(link).replace(text, " "))
    return Line(title.strip("·• "), _day_of(beside or last or _DAY_IN_ADDRESS.search(href)), href)


def _whole_title(link: Tag) -> str:
    return without_tags(" ".join(str(link.get("title") or "").split()))


def _words(tag: Tag) -> str:
    return shown(tag)


def _line_of(link: Tag) -> str:
    """Return the words of the largest element around `link` that holds no other link."""
    around = link
    for parent in link.parents:
        if any(isinstance(one, Tag) and one.name == "a" and _leads_elsewhere(one, link) for one in parent.descendants):
            break
        around = parent
    return _words(around)


def _leads_elsewhere(one: Tag, link: Tag) -> bool:
    return one.has_attr("href") and one.get("href") != link.get("href")


def _day_of(match: re.Match[str] | None) -> str:
    return f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}" if match else ""
