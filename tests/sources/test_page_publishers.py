"""Publishers with a page per country: New Zealand, France, Ireland, and the Swiss main site."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest

from core.errors import SourceBroken
from core.i18n import t
from sources.model import Advisory, Capture, Grade, Known, Level
from sources.publishers import ch_fda, fr_meae, ie_dfa, nz_mfat

OWN = Path(__file__).parent / "captures"
REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds"
WHEN = datetime(2026, 11, 9, tzinfo=UTC)
N, U = Grade.UNSTATED, Grade.UNKNOWN


def page(publisher: ModuleType, body: bytes) -> Advisory:
    """Read the one country of a page."""
    (found,) = publisher.parse(Capture(publisher.CARD.id, publisher.CARD.url, WHEN, body)).advisories
    return found


def own(publisher: ModuleType, name: str = "page.html") -> bytes:
    """Return one of our own pages."""
    return (OWN / publisher.CARD.id / name).read_bytes()


def real(publisher: ModuleType, name: str) -> bytes:
    """Return a real page, or skip."""
    file = REAL / publisher.CARD.id / name
    if not file.is_file():
        pytest.skip(f"no captures in {REAL}")
    return file.read_bytes()


def levels(one: Advisory) -> tuple[Level, Level]:
    """Return the two levels."""
    return one.level_national, one.level_regional_max


def zones(body: str, name: str = "Mali") -> tuple[Level, Level]:
    """Return the levels of a French page with such a block of zones."""
    text = (
        f"<html><h1>{name}</h1><h3>Zones de vigilance</h3><figcaption>Dernière actualisation le 05/11/2026</figcaption>"
        f"{body}<h3>Risques encourus</h3><p>Tout le pays est en zone rouge.</p></html>"
    )
    return levels(page(fr_meae, text.encode()))


def advice(*entries: tuple[str, str, int], name: str = "Nepal") -> tuple[Level, Level]:
    """Return the levels of a New Zealand page: title, subtitle and number of each entry."""
    data = [
        {"title": title, "subtitle": where, "body": f"<p>Text (level {number} of 4).</p>", "regional": True}
        for title, where, number in entries
    ]
    holder = f'<div id="js-advice-level-accordion" data-content="{html.escape(json.dumps(data))}"></div>'
    return levels(page(nz_mfat, f"<html><h1>{name}</h1>{holder}</html>".encode()))


@pytest.mark.parametrize("publisher", [nz_mfat, fr_meae, ie_dfa])
def test_a_page_is_asked_for_in_its_turn_and_joins_the_list(publisher: ModuleType) -> None:
    """The page we have gives its level; the others are unknown and named; half of it is refused."""
    name = "list.xml" if publisher is nz_mfat else "list.html"
    expected = page(publisher, own(publisher))

    def get(url: str) -> Capture:
        if url == publisher.CARD.url:
            return Capture(publisher.CARD.id, url, WHEN, own(publisher, name))
        if url == expected.url:
            return Capture(publisher.CARD.id, url, WHEN, own(publisher))
        raise SourceBroken(t("{source}: {url} is no address.", source=publisher.CARD.id, url=url))

    found = publisher.read(get, Known())
    known = {one.native_id: one for one in found.advisories}
    one = known.pop(expected.native_id)
    assert levels(one) == levels(expected)
    assert (one.detail_read, one.list_mark) == (True, "2026-11-09T00:00:00Z")
    assert {other.level for other in known.values()} == {Grade.UNKNOWN}
    assert len(found.notes) == len(known) + 1
    with pytest.raises(SourceBroken):
        publisher.parse(Capture(publisher.CARD.id, expected.url, WHEN, own(publisher)[:-200]))


def test_own_pages() -> None:
    """New Zealand, France and Ireland: levels, dates and words of our own pages with their traps."""
    turkey, georgia, nepal = page(nz_mfat, own(nz_mfat)), page(fr_meae, own(fr_meae)), page(ie_dfa, own(ie_dfa))
    assert (levels(turkey), turkey.countries, str(turkey.updated_at)[:10]) == ((2, 4), ("TR",), "2026-11-05")
    assert (levels(georgia), georgia.countries, str(georgia.updated_at)[:10]) == ((2, 4), ("GE",), "2026-11-04")
    assert "hors" not in georgia.summary
    assert (levels(nepal), nepal.countries, str(nepal.updated_at)[:10]) == ((3, N), ("NP",), "2026-11-03")


@pytest.mark.parametrize(
    ("publisher", "name", "expected", "date"),
    [
        (nz_mfat, "destinations_nepal_2026-07.html", (2, N), "2026-03-18"),
        (fr_meae, "nepal_securite_2026-07.html", (2, 2), "2026-03-10"),
        (ie_dfa, "advice_nepal_2026-07-27.html", (2, N), "2026-02-10"),
        (ch_fda, "reisehinweise_afghanistan_2026-07.html", (4, N), "2026-01-22"),
    ],
)
def test_real_pages(publisher: ModuleType, name: str, expected: tuple[Level, Level], date: str) -> None:
    """The real page of a country gives its level and the date of the advice, not that of a review or of other news."""
    found = page(publisher, real(publisher, name))
    assert (levels(found), str(found.updated_at)[:10]) == (expected, date)
    assert found.countries in {("NP",), ("AF",)}


@pytest.mark.parametrize(
    ("publisher", "name"),
    [
        (fr_meae, "nepal_old-layout_2026-07.html"),
        (fr_meae, "nepal_sante_2026-07.html"),
        (fr_meae, "nepal_entree-sejour_2026-07.html"),
        (ie_dfa, "old-site_nepal_stale_2026-07-11.html"),
    ],
)
def test_pages_of_former_sites_and_other_subjects_are_refused(publisher: ModuleType, name: str) -> None:
    """The frozen Irish site, the former French layout and pages on health or entry are no advice."""
    with pytest.raises(SourceBroken):
        page(publisher, real(publisher, name))


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("<p>L'ensemble du pays est en zone de vigilance renforcée.</p>", (2, 2)),
        ("<p>Le territoire malien est placé en vigilance normale.</p>", (1, 1)),
        ("<p>L'ensemble du territoire est placé en rouge sur la carte.</p>", (4, 4)),
        ("<h4>Zones formellement déconseillées</h4><p>Le nord.</p><h4>Zones en vigilance renforcée</h4><p>Le sud.</p>", (N, 4)),
        (
            "<h4>Zones déconseillées sauf raisons impératives (zone orange)</h4><ul><li>les camps, sur l'ensemble du "
            "territoire</li></ul>",
            (N, 3),
        ),
        (
            "<h4>Zones en vigilance renforcée</h4><p>À l'exception des zones formellement déconseillées, le reste du "
            "territoire est placé en vigilance renforcée.</p>",
            (N, 2),
        ),
        ("<p>Il est formellement déconseillé de se rendre dans l'ensemble du territoire de la Russie.</p>", (N, N)),
        ("<p>Comme dans l'ensemble du territoire, le risque existe.</p>", (N, N)),
    ],
)  # fmt: skip
def test_french_zones(body: str, expected: tuple[Level, Level]) -> None:
    """A level of the country only where one zone covers it all; other countries, remainders and asides do not count."""
    assert zones(body) == expected


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ([("Do not travel", "to Nepal", 4)], (4, N)),
        ([("Exercise increased caution", "elsewhere in Nepal", 2), ("Avoid non-essential travel", "to the Terai", 3)], (2, 3)),
        ([("Do not travel", "to areas near the border of Nepal and China", 4)], (N, 4)),
        ([("Exercise normal safety and security precautions", "in Nepal", 1)], (1, N)),
    ],
)  # fmt: skip
def test_new_zealand_subtitles(entries: list[tuple[str, str, int]], expected: tuple[Level, Level]) -> None:
    """The subtitle says for where; the mark `regional` is true for all of them in the real page."""
    assert advice(*entries) == expected


@pytest.mark.parametrize("entry", [("Take care", "in Nepal", 2), ("Do not travel", "in Nepal", 2)])
def test_new_zealand_words_we_do_not_know_are_refused(entry: tuple[str, str, int]) -> None:
    """Other words, or words and a number that contradict each other, are no level."""
    with pytest.raises(SourceBroken, match="known level"):
        advice(entry)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"accordion_travel avoid-non-essential-travel", b"accordion_travel do-not-travel"),
        (b"level three of four", b"level one of four"),
        (b"Avoid Non-Essential Travel</h3>", b"No summary found</h3>"),
        (b'<div class="accordion_travel', b'<div class="accordion_travel do-not-travel"></div><div class="accordion_travel'),
        (b"https://www.ireland.ie/en/dfa", b"https://www.dfa.ie/en/dfa"),
        (b"Updated on:", b"Reviewed on:"),
    ],
)  # fmt: skip
def test_an_irish_page_that_contradicts_itself_is_refused(old: bytes, new: bytes) -> None:
    """Class, heading and rating must agree, there is one block, and it is on the present site, with its date."""
    with pytest.raises(SourceBroken):
        page(ie_dfa, own(ie_dfa).replace(old, new))


def test_every_irish_address_of_the_real_lists_is_placed() -> None:
    """212 slugs and 213 names of 2026 give a country each, and do not contradict each other."""
    rows = json.loads(real(ie_dfa, "derived_dates_2026-08-20.json"))
    slugs = {row["details_url"].rstrip("/").rpartition("/")[2]: row["destination"] for row in rows}
    slugs |= dict.fromkeys(json.loads(real(ie_dfa, "derived_levels_2026-04-23.json")), "")
    links = "".join(f'<a href="/en/dfa/overseas-travel/advice/{slug}/">{name}</a>' for slug, name in slugs.items())
    found = ie_dfa.parse(Capture("ie-dfa", ie_dfa.CARD.url, WHEN, f"<html>{links}</html>".encode()))
    assert found.quarantined == ()
    assert len(found.advisories) == len(slugs)
    by_slug = {one.native_id: one.countries for one in found.advisories}
    assert (by_slug["democratic-republic-of-korea"], by_slug["republic-of-korea"]) == (("KP",), ("KR",))
