"""Preflight: cost, time and what stands in the way, before anything leaves; and a trial to oneself."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta

import pytest
from sqlalchemy import Engine, func, insert, update

from core.clock import FixedClock
from core.database import reading, writing
from core.errors import BadInput, NotAllowed
from core.keys import MasterKeys
from core.settings import load
from core.settings_tables import Budget, Price
from core.tables import Mode, table
from notify import alerts
from notify.channels.recorder import Recorder
from notify.compose import compose
from notify.dispatch import Tools
from notify.gate import Gate
from notify.grounds import Transfer
from notify.preflight import Planned, Terms, forecast, terms_of
from notify.preview import preview
from notify.rules import silences
from notify.rules.model import Quiet, Rules
from notify.rules.silences import NewSilence
from notify.service import send_service
from notify.store import alerts as store
from notify.store.preflight import Load
from notify.tables import AlertText, BudgetUse
from notify.texts.helplines import shipped
from notify.trial import channel_for, may_try, trial
from registry.people import NewPosting
from tests.notify.alerts.scene import OFFICER, Scene, person
from tests.notify.made import NIGHT, OFFICE, draft

PRICES = (Price(channel="sms", per_part=0.3), Price(channel="sms", country="ZM", per_part=1.5),
          Price(channel="voice", per_part=0.2, currency="USD"))  # fmt: skip
LOADS = (Load("sms", "ZM", 100, 300), Load("sms", "MW", 10, 20), Load("voice", "ZM", 5, 5), Load("email", "ZM", 7, 7))
HOUR = timedelta(hours=1)


@pytest.fixture
def scene(engine: Engine, keys: MasterKeys, index_key: bytes, clock: FixedClock) -> Scene:
    """Give an office with an empty register."""
    made = Scene(engine, keys, index_key, clock)
    made.open_for_business()
    return made


def texts(**values: object) -> list[AlertText]:
    """Compose an alert and return its texts as rows."""
    made = compose(draft(**values), OFFICE)
    return [
        AlertText(id=n, version_id=1, language=x.language, channel=x.channel, variant=x.variant, subject=x.subject, body=x.body,
                  html=x.html, template=x.template, variables=dict(x.variables), parts=x.parts) for n, x in enumerate(made)
    ]  # fmt: skip


def warned(planned: Planned, terms: Terms) -> str:
    """Return all warnings as one text."""
    return "\n".join(one.render("en") for one in forecast(planned, terms, shipped()).warnings)


def test_the_bill_is_by_channel_country_and_currency() -> None:
    """A price for the country goes before one for all; parts are paid for; what has no price is named, never guessed."""
    found = forecast(Planned(LOADS, (), HOUR), Terms(PRICES), shipped())
    assert {code: round(amount, 2) for code, amount in found.bill.items()} == {"CNY": 456.0, "USD": 1.0}
    assert found.unpriced == ("email",)


def test_how_long_it_takes() -> None:
    """Parts by rate, channels side by side; a channel without a rate is named; longer than it is worth is a warning."""
    terms = Terms(rates={"sms": 0.1, "email": 100.0})
    found = forecast(Planned(LOADS, (), HOUR), terms, shipped())
    assert found.longest == pytest.approx(3200.0)
    assert found.unrated == ("voice",)
    assert "hours" not in warned(Planned(LOADS, (), HOUR), terms)
    assert "0.9 hours" in warned(Planned(LOADS, (), HOUR / 2), terms)
    assert "11.1 hours" in warned(Planned([Load("sms", "ZM", 1, 40_000)], (), 24 * HOUR), Terms(rates={"sms": 1.0}))


def test_what_a_sender_cannot_do_is_said() -> None:
    """No approved template, a link to a +86 number by a provider abroad, a text over the limit, a budget nearly used up."""
    loads = (Load("sms_cn", "ZM", 4, 8), *LOADS)
    planned = Planned(loads, texts(channels=("sms",), title_zh="长" * 300), HOUR, home_numbers=3,
                      used={("sms", "ZM"): 950, ("sms", "MW"): 10})  # fmt: skip
    terms = Terms(templates={"sms_cn": frozenset({"update"})},
                  budgets=(Budget(channel="sms", country="ZM", per_day=1000), Budget(channel="sms", per_day=5000)))  # fmt: skip
    said = warned(planned, terms)
    assert "4 notices cannot go over" in said
    assert "3 text messages with a link go to +86" in said
    assert "more than the office set" in said
    assert "would hold 50 notices" in said
    assert said.count("budget") == 1
    assert "template" not in warned(planned, Terms(templates={"sms_cn": frozenset({"first"})}))


def test_who_gets_no_local_help_is_said() -> None:
    """A country without a number that is sure is named, so that somebody finds one before the night."""
    said = warned(Planned([Load("sms", "KP", 1, 1)], (), HOUR), Terms())
    assert "no police number: KP" in said
    assert "no embassy line that is sure: KP" in said
    assert warned(Planned([Load("sms", "ZM", 1, 1)], (), HOUR), Terms()) == ""


def test_terms_come_from_the_settings() -> None:
    """Templates of a cloud that sends nothing else are asked for; those of the city's own gateway are not."""
    cloud = load(sms_cn_provider="aliyun", sms_cn_templates={"first": "SMS_1"}, rates={"sms": 2.0}, prices=PRICES)
    assert terms_of(cloud).templates["sms_cn"] == {"first"}
    assert terms_of(cloud).rates == {"sms": 2.0}
    assert "sms_cn" not in terms_of(load(sms_cn_provider="webhook")).templates


