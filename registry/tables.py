"""Tables of the register. Personal fields end in `_sealed` (under the person's key) or `_index` (blind index)."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from core.tables import BigId, id_column, text_column


class Role(StrEnum):
    """What a user may do."""

    OFFICER = "officer"
    APPROVER = "approver"
    ADMINISTRATOR = "administrator"
    AUDITOR = "auditor"
    COMPANY = "company"


class PostingStatus(StrEnum):
    """Where a posting stands; only `abroad` and `planned` are told by rule, the returned never (DESIGN section 4)."""

    PLANNED = "planned"
    ABROAD = "abroad"
    RETURNED = "returned"
    DOUBTFUL = "doubtful"


class Ground(StrEnum):
    """On what legal ground a person's data are held (PIPL art. 13)."""

    CONSENT = "consent"
    EMPLOYMENT = "employment"
    STATUTORY = "statutory"
    EMERGENCY = "emergency"


class User(SQLModel, table=True):
    """Someone who acts: an officer, an administrator, a company contact. `name` is a login name."""

    __tablename__ = "user_account"
    id: int | None = Field(default=None, sa_column=id_column())
    name: str = Field(max_length=80, unique=True)
    role: str = Field(sa_column=text_column())
    employer_id: int | None = Field(default=None, sa_type=BigId, foreign_key="employer.id")
    active: bool = True
    created_at: datetime
    created_by: str = Field(max_length=100)


class UserToken(SQLModel, table=True):
    """A token of a user; only its hash is kept."""

    __tablename__ = "user_token"
    id: int | None = Field(default=None, sa_column=id_column())
    user_id: int = Field(sa_type=BigId, foreign_key="user_account.id", index=True)
    token_hash: bytes = Field(sa_type=LargeBinary, unique=True)
    created_at: datetime
    created_by: str = Field(max_length=100)
    last_used_at: datetime | None = None
    revoked_at: datetime | None = None


class Employer(SQLModel, table=True):
    """A local company (派出单位). `code` is its unified social credit code, or a code of the office's own."""

    __tablename__ = "employer"
    id: int | None = Field(default=None, sa_column=id_column())
    code: str = Field(max_length=40, unique=True)
    name: str = Field(max_length=200)
    district: str = Field(default="", max_length=80)
    sector: str = Field(default="", max_length=80)
    verified_at: datetime | None = None
    created_at: datetime
    created_by: str = Field(max_length=100)


class Registrant(SQLModel, table=True):
    """A person. Of one employer, or of none for a resident who registered alone.

    Attributes:
        companion_of: who registered this person along with themselves; null for everybody else.
    """

    __tablename__ = "registrant"
    __table_args__ = (
        Index("ix_registrant_name", "name_index"),
        # With the number, so that a company's people are counted and paged without a look into the table.
        Index("ix_registrant_employer", "employer_id", "id"),
    )
    id: int | None = Field(default=None, sa_column=id_column())
    employer_id: int | None = Field(default=None, sa_type=BigId, foreign_key="employer.id")
    companion_of: int | None = Field(default=None, sa_type=BigId)
    name_sealed: bytes = Field(sa_type=LargeBinary)
    name_index: bytes = Field(sa_type=LargeBinary)
    language: str = Field(default="zh", max_length=10)
    created_at: datetime
    created_by: str = Field(max_length=100)
    updated_at: datetime
    updated_by: str = Field(max_length=100)


class PersonKey(SQLModel, table=True):
    """The data key of a person, wrapped by a master key; null after erasure."""

    __tablename__ = "person_key"
    __table_args__ = (
        Index(
            "ix_person_key_gone",
            "registrant_id",
            sqlite_where=text("wrapped IS NULL"),
            postgresql_where=text("wrapped IS NULL"),
        ),
    )
    registrant_id: int = Field(sa_type=BigId, primary_key=True, foreign_key="registrant.id")
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    created_at: datetime
    destroyed_at: datetime | None = None
    destroyed_by: str | None = Field(default=None, max_length=100)


class Posting(SQLModel, table=True):
    """A person in a place for a period (外派/居留).

    Attributes:
        zone: IANA zone of the place, for quiet hours.
        date_from: None if not told: counts as "already there"; `date_to` None: no end told.
        confirmed_at: when somebody last said that this is still so.
    """

    __tablename__ = "posting"
    __table_args__ = (
        Index("ix_posting_where", "country", "status", "registrant_id"),
        Index("ix_posting_person", "registrant_id", "country", "status", "confirmed_at"),
        Index("ix_posting_listing", "country", "registrant_id", "status", "confirmed_at"),
    )
    id: int | None = Field(default=None, sa_column=id_column())
    registrant_id: int = Field(sa_type=BigId, foreign_key="registrant.id")
    country: str = Field(max_length=2)
    region: str = Field(default="", max_length=100)
    city: str = Field(default="", max_length=100)
    site: str = Field(default="", max_length=200)
    project: str = Field(default="", max_length=200)
    kind: str = Field(default="posted", max_length=40)
    zone: str = Field(max_length=64)
    date_from: date | None = None
    date_to: date | None = None
    status: str = Field(sa_column=text_column())
    confirmed_at: datetime
    created_at: datetime
    created_by: str = Field(max_length=100)
    updated_at: datetime
    updated_by: str = Field(max_length=100)


