"""CAP out: valid messages in a chain, public only where they may be, and read back by our own reader as they were meant."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from lxml import etree

from core.settings_tables import ExtraSource
from notify.cap.chain import Publisher, Version, chain_of
from notify.cap.message import Message
from notify.cap.words import EVENTS
from notify.cap.write import feed_xml, message_xml
from notify.model import OfficeName
from notify.tables import VersionKind
from sources.cap import read_cap
from sources.generic_cap import parse_cap, read_messages
from sources.model import Authority, Capture, Hazard, Known

SHARED = Path(__file__).resolve().parents[3].parent / "shared" / "feeds" / "cap-samples"
SENT = datetime(2026, 11, 22, 2, 30, 5, 123456, tzinfo=UTC)
UID = "7f1c0b5e-6c0e-4a53-9a39-3b0f6d0a7c11"
PUBLISHER = Publisher(
    OfficeName("花果山市外办", "Huaguoshan Foreign Affairs Office", "0518-5550100"), "alerts@example.org"
)
FIRST = Version(
    alert_id=17, no=1, kind=VersionKind.FIRST, mode="live", instance_uid=UID, hazard="conflict", level=4,
    level_words="暂勿前往", title_zh="提醒中国公民暂勿前往赞比亚", title_en='"提醒中国公民暂勿前往赞比亚" (do not travel: Zambia)',
    body_zh="近日发生多起袭击 <铜带省> & 周边。\x0b", body_en="近日发生多起袭击 <铜带省> & 周边。\x0b", source_id="cn-mfa",
    origin="中国外交部|Ministry of Foreign Affairs of China", url="https://one.example/t1.html", countries=("ZM",),
    regions="铜带省", contacts=(("驻赞比亚使馆领保电话", "+260-211-555-010"),), released_at=SENT, by_rule=True,
)  # fmt: skip
UPDATE = replace(
    FIRST, no=2, kind=VersionKind.UPDATE, level=3, level_words="谨慎前往", released_at=SENT + timedelta(hours=6)
)
CLEAR = replace(FIRST, no=3, kind=VersionKind.ALL_CLEAR, body_zh="", body_en="", released_at=SENT + timedelta(hours=9))
OFFICERS = replace(UPDATE, title_zh="内部：三号营地名单", body_zh="内部事项", by_rule=False)


def public(*versions: Version) -> tuple[Message, ...]:
    """Return the public chain of versions."""
    return chain_of(versions, PUBLISHER, public=True)


def schema() -> etree.XMLSchema:
    """Return the schema of CAP 1.2."""
    path = SHARED / "CAP-v1.2.xsd"
    if not path.is_file():
        pytest.skip("the schema of CAP 1.2 is not beside this checkout")
    return etree.XMLSchema(etree.parse(str(path)))


def capture(message: Message) -> Capture:
    """Return a message as our reader would fetch it."""
    return Capture("office", "https://office.example/x.xml", SENT, message_xml(message), "application/cap+xml")


@pytest.mark.parametrize("mode", ["live", "drill", "sandbox"])
@pytest.mark.parametrize("is_public", [True, False])
def test_every_message_is_valid(mode: str, is_public: bool) -> None:
    """Alert, Update, Cancel and the Cancel in place of an officer's words fit the schema, in every mode and scope."""
    rules = schema()
    for versions in (
        (FIRST, UPDATE, CLEAR),
        (FIRST, OFFICERS),
        (replace(FIRST, canceled_at=SENT + timedelta(hours=1)),),
    ):
        told = [replace(one, mode=mode) for one in versions]
        for message in chain_of(told, PUBLISHER, public=is_public):
            rules.assertValid(etree.fromstring(message_xml(message)))


def test_what_is_invalid_is_found_by_the_same_schema() -> None:
    """The schema is not empty: a sample without its scope fails."""
    sample = etree.parse(str(SHARED / "invalid-missing-scope-cap12.xml")) if schema() else None
    assert not schema().validate(sample)


