"""CAP updates, cancellations and references, from the message on the wire to the change an officer sees."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from core.settings_tables import ExtraSource
from sources.catalog import publishers_with
from sources.change import Comparison, Entry, Rules, compare
from sources.model import Capture, Known
from sources.wire import load_advisory, store_advisory
from tests.sources.made import broken

AT = datetime(2026, 11, 8, 10, tzinfo=UTC)
INFO = """<info><language>en</language><category>Geo</category><event>Ash fall</event><responseType>{response}</responseType>
<severity>{severity}</severity><expires>{expires}</expires><headline>{headline}</headline>
<area><areaDesc>Hills of Testan</areaDesc></area></info>"""
MESSAGE = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{key}</identifier><sender>geo@x.example</sender>
<sent>2026-11-08T{hour:02}:00:00-00:00</sent><status>Actual</status><msgType>{kind}</msgType><scope>Public</scope>
<references>{references}</references>{info}</alert>"""
SOURCE = ExtraSource.model_validate(
    {"id": "mine", "kind": "cap", "publisher": "Mine", "publisher_zh": "我们", "url": "https://geo.example/feed",
     "authority": "hazard", "countries": ["ZM"]}
)  # fmt: skip
ADDRESS = "https://geo.example/{n}"
ITEM = "<item><title>w</title><link>{link}</link><guid>{link}</guid></item>"


def message(key: str, hour: int = 10, kind: str = "Alert", refers: tuple[str, ...] = (), **values: str) -> str:
    """Make a message; without a `headline` of its own it says "Ash may fall". An empty `info` leaves it without text."""
    plain = {"response": "Prepare", "severity": "Extreme", "headline": "Ash may fall",
             "expires": "2026-11-09T10:00:00-00:00"}  # fmt: skip
    return MESSAGE.format(
        key=key, hour=hour, kind=kind, info=values.get("info", INFO.format(**plain | values)),
        references=" ".join(f"geo@x.example,{one},2026-11-08T09:00:00-00:00" for one in refers),
    )  # fmt: skip


class Office:
    """An office that reads the feed again and again and remembers it, as the database would."""

    def __init__(self) -> None:
        """Begin with a feed that was read once with a message of no concern, so that what follows is news."""
        self.entries: dict[str, Entry] = {}
        self.hour, self.first = 0, True
        self.reads(message("m0", 8, severity="Minor"))

    def compared(self, *messages: str) -> Comparison:
        """Read a feed of these messages an hour later; return what differs."""
        links = [ADDRESS.format(n=n) for n in range(len(messages))]
        feed = f"<rss version='2.0'><channel><title>F</title>{''.join(ITEM.format(link=one) for one in links)}</channel></rss>"
        pages = {SOURCE.url: feed} | dict(zip(links, messages, strict=True))

        def get(url: str) -> Capture:
            if url not in pages:
                raise broken()
            return Capture("mine", url, AT, pages[url].encode())

        publisher = publishers_with((SOURCE,))["mine"]
        known = Known({key: one.advisory.list_mark for key, one in self.entries.items()}, self.first)
        self.hour += 1
        rules = Rules(AT + timedelta(hours=self.hour), timedelta(minutes=10), self.first)
        result = compare(publisher.CARD, self.entries, publisher.read(get, known), rules)
        self.entries |= result.entries
        self.first = False
        return result

    def reads(self, *messages: str) -> list[tuple[str, str, bool]]:
        """Read a feed of these messages; return kind, key and confirmation of each change."""
        return [(one.kind.value, one.native_id, one.confirmed) for one in self.compared(*messages).changes]


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ("Severe", "Extreme", [("raised", "m1", True)]),
        ("Extreme", "Severe", [("lowered", "m1", False)]),
        ("Extreme", "Extreme", [("reworded", "m1", True)]),
    ],
    ids=["raised", "lowered", "reworded"],
)
def test_an_update_is_a_new_version_of_what_it_refers_to(first: str, second: str, said: list[object]) -> None:
    """Under a new identifier it is the same advisory, raised, lowered or reworded as its fields say."""
    office = Office()
    assert office.reads(message("m1", severity=first)) == [("new", "m1", True)]
    update = message("m2", 11, "Update", ("m1",), severity=second, headline="Ash may fall until noon")
    assert office.reads(update) == said


def test_a_lowered_update_counts_once_it_is_seen_again() -> None:
    """A fall waits for a second look, even if it is the publisher's own update."""
    office = Office()
    office.reads(message("m1"))
    update = message("m2", 11, "Update", ("m1",), severity="Minor")
    assert [*office.reads(update), *office.reads(update)] == [("lowered", "m1", False), ("lowered", "m1", True)]


def test_a_chain_is_followed_through_messages_we_never_saw_together() -> None:
    """Each update names only the one before it, and the Cancel only the last: one event from beginning to end."""
    office = Office()
    said = [
        office.reads(message("m1", severity="Severe")),
        office.reads(message("m2", 11, "Update", ("m1",), severity="Extreme")),
        office.reads(message("m3", 12, "Update", ("m2",), headline="More ash")),
        office.reads(message("m4", 13, "Cancel", ("m3",))),
    ]
    assert said == [
        [("new", "m1", True)],
        [("raised", "m1", True)],
        [("reworded", "m1", True)],
        [("withdrawn", "m1", True)],
    ]


