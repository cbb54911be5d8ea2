"""What every page has: headers, two languages, marks of a drill, and forms that nobody else can send."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from sqlmodel import SQLModel

from console.app import build
from console.pages.frame import STATIC, TEMPLATES
from core.clock import FixedClock
from core.database import open_engine, set_mode, writing
from core.keys import MasterKeys
from core.tables import Mode
from notify.office import Office
from tests.console.pages.surfer import HOST, Surfer
from tests.notify.sending.house import house

SIGN_IN = "/company/sign-in"


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Give an office with nobody in it."""
    home = tmp_path_factory.mktemp("frame")
    engine = open_engine(f"sqlite:///{home / 'frame.db'}")
    SQLModel.metadata.create_all(engine)
    clock, keys = FixedClock(datetime(2026, 11, 22, tzinfo=UTC)), MasterKeys({"test": bytes(range(32))}, "test")
    yield house(engine, home, clock, keys).office
    engine.dispose()


@pytest.fixture
def surfer(office: Office) -> Surfer:
    """Give a browser that was never here."""
    return Surfer(build(office))


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", SIGN_IN), ("GET", "/"), ("GET", "/company/nowhere"), ("POST", SIGN_IN), ("GET", "/company/")],
)
def test_every_answer_is_guarded(surfer: Surfer, method: str, path: str) -> None:
    """Pages, refusals and redirections carry the policy: nothing from elsewhere, in no frame, kept by nobody."""
    headers = surfer.ask(method, path, follow=False).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
    assert headers["cache-control"] == "no-store"


def test_the_bare_address_shows_the_doors(surfer: Surfer) -> None:
    """Whoever types the address of the office alone finds every door, and each of them opens."""
    page = surfer.ask("GET", "/").text
    doors = re.findall(r'<li><a href="(/[^"?]+)"', page)
    assert doors == ["/register/", "/company/", "/office/"]
    assert [surfer.ask("GET", door).status_code for door in doors] == [200, 200, 200]


def test_pages_have_no_style_or_script_of_their_own() -> None:
    """No template holds a script but our own files, a style, a handler or the address of another host: the policy would break the page."""
    wrong = re.compile(
        r"<script(?! src=\"\{\{ asset\('[a-z.]+'\) \}\}\" defer></script>)|<style|\sstyle=|\son[a-z]+=|(?:src|action)=\"(?:https?:)?//",
        re.IGNORECASE,
    )
    found = {file.name: wrong.findall(file.read_text("utf-8")) for file in TEMPLATES.rglob("*.html")}
    assert {name: hits for name, hits in found.items() if hits} == {}
    assert all("url(" not in file.read_text("utf-8") for file in STATIC.glob("*.css"))


def test_every_form_that_writes_has_its_token() -> None:
    """In every template each form by POST holds the token of the page.

    The page of a personal link has no cookie that another site could ride on: whoever has the link may answer by it.
    """
    for file in TEMPLATES.rglob("*.html"):
        if file.parent.name == "safe":
            continue
        for form in re.findall(r"<form\b.*?</form>", file.read_text("utf-8"), re.DOTALL):
            if 'method="post"' in form:
                assert re.search(r"token\(\)|hidden\(\)", form), (file.name, form[:80])


def test_language_follows_the_reader(office: Office) -> None:
    """The browser's wish, Chinese without one; a choice on a page is kept."""
    app = build(office)
    for wish, words in (("en-GB", "Mail address"), ("zh-CN", "邮箱"), ("fr", "邮箱")):
        assert words in Surfer(app, headers={"Accept-Language": wish}).get(SIGN_IN)
    surfer = Surfer(app, headers={"Accept-Language": "zh-CN"})
    assert 'lang="en"' in surfer.get(SIGN_IN + "?lang=en")
    assert "Mail address" in surfer.get(SIGN_IN)
    assert "邮箱" in surfer.get(SIGN_IN + "?lang=zh")
    assert "邮箱" in surfer.get(SIGN_IN + "?lang=%22%3E%3Cscript%3E")