def test_the_chain_names_what_was_before() -> None:
    """Alert, then Update with a reference to it, then Cancel with references to both; identifiers differ and stay."""
    alert, update, cancel = public(FIRST, UPDATE, CLEAR)
    assert [one.kind for one in (alert, update, cancel)] == ["Alert", "Update", "Cancel"]
    assert alert.references == ()
    assert update.references == (alert,)
    assert cancel.references == (alert, update)
    assert b"alerts@example.org,urn:uuid:" + alert.uuid.encode() + b",2026-11-22T02:30:05-00:00" in message_xml(update)
    assert len({one.identifier for one in (alert, update, cancel)}) == 3
    assert message_xml(public(FIRST)[0]) == message_xml(alert)
    assert {one.incidents for one in (alert, update, cancel)} == {alert.incidents}
    assert cancel.expires == max(alert.expires, update.expires)


def test_officers_words_never_leak() -> None:
    """An officer's version is not published: alone there is no message; after a published one a Cancel without its words."""
    assert public(replace(FIRST, by_rule=False)) == ()
    assert public(replace(FIRST, by_rule=False), CLEAR) == ()
    alert, cancel = public(FIRST, OFFICERS)
    assert (cancel.kind, cancel.references) == ("Cancel", (alert,))
    text = message_xml(cancel).decode()
    assert "内部" not in text
    assert "此前在此发布的内容不再有效" in text
    again = public(FIRST, OFFICERS, replace(UPDATE, no=3))[-1]
    assert (again.kind, again.references) == ("Alert", ())


def test_a_sending_that_was_called_off_is_cancelled() -> None:
    """An officer stopped the sending: what was published is taken back at that moment."""
    alert, cancel = public(replace(FIRST, canceled_at=SENT + timedelta(minutes=9)))
    assert (cancel.kind, cancel.references, cancel.sent) == (
        "Cancel",
        (alert,),
        SENT.replace(microsecond=0) + timedelta(minutes=9),
    )


def test_a_drill_is_never_actual() -> None:
    """By mode: Actual, Exercise, Test; the last two are marked in the headline and with a note too."""
    found = [public(replace(FIRST, mode=mode))[0] for mode in ("live", "drill", "sandbox")]
    assert [one.status for one in found] == ["Actual", "Exercise", "Test"]
    assert [one.infos[0].headline.startswith("【演练】") for one in found] == [False, True, True]
    assert [bool(one.note) for one in found] == [False, True, True]


def test_our_own_reader_reads_it_back() -> None:
    """Same country, same level words, same times, one event for the whole chain, and its end as an end."""
    extra = ExtraSource(id="other-office", kind="cap", publisher="x", publisher_zh="x", authority=Authority.HOME.value,
                        url="https://office.example/feeds/alerts.atom", language="zh")  # fmt: skip
    alert, update, cancel = public(FIRST, UPDATE, CLEAR)
    heard = read_cap(capture(alert))
    assert (heard.is_actual, heard.sent, heard.identifier) == (True, alert.sent, alert.identifier)
    for language in ("zh", "en"):
        info = heard.info(language)
        assert dict(info.parameters)["sourceLevel"] == "暂勿前往"
        assert [area.geocodes for area in info.areas] == [(("ISO3166-1-alpha-2", "ZM"),)]
        assert info.expires == SENT.replace(microsecond=0) + timedelta(days=7)
    [first] = parse_cap(extra, capture(alert), Known()).advisories
    assert (first.countries, first.published_at, first.expires_at) == (("ZM",), alert.sent, alert.expires)
    assert first.level_words == "暂勿前往"
    assert first.summary.startswith("近日发生多起袭击 <铜带省> & 周边。")
    known = Known(marks={first.native_id: first.list_mark})
    [second] = parse_cap(extra, capture(update), known).advisories
    [third] = parse_cap(extra, capture(cancel), known).advisories
    assert {second.native_id, third.native_id} == {first.native_id}
    assert (second.ended, third.ended) == (False, True)


