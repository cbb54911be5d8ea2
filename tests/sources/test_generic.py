"""Sources added in the settings: any CAP feed, any RSS or Atom feed, any HTML list, without a line of code."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import ValidationError

from core.errors import SourceBroken, WrongSetting
from core.settings import load
from core.settings_tables import ExtraSource
from sources.catalog import publishers, publishers_with
from sources.model import Advisory, Authority, Capture, Grade, Known, Reading
from tests.sources.made import Book, broken

REAL = Path(__file__).resolve().parents[2].parent / "shared" / "feeds"
AT = datetime(2026, 11, 8, 12, tzinfo=UTC)
RSS = """<rss version="2.0"><channel><title>News</title>{items}</channel></rss>"""
ITEM = """<item><title>{title}</title><link>{link}</link><guid>g{n}</guid><pubDate>Sat, 07 Nov 2026 05:00:00 GMT</pubDate>
<description>text</description></item>"""
PAGE = """<html><body><ul class="news"><li><a href="/a/1.html">提醒在肯尼亚中国公民注意安全</a><i>2026-11-07</i></li>
<li><a href="/a/2.html">暂勿前往海地</a><i>2026年11月6日</i></li><li><a href="/a/1.html">again</a><i>2026-11-01</i></li>
<li><a href="/a/3.html">关于马里的提醒</a><i>2026-13-45</i></li><li>no link</li></ul></body></html>"""
CAP = """<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>{key}</identifier><sender>met@x</sender>
<sent>2026-11-08T{hour}:00:00-00:00</sent><status>{status}</status><msgType>{kind}</msgType><scope>Public</scope>
<references>{references}</references><info><language>en</language><category>Met</category><event>Storm</event>
<responseType>{response}</responseType><severity>{severity}</severity><headline>Storm warning</headline>
<web>https://met.example/w</web><area><areaDesc>North coast</areaDesc></area></info></alert>"""


def extra(kind: str, /, **values: object) -> ExtraSource:
    """Make the settings of an added source."""
    given = {
        "id": "mine", "kind": kind, "publisher": "Mine", "publisher_zh": "我们", "url": "https://met.example/feed",
        "item": "ul.news li" if kind == "html" else "",
    }  # fmt: skip
    return ExtraSource.model_validate(given | values)


def read(source: ExtraSource, body: str, known: Known | None = None, **pages: str) -> Reading:
    """Read an added source: its own address answers `body`, pages under it what is given by name."""
    table = {source.url: body} | {f"https://met.example/{name}": text for name, text in pages.items()}
    return publishers_with((source,))["mine"].read(Answers(table), known or Known())


class Answers:
    """Answers addresses from a table; others are broken."""

    def __init__(self, pages: Mapping[str, str]) -> None:
        """Answer with `pages`."""
        self.pages = pages

    def __call__(self, url: str) -> Capture:
        """Return one page."""
        if url not in self.pages:
            raise broken()
        return Capture("mine", url, AT, self.pages[url].encode())


def feed(*titles: str, link: str = "https://met.example/{n}") -> str:
    """Make an RSS feed of such titles."""
    return RSS.format(
        items="".join(ITEM.format(n=n, title=title, link=link.format(n=n)) for n, title in enumerate(titles))
    )


def cap(key: str, *, refers: str = "", hour: str = "10", severity: str = "Extreme", **values: str) -> str:
    """Make a CAP message."""
    given = {"kind": "Update" if refers else "Alert", "response": "Shelter", "status": "Actual"} | values
    references = " ".join(f"met@x,{one},2026-11-08T0{n}:00:00-00:00" for n, one in enumerate(refers.split()))
    return CAP.format(key=key, references=references, hour=hour, severity=severity, **given)


def only(reading: Reading) -> Advisory:
    """Return the one advisory of a reading."""
    assert len(reading.advisories) == 1
    return reading.advisories[0]


def test_the_catalogue_has_ours_and_the_added_ones() -> None:
    """An added source stands beside ours under its id, with the card its settings give, marked as unproven."""
    found = publishers_with((extra("rss", authority="home", hosts=("www.met.example",), stale_days=9),))
    card = found["mine"].CARD
    assert found.keys() == publishers().keys() | {"mine"}
    assert (card.authority, card.hosts, card.unproven) == (Authority.HOME, ("met.example", "www.met.example"), True)
    assert card.stale_after == timedelta(days=9)


