"""The German index: flags, and the details of entries that moved."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from core.errors import SourceBroken
from core.i18n import t
from sources.model import Advisory, Capture, Grade, Known, Level
from sources.publishers import de_aa

OWN = Path(__file__).parent / "captures" / "de-aa"
EMIRATES = f"{de_aa.CARD.url}/100005"


class Service:
    """The open-data service as far as our captures go; remembers what was asked for."""

    def __init__(self, *, details: bool = True) -> None:
        self.details, self.asked = details, list[str]()

    def get(self, url: str) -> Capture:
        """Return the index or the one detail there is."""
        self.asked.append(url)
        if url != de_aa.CARD.url and not (self.details and url == EMIRATES):
            raise SourceBroken(t("{source}: {url} is no address.", source="de-aa", url=url))
        name = "list.json" if url == de_aa.CARD.url else "detail.json"
        return Capture("de-aa", url, datetime(2026, 11, 9, tzinfo=UTC), (OWN / name).read_bytes())


def index() -> dict[str, Advisory]:
    """Return the index by key."""
    return {one.native_id: one for one in de_aa.parse(Service().get(de_aa.CARD.url)).advisories}


def known(**changed: str) -> Known:
    """Return the marks of the last good read, some of them others."""
    return Known({key: one.list_mark for key, one in index().items()} | changed, first_time=False)


def detail(text: str, title: str = "Vereinigte Arabische Emirate") -> tuple[Level, Level]:
    """Return the levels of an entry whose detail page holds `text`."""
    body = json.dumps({"response": {"100005": {"content": f"<p>{text}</p>"}}}).encode()
    listed = replace(index()["100005"], title=f"{title}: Reise- und Sicherheitshinweise")
    found = de_aa.parse_detail(Capture("de-aa", EMIRATES, datetime(2026, 11, 9, tzinfo=UTC), body), listed)
    return found.level_national, found.level_regional_max


@pytest.mark.parametrize("marks", [Known(), known()])
def test_a_first_or_a_quiet_night_asks_for_the_index_alone(marks: Known) -> None:
    """Details are only read for what moved since a good read."""
    service = Service()
    de_aa.read(service.get, marks)
    assert service.asked == [de_aa.CARD.url]


def test_a_moved_entry_is_read_in_full() -> None:
    """The text's own level is added, with the sentence on what changed."""
    reading = de_aa.read(Service().get, known(**{"100005": "0000 1"}))
    entry = next(one for one in reading.advisories if one.native_id == "100005")
    assert (entry.level_national, entry.level_regional_max) == (3, Grade.UNSTATED)
    assert entry.level_words == "Letzte Änderungen: Aktuelles"
    assert entry.summary.startswith("Aktuelles")
    assert entry.detail_read
    assert entry.list_mark == index()["100005"].list_mark


def test_a_missing_detail_is_a_note_and_asked_for_again() -> None:
    """The entry keeps the date of its last mark, so that the next run sees it as moved; its flags are today's."""
    reading = de_aa.read(Service(details=False).get, known(**{"100005": "0001 17"}))
    entry = next(one for one in reading.advisories if one.native_id == "100005")
    assert entry.list_mark == "0000 17"
    assert not entry.detail_read
    assert str(reading.notes[0]).startswith("Read from the list alone: Vereinigte Arabische Emirate")


def test_no_more_details_than_allowed_are_asked_for() -> None:
    """The rest is named and keeps its old mark."""
    raw = json.loads((OWN / "list.json").read_text(encoding="utf-8"))["response"]["100001"]
    body = json.dumps({"response": {f"{n}": raw | {"lastModified": 1794000000 + n} for n in range(30)}}).encode()
    asked: list[str] = []

    def get(url: str) -> Capture:
        asked.append(url)
        if url != de_aa.CARD.url:
            raise SourceBroken(t("{source}: {url} is no address.", source="de-aa", url=url))
        return Capture("de-aa", url, datetime(2026, 11, 9, tzinfo=UTC), body)

    reading = de_aa.read(get, Known({f"{n}": "0000 1" for n in range(30)}, first_time=False))
    assert len(asked) == 1 + de_aa.DETAILS_PER_RUN
    assert asked[1] == f"{de_aa.CARD.url}/29"
    assert str(reading.notes[-1]).startswith("Not read yet")
    assert {one.list_mark for one in reading.advisories} == {"0000 1"}


@pytest.mark.parametrize(
    ("text", "levels"),
    [
        ("Von nicht notwendigen Reisen in die Vereinigten Arabischen Emirate wird abgeraten.", (3, Grade.UNSTATED)),
        ("Von nicht unbedingt erforderlichen Reisen in das gesamte Land wird dringend abgeraten.", (3, Grade.UNSTATED)),
        ("Von nicht notwendigen Reisen in die Grenzgebiete zu Oman wird abgeraten.", (Grade.UNSTATED, 3)),
        ("Von nicht erforderlichen Reisen in den Norden des Landes wird abgeraten.", (Grade.UNSTATED, 3)),
        ("Von Reisen in Menschenmengen wird abgeraten.", (Grade.UNSTATED, Grade.UNSTATED)),
        ("Reisende sollten vorsichtig sein.", (Grade.UNSTATED, Grade.UNSTATED)),
    ],
)
def test_the_text_states_a_level_for_the_whole_or_a_part(text: str, levels: tuple[Level, Level]) -> None:
    """Only advice against journeys that are not necessary is a level, and its object says for where."""
    assert detail(text) == levels


def test_the_text_never_lowers_a_flag() -> None:
    """A partial warning stays 4 for its part, whatever else the text says."""
    body = json.dumps({"response": {"100003": {"content": "Von nicht notwendigen Reisen nach Mali wird abgeraten."}}})
    page = Capture("de-aa", f"{de_aa.CARD.url}/100003", datetime(2026, 11, 9, tzinfo=UTC), body.encode())
    found = de_aa.parse_detail(page, index()["100003"])
    assert (found.level_national, found.level_regional_max) == (3, 4)
    assert found.level_words == "Teilreisewarnung"


@pytest.mark.parametrize("body", [b"{}", b'{"response": {}}', b'{"response": {"100005": {"content": ""}}}'])
def test_an_empty_detail_is_refused(body: bytes) -> None:
    """A detail without text is no detail."""
    with pytest.raises(SourceBroken):
        de_aa.parse_detail(Capture("de-aa", EMIRATES, datetime(2026, 11, 9, tzinfo=UTC), body), index()["100005"])
