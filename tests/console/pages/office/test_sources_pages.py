"""The pages of the sources: how they are, reading one now, what was held, captures and their differences."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from sqlalchemy import func, select, update

from console.pages.office.feeds import web
from console.pages.office.visit import COOKIE
from core.clock import FixedClock
from core.database import reading as looking
from core.database import writing
from core.i18n import t
from core.tables import Audit, table
from registry.tables import Role
from sources import store
from sources.model import Quarantined
from sources.store import ADVISORIES, CHANGES
from tests.console.pages.office.desk import Desk
from tests.console.pages.office.feed import SOURCE, Feed, feed, reading
from tests.console.pages.surfer import Surfer
from tests.console.serving import serving

AUDIT = table(Audit)
PAGE = f"/office/sources/{SOURCE}"
SCRIPT = "<script>document.title='broken'</script>"
CALM = ("Kenya: safety notice", "https://fiction.example/kenya", "Be careful.")
HOSTILE = (
    (f"Mali {SCRIPT}", "javascript:alert(1)", f"<img src=x onerror=alert(2)>{SCRIPT}"),
    ('=HYPERLINK("http://evil.example","Kenya")', "https://fiction.example/x?a=1&b=\"'><b>", "@SUM(1)"),
    ("Zambia \"' onmouseover=alert(3) x='", "data:text/html,<script>alert(4)</script>", "=1+1"),
)


@pytest.fixture
def source(office_desk: Desk) -> Iterator[tuple[Desk, Feed]]:
    """Give an office that reads one feed on this machine."""
    with feed(office_desk.office.clock.now()) as one:
        one.items = [CALM]
        yield reading(office_desk, one), one


def later(desk: Desk, minutes: int = 10) -> None:
    """Let time pass at the office, but not so long that somebody is signed out."""
    clock = desk.office.clock
    assert isinstance(clock, FixedClock)
    clock.advance(timedelta(minutes=minutes))


def read(officer: Surfer) -> None:
    """Press the button on the page of the source."""
    officer.get(PAGE)
    officer.post(f"{PAGE}/read")


def test_a_source_is_read_now_and_the_page_says_what_came_of_it(source: tuple[Desk, Feed]) -> None:
    """The button reads the source once, keeps what it says, writes who wanted it, and leaves nothing taken."""
    desk, one = source
    officer = desk.as_(Role.OFFICER)
    assert "It was never read." in officer.get("/office/sources")
    read(officer)
    shown = officer.get(PAGE)
    assert one.asked >= 1
    assert "1 entries, 0 changes" in shown
    assert "being read since" not in shown
    with looking(desk.office.engine) as connection:
        assert store.state(connection, SOURCE).last_good_at == desk.office.clock.now()
        query = select(AUDIT.c.actor).where(AUDIT.c.action == "source.read", AUDIT.c.object == f"source/{SOURCE}")
        assert connection.execute(query).scalars().all() == ["wang"]


def test_a_second_press_says_that_it_is_being_read_and_asks_nobody(source: tuple[Desk, Feed]) -> None:
    """While the publisher has not answered, the page is there at once; pressing again begins nothing, and it ends by itself."""
    desk, one = source
    one.open.clear()
    app: Any = desk.app
    with serving(app) as address, httpx.Client(base_url=address, headers={"Accept-Language": "en"}) as client:
        client.cookies.set(COOKIE, desk.secrets["wang"], domain="127.0.0.1")

        def press() -> str:
            """Press the button; return the page it leads to."""
            shown = client.get(PAGE).text
            token = shown.partition('name="form_token" value="')[2].partition('"')[0]
            return client.post(f"{PAGE}/read", data={"form_token": token}, follow_redirects=True).text

        assert "It is being read since" in press()
        asked = client.post(f"{PAGE}/read", data={"form_token": token_of(client)}, follow_redirects=True).text
        assert "being read already" in asked
        one.open.set()
        until(lambda: "is being read" not in client.get(f"{PAGE}?part=reading", headers={"HX-Request": "true"}).text)
        assert "1 entries, 0 changes" in client.get(PAGE).text
    with looking(desk.office.engine) as connection:
        query = select(func.count()).where(AUDIT.c.action == "source.read")
        assert connection.execute(query).scalar_one() == 1


def token_of(client: httpx.Client) -> str:
    """Return the token of a form of some page."""
    return client.get("/office/sources").text.partition('name="form_token" value="')[2].partition('"')[0]


def until(done: object, seconds: float = 15) -> None:
    """Wait until something holds."""
    assert callable(done)
    for _ in range(int(seconds / 0.05)):
        if done():
            return
        time.sleep(0.05)
    raise AssertionError("it never came to its end")


def test_texts_of_a_publisher_are_shown_and_never_act(source: tuple[Desk, Feed]) -> None:
    """Tags stay text, only web addresses are links, and formulas are words: whatever lies in the store, however it came there."""
    desk, one = source
    officer = desk.as_(Role.OFFICER)
    read(officer)
    later(desk)
    one.items = [CALM, *((f"Mali {n}", f"https://fiction.example/{n}", "text") for n in range(len(HOSTILE)))]
    read(officer)
    with writing(desk.office.engine) as connection:
        rows = connection.execute(select(ADVISORIES.c.id, ADVISORIES.c.body).order_by(ADVISORIES.c.id.desc())).all()
        for row, (title, url, text) in zip(rows, HOSTILE, strict=False):
            body = {**row.body, "title": title, "url": url, "summary": text, "unresolved": [title], "countries": []}
            connection.execute(update(ADVISORIES).where(ADVISORIES.c.id == row.id).values(body=body))
        store.save_quarantine(connection, SOURCE, [Quarantined(SCRIPT, t("no address"))], desk.office.clock.now())
    for page in ("/office/", "/office/sources", PAGE, "/office/brief"):
        answer = officer.ask("GET", page)
        assert answer.status_code == 200
        for bad in (SCRIPT, 'href="javascript', 'href="data:text', "<img src=x", '" onmouseover', "' onmouseover"):
            assert bad not in answer.text, (page, bad)
    shown = officer.get(PAGE)  # as text: `get` puts what was escaped back
    assert all(title in shown for title, _, _ in HOSTILE)
    assert 'rel="noreferrer nofollow noopener"' in shown
    assert [web(url) for _, url, _ in HOSTILE] == ["", HOSTILE[1][1], ""]


def test_a_capture_leaves_as_a_file_of_plain_text(source: tuple[Desk, Feed]) -> None:
    """The publisher's bytes are an attachment that no browser shows as a page of ours; two captures are compared as lists."""
    desk, one = source
    officer = desk.as_(Role.OFFICER)
    read(officer)
    later(desk)
    one.items = [CALM, ("Mali: leave now", "https://fiction.example/mali", "text")]
    read(officer)
    officer.get(PAGE)
    links = officer.links(f"{PAGE}/captures/")
    compared = [link for link in links if link.endswith("/difference")]
    answer = officer.ask("GET", next(link for link in links if link not in compared))
    assert answer.content == one.body()
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    assert answer.headers["content-disposition"].startswith("attachment; filename=")
    assert answer.headers["x-content-type-options"] == "nosniff"
    for number in (999999, 10**30, -1):
        officer.get(f"{PAGE}/captures/{number}", 404)
    shown = officer.get(compared[0])
    assert "Mali: leave now" in shown
    assert "Kenya: safety notice" not in shown
    assert "no earlier capture" in officer.get(compared[-1])


