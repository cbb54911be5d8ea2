"""CAP messages: read leniently, refused where hostile, and the tsunami centres on top of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import SourceBroken
from sources.cap import Alert, read_cap
from sources.model import Advisory, Capture, Known
from sources.publishers import ptwc
from tests.sources.made import Book, broken

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds"
AT = datetime(2026, 11, 8, 11, 0, tzinfo=UTC)
MESSAGE = """<alert xmlns="urn:oasis:names:tc:emergency:cap:{version}"><identifier>{identifier}</identifier><sender>one@x</sender>
<sent>{sent}</sent><status>{status}</status><msgType>{kind}</msgType><references>{references}</references>
<incidents>{incidents}</incidents><info><event>{event}</event><responseType>{response}</responseType>
<severity>Severe</severity><expires>{expires}</expires><headline>Some words</headline>
<area><areaDesc>{area}</areaDesc></area></info></alert>"""
PLAIN = {
    "version": "1.2", "identifier": "PHEB-1-a1", "sent": "2026-11-08T11:00:00-00:00", "status": "Actual", "kind": "Alert",
    "references": "", "incidents": "a1", "event": "Tsunami Warning", "response": "Evacuate",
    "expires": "2026-11-08T12:00:00-00:00", "area": "Coasts of Chile and Peru",
}  # fmt: skip


def page(**values: str) -> Capture:
    """Make a message as received."""
    return Capture("ptwc", ptwc.CARD.url, AT, MESSAGE.format(**PLAIN | values).encode())


def message(**values: str) -> Alert:
    """Read a message that differs from the plain one in `values`."""
    return read_cap(page(**values))


def tsunami(**values: str) -> Advisory:
    """Read a message as the tsunami centres' advisory."""
    return ptwc.parse(page(**values)).advisories[0]


def test_both_versions_are_read() -> None:
    """CAP 1.1 differs in its namespace only, as far as a reader cares."""
    assert message(version="1.1") == message()


def test_utc_is_written_in_several_ways() -> None:
    """`-00:00`, another zone and the forbidden `Z` are the same moment."""
    forms = ("2026-11-08T11:00:00-00:00", "2026-11-08T19:00:00+08:00", "2026-11-08T11:00:00Z")
    assert {message(sent=form).sent for form in forms} == {AT}


@pytest.mark.parametrize(
    "values", [{"sent": ""}, {"sent": "noon"}, {"sent": "2026-11-08T11:00:00"}, {"identifier": ""}, {"status": " "}]
)
def test_what_a_reader_needs_must_be_there(values: dict[str, str]) -> None:
    """Without a time with a zone, an identifier or a status, the message is refused with a reason."""
    with pytest.raises(SourceBroken, match="no usable CAP message"):
        message(**values)


def test_a_dtd_is_refused() -> None:
    """A message that declares a document type is hostile, not lenient."""
    body = b'<!DOCTYPE alert SYSTEM "file:///etc/passwd">' + page().body
    with pytest.raises(SourceBroken, match="declares entities"):
        read_cap(Capture("x", "https://x.example/", AT, body))


def test_references_are_identifiers_oldest_first() -> None:
    """Senders are left out, for a real update names another sender than its own; order is by time."""
    text = "PAAQ,b,2026-11-08T10:30:00-00:00 http://x/,a,2026-11-08T10:00:00-00:00"
    assert message(references=text).references == ("a", "b")


def test_an_end_is_told_from_its_words() -> None:
    """Cancel, all-clear in an Update, and an end before the beginning are ends; a plain Update is none."""
    ends = [{"kind": "Cancel"}, {"kind": "Update", "response": "AllClear"}, {"expires": PLAIN["sent"]}]
    assert [message(**end).is_over for end in ends] == [True, True, True]
    assert not message(kind="Update").is_over


def test_a_tsunami_keeps_its_key_through_updates() -> None:
    """The incident is the event: the advisory that becomes a warning rises, and the centre's cancellation ends it, once."""
    book = Book(ptwc.CARD)
    book.look(tsunami(identifier="PHEB-9-zz", incidents="zz", event="Tsunami Information"), at=AT)
    first = tsunami(event="Tsunami Advisory")
    assert book.said(first, at=AT + timedelta(minutes=10)) == [("new", "PHEB-a1", True)]
    update = tsunami(identifier="PHEB-2-a1", kind="Update", sent="2026-11-08T11:30:00-00:00")
    assert book.said(update, at=AT + timedelta(minutes=40)) == [("raised", "PHEB-a1", True)]
    end = tsunami(identifier="PHEB-3-a1", kind="Cancel", sent="2026-11-08T12:30:00-00:00")
    assert book.said(end, at=AT + timedelta(minutes=100)) == [("withdrawn", "PHEB-a1", True)]
    assert book.said(end, at=AT + timedelta(minutes=130)) == []


