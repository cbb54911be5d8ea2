"""The bytes of a mail: what a reader's program finds in them is what was written."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from hypothesis import given
from hypothesis import strategies as st

from notify.channels.mime import Letter, mail

WHEN = datetime(2026, 11, 22, 3, 4, 5, tzinfo=UTC)
SENDER = "alerts@example.invalid"


def read(letter: Letter) -> EmailMessage:
    """Read the bytes of a letter back with the standard library."""
    found = message_from_bytes(mail(letter), policy=default)
    assert isinstance(found, EmailMessage)
    assert not found.defects
    return found


def part(found: EmailMessage, kind: str) -> str:
    """Return the text of one form of a mail."""
    body = found.get_body((kind,))
    assert body is not None
    return str(body.get_content())


def letter(body: str = "请留意安全。\n编号 7K2QFX", html: str = "<p>请留意安全</p>", **more: str) -> Letter:
    """Return a letter of ours."""
    return Letter(
        SENDER,
        "someone@example.invalid",
        "<1.17.7K2QFX@example.invalid>",
        WHEN,
        "【示例市外办】提醒",
        body,
        html,
        "zh",
        **more,
    )


def test_head_and_both_forms_are_read_back() -> None:
    """A reader finds sender, recipient, id, date, subject and language as given, and both forms of the text."""
    found = read(letter())
    assert (found["From"], found["To"], found["Message-ID"]) == (
        SENDER,
        "someone@example.invalid",
        "<1.17.7K2QFX@example.invalid>",
    )
    assert (found["Subject"], found["Content-Language"], found["Auto-Submitted"]) == (
        "【示例市外办】提醒",
        "zh-CN",
        "auto-generated",
    )
    assert found["Date"].datetime == WHEN
    assert found.get_content_type() == "multipart/alternative"
    assert part(found, "plain").splitlines() == ["请留意安全。", "编号 7K2QFX"]
    assert part(found, "html").strip() == "<p>请留意安全</p>"


def test_without_html_it_is_one_plain_text() -> None:
    """A letter without HTML is a plain text, not a mail of one alternative."""
    found = read(letter(html=""))
    assert (found.get_content_type(), found.is_multipart()) == ("text/plain", False)
    assert part(found, "plain").splitlines() == ["请留意安全。", "编号 7K2QFX"]


def test_one_press_stops_the_address() -> None:
    """With an address to unsubscribe both headers of RFC 8058 stand in the head, and without one neither."""
    found = read(letter(unsubscribe="https://office.example.invalid/stop/abc"))
    assert found["List-Unsubscribe"] == "<https://office.example.invalid/stop/abc>"
    assert found["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read(letter())["List-Unsubscribe"] is None


def test_no_line_is_longer_than_mail_allows() -> None:
    """No line of a mail with a long text and a long subject is longer than 998 bytes, and all end with CRLF (RFC 5322)."""
    raw = mail(
        Letter(
            SENDER, "a@example.invalid", "<1@x>", WHEN, "长" * 300, "文" * 20_000, "<p>" + "x" * 20_000 + "</p>", "zh"
        )
    )
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.count(b"\n") == raw.count(b"\r\n")


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_any_text_comes_through(words: str) -> None:
    """Any text arrives as it was but for its line ends, whatever stands in it, even the boundary itself."""
    body = f"{words}\n--=_lingbao_=_part_=--"
    assert re.split("\r\n|\r|\n", part(read(letter(body=body)), "plain").rstrip("\r\n")) == re.split("\r\n|\r|\n", body)
