"""What Twilio checks of a create call before it takes it. Pure.

Codes and limits: Twilio's OpenAPI document of API 2010-04-01 and its error pages; the sentences are our own. Both
From and a Messaging Service may be given (the From is then a sender of its pool); a Body beside a ContentSid is
refused here, because Twilio's page on error 63016 warns of it. Media is not played.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from core.clock import parse_moment

LONGEST_BODY = 1600
EARLIEST, LATEST = 300, 35 * 86_400
"""Seconds ahead that a message may be scheduled (error 35115)."""

E164 = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}", re.ASCII)
SENDER = re.compile(r"(whatsapp:)?\+[1-9]\d{6,14}|\d{3,8}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", re.ASCII)
SERVICE = re.compile(r"MG[0-9a-fA-F]{32}")
CONTENT = re.compile(r"HX[0-9a-fA-F]{32}")
HOST = re.compile(r"[A-Za-z0-9.\-]+|\[[0-9A-Fa-f:.]+\]")


@dataclass(frozen=True)
class Refusal:
    """An answer that is no message: Twilio's code (0: the answer is no JSON), the HTTP status and a sentence."""

    code: int
    http: int
    message: str


@dataclass(frozen=True)
class Wanted:
    """A create call that passed. `held` is seconds until it is due, 0 for at once; `validity` is in seconds."""

    to: str
    sender: str
    service: str
    body: str
    callback: str
    validity: int
    held: float


Form = Mapping[str, str]


def read(form: Form, now: datetime) -> Wanted | Refusal:
    """Check the form of a create call at `now`, and say what is wanted, or what is wrong with it."""
    for check in CHECKS:
        code, sentence = check(form)
        if code:
            return Refusal(code, 400, sentence)
    held = _held(form, now)
    if isinstance(held, Refusal):
        return held
    return Wanted(
        to=form["To"],
        sender=form.get("From", ""),
        service=form.get("MessagingServiceSid", ""),
        body=form.get("Body") or _content(form),
        callback=form.get("StatusCallback", ""),
        validity=int(form.get("ValidityPeriod", "36000")),
        held=held,
    )


FINE = (0, "")


def _to(form: Form) -> tuple[int, str]:
    to = form.get("To", "")
    if not to:
        return 21604, "A 'To' phone number is required."
    return FINE if E164.fullmatch(to) else (21211, f"Invalid 'To' Phone Number: {to}")


def _from(form: Form) -> tuple[int, str]:
    sender, service = form.get("From", ""), form.get("MessagingServiceSid", "")
    if not sender and not service:
        return 21603, "A 'From' phone number is required."
    if service and not SERVICE.fullmatch(service):
        return 21705, f"The Messaging Service Sid {service} is invalid."
    if sender and not SENDER.fullmatch(sender):
        return 21212, f"Invalid From Number: {sender}"
    if sender and sender == form["To"]:
        return 21266, "'To' and 'From' number cannot be the same."
    if sender and sender.startswith("whatsapp:") != form["To"].startswith("whatsapp:"):
        return 21606, f"The 'From' {sender} cannot send to the channel of 'To'."
    return FINE


def _body(form: Form) -> tuple[int, str]:
    body, content = form.get("Body", ""), form.get("ContentSid", "")
    if not body and not content:
        return 21619, "A Message Body, Media URL or Content SID is required."
    if body and content:
        return 21619, "Give either a Body or a ContentSid, not both."
    if len(body) > LONGEST_BODY:
        return 21617, "The concatenated message body exceeds the 1600 character limit."
    return FINE


def _template(form: Form) -> tuple[int, str]:
    content, variables = form.get("ContentSid", ""), form.get("ContentVariables", "")
    if content and not CONTENT.fullmatch(content):
        return 21655, f"The ContentSid {content} is invalid."
    if variables and not content:
        return 92005, "A ContentSid is required with ContentVariables."
    try:
        plain = not variables or isinstance(json.loads(variables), dict)
    except ValueError:
        plain = False
    return FINE if plain else (21656, "The ContentVariables parameter is invalid.")


def _callback(form: Form) -> tuple[int, str]:
    url = form.get("StatusCallback", "")
    return FINE if not url or is_url(url) else (21609, f"The StatusCallback URL {url} is not a valid URL.")


def _validity(form: Form) -> tuple[int, str]:
    text = form.get("ValidityPeriod", "1")
    fine = text.isdecimal() and len(text) < 9 and 1 <= int(text) <= 36_000
    return FINE if fine else (90007, "The ValidityPeriod must be an integer between 1 and 36000 seconds.")


CHECKS: tuple[Callable[[Form], tuple[int, str]], ...] = (_to, _from, _body, _template, _callback, _validity)


def is_url(text: str) -> bool:
    """Tell whether `text` is a full web address, up to 4,000 characters, no underscore in its host (error 21609)."""
    try:
        parts = urlsplit(text)
        host = parts.hostname or ""
        _ = parts.port
    except ValueError:
        return False
    fine = parts.scheme in {"http", "https"} and len(text) <= 4000 and not re.search(r"\s", text)
    return fine and bool(HOST.fullmatch(host) or ":" in host)


def _held(form: Form, now: datetime) -> float | Refusal:
    if "ScheduleType" not in form and "SendAt" not in form:
        return 0.0
    if form.get("ScheduleType") != "fixed":
        return Refusal(35110, 400, "ScheduleType must be fixed.")
    if not form.get("MessagingServiceSid"):
        return Refusal(35118, 400, "MessagingServiceSid is required to schedule a message.")
    if "SendAt" not in form:
        return Refusal(35111, 400, "SendAt timestamp is missing.")
    try:
        ahead = (parse_moment(form["SendAt"]) - now).total_seconds()
    except ValueError:
        ahead = 0.0
    if not EARLIEST < ahead <= LATEST:
        return Refusal(35115, 400, "SendAt must be a UTC time between 300 seconds and 35 days ahead.")
    return ahead


def _content(form: Form) -> str:
    """Return the values of a template's variables, one to a line: the template's own words are not known here."""
    values = json.loads(form.get("ContentVariables") or "{}")
    return "\n".join(str(value) for value in values.values())
