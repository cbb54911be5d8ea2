"""Pasted notices: what reached the office past all feeds becomes an advisory of its own, read like any other, and a draft.

It never goes out by rule, whatever the policy says of its authority: nobody has seen the page it came from.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from core.database import writing
from core.errors import BadInput
from core.i18n import t
from core.settings import Settings
from notify import alerts
from notify.alerts import Acting
from notify.decide import decide
from notify.drafting import Origin, draft_from
from notify.model import AlertDraft
from notify.office import Office
from notify.own import store
from notify.own.model import OWN
from notify.own.tables import OwnNotice
from notify.policy import Action, Policy
from notify.store import alerts as alert_store
from sources.entries import clean
from sources.model import (
    Advisory,
    AdvisoryChange,
    Authority,
    Capture,
    Card,
    ChangeKind,
    Grade,
    Reading,
    Shape,
)
from sources.reading.titles import read_title
from sources.store import keep_advisory, save_capture

LONGEST, SHORTEST, MOST_TITLE = 8000, 8, 120
_SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?")
_CHINESE = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True)
class Pasted:
    """A notice as an officer has it.

    Attributes:
        text: exactly as received; its first line, or the first sentence of a long one, is the title.
        origin, origin_en: where it came from, as the notice will say: 中国驻马里使馆, 使馆微信群.
        home: an authority at home speaks (an embassy, a ministry): the officer answers for that, and a second person approves.
        countries: where it holds, by the officer's word; empty: as its title says.
        issued: when it was issued, if it says so.
    """

    text: str
    origin: str
    origin_en: str = ""
    home: bool = False
    countries: tuple[str, ...] = ()
    link: str = ""
    issued: datetime | None = None


@dataclass(frozen=True)
class Drafted:
    """What came of it.

    Attributes:
        new: False if exactly this text was pasted before: `alert_id` is the alert it opened then.
        countries: where the draft goes; empty: an officer must say.
        ambiguous, unresolved: what its title leaves open.
    """

    alert_id: int
    new: bool
    countries: tuple[str, ...] = ()
    ambiguous: tuple[str, ...] = ()
    unresolved: tuple[str, ...] = ()


def paste(office: Office, pasted: Pasted, acting: Acting) -> Drafted:
    """Keep a pasted notice as a capture and an advisory, and open a draft of it. The same text opens one draft only.

    Raises:
        BadInput: there is no text to speak of, it is too long, or it says not where it came from.
    """
    _refuse_odd(pasted)
    capture = Capture(OWN, f"pasted:{pasted.origin}", acting.now, pasted.text.encode(), "text/plain; charset=utf-8")
    advisory = read(pasted, capture)
    office.archive.put(capture.sha256, capture.body)
    policy, settings = office.policy, office.settings
    with writing(office.engine) as connection:
        if (before := store.notice_of(connection, capture.sha256)) is not None:
            return Drafted(before.alert_id, new=False)
        number = keep_advisory(connection, advisory, save_capture(connection, capture, acting.now), acting.now)
        draft = _draft(pasted, advisory, number, (policy, settings), acting)
        alert_id = _open(connection, draft, acting)
        store.add_notice(connection, OwnNotice(
            alert_id=alert_id, advisory_id=number, origin=pasted.origin.strip(), home=pasted.home, sha256=capture.sha256,
            created_at=acting.now, created_by=acting.actor.name,
        ))  # fmt: skip
    return Drafted(alert_id, True, draft.countries, advisory.ambiguous, advisory.unresolved)


def read(pasted: Pasted, capture: Capture) -> Advisory:
    """Read a pasted notice as the title of a reminder is read: places, level and hazards are what its title says."""
    title, body = split(pasted.text)
    said = read_title(title)
    placed = pasted.countries or said.countries
    advisory = Advisory(
        source=OWN, native_id=capture.sha256[:16], title=title, url=pasted.link,
        language="zh" if _CHINESE.search(title) else "en", summary=body, countries=tuple(sorted(placed)), places=said.places,
        worldwide=said.worldwide and not pasted.countries,
        level_national=Grade.UNSTATED if said.regional else said.level,
        level_regional_max=said.level if said.regional else Grade.UNSTATED,
        level_words=said.level_words, hazards=said.hazards, acute=said.acute, published_at=pasted.issued,
        ambiguous=() if pasted.countries else said.ambiguous, unresolved=() if pasted.countries else said.unresolved,
    )  # fmt: skip
    return clean(Reading((advisory,))).advisories[0]


def split(text: str) -> tuple[str, str]:
    """Return the title of a pasted text, on one line, and the rest: a long first line is cut after its first sentence. Pure."""
    whole = text.strip()
    first = whole.splitlines()[0]
    if len(first) > MOST_TITLE and (found := _SENTENCE.match(first)):
        first = found[0]
    rest = whole[len(first) :].strip()
    return " ".join(first.rstrip("。").split()), rest


def _draft(
    pasted: Pasted, advisory: Advisory, number: int, rules: tuple[Policy, Settings], acting: Acting
) -> AlertDraft:
    policy, settings = rules
    change = AdvisoryChange(
        ChangeKind.NEW, True, OWN, advisory.native_id, t("Pasted by {user}.", user=acting.actor.name), None, advisory
    )
    decision = decide(change, _authority(pasted), policy, as_of=acting.now)
    drafted = replace(decision, action=Action.DRAFT)
    draft = draft_from(Origin(change, 0, number, acting.now), drafted, _card(pasted), settings.channels, policy.digest)
    return replace(draft, change_id=None, origin_key=f"own/{advisory.native_id}")


def _authority(pasted: Pasted) -> Authority:
    return Authority.HOME if pasted.home else Authority.PEER


def _card(pasted: Pasted) -> Card:
    origin = " ".join(pasted.origin.split())
    english = " ".join(pasted.origin_en.split()) or f'"{origin}"'
    return Card(
        id=OWN, publisher=english, publisher_zh=origin, authority=_authority(pasted), shape=Shape.STREAM, url="", hosts=(),
        language="zh", rhythm="", entries=(0, 1), unproven=True, proves_itself=False,
    )  # fmt: skip


def _open(connection: Connection, draft: AlertDraft, acting: Acting) -> int:
    version_id = alerts.open_alert(connection, draft, acting)
    assert version_id is not None  # no other text has this hash
    return alert_store.version(connection, version_id).alert_id


def _refuse_odd(pasted: Pasted) -> None:
    if not SHORTEST <= len(pasted.text.strip()) <= LONGEST:
        raise BadInput(t("A pasted notice has {least} to {most} characters; this has {count}.", least=SHORTEST, most=LONGEST,
                         count=len(pasted.text.strip())))  # fmt: skip
    if not 0 < len(pasted.origin.strip()) <= 100:
        raise BadInput(t("Say where the notice came from, in at most 100 characters: --origin."))
    if pasted.link and not pasted.link.startswith(("https://", "http://")):
        raise BadInput(t("A link begins with https://."))
