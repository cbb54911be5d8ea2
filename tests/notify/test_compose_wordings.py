"""The office's own words and numbers: tried before they are taken, used from the next text on, kept for ever."""

from __future__ import annotations

from typing import get_args

import pytest
from sqlalchemy import Engine, select

from core.clock import FixedClock
from core.database import reading, writing
from core.errors import BadInput, NotAllowed
from core.i18n import Language
from core.tables import Audit, table
from notify.compose import compose
from notify.model import LANGUAGES
from notify.texts import store
from notify.texts.helplines import Certainty, Helpline, Kind
from notify.texts.rules import Form, TextRules
from notify.texts.wording import shipped
from notify.wordings import LONGEST, faults_of, phrasebook, set_line, set_wording
from registry.actors import Actor
from registry.tables import Role
from tests.notify.made import OFFICE, draft

CHIEF, OFFICER = Actor("wang.xifeng", Role.APPROVER, 3), Actor("lin.daiyu", Role.OFFICER, 1)
OWN_SMS = (
    "{{ signature }}{% if drill %}【演练】{% endif %}{{ mark }}本办提示：{{ sentence }}{{ places }}。{{ contacts }}。"
    "{% if url %}{{ url }} {% endif %}编号{{ ref }}"
)


@pytest.mark.parametrize("form", get_args(Form))
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_shipped_wording_would_be_taken(form: Form, language: Language) -> None:
    """What we ship holds what we ask of an office's own."""
    assert faults_of(form, language, shipped(form, language).source) == []


@pytest.mark.parametrize(
    ("left_out", "missing"),
    [("{{ ref }}", "ref"), ("{{ contacts }}", "contacts"), ("{{ places }}", "places"), ("{{ sentence }}", "title"),
     ("{{ mark }}", "mark"), ("{% if drill %}【演练】{% endif %}", "drill"), ("{% if url %}{{ url }} {% endif %}", "url"),
     ("{{ signature }}", "signature")],
)  # fmt: skip
def test_what_a_wording_must_hold_is_named(left_out: str, missing: str) -> None:
    """A wording without the code, the numbers, the place, the title, what it is, the link or who speaks is refused by name."""
    assert faults_of("sms", "zh", OWN_SMS) == []
    assert faults_of("sms", "zh", OWN_SMS.replace(left_out, "")) == [missing]


@pytest.mark.parametrize(
    "body",
    ["{{ secret }}", "{% if %}", "{{ ''.__class__.__mro__ }}", "{{ 1 / 0 }}", "{% include 'sms.zh.txt' %}",
     "{{ title.format(1) }}{{ range(10 ** 9) }}", "x" * (LONGEST + 1), "{{ ref }}{{ ref }}" + OWN_SMS],
)  # fmt: skip
def test_what_cannot_be_filled_or_reaches_out_is_refused(body: str) -> None:
    """An unknown name, a broken template, a way out of the sandbox, a file, too much: each is a fault, none a crash."""
    assert faults_of("sms", "zh", body)


def test_a_domestic_wording_has_no_link() -> None:
    """Carriers at home stop links: a wording with one is refused."""
    source = shipped("sms_cn", "zh").source
    assert faults_of("sms_cn", "zh", source.rstrip() + " https://one.example") == ["no-url"]


def test_a_link_only_in_some_notices_does_not_pass() -> None:
    """A name that is there but never printed does not help: what counts is what comes out."""
    hidden = OWN_SMS.replace("{{ contacts }}", "{% if false %}{{ contacts }}{% endif %}")
    assert faults_of("sms", "zh", hidden) == ["contacts"]


def test_an_own_wording_is_used_kept_and_taken_back(engine: Engine, clock: FixedClock) -> None:
    """The next text is worded so and says by which version; after a reset the shipped one is back, and the old is kept."""
    with writing(engine) as connection:
        assert set_wording(connection, CHIEF, "sms", "zh", OWN_SMS, now=clock.now()) == 1
        book = phrasebook(connection, TextRules())
    text = next(x for x in compose(draft(), OFFICE, book) if (x.channel, x.language) == ("sms", "zh"))
    assert text.body.startswith("【花果山市外办】本办提示：提醒中国公民")
    assert text.wording == "own:sms.zh/1"
    english = next(x for x in compose(draft(), OFFICE, book) if (x.channel, x.language) == ("sms", "en"))
    assert english.wording.startswith("file:")
    with writing(engine) as connection:
        assert set_wording(connection, CHIEF, "sms", "zh", "", now=clock.now()) == 2
        assert phrasebook(connection, TextRules()).own == {}
        assert [row.body for row in store.wording_rows(connection)] == ["", OWN_SMS]
    rows = table(Audit)
    with reading(engine) as connection:
        acts = connection.execute(select(rows.c.actor, rows.c.action, rows.c.object).order_by(rows.c.id)).all()
    assert [tuple(act) for act in acts] == [
        ("wang.xifeng", "text.set", "message_template/sms.zh/1"),
        ("wang.xifeng", "text.reset", "message_template/sms.zh/2"),
    ]