def test_a_rehearsal_counts_everything_and_leaves_nothing(scene: Scene) -> None:
    """People by country, notices and parts by channel and country, the texts in use with their size, today's budget; then undone."""
    scene.enrol(
        person(sms=("+260977000001",)), person(NewPosting("MW"), sms=("+265977000002",), email=("a@example.com",))
    )
    with writing(scene.engine) as connection:
        connection.execute(insert(table(BudgetUse)).values(day=date(2026, 11, 22), channel="sms", country="ZM", used=9))
    version = scene.open(draft(countries=("MW", "ZM")))
    terms = Terms(PRICES, {"sms": 1.0}, budgets=[Budget(channel="sms", country="ZM", per_day=9)])
    seen = preview(scene.engine, version, scene.clock.now(), Transfer(), terms)
    assert [(one.channel, one.country, one.notices) for one in seen.loads] == [
        ("email", "MW", 1), ("sms", "MW", 1), ("sms", "ZM", 1),
    ]  # fmt: skip
    assert {text.variant for text in seen.texts} == {"abroad.MW", "abroad.ZM"}
    assert seen.parts == sum(one.parts for one in seen.loads if one.channel == "sms")
    assert seen.forecast is not None
    assert seen.forecast.longest == seen.parts
    assert "would hold 1 notices" in "\n".join(one.render("en") for one in seen.forecast.warnings)
    assert scene.notices(version) == []


def test_each_person_reads_the_numbers_of_their_own_country(scene: Scene) -> None:
    """In one alert for two countries the text for each carries their police; people of both behind one phone get the joint one."""
    scene.enrol(
        person(sms=("+260977000001",)), person(NewPosting("MW"), sms=("+265977000002",)),
        person(sms=("+260977000003",), name="沙僧"), person(NewPosting("MW"), sms=("+260977000003",), name="八戒"),
    )  # fmt: skip
    version = scene.by_rule(draft(countries=("MW", "ZM"), channels=("sms",), contacts=()))
    found = {notice.variant: notice.body for notice in scene.notices(version)}
    assert set(found) == {"abroad.ZM", "abroad.MW", "shared"}
    assert "当地报警991" in found["abroad.ZM"]
    assert "当地报警997" in found["abroad.MW"]
    assert "报警" not in found["shared"]


def test_an_officers_own_words_are_refused_for_their_length_a_publishers_never(scene: Scene) -> None:
    """What an officer can shorten is refused with its size before a second person sees it; a publisher's warning goes out."""
    scene.enrol(person(sms=("+260977000001",)))
    own = draft(source_id=None, rule="officer", title_zh="长" * 300, body_zh="", level_words="")
    version = scene.open(own)
    with writing(scene.engine) as connection, pytest.raises(BadInput, match="7 parts, and 4 are the limit"):
        alerts.submit(connection, version, scene.acting(OFFICER))
    assert len(scene.notices(scene.by_officers(draft(title_zh="长" * 300, title_en="long")))) == 1


@pytest.mark.parametrize(("lost", "named"), [("{ref}", "ref"), ("12308", "contacts")])
def test_a_stored_text_is_looked_at_again_before_release(scene: Scene, lost: str, named: str) -> None:
    """A text that lost its code or its last number after it was written does not go out by a person's hand."""
    version = scene.open(draft(channels=("sms",)))
    rows = table(AlertText)
    with writing(scene.engine) as connection:
        mine = rows.c.version_id == version
        connection.execute(update(rows).where(mine).values(body=func.replace(rows.c.body, lost, "")))
    with writing(scene.engine) as connection, pytest.raises(BadInput, match=f"lacks: {named}"):
        alerts.submit(connection, version, scene.acting(OFFICER))


def test_a_trial_is_the_text_to_the_letter() -> None:
    """The mark comes first, the code says TEST, and the rest is what everybody would get; variables are marked too."""
    rows = texts(channels=("sms", "sms_cn", "email"))
    text = next(x for x in rows if (x.channel, x.language, x.variant) == ("sms", "zh", "abroad"))
    sent = trial(rows, "+260977000001", channel="sms", language="zh", variant="abroad")
    assert sent.body == "【测试】" + text.body.replace("{ref}", "TEST00")
    home = trial(rows, "+8613800138000", channel="sms_cn", language="zh", variant="abroad")
    assert (home.template, home.variables["kind"], home.variables["ref"]) == ("first", "测试·安全提醒", "TEST00")
    assert trial(rows, "me@example.com", channel="email", language="en", variant="abroad").title.startswith("[TEST] ")
    with pytest.raises(BadInput, match="no text for voice"):
        trial(rows, "+1", channel="voice", language="zh", variant="abroad")


