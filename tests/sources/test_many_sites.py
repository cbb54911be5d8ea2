"""Sources of many sites: embassies of China and of the United States. Each site is read alone, and fails alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from core.errors import SourceBroken, SourceSkipped, SourceTransient, WrongSetting
from core.i18n import t
from core.places.names import codes
from core.settings import Settings
from core.settings_tables import PostSite
from sources.catalog import is_on, publishers, publishers_with
from sources.model import Capture, Hazard, Known
from sources.notices import warns
from sources.publishers import cn_embassy, us_embassy
from sources.sites import read_sites
from tests.sources.made import DAY, NIGHT, Book

CAPTURES = Path(__file__).parent / "captures"
SG, US = (site.url for site in cn_embassy.sites()[:2])
IQ, JO = (f"https://{post}.usembassy.gov/category/alert/feed/" for post in ("iq", "jo"))
NOTICE = "https://sg.china-embassy.gov.cn/lsfw_0/zytz/202611/t20261106_91000001.htm"


class Web:
    """Some sites; all other addresses fail with `fault`. Remembers what was asked for."""

    def __init__(self, pages: Mapping[str, str], fault: type[SourceBroken] = SourceBroken) -> None:
        self.pages, self.fault, self.asked = pages, fault, list[str]()

    def get(self, url: str) -> Capture:
        """Return a page, or say that it is gone."""
        self.asked.append(url)
        if url not in self.pages:
            raise self.fault(t("{source}: {url} is no address.", source="x", url=url))
        return Capture("x", url, datetime(2026, 11, 9, tzinfo=UTC), (CAPTURES / self.pages[url]).read_bytes())


def test_every_site_of_the_tables_can_be_read_at_all() -> None:
    """Addresses are https, one site has one row, and countries are codes."""
    hosts = [site.host for site in cn_embassy.sites()]
    assert len(hosts) == len(set(hosts))
    assert all(site.url.startswith("https://") for site in cn_embassy.sites())
    assert {site.country for site in cn_embassy.sites()} <= codes()
    assert {code for _, own in us_embassy.feeds().values() for code in own} <= codes()


def test_a_site_that_fails_is_a_note_and_the_others_are_read() -> None:
    """Two embassies answer: their notices are read, and each other one is named."""
    reading = cn_embassy.read(Web({SG: "cn-embassy/list.html", US: "cn-embassy/us.html"}).get, Known())
    assert {code for one in reading.advisories for code in one.countries} >= {"SG", "US", "HT"}
    assert len(reading.unread) == len(cn_embassy.sites()) - 2
    assert "ma.china-embassy.gov.cn" in " ".join(str(note) for note in reading.unread)
    assert reading.parts == (SG, US)


def test_a_redesigned_site_is_a_note_too() -> None:
    """A page without the list of the table is that site's fault alone."""
    reading = cn_embassy.read(Web({SG: "cn-embassy/detail.html", US: "cn-embassy/us.html"}).get, Known())
    assert any("sg.china-embassy.gov.cn" in str(note) for note in reading.unread)
    assert len(reading.advisories) == 3


@pytest.mark.parametrize("fault", [SourceBroken, SourceTransient, SourceSkipped])
@pytest.mark.parametrize("read", [cn_embassy.read, us_embassy.read])
def test_no_site_at_all_breaks_the_source(read: type, fault: type[SourceBroken]) -> None:
    """All sites failing is never calm, and whether another try may help is kept."""
    with pytest.raises(fault) as caught:
        read(Web({}, fault).get, Known())
    assert type(caught.value) is fault


def test_one_site_that_may_come_back_makes_another_try_worthwhile() -> None:
    """Of several faults the one that may pass decides."""

    def get(url: str) -> Capture:
        kind = SourceTransient if url == "b" else SourceBroken
        raise kind(t("{source}: {url} is no address.", source="x", url=url))

    with pytest.raises(SourceTransient):
        read_sites(get, Known(), ("a", "b"), cn_embassy.parse)


def test_the_same_notice_at_two_posts_is_one_and_the_same_words_on_two_countries_are_two() -> None:
    """The ban on Haiti is listed by both posts; dengue in their own districts is each one's own."""
    reading = cn_embassy.read(Web({SG: "cn-embassy/list.html", US: "cn-embassy/us.html"}).get, Known())
    assert [one.countries for one in reading.advisories if "海地" in one.title] == [("HT",)]
    assert [one.countries for one in reading.advisories if "登革热" in one.title] == [("SG",), ("US",)]


def test_office_hours_and_menus_are_no_notices() -> None:
    """Of the embassy's list only titles with a word of warning are read, and nothing outside of the list."""
    titles = " ".join(one.title for one in cn_embassy.parse(Web({SG: "cn-embassy/list.html"}).get(SG)).advisories)
    assert "办公时间" not in titles
    assert "菜单" not in titles