def test_an_id_is_used_once() -> None:
    """A name of ours, or one added twice, is refused instead of replacing a source in silence."""
    for extras in ((extra("rss", id="cn-mfa"),), (extra("rss"), extra("cap"))):
        with pytest.raises(WrongSetting, match="Two sources"):
            publishers_with(extras)


@pytest.mark.parametrize("values", [{"countries": ("ZZ",)}, {"kind": "html", "item": "li[["}])
def test_settings_that_contradict_what_there_is_are_refused(values: dict[str, object]) -> None:
    """A country that does not exist and a selector that is none stop the program before the night."""
    with pytest.raises(WrongSetting, match="mine"):
        publishers_with((extra("rss", **values),))


@pytest.mark.parametrize(
    "values",
    [{"url": "http://met.example/feed"}, {"id": "Not An Id"}, {"kind": "pdf"}, {"kind": "html", "item": ""}, {"entries": (5, 2)},
     {"more": 1}],
)  # fmt: skip
def test_settings_without_sense_are_refused(values: dict[str, object]) -> None:
    """Plain http, odd names, unknown kinds and fields, a list without a selector: none of them is guessed."""
    with pytest.raises(ValidationError):
        extra("rss", **values)


def test_a_source_is_added_in_the_settings_file(tmp_path: Path) -> None:
    """A few lines in `lingbao.toml` are enough."""
    (tmp_path / "lingbao.toml").write_text(
        '[[extra_sources]]\nid = "mine"\nkind = "rss"\npublisher = "Mine"\npublisher_zh = "我们"\n'
        'url = "https://met.example/feed"\ncountries = ["IT"]\n',
        encoding="utf-8",
    )
    settings = load(home=tmp_path)
    assert publishers_with(settings.extra_sources)["mine"].CARD.url == "https://met.example/feed"


def test_a_feed_is_read_from_its_titles() -> None:
    """Level, country and hazards are what each title says, and the key is the guid."""
    reading = read(extra("rss"), feed("暂勿前往海地", "提醒在肯尼亚中国公民注意安全"))
    said = [(one.native_id, one.countries, one.level) for one in reading.advisories]
    assert said == [("g0", ("HT",), 4), ("g1", ("KE",), 2)]


def test_countries_in_the_settings_go_first() -> None:
    """A national feed need not name its country; without such a setting, a title without a place is for an officer."""
    fixed = only(read(extra("rss", countries=("IT",)), feed("Strike of trains")))
    free = only(read(extra("rss"), feed("Strike of trains")))
    assert (fixed.countries, fixed.unresolved) == (("IT",), ())
    assert (free.countries, free.unresolved) == ((), ("Strike of trains",))


def test_an_entry_without_a_safe_link_is_put_aside() -> None:
    """A notice would quote the link: nothing but a web address may pass, and the rest goes on."""
    reading = read(extra("rss"), feed("Flood in Peru", link="javascript:alert({n})"))
    assert ([one.entry for one in reading.quarantined], reading.advisories) == (["Flood in Peru"], ())


def test_a_hazard_feed_has_tiers_and_no_levels_of_its_own() -> None:
    """What a title names as happening becomes a draft, other lines stay in the brief."""
    source = extra("rss", authority="hazard")
    tiers = [one.tier for one in read(source, feed("Earthquake hits Peru", "Safety advice for Peru")).advisories]
    assert tiers == [2, 1]


def test_an_html_list_is_read_by_selectors() -> None:
    """Entries, links and dates come from the page; a repeated one counts once; bad dates and lines without link are put aside."""
    reading = read(extra("html", date="i", language="zh"), PAGE)
    assert [(one.native_id[-8:], one.countries, one.level) for one in reading.advisories] == [
        ("a/1.html", ("KE",), 2),
        ("a/2.html", ("HT",), 4),
    ]
    assert reading.advisories[1].published_at == datetime(2026, 11, 6, tzinfo=UTC)
    assert len(reading.quarantined) == 2


def test_a_redesigned_page_is_broken() -> None:
    """A selector that finds nothing is never calm."""
    with pytest.raises(SourceBroken, match="selector"):
        read(extra("html", item="table.gone tr"), PAGE)