def test_where_a_trial_may_go() -> None:
    """Mail by its sign, +86 by the provider at home if there is one; outside a sandbox only to addresses of the settings."""
    written = {"sms", "sms_cn", "email"}
    assert channel_for("me@example.com", written) == "email"
    assert channel_for("+8613800138000", written) == "sms_cn"
    assert channel_for("+8613800138000", {"sms"}) == "sms"
    assert channel_for("+260977000001", written) == "sms"
    may_try("+1", frozenset(), sandbox=True)
    may_try("+1", frozenset({"+1"}), sandbox=False)
    with pytest.raises(NotAllowed):
        may_try("+2", frozenset({"+1"}), sandbox=False)


def test_a_trial_is_handed_over_and_written_down(engine: Engine, clock: FixedClock, keys: MasterKeys) -> None:
    """It goes through the gate like everything else, with its template and variables."""
    channel = Recorder("sms_cn")
    tools = Tools(engine, clock, load(), keys, {"sms_cn": channel}, Gate("uid", Mode.SANDBOX, frozenset()))
    sent = trial(texts(channels=("sms_cn",)), "+8613800138000", channel="sms_cn", language="zh", variant="abroad")
    assert asyncio.run(send_service(tools, sent, by="lin.daiyu")).outcome == "accepted"
    [out] = channel.sent
    assert (out.template, out.variables["ref"], out.body) == ("first", "TEST00", sent.body)


def test_texts_say_which_wording_made_them(scene: Scene) -> None:
    """The stored row of a text names the file or version that worded it."""
    version = scene.open(draft())
    with reading(scene.engine) as connection:
        assert all(one.wording.startswith("file:") for one in store.texts(connection, version))


def test_a_rehearsal_says_who_sleeps_and_whom_the_rules_leave_out(scene: Scene) -> None:
    """By the night of the policy in force: who is told now, who in the morning of where; and how many the rules would leave out
    because they know more, whose notices this one makes needless, and which silence holds. Nothing of it stays."""
    sms = {"channels": ("sms",), "every_channel": False, "ask_safe": False, "source_id": None, "native_id": None}
    scene.enrol(person(sms=("+260977000001",)))
    high = scene.by_rule(draft(level=4, quiet=False, **sms))
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=("+260977000002",)))
    with writing(scene.engine) as connection:
        wanted = NewSilence("王", "演练", NIGHT, NIGHT + timedelta(days=1), countries=("ZM",))
        silences.add(connection, wanted, OFFICER, NIGHT)
    night = Rules(quiet=Quiet(begins=1, ends=4))
    version = scene.open(draft(level=3, quiet=True, **sms))
    at = NIGHT.replace(hour=18, minute=30)  # 02:30 in Beijing, 20:30 in Zambia
    seen = preview(scene.engine, version, at, Transfer(), rules=night)
    assert (seen.leaving, seen.waiting) == (1, 1)
    [morning] = seen.mornings
    assert (morning.country, morning.zone, morning.at, morning.notices) == (
        "ZM",
        "Asia/Shanghai",
        at.replace(hour=20, minute=0),
        1,
    )
    out = seen.leaves_out
    assert out.really == ()
    assert [(one.reason, one.alert_id, one.notices) for one in out.by_rule] == [("inhibited", scene.alert_of(high), 1)]
    assert [one.render("zh").count("演练") for one in out.silences] == [1]
    assert preview(scene.engine, version, at, Transfer()).waiting == 1
    assert preview(scene.engine, version, at.replace(hour=22), Transfer(), rules=night).waiting == 0
    assert scene.notices(version) == []


def test_a_rehearsal_says_what_it_makes_needless(scene: Scene) -> None:
    """A graver alert leaves out what waits for the morning of a lesser one: how many, and of which alert."""
    sms = {"channels": ("sms",), "every_channel": False, "ask_safe": False, "source_id": None, "native_id": None}
    scene.enrol(person(NewPosting("ZM", zone="Asia/Shanghai"), sms=("+260977000002",)))
    low = scene.by_rule(draft(level=3, quiet=True, **sms))
    [waits] = scene.notices(low)
    assert waits.state == "planned"
    version = scene.open(draft(level=4, quiet=False, **sms))
    seen = preview(scene.engine, version, scene.clock.now(), Transfer())
    assert seen.leaves_out.of_others == ((scene.alert_of(low), 1),)
    assert [one.state for one in scene.notices(low)] == ["planned"]