@pytest.mark.parametrize(
    "end",
    [
        message("m2", 12, "Cancel", ("m1",)),
        message("m2", 12, "Cancel", ("m1",), info=""),
        message("m2", 12, "Update", ("m1",), response="AllClear"),
    ],
    ids=["cancel", "cancel without text", "all-clear"],
)
def test_an_end_withdraws_at_once_because_its_publisher_said_so(end: str) -> None:
    """It needs no second look, whether the first message still stands beside it in the feed or not, and is told once."""
    office = Office()
    first = message("m1")
    office.reads(first)
    [change] = office.compared(first, end).changes
    assert (change.kind.value, change.confirmed, change.advisory.native_id) == ("withdrawn", True, "m1")
    assert change.advisory.countries == ("ZM",)
    assert office.reads(end) == []


def test_what_was_cancelled_does_not_come_back_by_itself() -> None:
    """A feed that shows the first message again after its Cancel changes nothing; a later message on it is news."""
    office = Office()
    office.reads(message("m1"))
    office.reads(message("m2", 12, "Cancel", ("m1",)))
    again = office.compared(message("m1"))
    assert (again.changes, len(again.notes)) == ([], 1)
    assert office.reads(message("m3", 14, "Update", ("m1",))) == [("new", "m1", True)]


def test_an_end_before_the_message_it_ends_leaves_the_later_one() -> None:
    """A Cancel that arrives after a later update of the same event is older, and ends nothing."""
    office = Office()
    office.reads(message("m1"))
    office.reads(message("m3", 13, "Update", ("m1",), headline="More ash"))
    assert office.reads(message("m2", 12, "Cancel", ("m1",))) == []
    assert not office.entries["m1"].gone


def test_a_cancel_ends_every_event_it_refers_to() -> None:
    """Two warnings may end with one message, in a feed that shows all three or only the last."""
    one, two = message("m1"), message("n1", headline="Ash may fall elsewhere")
    end = message("x", 12, "Cancel", ("m1", "n1"))
    for shown in ((end,), (one, two, end)):
        office = Office()
        office.reads(one, two)
        assert sorted(office.reads(*shown)) == [("withdrawn", "m1", True), ("withdrawn", "n1", True)]


@pytest.mark.parametrize("kind", ["Update", "Cancel"])
def test_references_to_messages_we_never_saw_are_harmless(kind: str) -> None:
    """An update of something unknown is news of its own, an end of it is nothing; neither touches what we know."""
    office = Office()
    office.reads(message("m1"))
    stranger = message("z2", 12, kind, ("z1",))
    assert office.reads(message("m1"), stranger) == ([("new", "z1", True)] if kind == "Update" else [])
    assert not office.entries["m1"].gone


@pytest.mark.parametrize("kind", ["Ack", "Error"])
def test_an_answer_to_a_message_ends_nothing(kind: str) -> None:
    """Ack and Error speak of no danger: they are left out and named, and the warning stands."""
    office = Office()
    office.reads(message("m1"))
    assert office.reads(message("m1"), message("m2", 12, kind, ("m1",), info="")) == []
    publisher = publishers_with((SOURCE,))["mine"]
    reading = publisher.parse(Capture("mine", SOURCE.url, AT, message("m2", 12, kind, ("m1",), info="").encode()))
    assert (reading.advisories, len(reading.notes)) == ((), 1)


def test_an_end_before_its_own_beginning_is_not_believed_at_once() -> None:
    """`expires` before `sent` may be a wrong clock: the fall waits for a second look."""
    office = Office()
    office.reads(message("m1"))
    late = message("m2", 12, "Update", ("m1",), expires="2026-11-08T11:00:00-00:00")
    assert ("lowered", "m1", False) in office.reads(late)
    assert not office.entries["m1"].gone


def test_an_end_is_stored_as_one() -> None:
    """The word that it is over survives the database, and is written only where it was said."""
    office = Office()
    office.reads(message("m1"))
    plain = store_advisory(office.entries["m1"].advisory)
    office.reads(message("m2", 12, "Cancel", ("m1",)))
    ended = office.entries["m1"].advisory
    assert ("ended" in plain, load_advisory(store_advisory(ended))) == (False, ended)


def test_an_entry_of_a_feed_without_an_address_is_passed_over() -> None:
    """A link that leads nowhere does not break the feed; the entry's own link is followed instead."""
    pages = {ADDRESS.format(n=1): message("m1")}
    feed = (
        "<feed xmlns='http://www.w3.org/2005/Atom'><title>F</title><entry><title>w</title><id>i</id>"
        f"<link type='application/cap+xml'/><link href='{ADDRESS.format(n=1)}'/></entry></feed>"
    )
    publisher = publishers_with((SOURCE,))["mine"]
    reading = publisher.read(lambda url: Capture("mine", url, AT, pages.get(url, feed).encode()), Known())
    assert [one.native_id for one in reading.advisories] == ["m1"]