def test_a_single_cap_message_is_read() -> None:
    """An address that is one message needs no feed; the country comes from the settings."""
    one = only(read(extra("cap", authority="hazard", countries=("IE",)), cap("m1")))
    assert (one.native_id, one.countries, one.tier, one.places) == ("m1", ("IE",), 2, ("North coast",))
    assert (one.level, one.level_words) == (Grade.UNSTATED, "Extreme")


def test_a_feed_of_messages_is_followed() -> None:
    """Each link is read once; one that fails is a note, and the rest counts."""
    links = RSS.format(
        items="".join(ITEM.format(n=n, title="w", link=f"https://met.example/{p}") for n, p in enumerate("aabc"))
    )
    reading = read(extra("cap", countries=("IE",)), links, a=cap("m1"), b=cap("m2"))
    assert ([one.native_id for one in reading.advisories], len(reading.notes)) == (["m1", "m2"], 1)
    assert not reading.complete


def test_a_chain_of_updates_is_one_event() -> None:
    """Updates that each name only the one before keep the first key, across nights and within one feed."""
    source = extra("cap", authority="hazard", countries=("IE",))
    book = Book(publishers_with((source,))["mine"].CARD)
    book.look(only(read(source, cap("m0", hour="08"))), at=AT)
    marks: dict[str, str] = {"m0": book.entries["m0"].advisory.list_mark}
    for night, (key, refers) in enumerate([("m1", ""), ("m2", "m1"), ("m3", "m2")]):
        one = only(read(source, cap(key, refers=refers, hour=str(10 + night)), Known(marks, first_time=False)))
        book.look(one, at=AT + timedelta(hours=night + 1))
        marks[one.native_id] = one.list_mark
    assert set(book.entries) == {"m0", "m1"}
    links = RSS.format(
        items="".join(ITEM.format(n=n, title="w", link=f"https://met.example/{p}") for n, p in enumerate("cba"))
    )
    chain = {"a": cap("m1"), "b": cap("m2", refers="m1", hour="11"), "c": cap("m3", refers="m2", hour="12")}
    assert only(read(source, links, None, **chain)).native_id == "m1"


def test_an_all_clear_ends_it_even_with_its_old_severity() -> None:
    """An Update with response AllClear ends the alarm, although it still says Extreme: the publisher said so himself."""
    source = extra("cap", authority="hazard", countries=("IE",))
    book = Book(publishers_with((source,))["mine"].CARD)
    book.look(only(read(source, cap("m1"))), at=AT)
    end = only(read(source, cap("m2", refers="m1", hour="11", response="AllClear")))
    assert (end.tier, end.acute, end.title) == (0, False, "Storm warning (all clear)")
    assert book.said(end, at=AT + timedelta(hours=1)) == [("withdrawn", "m1", True)]


def test_drills_are_left_out_and_named() -> None:
    """A test message never becomes an advisory."""
    reading = read(extra("cap", countries=("IE",)), cap("m1", status="Exercise"))
    assert (reading.advisories, len(reading.notes)) == ((), 1)


def test_only_extreme_weather_becomes_a_draft() -> None:
    """Warnings for areas would be noise for a country: orange ones are kept and no more."""
    source = extra("cap", authority="hazard", countries=("IE",))
    assert [only(read(source, cap("m1", severity=said))).tier for said in ("Severe", "Moderate", "Extreme")] == [
        0,
        0,
        2,
    ]


def test_the_real_feed_of_meteoalarm_asks_for_each_message_once() -> None:
    """The French feed of December 2022 prints two messages twelve times; both are asked for, once each."""
    files = [
        REAL / "meteoalarm" / f"meteoalarm-{name}.xml"
        for name in ("legacy-atom-france-20221208", "cap-france-update-20221207")
    ]
    if not all(file.is_file() for file in files):
        pytest.skip(f"no captures in {REAL}")
    asked: list[str] = []

    def get(url: str) -> Capture:
        asked.append(url)
        return Capture("mine", url, AT, files[len(asked) > 1].read_bytes())

    source = extra("cap", authority="hazard", countries=("FR",))
    one = only(publishers_with((source,))["mine"].read(get, Known()))
    assert len(asked) == 3
    assert (one.native_id, one.tier) == ("2.49.0.0.250.0.FR.20221206160108.315028", 0)
