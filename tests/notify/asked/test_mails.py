"""Answers by mail: whose they are, what of them is the writer's own, and that no machine says that anybody is safe."""

from __future__ import annotations

import mailbox
import os
import re
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import SecretStr
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from notify import mailbox as mails
from notify import returns
from notify.channels.base import Outgoing
from notify.channels.email import Email
from notify.safety.mails import own_words, read_mail
from tests.notify.asked.scene import MAILS, ask, asking_house, enrol_all, gone_out, person, recorders, said, send
from tests.notify.sending.house import House


def letter(
    words: str, *, to: str = "office@example.invalid", sender: str = MAILS[0], html: bool = False, **heads: str
) -> bytes:
    """Return a mail as a person's program writes it."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = f"somebody <{sender}>", to, "Re: notice"
    mail["Message-ID"] = heads.pop("message_id", "<a1@mail.invalid>")
    for name, value in heads.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(words, subtype="html" if html else "plain")
    return mail.as_bytes()


@pytest.mark.parametrize("text, own", [
    ("1\n\n> 请报平安：平安写1，求助写2\n> 平安", "1"),
    ("我需要帮助\n-- \n张三\n平安保险公司", "我需要帮助"),
    ("2\n\nOn Sun, 22 Nov 2026 at 10:00, Office wrote:\n> reply 1 if safe", "2"),
    ("受伤了\n\n在 2026年11月22日，外办 写道：\n平安回1", "受伤了"),
    ("safe\n\n-----Original Message-----\nFrom: office\nI need help", "safe"),
    ("平安\n\n------------------ 原始邮件 ------------------\n发件人: 外办\n求助写2", "平安"),
    ("平安\n发自我的iPhone", "平安"),
    ("没事\n\n发件人：外办\n发送时间：…\n求助写2", "没事"),
    ("1\n\nAt 2026-11-22 10:00:00, \"外办\" <a@b.invalid> wrote:\n平安写1，求助写2", "1"),
    ("平安\n\n---- 回复的原邮件 ----\n| 发件人 | 外办 |\n求助写2", "平安"),
    ("平安\n\n外办 <a@b.invalid> 于2026年11月22日周日 10:00写道：\n> 求助写2", "平安"),
    ("1\n\nOn Sun, Nov 22, 2026 at 10:00 AM A Foreign Affairs Office Of A City <\noffice@b.invalid> wrote:\n\n> need help", "1"),
    ("1\n\nVon: office\nhelp", "1"),
    ("需要帮助：\n> 求助写2", "需要帮助："),
    ("From here we are safe", "From here we are safe"),
    ("", ""),
])  # fmt: skip
def test_only_the_writers_own_words_count(text: str, own: str) -> None:
    """What is quoted, and the signature, is cut off: our own question must not answer itself."""
    assert own_words(text) == own


@pytest.mark.parametrize("subject, words", [
    ("自动回复:请报平安", "我正在休假，一切安好，有事请联系张三"), ("Automatic reply: notice", "All is fine, I am away"),
    ("Re: notice", "【自动回复】您好，我在休假，平安"), ("Out of office", "If urgent call my colleague"),
])  # fmt: skip
def test_an_absence_note_without_a_mark_says_nothing(subject: str, words: str) -> None:
    """Programs here answer for the absent without the heads of RFC 3834: what they say makes nobody safe, and pages nobody."""
    mail = letter(words).replace(b"Subject: Re: notice", subject_line(subject))
    assert read_mail(mail) is None


def subject_line(subject: str) -> bytes:
    """Return the line of a subject as it goes over the wire."""
    mail = EmailMessage()
    mail["Subject"] = subject
    return mail.as_bytes().strip()


def test_html_is_read_without_what_it_quotes() -> None:
    """A mail in HTML says its own words, line by line; what it quotes, and its style, is left out."""
    words = "<html><head><style>p{}</style></head><body><p>我<b>平安</b></p><div>在酒店</div><blockquote>求助写2</blockquote></body></html>"
    read = read_mail(letter(words, html=True))
    assert read is not None
    assert read.words.split() == ["我平安", "在酒店"]


@pytest.mark.parametrize("heads", [
    {"Auto_Submitted": "auto-replied"}, {"Auto_Submitted": "auto-generated"}, {"Precedence": "bulk"}, {"X_Autoreply": "yes"},
    {"List_Id": "<a.example.invalid>"},
])  # fmt: skip
def test_a_machine_says_nothing(heads: dict[str, str]) -> None:
    """An absence note, a mailing list: whatever it says, nobody is safe because of it."""
    assert read_mail(letter("1", html=False, **heads)) is None


@given(st.binary(max_size=400))
def test_no_bytes_break_the_reading(raw: bytes) -> None:
    """Whatever lies in the mailbox is read, or left."""
    read_mail(raw)
    read_mail(b"From: a@b.invalid\r\nContent-Type: text/plain; charset=" + raw[:20] + b"\r\n\r\n" + raw)


@pytest.fixture
def home(engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys) -> House:
    """An office that has asked three people by mail, and reads answers."""
    mailbox.Maildir(tmp_path / "mails")
    made = asking_house(
        engine, tmp_path, clock, keys, recorders("email"), bounce_address="office@example.invalid",
        bounce_mailbox=SecretStr(str(tmp_path / "mails")),
    )  # fmt: skip
    enrol_all(made, [person(f"示例{i}", ("email", mail)) for i, mail in enumerate(MAILS)])
    ask(made, channels=("email",))
    send(made)
    return made


def notice_to(home: House, mail: str) -> Outgoing:
    """Return what was sent to an address."""
    return next(one for one in gone_out(home, "email") if one.address == mail)


def reply_to(home: House, mail: str) -> str:
    """Return the address for answers that the mail to somebody names."""
    return Email(home.office.settings, "localhost", 25).reply_to(notice_to(home, mail))


def our_id(home: House, mail: str) -> str:
    """Return the Message-ID of the mail to somebody."""
    return Email(home.office.settings, "localhost", 25).message_id(notice_to(home, mail))


def put(home: House, *mails: bytes) -> returns.Returned:
    """Put mails into the mailbox, and read it."""
    box = mailbox.Maildir(home.office.settings.bounce_mailbox.get_secret_value(), create=False)
    for one in mails:
        box.add(one)
    return returns.collect(home.office)


def test_an_answer_by_its_token_or_by_what_it_quotes(home: House) -> None:
    """A mail to the address with the token counts, whoever sends it; one that quotes our mail counts if it comes from whom we
    wrote to. Read twice, each counts once."""
    to = reply_to(home, MAILS[0])
    assert re.fullmatch(r"office\+[0-9A-Z]{21}@example\.invalid", to)
    by_token = letter("1\n> 求助写2", to=to.lower(), sender="another@example.invalid")
    quoting = letter(
        "我需要帮助", sender=MAILS[1].upper(), In_Reply_To=our_id(home, MAILS[1]), message_id="<b@mail.invalid>"
    )
    found = put(home, by_token, by_token, quoting)
    assert (found.answers, found.bounces, found.left) == (3, 0, 0)
    assert said(home) == [(1, 1, "safe", "mail"), (1, 2, "help", "mail")]


def test_what_is_not_certain_is_left_for_a_person(home: House) -> None:
    """A mail that quotes our mail from somewhere else, with a token made up, or with nothing of ours is left unread."""
    found = put(
        home, letter("1", sender="stranger@example.invalid", In_Reply_To=our_id(home, MAILS[2])),
        letter("1", to=f"office+{'0' * 21}@example.invalid"), letter("1"),
        letter("1", to=reply_to(home, MAILS[2]), Auto_Submitted="auto-replied"),
    )  # fmt: skip
    assert (found.answers, found.left) == (0, 4)
    assert said(home) == []


def test_what_lies_there_hides_nothing_that_comes_later(home: House) -> None:
    """However many mails were read before, and however many are left for a person: the answer that came last is read."""
    folder = Path(home.office.settings.bounce_mailbox.get_secret_value())
    for number in range(mails.MOST):
        (folder / "cur" / f"1.{number}.here:2,S").touch()
        left = folder / "new" / f"2.{number}.here"
        left.touch()
        os.utime(left, (1_000_000, 1_000_000))
    found = put(home, letter("1", to=reply_to(home, MAILS[0])))
    assert (found.answers, found.left) == (1, mails.MOST - 1)
    assert said(home) == [(1, 1, "safe", "mail")]