def flooded(desk: Desk, one: Feed) -> None:
    """Let the feed come with more new entries at once than its card believes."""
    officer = desk.as_(Role.OFFICER)
    read(officer)
    later(desk)
    one.items = [CALM, *((f"Mali: notice {n}", f"https://fiction.example/{n}", "text") for n in range(20))]
    read(officer)


def held(desk: Desk) -> int:
    """Count what is held."""
    with looking(desk.office.engine) as connection:
        return len(store.undecided(connection, held=True))


def test_held_changes_are_released_only_as_they_were_seen(source: tuple[Desk, Feed]) -> None:
    """Each held change says what the policy would make of it; who looked at others than are held now is told, and nothing happens."""
    desk, one = source
    flooded(desk, one)
    assert held(desk) == 20
    officer = desk.as_(Role.OFFICER)
    assert "20" in officer.get("/office/")
    shown = officer.get(PAGE)
    assert "20 changes at once were held" in shown
    assert shown.count("morning brief only") + shown.count("draft for an officer") >= 20
    assert "Other changes are held now" in officer.post(f"{PAGE}/held", 409, action="release", mark="19-3")
    officer.post(f"{PAGE}/held", 422, action="nonsense", mark="20-21")
    assert held(desk) == 20
    mark = officer.get(PAGE).partition('name="mark" value="')[2].partition('"')[0]
    assert "go on to the policy" in officer.post(f"{PAGE}/held", action="release", mark=mark)
    assert held(desk) == 0
    assert "Other changes are held now" in officer.post(f"{PAGE}/held", 409, action="release", mark=mark)


def test_held_changes_can_be_closed(source: tuple[Desk, Feed]) -> None:
    """Dismissed, they are decided by the officer, and no run tells anybody of them."""
    desk, one = source
    flooded(desk, one)
    officer = desk.as_(Role.OFFICER)
    mark = officer.get(PAGE).partition('name="mark" value="')[2].partition('"')[0]
    officer.post(f"{PAGE}/held", action="dismiss", mark=mark)
    with looking(desk.office.engine) as connection:
        outcomes = connection.execute(select(CHANGES.c.outcome, CHANGES.c.decided_by).where(CHANGES.c.held)).all()
    assert {tuple(row) for row in outcomes} == {("dismissed", "wang")}


def test_a_broken_source_stands_first_with_its_reason(source: tuple[Desk, Feed]) -> None:
    """A source that answers nonsense is named with what is wrong and what to do, and the verdict says so."""
    desk, one = source
    officer = desk.as_(Role.OFFICER)
    read(officer)
    later(desk)
    one.items = []
    read(officer)
    shown = officer.get("/office/sources")
    assert "Sources that were not read" in shown
    assert "does not hold a feed with entries" in shown
    assert "another page" in officer.get(PAGE)


def test_sources_are_for_those_who_work(source: tuple[Desk, Feed]) -> None:
    """An auditor and a stranger see nothing of it, and neither reads a source."""
    desk, one = source
    auditor, stranger = desk.as_(Role.AUDITOR), desk.stranger()
    for path in ("/office/sources", PAGE, f"{PAGE}/captures/1", f"{PAGE}/captures/1/difference"):
        auditor.get(path, 403)
        assert stranger.ask("GET", path, follow=False).status_code == 303
    auditor.get("/office/settings")
    auditor.post(f"{PAGE}/read", 403)
    auditor.post(f"{PAGE}/held", 403, action="release", mark="1-1")
    assert one.asked == 0
