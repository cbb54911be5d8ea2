"""The bulletin of a week on its way: the draft as it was made, or as somebody saved it. A file of the office, beside `lingbao bulletin`.

Two people who edit it at once must not lose a word: whoever saves names the text they began with, and is refused if there is
another one meanwhile.
"""

from __future__ import annotations

import hashlib
import tempfile
from dataclasses import dataclass
from pathlib import Path

from core.audit import record
from core.database import writing
from core.errors import BadInput
from core.i18n import Language, t
from notify.bulletin.draft import draft
from notify.bulletin.release import LONGEST
from notify.bulletin.week import Week
from notify.office import Office
from notify.store import claims
from registry.actors import Actor, require_office

UNSAVED = "unsaved"
"""Mark of a draft that is made anew from what is kept, each time somebody looks."""


@dataclass(frozen=True)
class Working:
    """A text that is being worked on, and the mark by which another one is known."""

    text: str
    mark: str

    @property
    def saved(self) -> bool:
        """Tell whether somebody saved it."""
        return self.mark != UNSAVED


class SavedMeanwhile(BadInput):
    """Somebody else saved another text since this one was begun. `now`: what they saved."""

    def __init__(self, now: Working) -> None:
        """Keep what stands now."""
        super().__init__(
            t("Somebody else saved another text meanwhile. Yours is kept below: put both together, then save again.")
        )
        self.now = now


def working(office: Office, week: Week, language: Language) -> Working:
    """Return the text of a week as it was saved last, else the draft as it would be now."""
    kept = _kept(office, week)
    return kept if kept.saved else Working(draft(office, week, language), UNSAVED)


def save(office: Office, actor: Actor, week: Week, text: str, begun_with: str) -> Working:
    """Save a text.

    Args:
        begun_with: mark of the text that was edited.

    Raises:
        NotAllowed: the actor is not the office.
        BadInput: it is too long.
        SavedMeanwhile: it was begun with another text than the one that stands.
    """
    require_office(actor)
    if len(text) > LONGEST:
        raise BadInput(t("The text is longer than {count} characters.", count=LONGEST))
    new, now, name = _working(text), office.clock.now(), f"bulletin/{week.name}"
    with writing(office.engine) as connection:
        # Whoever else saves the same week waits here until this transaction is over.
        claims.take(connection, name, now)
        stands = _kept(office, week)
        if stands.mark not in (begun_with, new.mark):
            raise SavedMeanwhile(stands)
        _write(_path(office, week), new.text)
        claims.give_back(connection, name, now)
        record(connection, actor=actor.name, action="bulletin.edit", subject=name, now=now, detail=new.mark)
    return new


def _working(text: str) -> Working:
    whole = text.replace("\r\n", "\n").strip() + "\n"
    return Working(whole, digest(whole))


def digest(text: str) -> str:
    """Return the mark of a text."""
    return hashlib.sha256(text.encode()).hexdigest()


def _kept(office: Office, week: Week) -> Working:
    try:
        return _working(_path(office, week).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        return Working("", UNSAVED)


def _path(office: Office, week: Week) -> Path:
    return office.settings.home / "bulletins" / f"{week.name}.md"


def _write(path: Path, text: str) -> None:
    """Write a file whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as handle:
        handle.write(text)
    Path(handle.name).replace(path)