def test_new_notices_are_read_on_their_own_page() -> None:
    """Validity, numbers and text come from the page; the neighbour named there is no place of the notice."""
    web = Web({SG: "cn-embassy/list.html", NOTICE: "cn-embassy/detail.html"})
    entries = cn_embassy.parse(web.get(SG)).advisories
    marks = {one.native_id: one.list_mark for one in entries if one.url != NOTICE}
    known = Known(marks, first_time=False, parts=frozenset({SG}))
    found = next(one for one in cn_embassy.read(web.get, known).advisories if one.url == NOTICE)
    assert found.detail_read
    assert found.countries == ("SG",)
    assert found.expires_at == datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
    assert [contact.number for contact in found.contacts] == ["999", "+65-00000000"]


def test_pages_are_read_for_new_notices_only_and_never_at_first_sight() -> None:
    """The first read asks for lists alone; a later one for at most a dozen pages."""
    web = Web({SG: "cn-embassy/list.html"})
    cn_embassy.read(web.get, Known())
    assert web.asked == [site.url for site in cn_embassy.sites()]
    reading = cn_embassy.read(web.get, Known({}, first_time=False, parts=frozenset({SG})))
    assert len(web.asked) == 2 * len(cn_embassy.sites()) + len(reading.advisories)
    assert any("Read from the list alone" in str(note) for note in reading.notes)


def test_an_unknown_site_is_refused() -> None:
    """A page of a host outside of the table has no country and no selectors."""
    for parse in (cn_embassy.parse, us_embassy.parse):
        with pytest.raises(SourceBroken, match="a site of the table"):
            parse(Capture("x", "https://elsewhere.example/", datetime(2026, 11, 9, tzinfo=UTC), b"<html></html>"))


def test_the_feeds_of_two_us_posts_are_one_source() -> None:
    """Each post's alerts carry its own country, and equal numbers of two sites are two keys."""
    reading = us_embassy.read(Web({IQ: "us-embassy/list.xml", JO: "us-embassy/jo.xml"}).get, Known())
    found = {one.native_id: one for one in reading.advisories}
    assert found["iq.usembassy.gov/101"].countries == ("IQ",)
    assert found["jo.usembassy.gov/101"].countries == ("JO",)
    assert len(reading.unread) == len(us_embassy.feeds()) - 2
    assert reading.built_at == datetime(2026, 11, 8, 10, tzinfo=UTC)


def test_a_us_alert_is_read_with_its_place_and_an_end_of_ours() -> None:
    """Place and hazards come from the body, "U.S." is no place, there is no level, and it holds for 14 days."""
    found = us_embassy.parse(Web({IQ: "us-embassy/list.xml"}).get(IQ)).advisories[0]
    assert found.places == ("Baghdad, International Zone",)
    assert Hazard.AVIATION in found.hazards
    assert found.published_at is not None
    assert found.expires_at == found.published_at + timedelta(days=14)
    assert found.level == "unstated"


def test_a_us_alert_on_another_country_goes_to_an_officer() -> None:
    """Syria in the title of Iraq's post is neither told to people in Iraq nor guessed."""
    found = us_embassy.parse(Web({IQ: "us-embassy/list.xml"}).get(IQ)).advisories
    syria, world = (next(one for one in found if word in one.title) for word in ("Syria", "Worldwide"))
    assert (syria.countries, syria.unresolved) == ((), ("SY",))
    assert (world.countries, world.worldwide) == ((), True)


def test_a_post_that_is_read_for_the_first_time_is_a_baseline_of_its_own() -> None:
    """Night one reads Singapore; night two also the United States: its notices are kept, and none of them is news."""
    web = Web({SG: "cn-embassy/list.html"})
    book = Book(cn_embassy.CARD)
    book.look(*cn_embassy.read(web.get, Known()).advisories, at=NIGHT)
    marks = {key: entry.advisory.list_mark for key, entry in book.entries.items()}
    web.pages = {SG: "cn-embassy/list.html", US: "cn-embassy/us.html"}
    asked = len(web.asked)
    second = cn_embassy.read(web.get, Known(marks, first_time=False, parts=frozenset({SG})))
    assert len(web.asked) - asked == len(cn_embassy.sites())
    assert second.first_sights == {one.native_id for one in second.advisories} - set(marks)
    assert second.first_sights
    found = book.look(*second.advisories, at=NIGHT + DAY, first_sights=second.first_sights)
    assert found.changes == []
    assert second.first_sights <= book.entries.keys()


