"""The page behind a personal link: opening it changes nothing, one press answers, and it says no more of anybody than it must."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlalchemy import Engine

from console.app import build
from core.clock import FixedClock
from core.database import reading, writing
from core.keys import MasterKeys
from core.tables import table
from notify.safety import inbox
from notify.safety.links import PATH, Links
from notify.store import alerts as alert_store
from notify.store.safe_ways import COUNTS_FOR
from notify.tables import Alert
from registry.enrol import index_key
from tests.console.hooks import Caller
from tests.console.serving import serving
from tests.databases import open_quickly
from tests.notify.asked.scene import (
    PHONES,
    ask,
    asking_house,
    enrol_all,
    gone_out,
    person,
    recorders,
    said,
    send,
    states,
)
from tests.notify.sending.house import House

CHROMIUM = Path("/usr/bin/chromium")
HEAVIEST = 30_000
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def engine(sqlite_tables: bytes, tmp_path: Path) -> Iterator[Engine]:
    """Give a database of this test with all tables."""
    path = tmp_path / "here.db"
    path.write_bytes(sqlite_tables)
    made = open_quickly(path, busy_ms=50)
    yield made
    made.dispose()


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office that has asked one person, and three behind one number, two of whom have the same first character."""
    made = asking_house(engine, tmp_path, clock, keys, recorders("sms"), office_phone="0518-5550100")
    enrol_all(made, [
        person("甲小示", ("sms", PHONES[0])), person("乙小示", ("sms", PHONES[1])), person("乙大例", ("sms", PHONES[1])),
        person("丙示例", ("sms", PHONES[1])),
    ])  # fmt: skip
    ask(made)
    send(made)
    return made


@pytest.fixture
def client(home: House) -> Caller:
    """The application, called inside this process by somebody without cookies."""
    return Caller(build(home.office))


def link(home: House, number: str) -> str:
    """Return the path of the page for the notice to a number."""
    delivery = next(one.delivery_id for one in gone_out(home, "sms") if one.address == number)
    with reading(home.office.engine) as connection:
        links = Links.under(index_key(connection, home.office.keys))
        return f"{PATH}/{links.token(alert_store.instance(connection).uid, delivery)}"


def press(client: Caller, path: str, **fields: str) -> tuple[int, str]:
    """Send the form; return the status and the words of the page."""
    status = client("POST", path, urlencode(fields), Content_Type=FORM)
    return status, unescape(client.words)


def test_opening_changes_nothing(home: House, client: Caller) -> None:
    """A scanner that opens the link, asks for its head, or asks for it in every way but POST, answers for nobody."""
    path = link(home, PHONES[0])
    assert client("GET", path) == 200
    words = unescape(client.words)
    for wanted in (
        "本链接专供甲**本人使用",
        "您平安吗",
        "示例：请尽快离开",
        "我平安",
        "我需要帮助",
        "示例市外办",
        "12308",
    ):
        assert wanted in words
    for hidden in (PHONES[0], "小示"):
        assert hidden not in words
    assert len(client.words.encode()) < HEAVIEST
    for method in ("HEAD", "OPTIONS", "PUT", "DELETE"):
        client(method, path)
    client("GET", f"{path}?answer=safe")
    assert said(home) == []


def test_one_press_answers(home: House, client: Caller, clock: FixedClock) -> None:
    """Safe is thanked for, help says what happens now; pressed twice it is one answer; nothing is needed but the link."""
    path = link(home, PHONES[0])
    for _ in range(2):
        status, words = press(client, path, answer="safe", words="在酒店")
        assert status == 200
        assert "已记录：您平安" in words
    assert said(home) == [(1, 1, "safe", "link")]
    clock.advance(timedelta(minutes=2))
    status, words = press(client, path.lower(), answer="help")
    assert "正在通知值班人员" in words
    assert states(home, 1)[1] == "help"


def test_who_changes_their_mind_is_heard_each_time(home: House, client: Caller, clock: FixedClock) -> None:
    """Safe, then help by mistake, then safe again within a minute: the page says safe, and so does the board."""
    path = link(home, PHONES[0])
    for pressed in ("safe", "help", "safe"):
        press(client, path, answer=pressed)
        clock.advance(timedelta(seconds=10))
    assert states(home, 1)[1] == "safe"


def test_words_that_ask_for_help_outweigh_the_button(home: House, client: Caller) -> None:
    """Whoever presses "I am safe" and writes that somebody is hurt needs help."""
    press(client, link(home, PHONES[0]), answer="safe", words="同事受伤了，需要帮助")
    assert said(home) == [(1, 1, "help", "link")]