def test_a_drill_is_unmistakable(office: Office, surfer: Surfer) -> None:
    """In a drill every title begins with the mark and a striped bar stands on top; live has neither."""
    found = {}
    for mode in Mode:
        with writing(office.engine) as connection:
            set_mode(connection, mode)
        found[mode] = surfer.get(SIGN_IN)
    with writing(office.engine) as connection:
        set_mode(connection, Mode.SANDBOX)
    assert "<title>[DRILL] " in found[Mode.DRILL]
    assert "mode-drill" in found[Mode.DRILL]
    assert 'class="mode"' in found[Mode.SANDBOX]
    assert 'class="mode"' not in found[Mode.LIVE]


def test_a_form_without_the_token_of_its_page_is_refused(surfer: Surfer) -> None:
    """No token, a wrong one, or one of another browser: 403, and what was typed is not shown to whom did not prove themselves."""
    other = Surfer(surfer.app)
    other.get(SIGN_IN)
    surfer.get(SIGN_IN)
    for token in ("", "0" * 64, other.token):
        answer = surfer.ask("POST", SIGN_IN, data={"form_token": token, "mail": "typed@example.com"})
        assert (answer.status_code, "typed@example.com" in answer.text) == (403, False)


def test_a_page_left_open_keeps_what_was_typed(surfer: Surfer) -> None:
    """Where the browser says that our own page sent it, one more press sends the same again, with a fresh token."""
    surfer.get(SIGN_IN)
    answer = surfer.ask(
        "POST",
        SIGN_IN,
        data={"form_token": "old", "mail": 'a"b@example.com'},
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == 403
    assert 'value="a&#34;b@example.com"' in answer.text
    assert "Look into your mailbox" in surfer.post(SIGN_IN, mail='a"b@example.com')


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403), ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Origin": "https://elsewhere.invalid"}, 403), ({"Origin": HOST}, 200), ({"Origin": "null"}, 200),
        ({"Sec-Fetch-Site": "same-origin", "Origin": "null"}, 200),
    ],
)  # fmt: skip
def test_another_site_cannot_send_our_forms(surfer: Surfer, headers: dict[str, str], status: int) -> None:
    """Even with a right token: what the browser says comes from elsewhere is refused before it is read."""
    surfer.get(SIGN_IN)
    data = {"form_token": surfer.token, "mail": "x@example.com"}
    assert surfer.ask("POST", SIGN_IN, data=data, headers=headers).status_code == status


def test_what_is_too_large_or_no_form_is_refused(surfer: Surfer) -> None:
    """A form above 64 kB, thousands of fields, another media type, and bytes that are no text: a page says so."""
    surfer.get(SIGN_IN)
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for content, headers, status in (
        (b"a=" + b"x" * 65_000, form, 413), (b"&".join([b"a=1"] * 3_000), form, 400), (b"{}", {}, 415),
        (b"a=\xff\xfe", form, 400), (b"--x\r\nbroken", {"Content-Type": "multipart/form-data; boundary=x"}, 403),
        (b"x", {"Content-Type": "multipart/form-data"}, 400),
    ):  # fmt: skip
        answer = surfer.ask("POST", SIGN_IN, content=content, headers=headers)
        assert answer.status_code == status, (content[:20], answer.text)
        assert "<h1>" in answer.text


def test_cookies_are_out_of_reach(surfer: Surfer) -> None:
    """No script reads them; only on this machine an open line carries them."""
    here = surfer.ask("GET", SIGN_IN).headers["set-cookie"]
    assert "HttpOnly" in here
    assert "SameSite=strict" in here
    assert "Secure" not in here
    elsewhere = Surfer(surfer.app).ask("GET", "http://office.example/company/sign-in").headers["set-cookie"]
    assert "Secure" in elsewhere


def test_static_files_change_their_address_with_their_content(surfer: Surfer) -> None:
    """The page names the file by its hash, and the file is small and there."""
    surfer.get(SIGN_IN)
    (address,) = re.findall(r'href="(/static/style\.css\?v=[0-9a-f]{12})"', surfer.page.text)
    answer = surfer.ask("GET", address)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/css; charset=utf-8")
    assert "immutable" in answer.headers["cache-control"]
    assert len(answer.content) < 40_000
