"""People as files: what is exported can be imported again, and then nothing changes."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

import openpyxl
import orjson
import pytest
from sqlalchemy import select

from core.i18n import Language
from core.places.names import codes
from core.tables import Audit, table
from registry import scope
from registry.actors import SYSTEM, Actor
from registry.employers import EmployerView, find_employer
from registry.export import ExportPage, export_pages, in_ranges, record_export
from registry.export_cells import HEADINGS, cells
from registry.export_files import Form, write_people
from registry.people import (
    Channel,
    GivenConsent,
    NewAddress,
    NewContact,
    NewPerson,
    NewPosting,
    PersonView,
    PostingView,
)
from registry.roster.apply import Residents, Whose, import_roster
from registry.roster.check import check_roster
from registry.roster.columns import meaning
from registry.roster.country import read_countries
from registry.scope.people import Chosen
from registry.store import stop_addresses
from registry.tables import Ground, PostingStatus
from tests.registry.people import AUDITOR, DAY, OFFICER, Register, company, person, stay

ABROAD, PLANNED, RETURNED, DOUBTFUL = (
    PostingStatus.ABROAD, PostingStatus.PLANNED, PostingStatus.RETURNED, PostingStatus.DOUBTFUL,
)  # fmt: skip
PAST, SOON, FAR = date(2026, 3, 5), date(2026, 12, 24), date(2030, 1, 1)


def odd_people(employer_id: int | None) -> list[NewPerson]:
    """Return people in every state that a roster can only say with difficulty."""
    phone = iter(f"+26097712{number:04}" for number in range(1000, 2000))
    stays: Sequence[tuple[NewPosting, ...]] = (
        (stay(date_from=PAST, date_to=date(2026, 10, 1)),),  # overdue
        (stay(status=PLANNED),), (stay(status=PLANNED, date_from=PAST, date_to=SOON),), (stay(status=PLANNED, date_from=FAR),),
        (stay(date_from=SOON),), (stay(status=DOUBTFUL, date_from=SOON, date_to=PAST),), (stay(status=RETURNED, date_to=PAST),),
        (replace(stay("AO"), project="二期"), replace(stay("MF"), city="-5 km", site="=A1"), stay("DE")),
        (stay(), replace(stay(), city="卢萨卡"), replace(stay(), city="卢萨卡", site="铜矿", date_from=PAST), stay("KZ", RETURNED)),
        (replace(stay(), project="甲", site="乙"), replace(stay("CD"), city="无", site='引号"逗号,')),
    )  # fmt: skip
    people = [
        person(f"旅人{chr(0x4E00 + at)}", *own, employer_id=employer_id, phones=(next(phone),))
        for at, own in enumerate(stays)
    ]
    mixed = tuple(NewAddress(Channel.SMS, next(phone), place) for place in (1, 2))
    home, mail = NewAddress(Channel.SMS, "+8613800138000", 3), NewAddress(Channel.EMAIL, "xuanzang@example.com", 4)
    contacts = (NewContact("观音", "母亲", "+8613900139000"), NewContact("Lee", "", "+8613900139001"))
    rich = replace(person("唐三藏", employer_id=employer_id), language="fr", addresses=(*mixed, home, mail), contacts=contacts,
                   consent=GivenConsent(Ground.CONSENT, "text/1", foreign=True))  # fmt: skip
    silent = person("沙悟净", employer_id=employer_id, phones=())
    nowhere = replace(person("白龙马", employer_id=employer_id, phones=(next(phone),)), postings=())
    return [
        *people,
        rich,
        silent,
        nowhere,
        person("=cmd|' /C calc'!A0", employer_id=employer_id, phones=(next(phone),)),
    ]


def pages(register: Register, actor: Actor = OFFICER, chosen: Chosen | None = None) -> list[ExportPage]:
    """Return the rows this actor gets."""
    return list(export_pages(register.connection, actor, register.keys, chosen or Chosen()))


def exported(register: Register, form: Form, language: Language = "zh", chosen: Chosen | None = None) -> bytes:
    """Return the file of an officer."""
    buffer = io.BytesIO()
    write_people(buffer, pages(register, chosen=chosen), form, language, DAY)
    return buffer.getvalue()


def people(register: Register) -> list[PersonView]:
    """Return everybody as an officer sees them, but for the times at which stays were confirmed."""
    found = scope.list_people(register.connection, OFFICER, register.keys, now=register.clock.now(), limit=900)
    epoch = register.clock.now()
    return [
        replace(one, postings=tuple(replace(view, confirmed_at=epoch) for view in one.postings)) for one in found
    ]  # fmt: skip


@pytest.fixture
def employer(register: Register) -> EmployerView:
    """Give an employer."""
    register.employer()
    return find_employer(register.connection, SYSTEM, "OFFICE-1")


def confirmed(view: PostingView, now: datetime) -> PostingView:
    """Return a stay as it is once a roster has named it."""
    overdue = view.status is PostingStatus.ABROAD and view.date_to is not None and view.date_to < DAY
    return replace(view, confirmed_at=now, date_to=None if overdue else view.date_to)


@pytest.mark.parametrize("alone", [False, True], ids=["of a company", "residents"])
@pytest.mark.parametrize(
    ("form", "language"), [(Form.CSV, "zh"), (Form.CSV, "en"), (Form.XLSX, "zh"), (Form.XLSX, "en")]
)
def test_an_export_imported_again_changes_nothing(
    register: Register, employer: EmployerView, form: Form, language: Language, alone: bool
) -> None:
    """Nobody joins, moves, changes or is in doubt, whatever state people are in; refused are only those whom no roster can name.

    A roster confirms whom it names: a stay that is said to be abroad after its end loses that end, as with any roster.
    """
    whose: Whose = Residents(foreign=True) if alone else employer
    enrolled = register.enrol(*odd_people(whose.employer_id))
    dead = [one.address_id for one in people(register)[0].addresses]
    stop_addresses(register.connection, dead, reason="no such number", now=register.clock.now())
    before = people(register)
    data = exported(register, form, language, Chosen(employer=whose.employer_id, alone=alone))
    register.clock.advance(timedelta(hours=1))
    report = check_roster(data, f"people.{form}", DAY)
    done = import_roster(register.connection, OFFICER, whose, report, keys=register.keys, index_key=register.index_key,
                         now=register.clock.now())  # fmt: skip
    counts = done.plan.counts()
    assert counts == {**dict.fromkeys(counts, 0), "unchanged": len(enrolled) - 2}
    assert [row.name for row in report.rows if row.person is None] == [
        "白龙马",
        "",
    ]  # no country; a name like a formula
    now = register.clock.now()
    assert people(register) == [
        replace(one, postings=tuple(confirmed(view, now) for view in one.postings)) for one in before
    ]
    unknown = [table.header.unknown + table.header.repeated + table.header.never_read for table in report.tables]
    assert unknown == [()]


@pytest.mark.parametrize("form", [Form.CSV, Form.XLSX])
def test_no_cell_is_a_formula(register: Register, form: Form) -> None:
    """What begins like a formula is text in a workbook, and has an apostrophe before it in a .csv."""
    register.enrol(*odd_people(None))
    data = exported(register, form)
    if form is Form.CSV:
        lines = data.decode("utf-8-sig").splitlines()
        assert any("'=cmd|" in line for line in lines)
        assert not [cell for line in lines for cell in line.split(",") if cell.strip('"')[:1] in set("=+-@") - {""}]
        return
    sheet = openpyxl.load_workbook(io.BytesIO(data)).worksheets[0]
    values = {str(cell.value): cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None}
    assert values["=cmd|' /C calc'!A0"] == "s"
    assert set(values.values()) == {"s"}


def test_everybody_gets_their_own(register: Register, employer: EmployerView) -> None:
    """A company gets its own people, an auditor everybody masked, the office everybody; residents and a country can be chosen."""
    other = register.employer("OFFICE-2", "高老庄公司")
    register.enrol(
        person("孙悟空", stay(), stay("AO", RETURNED), stay("AO"), employer_id=employer.employer_id),
        person("猪八戒", employer_id=other, phones=("+260977123456",)), person("李白", stay("FR"), phones=()),
    )  # fmt: skip

    def names(actor: Actor, chosen: Chosen | None = None) -> list[tuple[str, str]]:
        return [
            (row.name, row.stay.country if row.stay else "")
            for one in pages(register, actor, chosen)
            for row in one.rows
        ]

    wukong, bajie, libai = ("孙悟空", "ZM"), ("猪八戒", "ZM"), ("李白", "FR")
    assert names(company(employer.employer_id)) == [wukong, ("孙悟空", "AO"), ("孙悟空", "AO")]
    assert names(company(employer.employer_id), Chosen(employer=other)) == []
    assert names(company(employer.employer_id), Chosen(alone=True)) == []
    assert names(OFFICER, Chosen(alone=True)) == [libai]
    assert names(OFFICER, Chosen(employer=other)) == [bajie]
    assert names(OFFICER, Chosen(country="AO")) == [("孙悟空", "AO")]  # not the stay that is over
    masked = exported_by(register, AUDITOR)
    assert "孙**" in masked
    assert not [one for one in ("孙悟空", "13800138000", "260977123456") if one in masked]


def exported_by(register: Register, actor: Actor) -> str:
    """Return the .csv that this actor gets."""
    buffer = io.BytesIO()
    write_people(buffer, pages(register, actor), Form.CSV, "zh", DAY)
    return buffer.getvalue().decode("utf-8-sig")


def test_pages_tell_whom_they_hold(register: Register) -> None:
    """A register of more than a page comes in pages, and the audit names everybody in ranges, and nobody by name."""
    ids = register.enrol(*(person(f"工友{chr(0x4E00 + at)}", phones=()) for at in range(1000)))
    found = pages(register)
    assert [(one.people, one.ids) for one in found] == [
        (900, f"{ids[0]}-{ids[899]}"), (100, f"{ids[900]}-{ids[-1]}"),
    ]  # fmt: skip
    record_export(register.connection, OFFICER, [one.ids for one in found], register.clock.now())
    audit = table(Audit)
    lines = register.connection.execute(select(audit).where(audit.c.action == "people.export")).all()
    assert [(line.actor, line.object, line.detail) for line in lines] == [
        (OFFICER.name, "registrant", one.ids) for one in found
    ]
    assert in_ranges([1, 2, 3, 7, 9, 10]) == "1-3,7,9-10"


def test_an_export_of_nobody_has_its_headings(register: Register) -> None:
    """An empty export is a table with its header, and is in the audit."""
    assert exported(register, Form.CSV, "en").decode("utf-8-sig").strip() == ",".join(HEADINGS["en"])
    assert openpyxl.load_workbook(io.BytesIO(exported(register, Form.XLSX))).worksheets[0]["C1"].value == "姓名"
    assert exported(register, Form.JSONL) == b""
    record_export(register.connection, OFFICER, [], register.clock.now())
    audit = table(Audit)
    assert len(register.connection.execute(select(audit).where(audit.c.action == "people.export")).all()) == 1


def test_json_lines_keep_what_a_roster_cannot_say(register: Register) -> None:
    """For machines countries are codes, dates stand as they are known, and phones are lists."""
    overdue, *_ = odd_people(None)
    register.enrol(overdue)
    found = orjson.loads(exported(register, Form.JSONL))
    assert (found["country"], found["status"], found["date_to"]) == ("ZM", "abroad", "2026-10-01")
    assert found["phones_abroad"] == ["+260977121000"]
    (row,) = pages(register)[0].rows
    shown = dict(zip(HEADINGS["zh"], cells(row, "zh", DAY), strict=True))
    assert (shown["预计回国日期"], "2026-10-01" in shown["备注"]) == ("", True)


def test_headings_and_countries_are_understood() -> None:
    """Every heading is one the reader of rosters knows, in both languages in the same order, and so is every country."""
    read: list[list[object]] = [[meaning(one) for one in HEADINGS[language]] for language in ("zh", "en")]
    assert read[0] == read[1]
    assert None not in read[0]
    assert all(read_countries(one).codes == (one,) for one in codes() if one != "CN")
