"""What the page behind a personal link is about: which alert asks, and who may answer."""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.database import reading
from core.i18n import Message, t
from core.tables import Mode
from notify.office import Office
from notify.safety.links import Links
from notify.safety.model import PERSON, Answer, Means, Said
from notify.safety.reading import read
from notify.store import alerts as alert_store
from notify.store import safe_ways
from notify.store.safe_ways import AskedBy
from notify.tables import AlertVersion
from registry import scope
from registry.actors import SYSTEM
from registry.enrol import index_key
from registry.masks import mask_name


@dataclass(frozen=True)
class Speaker:
    """Somebody who may answer behind a link.

    Attributes:
        number: of the person, for us. `ref`: what the form says instead.
        name: the first character, and which of those with the same one.
    """

    number: int
    ref: str
    name: Message


@dataclass(frozen=True)
class Asked:
    """What a link leads to.

    Attributes:
        by: the notice that asks; None: the link is none of ours, or the alert is long over.
        is_known: it is ours.
    """

    by: AskedBy | None = None
    version: AlertVersion | None = None
    drill: bool = False
    people: tuple[Speaker, ...] = ()
    is_known: bool = False

    def title(self, language: str) -> str:
        """Return the title of the alert."""
        if self.version is None:
            return ""
        return self.version.title_en if language == "en" else self.version.title_zh


def find(office: Office, token: str) -> Asked:
    """Return what a token leads to. Reads only."""
    with reading(office.engine) as connection:
        uid = alert_store.instance(connection).uid
        number = Links.under(index_key(connection, office.keys)).delivery_of(uid, token)
        if number is None:
            return Asked()
        by = safe_ways.asking(connection, number, office.clock.now())
        people = () if by is None else _speakers(connection, office, by, token)
        if by is None or not people:
            return Asked(is_known=True)
        alert = alert_store.alert(connection, by.alert_id)
        drill = alert is not None and alert.mode == Mode.DRILL
        return Asked(by, alert_store.version(connection, by.version_id), drill, people, is_known=True)


def said_by(by: AskedBy, pressed: Answer, words: str, now: datetime) -> Said:
    """Return an answer as it counts: words that ask for help outweigh the other button. Pure.

    Pressed twice in a second it is one; who changes their mind twice in a minute is heard each time.
    """
    answer = Answer.HELP if words and read(words) is Answer.HELP else pressed
    digest = hashlib.sha256(words.encode()).hexdigest()[:16]
    return Said(answer, Means.LINK, PERSON, words, now, f"link/{by.delivery_id}/{now:%Y%m%d%H%M%S}/{digest}")


def _speakers(connection: Connection, office: Office, by: AskedBy, token: str) -> tuple[Speaker, ...]:
    names = scope.names_of(connection, SYSTEM, by.people, office.keys)
    count = Counter(mask_name(name) for name in names.values())
    seen: Counter[str] = Counter()
    found = []
    for number in sorted(names):
        shown = mask_name(names[number])
        seen[shown] += 1
        several = t("{name} (no. {number})", name=shown, number=seen[shown])
        ref = hashlib.sha256(f"{token.upper()}/{number}".encode()).hexdigest()[:12]
        found.append(Speaker(number, ref, several if count[shown] > 1 else Message("{name}", {"name": shown})))
    return tuple(found)
