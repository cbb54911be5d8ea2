"""Letters go out once, on both databases, whatever dies, fails or happens twice."""

from __future__ import annotations

import email
import email.policy
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.database import ensure_instance, reading, writing
from core.keys import MasterKeys
from core.settings import Settings
from notify.channels.base import Accepted, Attachment, InDoubt, NotSent, Outgoing, Rejected, Result
from notify.channels.mime import Letter, mail
from notify.channels.recorder import Recorder
from notify.mailings import store
from notify.mailings.once import MOST_TRIES, Fate, MailLetter, may_go, send_letters
from notify.mailings.tables import Mailing, MailingKind
from notify.office import Office

ONE = MailLetter(MailingKind.BRIEF, "2026-11-22", "officer/1", ("a@one.example", "b@one.example"), "zh", "题目", "正文")
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Post:
    """An office with a mail channel that remembers."""

    def __init__(self, engine: Engine, clock: FixedClock, keys: MasterKeys, home: Path) -> None:
        ensure_instance(engine, keys, clock.now())
        self.clock, self.mail = clock, Recorder("email")
        self.office = Office(Settings(home=home), engine, clock, keys, {"email": self.mail})

    def send(self, *letters: MailLetter) -> list[Fate]:
        """Send letters."""
        return [one.fate for one in send_letters(self.office, letters or (ONE,), by="system")]


@pytest.fixture
def post(engine: Engine, clock: FixedClock, keys: MasterKeys, tmp_path: Path) -> Post:
    """Give an office that has sent nothing."""
    return Post(engine, clock, keys, tmp_path)


def test_a_letter_leaves_once(post: Post) -> None:
    """A second run finds it there; another reader and another day are other letters; who has no address is named."""
    other, later = replace(ONE, reader="officer/2"), replace(ONE, edition="2026-11-23")
    assert post.send() == [Fate.SENT]
    assert post.send(ONE, other, later, replace(ONE, addresses=())) == [Fate.THERE, Fate.SENT, Fate.SENT, Fate.WITHOUT]
    assert len(post.mail.sent) == 3


def test_two_processes_send_one(post: Post) -> None:
    """Eight at once: the key of the table lets one through."""
    with ThreadPoolExecutor(8) as pool:
        fates = list(pool.map(lambda _: post.send()[0], range(8)))
    assert sorted(fates) == [Fate.SENT] + [Fate.THERE] * 7
    assert len(post.mail.sent) == 1


def test_what_may_have_gone_out_is_never_sent_again(post: Post) -> None:
    """Neither after a doubt, nor after a death between the claim and the answer; both are named."""
    post.mail.answer = lambda _: InDoubt("line")
    assert post.send() == [Fate.SENT]
    dead = {"kind": MailingKind.BRIEF, "edition": "x", "reader": "officer/1", "outcome": "begun", "tries": 1, "choice": 0,
            "begun_at": post.clock.now(), "created_by": "system"}  # fmt: skip
    with writing(post.office.engine) as connection:
        assert store.add(connection, dead) is not None
        assert store.add(connection, dead) is None
    post.mail.answer = lambda _: Accepted("m", "accepted")
    post.clock.advance(timedelta(days=1))
    assert post.send(ONE, replace(ONE, edition="x")) == [Fate.THERE, Fate.THERE]
    with reading(post.office.engine) as connection:
        found = store.troubled(connection, ("begun", "doubt"), NOW - timedelta(days=2))
    assert [(one.edition, one.outcome) for one in found] == [("2026-11-22", "doubt"), ("x", "begun")]


def test_a_refused_address_is_followed_by_the_next(post: Post) -> None:
    """Each address is tried once; when the last one refuses, nothing more is tried."""
    asked: list[str] = []

    def refuse(notice: Outgoing) -> Result:
        """Refuse, and remember who was asked for."""
        asked.append(notice.address)
        return Rejected("550", address_bad=True)

    post.mail.answer = refuse
    assert [post.send()[0] for _ in range(4)] == [Fate.FAILED, Fate.GIVEN_UP, Fate.GIVEN_UP, Fate.GIVEN_UP]
    assert asked == ["a@one.example", "b@one.example"]


@pytest.mark.parametrize(
    ("outcome", "tries", "minutes", "fate"),
    [
        ("accepted", 1, 999, Fate.THERE), ("doubt", 1, 999, Fate.THERE), ("begun", 1, 999, Fate.THERE),
        ("failed", 1, 0, Fate.WAITING), ("failed", 1, 1, Fate.SENT), ("failed", 3, 6, Fate.WAITING), ("failed", 3, 7, Fate.SENT),
        ("failed", 11, 59, Fate.WAITING), ("failed", 11, 60, Fate.SENT), ("failed", MOST_TRIES, 999, Fate.GIVEN_UP),
    ],
)  # fmt: skip
def test_what_may_be_done_with_a_letter(outcome: str, tries: int, minutes: int, fate: Fate) -> None:
    """Only what certainly failed is tried again, after 1, 3, 7 … minutes, at most an hour, and twelve times in all."""
    row = Mailing(
        kind="brief", edition="e", reader="r", outcome=outcome, tries=tries, begun_at=NOW, ended_at=NOW, created_by="x"
    )
    assert may_go(row, 1, NOW + timedelta(minutes=minutes)) is fate


def test_a_relay_that_comes_back_gets_the_letter(post: Post) -> None:
    """The second try carries what the letter says then."""
    post.mail.answer = lambda _: NotSent("connect")
    assert post.send() == [Fate.FAILED]
    post.mail.answer = lambda _: Accepted("m", "accepted")
    post.clock.advance(timedelta(minutes=2))
    assert post.send(replace(ONE, body="新的正文")) == [Fate.SENT]
    assert [one.body for one in post.mail.sent] == ["新的正文"]


def test_a_file_travels_with_the_words() -> None:
    """A mail with a file is read by others as text, page and file, each to the byte."""
    file = Attachment("bulletin-2026-W47.docx", "application/octet-stream", bytes(range(256)) * 9)
    whole = mail(
        Letter(
            "a@x.example", "b@y.example", "<1@x>", NOW, "周报", "正文\n第二行", "<p>正文</p>", "zh", attachments=(file,)
        )
    )
    read = email.message_from_bytes(whole, policy=email.policy.default)
    assert read.get_content_type() == "multipart/mixed"
    words, page = read.get_body(("plain",)), read.get_body(("html",))
    assert words is not None
    assert page is not None
    assert (words.get_content(), page.get_content()) == ("正文\r\n第二行\r\n", "<p>正文</p>\r\n")
    [got] = read.iter_attachments()
    assert (got.get_filename(), got.get_content()) == (file.name, file.body)
