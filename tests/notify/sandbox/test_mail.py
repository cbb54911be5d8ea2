"""The mail server, spoken to by the standard library."""

from __future__ import annotations

import smtplib
import time
from email.message import EmailMessage

import pytest

from notify.sandbox.running import Running

SENDER = "alerts@example.invalid"


def letter(to: str = "a@example.invalid", message_id: str = "<1.1.17@example.invalid>") -> EmailMessage:
    """Return a Chinese mail in two forms."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"], mail["Message-ID"] = SENDER, to, "领保提醒：泰国", message_id
    mail.set_content("请注意安全。")
    mail.add_alternative("<p>请注意安全。</p>", subtype="html")
    return mail


def send(sandbox: Running, to: str, message_id: str = "<1.1.17@example.invalid>") -> None:
    """Send one mail on a connection of its own."""
    with smtplib.SMTP("127.0.0.1", sandbox.mail_port, timeout=10) as smtp:
        smtp.send_message(letter(to, message_id))


def test_a_mail_is_kept_and_decoded(sandbox: Running) -> None:
    """What was sent can be read again: envelope, headers, text and HTML."""
    send(sandbox, "a@example.invalid")
    (seen,) = sandbox.mail()
    assert (seen.sender, seen.to, seen.message_id) == (SENDER, ("a@example.invalid",), "<1.1.17@example.invalid>")
    assert (seen.subject, seen.text, seen.html) == ("领保提醒：泰国", "请注意安全。\n", "<p>请注意安全。</p>\n")
    assert seen.headers["To"] == "a@example.invalid"
    assert seen.size > 300
    assert sandbox.mail("b@example.invalid") == []


@pytest.mark.parametrize(("to", "code"), [("bounce@x.invalid", 550), ("defer+17@x.invalid", 451)])
def test_refused_recipients(to: str, code: int, sandbox: Running) -> None:
    """A magic recipient is refused for good or for now, and nothing is kept."""
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        send(sandbox, to)
    assert refused.value.recipients[to][0] == code
    assert sandbox.stats().mail == 0


@pytest.mark.parametrize(("to", "kept"), [("drop@x.invalid", 1), ("cut@x.invalid", 0)])
def test_connection_lost_after_the_final_dot(to: str, kept: int, sandbox: Running) -> None:
    """The sender cannot know whether the mail was taken; with drop it was, with cut it was not."""
    smtp = smtplib.SMTP("127.0.0.1", sandbox.mail_port, timeout=10)
    with pytest.raises((smtplib.SMTPServerDisconnected, ConnectionError)):
        smtp.send_message(letter(to))
    smtp.close()
    assert sandbox.stats().mail == kept


def test_a_slow_answer(sandbox: Running) -> None:
    """The answer to the text of slow@ takes two seconds."""
    began = time.monotonic()
    send(sandbox, "slow@x.invalid")
    assert time.monotonic() - began >= 2


def test_repeated_message_ids_are_counted(sandbox: Running) -> None:
    """A mail sent twice to the same recipient counts as a duplicate; the same Message-ID to another does not."""
    send(sandbox, "a@example.invalid")
    send(sandbox, "a@example.invalid")
    send(sandbox, "b@example.invalid")
    send(sandbox, "a@example.invalid", "<1.1.18@example.invalid>")
    assert (sandbox.stats().mail, sandbox.stats().mail_duplicates) == (4, 1)


def test_many_mails_on_one_connection(sandbox: Running) -> None:
    """One connection carries many mails."""
    with smtplib.SMTP("127.0.0.1", sandbox.mail_port, timeout=10) as smtp:
        for number in range(50):
            smtp.send_message(letter(message_id=f"<{number}@example.invalid>"))
    assert sandbox.stats().mail == 50
