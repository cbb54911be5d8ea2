"""What is wrong with a source, in one word, and what a person should do about it. Pure.

A fault is known by the English form of its sentence, which is also how it is stored: one table here, held against the
sentences of `fetch`, `formats`, `check` and `read` by a test.
"""

from __future__ import annotations

from enum import StrEnum

from core.i18n import Message, t


class Ailment(StrEnum):
    """What a source suffers from, as far as its last fault tells."""

    BLOCKED = "blocked"
    MOVED = "moved"
    UNREACHABLE = "unreachable"
    EMPTY = "empty"
    FROZEN = "frozen"
    FEWER = "fewer"
    MORE = "more"
    WORDS = "unknown-words"
    CHANGED = "changed"
    SKIPPED = "skipped"
    FAULT = "fault"
    OTHER = "other"


_KNOWN = {
    "{source}: {url} refuses us (answer {status}): blocked.": Ailment.BLOCKED,
    "{source}: {url} is no longer there (answer {status}): moved.": Ailment.MOVED,
    "{source}: {url} is on no known host of this source; not asked.": Ailment.MOVED,
    "{source}: {url} leads from one address to the next.": Ailment.MOVED,
    "{source}: {url} is busy or failing (answer {status}).": Ailment.UNREACHABLE,
    "{source}: {url} could not be reached: {reason}.": Ailment.UNREACHABLE,
    "{source}: {url} is larger than {limit} bytes.": Ailment.MORE,
    "{source}: {url} does not hold {expected}: redesigned, moved or switched off.": Ailment.CHANGED,
    "{source}: {url} is no readable JSON: {reason}.": Ailment.CHANGED,
    "{source}: {url} is no readable XML: {reason}.": Ailment.CHANGED,
    "{source}: {url} is not in the encoding {encoding}.": Ailment.CHANGED,
    "The list has more than {most} entries; it was not read.": Ailment.MORE,
    "{source}: {url} is nested too deep or declares entities; it was not read.": Ailment.CHANGED,
    "{source}: no capture of {url} at {at}.": Ailment.SKIPPED,
    "{source}: already read for a later night; going back would unsay what was said.": Ailment.SKIPPED,
    "{source}: reading failed by a fault of this program ({fault}).": Ailment.FAULT,
    "{bad} of {count} entries cannot be read, the first is {entry} ({reason})": Ailment.WORDS,
    "{known} entries with a level, at least {floor} were expected": Ailment.WORDS,
    "entries with the same key: {keys}": Ailment.CHANGED,
    "no entry has a date": Ailment.CHANGED,
    "frozen: nothing newer than {date}": Ailment.FROZEN,
}
_BELIEF = "{source}: not believable: {problem}."
_SIZE = "{count} entries, between {fewest} and {most} were expected"
_SIZE_BEFORE = "{count} entries, the last good read had {before}"


def ailment(reason: Message) -> Ailment:
    """Say in one word what a fault is.

    Args:
        reason: the sentence of the fault, fresh or as read back from the database.
    """
    problem = reason.values.get("problem") if reason.text == _BELIEF else None
    said = problem if isinstance(problem, Message) else reason
    if said.text in (_SIZE, _SIZE_BEFORE):
        count, usual = int(str(said.values["count"])), int(str(said.values.get("fewest", said.values.get("before"))))
        if count == 0:
            return Ailment.EMPTY
        return Ailment.FEWER if count < usual else Ailment.MORE
    return _KNOWN.get(said.text, Ailment.OTHER)


def advice(found: Ailment) -> Message:
    """Say what to do about it. Nothing of the source is believed meanwhile: its last good reading stands, with its age."""
    return {
        Ailment.BLOCKED: t("Open the address in a browser. If it opens there, the publisher refuses programs: ask it for leave."),
        Ailment.MOVED: t("Look for the new address on the publisher's site and mend `url` and `hosts` on the card."),
        Ailment.UNREACHABLE: t("Try again in ten minutes. If other sources cannot be reached either, look at our own network."),
        Ailment.EMPTY: t("An empty list is never calm. Open the page: if entries are shown there, the reader must be mended."),
        Ailment.FROZEN: t("Nobody keeps this list any more, or it lives elsewhere now: look for its successor."),
        Ailment.FEWER: t("Compare with the page. If the list really is this short, mend `entries` on the card; else it is half a list."),
        Ailment.MORE: t("Compare with the page. If the list really is this long, mend `entries` on the card; else it is another list."),
        Ailment.WORDS: t("The publisher uses new words or another form. Read these entries by hand today and mend the reader."),
        Ailment.CHANGED: t("Open the address: a login page, an outage or a new design. If it is new, record it and mend the reader."),
        Ailment.SKIPPED: t("Nothing to do: it was not asked."),
        Ailment.FAULT: t("A mistake of ours: run again with --verbose and report it. Read this publisher by hand today."),
        Ailment.OTHER: t("Open the address in a browser and compare it with what is said here."),
    }[found]  # fmt: skip


def name(found: Ailment) -> Message:
    """Return the word a table shows."""
    return {
        Ailment.BLOCKED: t("blocked"), Ailment.MOVED: t("moved"), Ailment.UNREACHABLE: t("unreachable"),
        Ailment.EMPTY: t("empty"), Ailment.FROZEN: t("frozen"), Ailment.FEWER: t("fewer than usual"),
        Ailment.MORE: t("more than usual"), Ailment.WORDS: t("unknown words"), Ailment.CHANGED: t("another page"),
        Ailment.SKIPPED: t("not asked"), Ailment.FAULT: t("our own fault"), Ailment.OTHER: t("something else"),
    }[found]  # fmt: skip
