"""A sample office: eight companies, their people in thirty countries, and users. Everybody in it is made up.

The same seed makes the same people (their keys are random, as all keys). Phone numbers are from ranges that
regulators keep for fiction: US 555-01xx (NANPA), UK 07700 900xxx (Ofcom), France 06 39 98 xx xx (Arcep).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import Connection

from cli.context import CONSOLE
from core.database import writing
from core.errors import WrongUse
from core.i18n import t
from notify.office import Office
from registry import employers, users
from registry.accounts.credentials.passwords import give_password
from registry.enrol import enrol, index_key
from registry.people import Channel, GivenConsent, NewAddress, NewPerson, NewPosting
from registry.tables import Ground, PostingStatus, Role

EMPLOYERS = (
    ("SAMPLE-01", "示例远望工程有限公司", "示例东区", "建筑"),
    ("SAMPLE-02", "示例海川矿业有限公司", "示例西区", "采矿"),
    ("SAMPLE-03", "示例星桥通信有限公司", "示例高新区", "通信"),
    ("SAMPLE-04", "示例禾田农业有限公司", "示例北区", "农业"),
    ("SAMPLE-05", "示例云帆航运有限公司", "示例港区", "航运"),
    ("SAMPLE-06", "示例安和医疗队", "示例东区", "医疗"),
    ("SAMPLE-07", "示例明德教育交流中心", "示例西区", "教育"),
    ("SAMPLE-08", "示例广源进出口有限公司", "示例港区", "贸易"),
)
COUNTRIES = (
    "ML", "MG", "PH", "IT", "KE", "NG", "ET", "ZA", "EG", "DZ", "ID", "TH", "VN", "MM", "PK",
    "BD", "LA", "KZ", "UZ", "AE", "SA", "IQ", "DE", "FR", "GB", "US", "BR", "PE", "CL", "AU",
)  # fmt: skip
"""Thirty countries; the first is the one where the special cases are."""
FULL = COUNTRIES[0]

ADMINISTRATOR, OFFICER, APPROVER, AUDITOR, COMPANY = "示例管理员", "示例专员", "示例审批员", "示例审计员", "示例联络员"
ROLES = {
    ADMINISTRATOR: Role.ADMINISTRATOR, OFFICER: Role.OFFICER, APPROVER: Role.APPROVER, AUDITOR: Role.AUDITOR,
    COMPANY: Role.COMPANY,
}  # fmt: skip

FOREMAN, UNKNOWN_NUMBER = "+12025550100", "+15005553005"
"""The number twelve workers share; and one the sandbox takes and later calls unknown (notify/sandbox/magic.csv)."""
FEWEST, MOST = 40, 5000
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "文海建志明国宁玉春晓雨晨思远佳欣立群安平"
LATIN = ("Wang Haining", "Li Wenhai", "Zhang Yuchun", "Liu Siyuan", "Chen Ping", "Zhao Ning")


@dataclass(frozen=True)
class SampleOffice:
    """What was made.

    Attributes:
        employers: ids of the companies, in the order of `EMPLOYERS`.
        people: ids of the registrants.
        tokens: the token of each user, by name: shown nowhere else.
    """

    employers: tuple[int, ...]
    people: tuple[int, ...]
    tokens: Mapping[str, str]


def fill_office(office: Office, people: int, seed: int) -> SampleOffice:
    """Fill an empty office with sample companies, users and `people` people (40 to 5,000).

    Twenty-eight are special cases in one country (`FULL`): see `special_cases`. The others are spread evenly.

    Raises:
        WrongUse: a number out of range, or an office that has users already.
    """
    if not FEWEST <= people <= MOST:
        raise WrongUse(
            t("A sample office has {fewest} to {most} people, not {people}.", fewest=FEWEST, most=MOST, people=people)
        )
    now = office.clock.now()
    with writing(office.engine) as connection:
        if not users.bootstrap_needed(connection):
            raise WrongUse(t("Only an empty office is filled with samples: this one has users."))
        companies = _add_employers(connection, office)
        tokens = _add_users(connection, office, companies)
        new = sample_people(people, seed, now.date(), companies)
        key = index_key(connection, office.keys)
        ids = enrol(connection, CONSOLE, new, keys=office.keys, index_key=key, now=now)
    return SampleOffice(companies, tuple(ids), tokens)


def write_tokens(home: Path, tokens: Mapping[str, str]) -> None:
    """Write each token to `tokens/NAME` of the home directory, where `lingbao --as NAME` looks; for the owner only."""
    directory = home / "tokens"
    directory.mkdir(mode=0o700, exist_ok=True)
    for name, token in tokens.items():
        with os.fdopen(os.open(directory / name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
            handle.write(token + "\n")


def give_passwords(office: Office) -> dict[str, str]:
    """Give every sample user of the office a password of chance, and return them by user: shown nowhere else.

    Raises:
        NotAllowed: the office is no sandbox.
    """
    given = {name: secrets.token_urlsafe(12) for name, role in ROLES.items() if role is not Role.COMPANY}
    for name, password in given.items():
        give_password(office.engine, CONSOLE, name, password, office.clock.now())
    return given


def _add_employers(connection: Connection, office: Office) -> tuple[int, ...]:
    now = office.clock.now()
    return tuple(
        employers.add_employer(connection, CONSOLE, code=code, name=name, district=district, sector=sector, now=now)
        for code, name, district, sector in EMPLOYERS
    )


def _add_users(connection: Connection, office: Office, companies: tuple[int, ...]) -> dict[str, str]:
    now = office.clock.now()
    for name, role in ROLES.items():
        theirs = companies[0] if role is Role.COMPANY else None
        users.add_user(connection, CONSOLE, name=name, role=role, now=now, employer_id=theirs)
    return {name: users.issue_token(connection, CONSOLE, name, now) for name in ROLES}


def sample_people(count: int, seed: int, today: date, companies: tuple[int, ...]) -> list[NewPerson]:
    """Return the people of a sample office: the special cases, then the others country by country in turn. Pure."""
    cast = Cast(Random(seed), today, companies)
    found = list(special_cases(cast))
    return found + [_ordinary(cast, number) for number in range(count - len(found))]


@dataclass
class Cast:
    """Makes people one after the other; each gets the next number.

    Attributes:
        companies: ids of the employers the people are shared among.
        number: of the last person made.
    """

    random: Random
    today: date
    companies: tuple[int, ...]
    number: int = 0

    def person(self, country: str, *, status: PostingStatus = PostingStatus.ABROAD, language: str = "zh") -> NewPerson:
        """Return the next person: in `country` for some time, with a phone and a mail address of their own."""
        self.number += 1
        begun = self.today - timedelta(days=self.random.randint(40, 700))
        ended = self.today - timedelta(days=9) if status is PostingStatus.RETURNED else None
        stay = NewPosting(country, status, begun, ended)
        mail = NewAddress(Channel.EMAIL, f"sample{self.number:04d}@example.com", 2)
        ways = (NewAddress(Channel.SMS, phone(self.number), 1), mail)
        employer = self.companies[self.number % len(self.companies)]
        consent = GivenConsent(Ground.EMPLOYMENT, "sample-1", foreign=True)
        return NewPerson(self._name(language), consent, employer, language, (stay,), ways)

    def _name(self, language: str) -> str:
        if language == "en":
            return f"{self.random.choice(LATIN)} (Sample {self.number:04d})"
        given = "".join(self.random.sample(GIVEN, 2))
        return f"{self.random.choice(SURNAMES)}{given}（示例{self.number:04d}）"


def special_cases(cast: Cast) -> Iterator[NewPerson]:
    """Return the 28 people of `FULL`, 25 of whom are to be told of a danger there, by 12 text messages and 11 mails."""
    for _ in range(12):  # Twelve workers behind their foreman's phone: one text message.
        yield replace(cast.person(FULL), employer_id=cast.companies[0], addresses=(NewAddress(Channel.SMS, FOREMAN),))
    for _ in range(6):
        yield cast.person(FULL)
    for _ in range(2):
        yield cast.person(FULL, language="en")
    lost = cast.person(FULL)
    yield replace(lost, addresses=(NewAddress(Channel.SMS, UNKNOWN_NUMBER, 1), lost.addresses[1]))
    for _ in range(2):  # Nobody knows how to reach them: a gap that must be named.
        yield replace(cast.person(FULL), addresses=())
    leaving = cast.person(FULL, status=PostingStatus.PLANNED)
    yield replace(leaving, postings=(replace(leaving.postings[0], date_from=cast.today + timedelta(days=7)),))
    yield cast.person(FULL, status=PostingStatus.DOUBTFUL)
    for _ in range(3):  # Never told.
        yield cast.person(FULL, status=PostingStatus.RETURNED)


def _ordinary(cast: Cast, number: int) -> NewPerson:
    turn, place = divmod(number, len(COUNTRIES))
    country, kind = COUNTRIES[place], (turn + place) % 10
    if kind == 3:
        return cast.person(country, status=PostingStatus.RETURNED)
    one = cast.person(country, language="en" if kind == 4 else "zh")
    if kind == 7:  # A resident who registered alone.
        return replace(one, employer_id=None, consent=GivenConsent(Ground.CONSENT, "sample-1", foreign=True))
    return replace(one, addresses=()) if kind == 9 else one


def phone(number: int) -> str:
    """Return the fictional E.164 number of person `number` (1 to 11,098); no two are the same. Pure."""
    if number < 100:
        return f"+1202555{100 + number:04d}"
    if number < 1100:
        return f"+447700{900_000 + number - 100}"
    return f"+3363998{number - 1100:04d}"
