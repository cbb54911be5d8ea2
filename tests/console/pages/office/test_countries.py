"""The board of countries and the page of one: what is shown, to whom, and whence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from console.pages.office.countries.board import shown_level
from console.pages.office.countries.country import against_beijing
from console.pages.office.countries.sayings import age_words, web
from console.pictures.tiles import Whose
from core.places.zones import zone
from registry.tables import Role
from sources.model import Grade, Level
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.sayings import broken, read, says

BAD = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def spoken(shared_desk: Desk) -> Desk:
    """The desk of the office, where governments speak of Zambia, Tajikistan and Yemen; France cannot be read."""
    engine, now = shared_desk.office.engine, shared_desk.office.clock.now()
    for source in shared_desk.office.sources:
        read(engine, source, now)
    says(engine, now, "cn-mfa", "ZM", (20, 4), language="zh", title="提醒暂勿前往", level_words="暂勿前往")
    says(engine, now, "us-state", "ZM", (200, 2), (21, 4), level_words="Level 4: Do Not Travel")
    says(engine, now, "de-aa", "ZM", (90, Grade.UNSTATED), title=BAD, url="javascript:alert(1)", level_words="")
    says(engine, now, "uk-fcdo", "YE", (90, 4))
    broken(engine, "fr-meae", now)
    return shared_desk


def test_the_board_shows_where_our_people_are(spoken: Desk) -> None:
    """Tajikistan by our own alert, Zambia by the ministry's word, with people; Yemen only by others, and folded away."""
    page = spoken.as_(Role.OFFICER).get("/office/countries?lang=zh")
    tiles = {one: page.split(f'href="/office/countries/{one}"')[1].split("</a>")[0] for one in ("TJ", "ZM", "YE")}
    assert all(words in tiles["TJ"] for words in ("3 谨慎前往", "本办预警", "4 人"))
    assert all(words in tiles["ZM"] for words in ("4 暂勿前往", "国内发布", "2 人", "他国最高 4"))
    assert "他国最高 4" in tiles["YE"]
    assert page.index("/countries/YE") > page.index("<details")
    assert 'href="/office/countries/CN"' not in page
    assert "法国欧洲和外交部" in page


@pytest.mark.parametrize(
    ("show", "there"), [("", "TJ ZM YE JP"), ("people", "TJ ZM"), ("high", "TJ ZM YE"), ("x", "TJ ZM YE JP")]
)
def test_the_board_is_narrowed_and_is_a_table_too(spoken: Desk, show: str, there: str) -> None:
    """With our people; level 3 and up by anybody; a word nobody knows narrows nothing. Squares and table show the same."""
    for view in ("", "table"):
        page = spoken.as_(Role.OFFICER).get(f"/office/countries?show={show}&view={view}")
        found = {code for code in ("TJ", "ZM", "YE", "JP") if f'href="/office/countries/{code}"' in page}
        assert found == set(there.split())


def test_one_country_tells_who_says_what_and_who_is_there(spoken: Desk) -> None:
    """Levels side by side in the publishers' own words, who moved first, the year, our people by company, numbers to call."""
    page = spoken.as_(Role.OFFICER).get("/office/countries/ZM?lang=zh")
    assert all(words in page for words in ("暂勿前往", "Level 4: Do Not Travel", "最先调整：美国国务院", "近 12 个月"))
    assert "花果山公司" in page
    assert "大观园公司" in page
    assert 'href="/office/people?country=ZM"' in page
    assert 'href="/office/alerts/new?country=ZM"' in page
    assert "比北京时间晚 6 小时" in page
    assert "+86-10-12308" in page
    assert "法国欧洲和外交部" in page


def test_our_alerts_stand_on_the_page_of_their_country(spoken: Desk) -> None:
    """The alert in force for Tajikistan, with its mark in the picture of the year, and not on another country's page."""
    surfer = spoken.as_(Role.APPROVER)
    assert 'href="/office/alerts/1"' in surfer.get("/office/countries/TJ")
    assert "in force" in surfer.get("/office/countries/tj")
    assert 'href="/office/alerts/1"' not in surfer.get("/office/countries/ZM")


