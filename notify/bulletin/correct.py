"""Correcting a released bulletin: a further edition of the week, with its mark, sealed and mailed to those who got the one before."""

from __future__ import annotations

import hashlib
import re

from sqlalchemy.exc import IntegrityError

from core.audit import record
from core.database import reading, writing
from core.errors import BadInput
from core.i18n import Language, t
from notify.bulletin import store
from notify.bulletin.release import checked, released
from notify.bulletin.tables import Bulletin
from notify.bulletin.week import Week
from notify.markdown import quoted
from notify.office import Office
from registry.actors import Actor, require_office

LONGEST_NOTE = 300
_MARK = re.compile(r"（更正）|\s*\(corrected\)")
_NOTE = re.compile(r"^\*\*(?:更正（第\d+版）|Correction \(edition \d+\))\*\*.*\n*", re.MULTILINE)


def correct(office: Office, actor: Actor, week: Week, markdown: str, note: str) -> Bulletin:
    """Keep and seal a corrected edition. The same text and note again change nothing. In the language of the first.

    Args:
        markdown: the mended text; marks of an earlier correction in it are taken out.
        note: what was wrong, in a sentence: it stands below the title.

    Raises:
        NotAllowed: the actor is not the office.
        NotFound: the week has no bulletin yet.
        BadInput: the text cannot be released, nothing of it differs, there is no note, or somebody else corrected it at this moment.
    """
    require_office(actor)
    note, last = " ".join(note.split()), released(office, week)
    if not 0 < len(note) <= LONGEST_NOTE:
        raise BadInput(
            t("Say in a sentence what is corrected, in at most {most} characters: --note.", most=LONGEST_NOTE)
        )
    with reading(office.engine) as connection:
        number = len(store.editions(connection, week.name))
    language: Language = "en" if last.language == "en" else "zh"
    if _digest(marked(markdown, number, note, language)) == last.sha256:
        return last
    if plain(checked(markdown, week).markdown) == plain(last.markdown):
        raise BadInput(t("The text of {week} is the one that was released: nothing is corrected.", week=week.name))
    text, now = checked(marked(markdown, number + 1, note, language), week), office.clock.now()
    name, digest = store.edition_name(week.name, number + 1), _digest(text.markdown)
    row = {"week": name, "title": text.title, "language": language, "markdown": text.markdown, "sha256": digest,
           "released_at": now, "released_by": actor.name}  # fmt: skip
    try:
        with writing(office.engine) as connection:
            store.add(connection, row)
            record(
                connection,
                actor=actor.name,
                action="bulletin.correct",
                subject=f"bulletin/{name}",
                now=now,
                detail=digest,
            )
    except IntegrityError as error:
        raise BadInput(
            t("Somebody else has just corrected the bulletin of {week}. Look at it first.", week=week.name)
        ) from error
    return released(office, week)


def marked(markdown: str, number: int, note: str, language: Language) -> str:
    """Return a text with the mark of a correction in its title and the note below it. Pure."""
    head, _, rest = plain(markdown).partition("\n")
    zh = language == "zh"
    said = f"**更正（第{number}版）**：{quoted(note)}" if zh else f"**Correction (edition {number})**: {quoted(note)}"
    return f"{head}{'（更正）' if zh else ' (corrected)'}\n\n{said}\n\n{rest.strip()}\n"


def plain(markdown: str) -> str:
    """Return a text without the marks of corrections. Pure."""
    text = _NOTE.sub("", markdown.lstrip("\ufeff").replace("\r\n", "\n").strip())
    head, _, rest = text.partition("\n")
    return f"{_MARK.sub('', head).rstrip()}\n\n{rest.strip()}\n"


def _digest(markdown: str) -> str:
    return hashlib.sha256(markdown.encode()).hexdigest()