def test_how_long_a_message_stands() -> None:
    """A day for what is sudden, a week for all else; the source's own end wins, up to a fortnight."""
    sent = SENT.replace(microsecond=0)
    for changes, days in (
        ({"hazard": "natural-disaster"}, 1), ({}, 7), ({"ends": SENT + timedelta(days=3)}, 3),
        ({"ends": SENT + timedelta(days=90)}, 14), ({"ends": SENT - timedelta(days=1)}, 7),
    ):  # fmt: skip
        assert public(replace(FIRST, **changes))[0].expires == sent + timedelta(days=days)


def test_the_two_languages_say_the_same_event_in_other_words() -> None:
    """Category, code and grades agree in both parts; no text stands under two languages; headlines stay short."""
    [message] = public(replace(FIRST, title_en=FIRST.title_zh, title_zh=FIRST.title_zh + "。" * 200))
    zh, en = message.infos
    for name in ("category", "event_code", "urgency", "severity", "certainty", "expires", "response"):
        assert getattr(zh, name) == getattr(en, name)
    for name in ("event", "headline", "description", "instruction", "sender_name"):
        assert getattr(zh, name) != getattr(en, name)
    assert len(zh.headline) == 140
    assert "+260-211-555-010" in zh.instruction


def test_every_hazard_has_its_words() -> None:
    """Every hazard has a category and an event of at most 35 characters in both languages; none stated makes no grade up."""
    assert set(EVENTS) == set(Hazard)
    assert all(len(words.render(language)) <= 35 for words in EVENTS.values() for language in ("zh", "en"))
    [plain] = public(replace(FIRST, level=None, hazard="something-new"))
    assert (plain.infos[0].severity, plain.infos[0].certainty, plain.infos[0].category) == (
        "Unknown",
        "Unknown",
        "Other",
    )


def test_the_feed_has_what_atom_wants() -> None:
    """Id, title, author, times with a zone, and one link of the type of CAP an entry (RFC 4287, sections 4.1.1 and 4.1.2)."""
    messages = public(FIRST, UPDATE)
    feed = etree.fromstring(
        feed_xml(messages, name="花果山市外办", uuid=UID, base="https://office.example", updated=SENT)
    )
    atom = {"a": "http://www.w3.org/2005/Atom"}
    for parent in (feed, *feed.findall("a:entry", atom)):
        for tag in ("id", "title", "updated"):
            assert len(parent.findall(f"a:{tag}", atom)) == 1
        datetime.fromisoformat(parent.findtext("a:updated", "", atom))
    assert feed.findtext("a:author/a:name", "", atom) == "花果山市外办"
    links = [one.get("href") for one in feed.findall("a:entry/a:link[@type='application/cap+xml']", atom)]
    assert links == [f"https://office.example/feeds/cap/{one.uuid}.xml" for one in messages]
    empty = etree.fromstring(feed_xml((), name="x", uuid=UID, base="https://office.example", updated=SENT))
    assert empty.findall("a:entry", atom) == []


def test_our_own_reader_reads_the_feed() -> None:
    """The generic CAP source follows the links of the feed to the messages, and gets one event with its newest word."""
    messages = public(FIRST, UPDATE)
    extra = ExtraSource(id="other-office", kind="cap", publisher="x", publisher_zh="x", authority=Authority.HOME.value,
                        url="https://office.example/feeds/alerts.atom", language="zh")  # fmt: skip
    feed = feed_xml(messages[-1:], name="花果山市外办", uuid=UID, base="https://office.example", updated=SENT)
    bodies = {f"https://office.example/feeds/cap/{one.uuid}.xml": message_xml(one) for one in messages} | {
        extra.url: feed
    }
    reading = read_messages(extra, lambda url: Capture("other-office", url, SENT, bodies[url]), Known())
    assert (reading.complete, [one.level_words for one in reading.advisories]) == (True, ["谨慎前往"])