def test_nobody_is_named(spoken: Desk) -> None:
    """The pages count people: no name and no number of anybody is on them."""
    surfer = spoken.as_(Role.OFFICER)
    for path in ("/office/countries", "/office/countries/TJ", "/office/countries/ZM"):
        page = surfer.get(path)
        assert not [one for one in ("孙悟空", "猪八戒", "林黛玉", "992935000001", "260977123456") if one in page]


def test_a_publishers_text_is_only_text(spoken: Desk) -> None:
    """A title with markup is shown as it is written, and an address that is no web address is not linked."""
    surfer = spoken.as_(Role.OFFICER)
    surfer.get("/office/countries/ZM")
    assert BAD not in surfer.page.text
    assert "&lt;script&gt;" in surfer.page.text
    assert "javascript:" not in surfer.page.text
    assert [web(one) for one in ("https://a.example", "javascript:1", "//a.example")] == ["https://a.example", "", ""]


@pytest.mark.parametrize("code", ["XX", "CN", "Z", "zm%2F..", "1"])
def test_what_is_no_country_is_not_found(spoken: Desk, code: str) -> None:
    """A page of a country that does not exist, or of our own, is refused as a page."""
    spoken.as_(Role.OFFICER).get(f"/office/countries/{code}", 404)


def test_an_auditor_and_a_stranger_stay_outside(spoken: Desk) -> None:
    """An auditor reads the ledger and the audit; who is not signed in is led to the sign-in."""
    for path in ("/office/countries", "/office/countries/TJ"):
        spoken.as_(Role.AUDITOR).get(path, 403)
        assert spoken.stranger().ask("GET", path, follow=False).status_code == 303


def test_both_databases_answer_alike(both_desks: Desk) -> None:
    """The board and a country's page on SQLite and on PostgreSQL: what stands is read out of JSON there and here."""
    engine, now = both_desks.office.engine, both_desks.office.clock.now()
    says(engine, now, "us-state", "TJ", (200, 2), (21, 4))
    surfer = both_desks.as_(Role.OFFICER)
    board = surfer.get("/office/countries?lang=zh")
    assert "他国最高 4" in board.split('href="/office/countries/TJ"')[1].split("</a>")[0]
    assert "words of 4" in surfer.get("/office/countries/TJ")


def test_pages_are_light(spoken: Desk) -> None:
    """With style and scripts a page may have 150 kB: these leave room for both, the table too."""
    surfer = spoken.as_(Role.OFFICER)
    for path in ("/office/countries", "/office/countries?view=table", "/office/countries/ZM"):
        surfer.get(path)
        assert len(surfer.page.content) < 60_000


@pytest.mark.parametrize(
    ("ours", "home", "shown"),
    [
        (3, 2, (3, Whose.OURS)), (3, None, (3, Whose.OURS)), (None, 2, (2, Whose.HOME)), (None, None, (None, Whose.NOBODY)),
        (2, 4, (4, Whose.HOME)), (Grade.UNSTATED, Grade.UNSTATED, (Grade.UNSTATED, Whose.OURS)),
    ],
)  # fmt: skip
def test_a_rise_at_home_does_not_hide_behind_an_older_alert(
    ours: Level | None, home: Level | None, shown: tuple[Level | None, Whose]
) -> None:
    """Our alert in force is what a tile shows, unless home has said more since."""
    assert shown_level(ours, home) == shown


@pytest.mark.parametrize(
    ("code", "words"), [("JP", "早 1 小时"), ("NP", "晚 2.25 小时"), ("SG", "与北京时间相同"), ("ZM", "晚 6 小时")]
)
def test_clocks_are_told_against_beijing(code: str, words: str) -> None:
    """Ahead, behind by a quarter of an hour too, or the same."""
    local = datetime(2026, 11, 22, tzinfo=UTC).astimezone(ZoneInfo(zone(code)))
    assert words in against_beijing(local).render("zh")


def test_ages_are_told_in_words() -> None:
    """An hour, hours, days, never."""
    ages = [None, timedelta(minutes=5), timedelta(hours=47), timedelta(hours=49)]
    assert [age_words(one).render("zh") for one in ages] == ["从未", "1 小时内", "47 小时前", "2 天前"]