def test_what_a_known_post_says_is_news_although_a_new_one_says_it_too() -> None:
    """The ban on Haiti is on both lists; Singapore's was read before and did not have it: it is new."""
    web = Web({SG: "cn-embassy/list.html", US: "cn-embassy/us.html"})
    whole = cn_embassy.read(web.get, Known())
    haiti = next(one.native_id for one in whole.advisories if "海地" in one.title)
    marks = {one.native_id: "" for one in whole.advisories if one.native_id != haiti}
    second = cn_embassy.read(web.get, Known(marks, first_time=False, parts=frozenset({SG})))
    assert haiti not in second.first_sights


@pytest.mark.parametrize(
    ("title", "is_notice"),
    [
        ("紧急通告：新加坡发生爆炸，请同胞居家", True), ("请立即疏散！", True), ("请在新加坡中国公民转移至避难所", True),
        ("中国公民不得外出", True), ("关于暴雨的通知", True), ("春节办公时间", False), ("讲座：新加坡的中医", False),
        ("护照换发预约须知", False),
    ],
)  # fmt: skip
def test_a_title_of_alarm_is_a_notice_without_the_usual_words(title: str, is_notice: bool) -> None:
    """An embassy in haste does not write 提醒: alarm and dangers count as well; office hours and lectures do not."""
    assert warns(title) is is_notice


def test_an_office_adds_the_posts_of_its_own_peoples_countries() -> None:
    """A post of the settings is asked beside ours, with the usual selectors, and its notices are about its country."""
    home = "https://zm.china-embassy.gov.cn/lsfw/aqtx/"
    mine = publishers_with((), (PostSite(post="zm", countries=("ZM",), url=home),))["cn-embassy"]
    assert "zm.china-embassy.gov.cn" in mine.CARD.hosts
    assert len(mine.CARD.hosts) == len(cn_embassy.CARD.hosts) + 1
    page = (CAPTURES / "cn-embassy/list.html").read_bytes().replace(b"div.news-list", b"div.news")
    found = mine.parse(Capture("cn-embassy", home, datetime(2026, 11, 9, tzinfo=UTC), page))
    assert {"ZM"} <= {code for one in found.advisories for code in one.countries}


def test_an_office_replaces_or_drops_a_post_of_ours() -> None:
    """The same name takes the place of our row; `read = false` takes the post out; the first one left is on the card."""
    moved = PostSite(post="us", countries=("US",), url="https://us.china-embassy.gov.cn/new/", links="td a")
    mine = publishers_with((), (moved, PostSite(post="sg", read=False)))["cn-embassy"]
    assert isinstance(mine, cn_embassy.Posts)
    urls = [site.url for site in mine.sites]
    assert (SG in urls, US in urls, moved.url in urls) == (False, False, True)
    assert mine.CARD.url == urls[0]
    assert publishers()["cn-embassy"].CARD == cn_embassy.CARD


def test_a_us_post_is_added_in_the_same_way() -> None:
    """The feed of a post in the settings is read with the countries given there."""
    url = "https://zm.usembassy.gov/category/alert/feed/"
    mine = publishers_with((), (PostSite(source="us-embassy", post="zm", countries=("ZM",), url=url),))["us-embassy"]
    feed = (CAPTURES / "us-embassy/list.xml").read_bytes().replace(b"Iraq", b"Zambia")
    found = mine.parse(Capture("us-embassy", url, datetime(2026, 11, 9, tzinfo=UTC), feed))
    assert "ZM" in {code for one in found.advisories for code in one.countries}


@pytest.mark.parametrize(
    ("post", "words"),
    [
        ({"post": "zm", "countries": ("ZZ",), "url": "https://zm.example/"}, "ZZ"),
        ({"post": "zm", "countries": ("ZM",), "url": "https://zm.example/", "links": "li >"}, "selector"),
        ({"post": "zm", "countries": ("ZM",), "url": US}, "two posts on one host"),
    ],
)
def test_a_post_that_makes_no_sense_is_refused(post: dict[str, object], words: str) -> None:
    """A country there is not, a broken selector and a second post on one host are said so, by name."""
    with pytest.raises(WrongSetting, match=words):
        publishers_with((), (PostSite.model_validate(post),))


def test_a_source_without_any_post_is_refused() -> None:
    """Whoever drops every post is told to switch the source off instead."""
    none = tuple(PostSite(post=site.post, read=False) for site in cn_embassy.sites())
    with pytest.raises(WrongSetting, match="switch the source off"):
        publishers_with((), none)


def test_a_source_that_is_off_by_default_can_be_switched_on() -> None:
    """The card says what holds by default, the settings what holds here; off goes before on."""
    card = us_embassy.CARD
    assert not is_on(card, Settings())
    assert is_on(card, Settings(sources_on=frozenset({"us-embassy"})))
    assert not is_on(card, Settings(sources_on=frozenset({"us-embassy"}), sources_off=frozenset({"us-embassy"})))
    assert is_on(cn_embassy.CARD, Settings())
