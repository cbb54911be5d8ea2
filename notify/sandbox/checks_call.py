"""What Twilio checks of a call before it takes it. Pure.

Codes: Twilio's error pages; the sentences are our own. Twilio takes TwiML that does not parse and fails the call later; here
it is refused at once (12100), so that a test sees it. Calls to mainland China are refused, as at Twilio since 2023-11-30.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import parse_qsl
from xml.etree import ElementTree

from notify.sandbox.checks import E164, Refusal, is_url

LONGEST_TWIML = 4000
EVENTS = frozenset({"initiated", "ringing", "answered", "completed"})
HOME = "+86"


@dataclass(frozen=True)
class WantedCall:
    """A create call that passed."""

    to: str
    sender: str
    twiml: str
    callback: str
    events: tuple[str, ...]
    machine_callback: str
    detects: bool


Form = Mapping[str, Sequence[str]]


def read_call(body: bytes) -> WantedCall | Refusal:
    """Check the form of a create call, and say what is wanted, or what is wrong with it. Names may be repeated."""
    form: dict[str, list[str]] = {}
    for name, value in parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True):
        form.setdefault(name, []).append(value)
    for check in CHECKS:
        code, sentence = check(form)
        if code:
            return Refusal(code, 400, sentence)
    return WantedCall(
        to=_one(form, "To"),
        sender=_one(form, "From"),
        twiml=_one(form, "Twiml"),
        callback=_one(form, "StatusCallback"),
        events=tuple(form.get("StatusCallbackEvent", ["completed"])),
        machine_callback=_one(form, "AsyncAmdStatusCallback") if _one(form, "AsyncAmd") == "true" else "",
        detects=bool(_one(form, "MachineDetection")),
    )


def gather_action(twiml: str) -> str:
    """Return the address that gets the keys pressed in the first question of a TwiML text; empty: none is asked."""
    try:
        gather = ElementTree.fromstring(twiml).find("Gather")  # noqa: S314 - from this machine only
    except ElementTree.ParseError:
        return ""
    return "" if gather is None else gather.get("action", "")


def said(twiml: str) -> str:
    """Return the words that a TwiML text says, one sentence a line."""
    return "\n".join(one.text or "" for one in ElementTree.fromstring(twiml).iter("Say"))  # noqa: S314 - checked before


FINE = (0, "")


def _one(form: Form, name: str) -> str:
    return form.get(name, [""])[-1]


def _to(form: Form) -> tuple[int, str]:
    to = _one(form, "To")
    if not to:
        return 21201, "No 'To' number is specified."
    if not _is_number(to):
        return 21211, f"Invalid 'To' Phone Number: {to}"
    return (21215, "Calls to mainland China are not supported.") if to.startswith(HOME) else FINE


def _from(form: Form) -> tuple[int, str]:
    sender = _one(form, "From")
    if not sender:
        return 21213, "A 'From' phone number is required."
    return FINE if _is_number(sender) else (21212, f"Invalid From Number: {sender}")


def _twiml(form: Form) -> tuple[int, str]:
    text = _one(form, "Twiml")
    if not text:
        return 21205, "Give Twiml: the sandbox fetches no TwiML from a Url."
    if len(text) > LONGEST_TWIML:
        return 20001, f"Twiml may have at most {LONGEST_TWIML} characters."
    try:
        root = ElementTree.fromstring(text)  # noqa: S314 - no entities: expat refuses what it cannot resolve
    except ElementTree.ParseError as error:
        return 12100, f"Document parse failure: {error}"
    return FINE if root.tag == "Response" else (12102, "The root element must be Response.")


def _callbacks(form: Form) -> tuple[int, str]:
    for name in ("StatusCallback", "AsyncAmdStatusCallback"):
        url = _one(form, name)
        if url and not is_url(url):
            return 21609, f"The {name} URL {url} is not a valid URL."
    unknown = set(form.get("StatusCallbackEvent", ())) - EVENTS
    return (21626, f"Invalid StatusCallbackEvent: {', '.join(sorted(unknown))}") if unknown else FINE


def _numbers(form: Form) -> tuple[int, str]:
    text = _one(form, "Timeout") or "60"
    fine = text.isdecimal() and len(text) < 5 and 0 < int(text) <= 600
    return FINE if fine else (20001, "Timeout must be between 1 and 600 seconds.")


def _is_number(text: str) -> bool:
    return text.startswith("+") and bool(E164.fullmatch(text))


CHECKS: tuple[Callable[[Form], tuple[int, str]], ...] = (_to, _from, _twiml, _callbacks, _numbers)