def test_of_several_each_answers_for_themselves(home: House, client: Caller) -> None:
    """Who shares an address says who speaks, by a masked name; the others stay silent. A call for help needs no name."""
    path = link(home, PHONES[1])
    client("GET", path)
    page = unescape(client.words)
    for shown in ("乙**（第1位）", "乙**（第2位）", "丙**"):
        assert shown in page
    for hidden in ("小示", "大例", "示例</label>"):
        assert hidden not in page
    status, words = press(client, path, answer="safe")
    assert (status, "请选择您是谁" in words) == (422, True)
    assert said(home) == []
    second = page.split('name="who" value="')[2].partition('"')[0]
    assert press(client, path, answer="safe", who=second)[0] == 200
    assert states(home, 1) == {1: "silent", 2: "silent", 3: "safe", 4: "silent"}
    assert press(client, path, answer="safe", who="made-up")[0] == 422
    assert press(client, path, answer="help")[0] == 200
    assert [answer for _, _, answer, _ in said(home)].count("help") == 3


@pytest.mark.parametrize("fields", [{}, {"answer": "unclear"}, {"answer": "SAFE"}, {"words": "平安"}])
def test_no_button_no_answer(home: House, client: Caller, fields: dict[str, str]) -> None:
    """A form without one of the two buttons is shown again, with what was typed."""
    status, words = press(client, link(home, PHONES[0]), **fields)
    assert (status, "请点两个按钮中的一个" in words) == (422, True)
    assert fields.get("words", "") in words
    assert said(home) == []


def test_late_and_over(home: House, client: Caller, clock: FixedClock) -> None:
    """After the end of the alert an answer is taken and said to be late; long after it a calm page says whom to call."""
    path = link(home, PHONES[0])
    with writing(home.office.engine) as connection:
        connection.execute(table(Alert).update().values(closed_at=clock.now() + timedelta(hours=1)))
    clock.advance(timedelta(hours=2))
    status, words = press(client, path, answer="safe")
    assert (status, "按迟到记录" in words) == (200, True)
    clock.advance(COUNTS_FOR)
    for method in ("GET", "POST"):
        assert client(method, path, "answer=help" if method == "POST" else "", Content_Type=FORM) == 410
        assert "12308" in client.words
        assert "链接已失效" in client.words
    assert len(said(home)) == 1


@pytest.mark.parametrize("token", ["x", "A" * 21, "%00" * 21, "示" * 21, "A" * 3000])
def test_a_token_made_up(home: House, client: Caller, token: str) -> None:
    """A token of nobody leads to a calm page too, opened or posted, and answers for nobody."""
    assert client("GET", f"{PATH}/{token}") == 404
    assert "12308" in client.words
    assert press(client, f"{PATH}/{token}", answer="safe")[0] == 404
    assert said(home) == []


def test_too_much_is_refused_and_a_busy_database_loses_nothing(home: House, client: Caller) -> None:
    """A form too large is refused; an answer that comes while the database is locked is thanked for, and counts later."""
    path = link(home, PHONES[0])
    assert press(client, path, answer="help", words="x" * 20_000)[0] == 413
    with home.office.engine.begin():
        assert press(client, path, answer="help", words="被困")[0] == 200
    assert said(home) == []
    assert inbox.catch_up(home.office) == 1
    assert said(home) == [(1, 1, "help", "link")]


def test_on_a_phone_without_script(home: House, tmp_path: Path) -> None:
    """In a real browser of 360 pixels, without script: one of three says she is safe, another needs help; nothing sticks out, both
    buttons are large, nothing comes from elsewhere, and the whole page with its style is light."""
    browser_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not CHROMIUM.exists():
        pytest.skip(f"no browser at {CHROMIUM}")
    with serving(build(home.office)) as base, browser_api.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=str(CHROMIUM), args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False, locale="zh-CN")
        elsewhere: list[str] = []
        weight: list[int] = []
        context.on(
            "request", lambda asked: elsewhere.append(asked.url) if not asked.url.startswith((base, "data:")) else None
        )
        context.on(
            "response", lambda answer: weight.append(len(answer.body())) if answer.url.startswith(base) else None
        )
        page = context.new_page()
        page.goto(base + link(home, PHONES[1]))
        page.screenshot(path=tmp_path / "question.png", full_page=True)
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert sum(weight) < HEAVIEST
        assert min(one.bounding_box()["height"] for one in page.locator("button.big").all()) >= 64
        page.get_by_label("丙**").check()
        page.fill("[name=words]", "在宿舍")
        page.get_by_role("button", name="我平安").click()
        assert "已记录" in page.inner_text("h1")
        page.get_by_role("link", name="其他人").click()
        page.get_by_role("button", name="我需要帮助").click()
        page.screenshot(path=tmp_path / "help.png", full_page=True)
        assert "需要帮助" in page.inner_text("h1")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        browser.close()
    assert elsewhere == []
    assert states(home, 1) == {1: "silent", 2: "help", 3: "help", 4: "help"}