def test_a_cancellation_of_a_tsunami_without_text_ends_it_too() -> None:
    """CAP asks for no text in a Cancel."""
    body = page(identifier="PHEB-3-a1", kind="Cancel", sent="2026-11-08T12:30:00-00:00").body
    bare = body[: body.index(b"<info>")] + b"</alert>"
    one = ptwc.parse(Capture("ptwc", ptwc.CARD.url, AT, bare)).advisories[0]
    assert (one.native_id, one.ended, one.tier) == ("PHEB-a1", True, 0)


def test_the_short_end_of_a_tsunami_message_ends_nothing() -> None:
    """The message says an hour, its text "until further notice": ours holds a day after it was sent."""
    assert tsunami().expires_at == AT + ptwc.HOLDS


@pytest.mark.parametrize(
    ("event", "tier"),
    [
        ("Tsunami Information", 1),
        ("Tsunami Advisory", 2),
        ("Tsunami Watch", 3),
        ("Tsunami Warning", 3),
        ("Tsunami Threat Message", 3),
        ("Tsunami Something", 2),
    ],
)
def test_the_word_of_a_tsunami_is_its_level(event: str, tier: int) -> None:
    """The event's word decides, and an unknown one is for an officer."""
    assert tsunami(event=event).tier == tier


def test_a_test_message_never_changes_a_real_event() -> None:
    """Monthly tests have a key of their own, no tier, and say what they are."""
    one = tsunami(status="Test")
    assert (one.tier, one.native_id, one.title) == (0, "PHEB-1-a1", "Test: Tsunami Warning")


def test_countries_are_those_of_the_areas() -> None:
    """Names in the areas count; an area nobody knows is named."""
    assert tsunami().countries == ("CL", "PE")
    assert tsunami(area="Some coast").unresolved == ("Some coast",)


def test_one_centre_that_fails_is_named_and_both_break_the_source() -> None:
    """The other centre's warning still counts; no answer at all is never "no tsunami"."""

    def one_only(url: str) -> Capture:
        if "PAAQ" in url:
            raise broken()
        return page()

    def none(url: str) -> Capture:
        raise broken()

    reading = ptwc.read(one_only, Known())
    assert ([one.native_id for one in reading.advisories], len(reading.unread)) == (["PHEB-a1"], 1)
    with pytest.raises(SourceBroken):
        ptwc.read(none, Known())


def real(name: str) -> Capture:
    """Return a real capture."""
    if not (REAL / name).is_file():
        pytest.skip(f"no captures in {REAL}")
    return Capture("x", "https://x.example/", AT, (REAL / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "over", "references", "infos"),
    [
        ("cap-samples/australia-cap12.xml", False, 0, 2),
        ("cap-samples/met-eireann-cap12-20221206.xml", False, 0, 1),
        ("cap-samples/sahana-cyclone-20150806.xml", False, 0, 1),
        ("cap-samples/sahana-cyclone-20150808.xml", False, 1, 1),
        ("cap-samples/invalid-missing-scope-cap12.xml", False, 0, 1),
        ("meteoalarm/meteoalarm-cap-france-update-20221207.xml", True, 1, 2),
        ("ptwc/ntwc-cap-PAAQ-1-rcz9ap-20220605.xml", False, 0, 1),
        ("ptwc/wcatwc-cap-PAAQ-2-lqw6d6-update-20110902.xml", False, 1, 1),
    ],
)
def test_real_messages_are_read(name: str, over: bool, references: int, infos: int) -> None:
    """Real and sample messages are read, schema-valid or not, and the French all-clear is one."""
    alert = read_cap(real(name))
    assert (alert.is_actual, alert.is_over, len(alert.references), len(alert.infos)) == (True, over, references, infos)


@pytest.mark.parametrize(
    "name", ["cap-samples/sahana-myanmar-tsunami-multilang.xml", "cap-samples/sahana-fiji-invalid-reference.xml"]
)
def test_real_drills_are_told_from_the_real_thing(name: str) -> None:
    """Exercises and tests are not meant for anybody here."""
    assert not read_cap(real(name)).is_actual


def test_the_real_tsunami_messages_have_their_levels() -> None:
    """The statement of 2022 is tier 1, the warning of 2011 tier 3 for the United States, under the key of its incident."""
    files = ("ptwc/ntwc-cap-PAAQ-1-rcz9ap-20220605.xml", "ptwc/wcatwc-cap-PAAQ-2-lqw6d6-update-20110902.xml")
    found = [ptwc.parse(real(name)).advisories[0] for name in files]
    assert [(one.native_id, one.tier) for one in found] == [("PAAQ-rcz9ap", 1), ("PAAQ-lqw6d6", 3)]
    assert found[1].countries == ("US",)