def test_a_wording_that_does_not_fit_an_alert_gives_way(engine: Engine, clock: FixedClock) -> None:
    """Fit when it was taken, not fit for this alert: the shipped wording goes out instead, and says so."""
    sly = OWN_SMS.replace("{{ contacts }}", "{% if count == 1 %}{{ contacts }}{% endif %}")
    broken = OWN_SMS.replace("{{ places }}", "{{ places[:3 if count == 1 else level] }}")
    for body in (sly, broken):
        with writing(engine) as connection:
            set_wording(connection, CHIEF, "sms", "zh", body, now=clock.now())
            book = phrasebook(connection, TextRules())
        joint = draft(countries=("MW", "ZM"), channels=("sms",))
        made = {x.variant: x.wording for x in compose(joint, OFFICE, book) if x.language == "zh"}
        assert made["abroad"].startswith("file:sms.zh.txt@")
        assert made["abroad.ZM"].startswith("own:sms.zh/")


def test_who_may_not(engine: Engine, clock: FixedClock) -> None:
    """An officer drafts, and does not change what is said to everybody."""
    police = Helpline("ZM", Kind.POLICE, "", "999", "", Certainty.CHECKED)
    with writing(engine) as connection:
        with pytest.raises(NotAllowed):
            set_wording(connection, OFFICER, "sms", "zh", OWN_SMS, now=clock.now())
        with pytest.raises(NotAllowed):
            set_line(connection, OFFICER, police, now=clock.now())


def test_a_faulty_wording_is_refused_with_the_names(engine: Engine, clock: FixedClock) -> None:
    """The officer reads what is lacking; nothing is kept."""
    with writing(engine) as connection:
        with pytest.raises(BadInput, match="ref, contacts"):
            set_wording(connection, CHIEF, "sms", "zh", "{{ signature }}{{ title }}", now=clock.now())
        assert store.wording_rows(connection) == []


def test_a_checked_number_goes_into_the_next_text(engine: Engine, clock: FixedClock) -> None:
    """What the office checked replaces what is shipped, with who and when; the rows before it are kept."""
    with writing(engine) as connection:
        for number in ("", "999"):
            one = Helpline("ZM", Kind.POLICE, "", number, "", Certainty.CHECKED, note="called the embassy")
            set_line(connection, CHIEF, one, now=clock.now())
        book = phrasebook(connection, TextRules())
        kept = store.own_lines(connection, "ZM")
    assert [(one.number, one.origin, one.as_of) for one in kept] == [
        ("", "wang.xifeng", "2026-11-22"), ("999", "wang.xifeng", "2026-11-22"),
    ]  # fmt: skip
    text = next(x for x in compose(draft(), OFFICE, book) if (x.channel, x.language) == ("sms", "zh"))
    assert "当地报警999、急救992" in text.body


NO_NUMBERS = [
    (("XX", Kind.POLICE, "", "999"), "no country"), (("ZM", Kind.POLICE, "", "9"), "no number"),
    (("ZM", Kind.POLICE, "", "call me"), "no number"), (("ZM", Kind.EMBASSY, "", "991"), "no number"),
    (("ZM", Kind.CONSULATE, "", "+260111111111"), "city"), (("ZM", Kind.FIRE, "卢萨卡", "993"), "whole country"),
]  # fmt: skip


def test_numbers_that_are_none(engine: Engine, clock: FixedClock) -> None:
    """A wrong country, a number nobody can dial, a consulate without its city: refused in words, and nothing is kept."""
    with writing(engine) as connection:
        for (country, kind, place, number), words in NO_NUMBERS:
            given = Helpline(country, kind, place, number, "", Certainty.CHECKED)
            with pytest.raises(BadInput, match=words):
                set_line(connection, CHIEF, given, now=clock.now())
        assert store.own_lines(connection) == []
