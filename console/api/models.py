"""What the API takes and gives, as its description shows it. Pure. Times are UTC, ISO 8601; ids are opaque."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, model_validator
from pydantic_core import PydanticCustomError

from console.api.text import PLAIN, AddressIn, Country, Id, LanguageName, Line, LongLine, Name, Phone

StatusIn = Literal["planned", "abroad"]
Status = Literal["planned", "abroad", "returned", "doubtful"]
Next = Field(None, description="Give it as `after` to get the next page; null on the last one.")


class Strict(BaseModel):
    """What is sent must fit: an unknown field is refused, because a misspelt one would be lost in silence."""

    model_config = ConfigDict(extra="forbid")


class PostingIn(Strict):
    """A stay in a country. Without `date_from` the person is there already; without `date_to` no end is known."""

    country: Country
    status: StatusIn = "abroad"
    date_from: date | None = None
    date_to: date | None = None
    city: Line = ""
    site: LongLine = ""

    @model_validator(mode="after")
    def _ends_after_it_begins(self) -> Self:
        if self.date_from is not None and self.date_to is not None and self.date_to < self.date_from:
            raise PydanticCustomError("end", "ends before it begins")
        return self


class ContactIn(Strict):
    """Whom to call at home if the person does not answer (紧急联系人)."""

    name: Name
    relation: Annotated[str, StringConstraints(max_length=40, pattern=PLAIN)] = ""
    phone: Phone


class PersonIn(Strict):
    """A person to be registered.

    `consent_abroad`: the person agreed that number and text may go to a provider abroad. Addresses in order of preference.
    """

    name: Name
    language: LanguageName = "zh"
    consent_abroad: bool = False
    postings: list[PostingIn] = Field(default_factory=list, max_length=10)
    addresses: list[AddressIn] = Field(default_factory=list, max_length=10)
    contacts: list[ContactIn] = Field(default_factory=list, max_length=5)


class PostingChange(Strict):
    """What changes of one stay; what is left out stays as it is."""

    id: Id
    status: Literal["planned", "abroad", "returned"] | None = None
    date_from: date | None = None
    date_to: date | None = None
    city: Line | None = None
    site: LongLine | None = None


class PersonChange(Strict):
    """What changes of a person; what is left out stays as it is. A stay that is named counts as confirmed.

    `consent_abroad`: the person told you that number and text may go to a provider abroad, or that they may not. Whoever withdrew
    consent themselves can give it again only themselves, to the office: then 422 with the code `withdrawn`.
    """

    language: LanguageName | None = None
    posting: PostingChange | None = None
    add_addresses: list[AddressIn] = Field(default_factory=list, max_length=10)
    stop_addresses: list[Id] = Field(default_factory=list, max_length=50)
    consent_abroad: bool | None = None


class Posting(BaseModel):
    """A stay as it is registered. `stale`: nobody has confirmed it for 90 days."""

    id: Id
    country: str
    status: Status
    date_from: date | None
    date_to: date | None
    city: str
    site: str
    confirmed_at: datetime
    stale: bool


class Address(BaseModel):
    """A way to reach a person. `stopped_at`: nothing is sent to it any more."""

    id: Id
    channel: str
    value: str
    preference: int
    verified_at: datetime | None
    stopped_at: datetime | None


class Contact(BaseModel):
    """Whom to call at home."""

    name: str
    relation: str
    phone: str


class Person(BaseModel):
    """A person of the company."""

    id: Id
    name: str
    language: str
    postings: list[Posting]
    addresses: list[Address]
    contacts: list[Contact]


class PeoplePage(BaseModel):
    """People, by page."""

    items: list[Person]
    next: str | None = Next


class Finding(BaseModel):
    """Something about one cell of a roster: where it is, what was read there, and what to do."""

    sheet: str
    row: int
    column: str
    read: str
    outcome: Literal["accepted", "changed", "doubtful", "refused"]
    weight: Literal["note", "doubt", "refusal"]
    problem: str


class RowCounts(BaseModel):
    """Rows by what became of them; together they are all rows."""

    accepted: int
    changed: int
    doubtful: int
    refused: int


class PeopleCounts(BaseModel):
    """People by what a roster does with them.

    `left`: not on a full list, so the company is asked; `unclear`: the same, but a refused row may be them; `left_out`: not
    known and back already; `doubtful`: new, but perhaps somebody who is known.
    """

    joined: int
    left: int
    moved: int
    changed: int
    unchanged: int
    doubtful: int
    unclear: int
    left_out: int


class RosterDoubt(BaseModel):
    """Rows of somebody new who may be one of these people: the same name, or the same number."""

    kind: Literal["same-name", "same-number"]
    rows: list[int]
    people: list[Id]


class RosterAnswer(BaseModel):
    """What is in a roster, and what was done with it, or would be. `id`: only if it was applied."""

    id: Id | None
    applied: bool
    full: bool
    file_name: str
    rows: RowCounts
    people: PeopleCounts
    remarks: list[str]
    findings: list[Finding]
    more_findings: int = Field(description="How many findings are left out, because there are too many of them.")
    doubts: list[RosterDoubt] = Field(description="Only before it is applied.")


class Roster(BaseModel):
    """A roster that was applied. `undone_at`: the register is as it was before."""

    id: Id
    file_name: str
    full: bool
    applied_at: datetime
    undone_at: datetime | None
    rows: RowCounts
    people: PeopleCounts


class Confirmation(BaseModel):
    """How many stays count as confirmed now."""

    confirmed: int


class Notice(BaseModel):
    """What became of an alert for one person over one channel.

    `state` is ours; `unreachable`: there is no address to which it could go. `provider_status` is the provider's word:
    accepted is not delivered. `in_words` says both in the language of the answer.
    """

    id: Id | None
    alert: Id
    person: Id
    country: str
    level: int | None
    kind: str
    title: str
    channel: str
    state: str
    provider_status: str
    in_words: str
    reason: str
    accepted_at: datetime | None
    updated_at: datetime | None


class NoticesPage(BaseModel):
    """Notices, the newest alert first, by page."""

    items: list[Notice]
    next: str | None = Next


class Alert(BaseModel):
    """An alert in force that concerns people of the company. `level` null: the source states none."""

    id: Id
    kind: str
    level: int | None
    level_words: str
    title: str
    body: str
    countries: list[str]
    url: str
    released_at: datetime
    in_force_until: datetime
    people: int = Field(description="People of the company it was for.")


class Alerts(BaseModel):
    """Alerts in force, the newest first."""

    items: list[Alert]


class Me(BaseModel):
    """Whose token this is."""

    user: str
    employer_code: str
    employer_name: str
    people: int
    calls_per_minute: int


class Fault(BaseModel):
    """A field that is wrong."""

    at: str
    detail: str


class Problem(BaseModel):
    """A refusal (RFC 9457). `code` is for machines and does not change; `title` and `detail` are for people."""

    model_config = ConfigDict(extra="allow")

    type: Literal["about:blank"]
    title: str
    status: int
    detail: str
    code: str
    errors: list[Fault] = []
