"""Answers by mail: whose answer a mail is, and what its writer says in it, without what it quotes. Pure.

A mail counts as an answer only if a token of ours stands in the address it came to; or if it quotes the Message-ID of our mail
and comes from the address we wrote to. What a machine sends (an absence note, a receipt) never says that anybody is safe.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from email import message_from_bytes
from email.errors import MessageError
from email.message import EmailMessage, Message
from email.policy import default
from email.utils import parseaddr
from html.parser import HTMLParser

from notify.safety.links import LENGTH

TOKEN = re.compile(rf"\+([0-9A-Za-z]{{{LENGTH}}})@")
OURS = re.compile(r"<\w+\.(\d{1,18})\.([0-9A-Z]{6})@[^>\s]+>")
LONGEST = 4000
_ARRIVED = ("Delivered-To", "X-Original-To", "Envelope-To", "To", "Cc")
_QUOTED = re.compile(r"\s*>")
_ENDS = re.compile(
    r"\s*(?:-- ?$|_{10,}|-{2,}\s*(?:original message|forwarded message|原始邮件|邮件原件|(?:回复|转发)的?原?(?:邮件|消息))"
    r"|(?:on|at) .{4,200} wrote:\s*$|.{4,200}(?:写道|寫道)[:：]\s*$|.{4,200}\b(?:a écrit|schrieb|escribió|ha scritto|пишет|писал\w?) ?:\s*$"
    r"|\W*(?:from|发件人|寄件者|von|de)\s*[:：|]\s*\S|发自我的|来自我的|sent from my |gesendet von |enviado desde |envoyé de )",
    re.IGNORECASE,
)
"""Where the writer's own words end: a signature (RFC 3676: two dashes and a blank), or the mail that is answered."""

_WRAPPED = re.compile(r"(?=.*(?:@|\d{4})).*[:：]\s*$", re.DOTALL)
"""A few lines before a quotation that say whose it is, broken where a program breaks lines."""

_ABSENT = re.compile(
    r"\W*(?:自动(?:回复|答复|应答)|自動(?:回覆|回復)|不在办公室|休假通知"
    r"|auto(?:matic)?[- ]?(?:reply|response)|out[- ]of[- ](?:the[- ])?office"
    r"|automatische antwort|réponse automatique|respuesta automática|автоответ)",
    re.IGNORECASE,
)
"""How the subject, or the text, of an absence note begins where its program leaves no mark (QQ Mail, NetEase, older Exchange)."""

_SKIPPED = frozenset({"style", "script", "head", "title", "blockquote"})
_BREAKS = frozenset({"br", "p", "div", "tr", "li", "h1", "h2", "h3"})


@dataclass(frozen=True)
class MailReply:
    """What one mail says.

    Attributes:
        sender: the address it says it comes from.
        token: of our personal link, from the address it came to; empty: none.
        quoted: numbers and references of our mails that it says it answers.
        message_id: its own Message-ID: the same mail read twice counts once.
    """

    sender: str = field(repr=False)
    words: str = field(repr=False)
    token: str
    quoted: tuple[tuple[int, str], ...]
    message_id: str


def read_mail(raw: bytes) -> MailReply | None:
    """Read a mail that somebody wrote; None: a machine sent it, or it cannot be read."""
    try:
        mail = message_from_bytes(raw, policy=default)
        assert isinstance(mail, EmailMessage)
        if _by_machine(mail):
            return None
        sender = parseaddr(str(mail.get("From", "")))[1]
        token = next((found[1] for name in _ARRIVED for one in _all(mail, name) if (found := TOKEN.search(one))), "")
        named = " ".join(_all(mail, "In-Reply-To") + _all(mail, "References"))
        quoted = tuple((int(number), ref) for number, ref in OURS.findall(named))
        words = own_words(_text(mail))
        if _ABSENT.match(words):
            return None
        return MailReply(sender, words, token.upper(), quoted, str(mail.get("Message-ID", "")).strip()[:250])
    except (MessageError, LookupError, ValueError, TypeError, AttributeError):
        return None  # damaged on purpose or by accident: it stays in the mailbox for a person


def own_words(text: str) -> str:
    """Return what the writer says, without what is quoted and without the signature."""
    found: list[str] = []
    quoted = False
    for line in text[: LONGEST * 4].splitlines():
        if _ENDS.match(line):
            break
        if not _QUOTED.match(line):
            found.append(line.strip())
        elif not quoted:
            quoted = True
            _drop_whose(found)
    return "\n".join(found).strip()[:LONGEST]


def _drop_whose(found: list[str]) -> None:
    """Take away the lines that say whose words are quoted next: the last paragraph, if it ends as such lines do."""
    while found and not found[-1]:
        found.pop()
    start = next((at + 1 for at in range(len(found) - 1, -1, -1) if not found[at]), 0)
    if len(found) - start <= 3 and _WRAPPED.match("\n".join(found[start:])):
        del found[start:]


def _by_machine(mail: Message) -> bool:
    """Tell whether a machine sent a mail (RFC 3834, and what was usual before it)."""
    auto = str(mail.get("Auto-Submitted", "no")).strip().lower()
    bulk = str(mail.get("Precedence", "")).strip().lower() in {"bulk", "junk", "list", "auto_reply"}
    marked = any(mail.get(name) is not None for name in ("X-Autoreply", "X-Autorespond", "List-Id"))
    silent = str(mail.get("Return-Path", "")).strip() == "<>"  # who wants no answer to it: RFC 3834, 3.3
    absent = _ABSENT.match(str(mail.get("Subject", ""))) is not None
    return (
        not auto.startswith("no") or bulk or marked or silent or absent or mail.get_content_type() == "multipart/report"
    )


def _all(mail: Message, name: str) -> list[str]:
    return [str(value) for value in mail.get_all(name, [])]


def _text(mail: EmailMessage) -> str:
    part = mail.get_body(preferencelist=("plain", "html"))
    if part is None:
        return ""
    raw = part.get_payload(decode=True)
    words = raw.decode(_charset(part), "replace") if isinstance(raw, bytes) else ""
    if part.get_content_type() != "text/html":
        return words
    reader = _Words()
    reader.feed(words)
    reader.close()
    return "".join(reader.found)


def _charset(part: Message) -> str:
    named = part.get_content_charset("utf-8")
    try:
        "".encode(named)
    except LookupError:
        return "utf-8"
    return "gb18030" if named in {"gb2312", "gbk"} else named  # what calls itself gb2312 is often more


class _Words(HTMLParser):
    """The words of a mail in HTML, a line for each block, without what is quoted."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._skip = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SKIPPED:
            self._skip += 1
        elif tag in _BREAKS:
            self.found.append("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in _SKIPPED:
            self._skip = max(0, self._skip - 1)

    def handle_data(self, data: str) -> None:
        if not self._skip:
            self.found.append(data)