class Address(SQLModel, table=True):
    """A way to reach a person: channel and value. One number may serve several people: a row for each.

    Attributes:
        preference: 1 is tried first.
        prefix: the calling code of a phone number without the plus (`86`): which provider it goes to is decided by it. Empty:
            no phone, or not looked at yet.
        stopped_at: not to be used any more, for `stop_reason`.
    """

    __tablename__ = "address"
    __table_args__ = (
        UniqueConstraint("registrant_id", "channel", "value_index", name="uq_address_person"),
        Index("ix_address_value", "value_index", "channel"),
    )
    id: int | None = Field(default=None, sa_column=id_column())
    registrant_id: int = Field(sa_type=BigId, foreign_key="registrant.id")
    channel: str = Field(sa_column=text_column())
    value_sealed: bytes = Field(sa_type=LargeBinary)
    value_index: bytes = Field(sa_type=LargeBinary)
    preference: int = 1
    prefix: str = Field(default="", max_length=4)
    verified_at: datetime | None = None
    stopped_at: datetime | None = None
    stop_reason: str = Field(default="", max_length=200)
    created_at: datetime
    created_by: str = Field(max_length=100)


class Consent(SQLModel, table=True):
    """The legal ground for holding a person's data, with the version of the text shown.

    Attributes:
        foreign: the person agreed that numbers and texts may go to a provider abroad.
    """

    __tablename__ = "consent"
    id: int | None = Field(default=None, sa_column=id_column())
    registrant_id: int = Field(sa_type=BigId, foreign_key="registrant.id", index=True)
    ground: str = Field(sa_column=text_column())
    text_version: str = Field(max_length=80)
    foreign: bool = False
    given_at: datetime
    withdrawn_at: datetime | None = None
    recorded_by: str = Field(max_length=100)


class RosterImport(SQLModel, table=True):
    """One roster file that was applied: which bytes, by whom, with which result.

    Attributes:
        partial: the company said that the list is not of everybody; whoever is not on it is not asked about.
        undone_at: the state before was restored.
    """

    __tablename__ = "roster_import"
    __table_args__ = (Index("ix_roster_import_employer", "employer_id", "created_at"),)
    id: int | None = Field(default=None, sa_column=id_column())
    employer_id: int | None = Field(default=None, sa_type=BigId, foreign_key="employer.id")
    file_name: str = Field(max_length=255)
    sha256: str = Field(max_length=64)
    rows: int
    accepted: int
    refused: int
    report: str = Field(default="", sa_type=Text)
    partial: bool = True
    created_at: datetime
    created_by: str = Field(max_length=100)
    undone_at: datetime | None = None
    undone_by: str | None = Field(default=None, max_length=100)


class HomeContact(SQLModel, table=True):
    """Whom to call at home if a person is silent (紧急联系人). Sealed under the key of the person who named them."""

    __tablename__ = "home_contact"
    id: int | None = Field(default=None, sa_column=id_column())
    registrant_id: int = Field(sa_type=BigId, foreign_key="registrant.id", index=True)
    relation: str = Field(default="", max_length=40)
    name_sealed: bytes = Field(sa_type=LargeBinary)
    phone_sealed: bytes = Field(sa_type=LargeBinary)
    phone_index: bytes = Field(sa_type=LargeBinary)
    created_at: datetime
    created_by: str = Field(max_length=100)
    ended_at: datetime | None = None


class EmployerContact(SQLModel, table=True):
    """Whom the office calls at a company (企业联络员). Sealed under a key of their own, as people's are.

    Attributes:
        duty: what they are there for: `liaison`, `security`, `hr`, `overseas`, `manager`.
        wrapped: the data key, wrapped by a master key; null after erasure.
    """

    __tablename__ = "employer_contact"
    id: int | None = Field(default=None, sa_column=id_column())
    employer_id: int = Field(sa_type=BigId, foreign_key="employer.id", index=True)
    duty: str = Field(sa_column=text_column())
    wrapped: bytes | None = Field(default=None, sa_type=LargeBinary)
    name_sealed: bytes = Field(sa_type=LargeBinary)
    phone_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    email_sealed: bytes | None = Field(default=None, sa_type=LargeBinary)
    language: str = Field(default="zh", max_length=10)
    created_at: datetime
    created_by: str = Field(max_length=100)
    ended_at: datetime | None = None
    ended_by: str | None = Field(default=None, max_length=100)


class RegisterChange(SQLModel, table=True):
    """The history of the register: one row that was written or changed, as it was before and after. Append-only.

    An import is undone by its changes, newest first.

    Attributes:
        import_id: the roster file that brought the change; null for a change by hand.
        table_name: `registrant`, `posting`, `address`, `consent` or `home_contact`; `row_id` names its row.
        before: the changed columns as JSON, null where there was no row; sealed values stay sealed (base64).
        after: the same columns afterwards.
    """

    __tablename__ = "register_change"
    id: int | None = Field(default=None, sa_column=id_column())
    import_id: int | None = Field(default=None, sa_type=BigId, foreign_key="roster_import.id", index=True)
    registrant_id: int = Field(sa_type=BigId, index=True)
    table_name: str = Field(sa_column=text_column())
    row_id: int = Field(sa_type=BigId)
    before: str | None = Field(default=None, sa_type=Text)
    after: str | None = Field(default=None, sa_type=Text)
    at: datetime
    by: str = Field(max_length=100)
