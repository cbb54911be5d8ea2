"""The bytes of a mail. Pure.

Building a mail with the standard library costs more than sending it. Its head depends on the text alone and is built once;
the parts are base64, so a boundary that is no base64 can stand in none of them, and each mail is a matter of joining bytes.
"""

from __future__ import annotations

import re
from base64 import encodebytes
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache

from notify.channels.base import Attachment

LINE_END = re.compile(r"\r\n|\r|\n")
BOUNDARY = b"=_lingbao_=_part_="
OUTER = b"=_lingbao_=_whole_="
PART = b"Content-Type: text/%s; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n"


@dataclass(frozen=True)
class Letter:
    """What one mail says and what stands in its head; addresses and ids are ASCII and were checked before.

    Attributes:
        unsubscribe: address of the page that stops this address by one POST (RFC 8058); empty: none.
        attachments: files after the words.
        reply_to: where answers go; empty: to the sender.
    """

    sender: str
    to: str
    message_id: str
    date: datetime
    subject: str
    body: str
    html: str
    language: str
    unsubscribe: str = ""
    attachments: tuple[Attachment, ...] = ()
    reply_to: str = ""


def mail(letter: Letter) -> bytes:
    """Return the mail as it goes over the wire: text, and the same words as HTML if there are any."""
    own = [f"To: {letter.to}", f"Message-ID: {letter.message_id}", f"Date: {format_datetime(letter.date)}"]
    if letter.reply_to:
        own.append(f"Reply-To: {letter.reply_to}")
    if letter.unsubscribe:
        own += [f"List-Unsubscribe: <{letter.unsubscribe}>", "List-Unsubscribe-Post: List-Unsubscribe=One-Click"]
    head = "\r\n".join(own).encode("ascii") + b"\r\n" + _head(letter.sender, letter.subject, letter.language)
    words = PART % b"plain" + _encoded(letter.body)
    if letter.html:
        words = _multipart(b"alternative", BOUNDARY, (words, PART % b"html" + _encoded(letter.html)))
    if letter.attachments:
        words = _multipart(b"mixed", OUTER, (words, *(_file(one) for one in letter.attachments)))
    return head + words


def _multipart(kind: bytes, boundary: bytes, parts: Iterable[bytes]) -> bytes:
    edge = b"\r\n--" + boundary
    head = b"Content-Type: multipart/" + kind + b'; boundary="' + boundary + b'"\r\n'
    return head + b"".join(edge + b"\r\n" + part for part in parts) + edge + b"--\r\n"


def _file(one: Attachment) -> bytes:
    head = f'Content-Type: {one.media}\r\nContent-Disposition: attachment; filename="{one.name}"\r\n'
    coded = encodebytes(one.body).replace(b"\n", b"\r\n")
    return head.encode("ascii") + b"Content-Transfer-Encoding: base64\r\n\r\n" + coded


def _encoded(words: str) -> bytes:
    # RFC 2045 6.6: a line end within a text is CRLF before it is encoded.
    plain = LINE_END.sub("\r\n", words.rstrip("\r\n")) + "\r\n"
    return encodebytes(plain.encode()).replace(b"\n", b"\r\n")


@lru_cache(maxsize=256)
def _head(sender: str, subject: str, language: str) -> bytes:
    message = EmailMessage(policy=SMTP)
    message["Subject"] = " ".join(subject.split())  # A line end cannot stand in a header.
    message["From"] = sender
    message["Content-Language"] = "zh-CN" if language == "zh" else language
    message["Auto-Submitted"] = "auto-generated"
    message["MIME-Version"] = "1.0"
    return message.as_bytes().rstrip(b"\r\n") + b"\r\n"
