"""The nouns of a proof: what was said, to whom, over what, every attempt and every receipt. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from core.errors import NotAllowed
from core.i18n import t
from core.keys import MasterKeys
from notify.alerts import Acting
from registry.tables import Role


@dataclass(frozen=True)
class About:
    """What a proof is about: an alert, a person, a company, or with nothing given the whole ledger."""

    alert_id: int | None = None
    registrant_id: int | None = None
    employer_id: int | None = None

    @property
    def subject(self) -> str:
        """Return how the audit names it."""
        named = {"alert": self.alert_id, "person": self.registrant_id, "employer": self.employer_id}
        return " ".join(f"{name}/{number}" for name, number in named.items() if number is not None) or "all"


@dataclass(frozen=True)
class Look:
    """Who looks, and how much is opened for them.

    Attributes:
        keys: None: nothing of people is opened, they are numbers.
        plain: names and addresses in full; else shortened beyond recognition.
        raw: what providers said, word for word: it holds numbers.
    """

    acting: Acting
    keys: MasterKeys | None = None
    plain: bool = False
    raw: bool = False

    def check(self, about: About) -> None:
        """Let those pass who may look so.

        The office may look at everything; an auditor at everything masked; a company at its own people by company or person,
        and at no raw receipt: a shared number may be another company's.

        Raises:
            NotAllowed: this actor may not.
        """
        actor = self.acting.actor
        own = actor.role == Role.COMPANY and (about.employer_id, about.registrant_id) != (None, None)
        own = own or (about.registrant_id in actor.own and not self.raw)  # a resident at themselves
        if not (actor.is_office or actor.role == Role.AUDITOR or own):
            raise NotAllowed(t("{actor} may look at the proof of their own people only.", actor=actor.name))
        if (self.plain and not actor.sees_plain) or (self.raw and not actor.is_office):
            raise NotAllowed(t("{actor} may look at the proof in shortened form only.", actor=actor.name))


@dataclass(frozen=True)
class Said:
    """One version of an alert: what it says, why, who released it, and the capture it rests on.

    Attributes:
        capture_sha256: hash of the bytes as received; empty for an officer's own words. `capture_seal`: the seal over it.
    """

    version_id: int
    alert_id: int
    no: int
    kind: str
    status: str
    mode: str
    level: int | None
    level_words: str
    title_zh: str
    title_en: str
    origin: str
    url: str
    countries: tuple[str, ...]
    hazard: str
    rule: str
    policy: str
    as_of: datetime
    created_by: str
    approved_by: str
    released_at: datetime | None
    released_by: str
    source_id: str
    capture_url: str
    capture_sha256: str
    captured_at: datetime | None
    capture_seal: int | None


@dataclass(frozen=True)
class Outcome:
    """What came of an attempt, and who says so: the worker that made the call, or the reconciler that asked later."""

    outcome: str
    by: str
    at: datetime
    code: str
    provider_id: str


@dataclass(frozen=True)
class Tried:
    """One call to a provider.

    Attributes:
        sha256: hash of the exact words, written before the call. `holds`: it is that of the text shown.
        seal: number of the seal over this row; None: not sealed yet.
    """

    attempt_id: int
    no: int
    at: datetime
    sha256: str
    holds: bool
    seal: int | None
    outcomes: tuple[Outcome, ...]


@dataclass(frozen=True)
class Heard:
    """One word of a provider. `raw`: word for word; empty: not opened; None: gone with the key of an erased person."""

    at: datetime
    status: str
    code: str
    via: str
    seal: int | None
    raw: str | None = ""


@dataclass(frozen=True)
class Notice:
    """One notice: the exact words with the reference filled in, where to, and its life.

    Attributes:
        address: as far as the reader may see it; empty: not opened, or gone.
        people: how many share it.
    """

    delivery_id: int
    ref: str
    channel: str
    address: str
    language: str
    subject: str
    body: str
    state: str
    reason: str
    provider: str
    provider_status: str
    provider_id: str
    error_code: str
    attempts: int
    doubtful: bool
    people: int
    ground: str
    step: int
    accepted_at: datetime | None
    updated_at: datetime
    tried: tuple[Tried, ...]
    heard: tuple[Heard, ...]

    @property
    def holds(self) -> bool | None:
        """Tell whether every attempt carries the hash of this text; None if there was no attempt."""
        return all(one.holds for one in self.tried) if self.tried else None


@dataclass(frozen=True)
class Line:
    """One person and one notice of a version; `notice` None: there is no address that could be used."""

    said: Said
    registrant_id: int
    employer_id: int | None
    posting_id: int | None
    country: str
    name: str
    planned: bool
    doubtful: bool
    erased_at: datetime | None
    notice: Notice | None


@dataclass(frozen=True)
class Post:
    """One post of a version to a group. Nobody knows who reads it: it tells of no person, and is never "delivered" to one."""

    said: Said
    group: str
    notice: Notice


@dataclass(frozen=True)
class Hand:
    """Something told by hand. `note` None: gone with the key of an erased person. `withdrawn`: it does not hold any more."""

    number: int
    alert_id: int
    version_id: int
    way: str
    at: datetime
    by: str
    written_at: datetime
    registrant_id: int | None
    employer_id: int | None
    group: str
    name: str
    confirmed: bool
    note: str | None
    withdraws: int | None
    withdrawn: bool
    seal: int | None
