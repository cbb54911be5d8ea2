"""Reading messages of the Common Alerting Protocol, leniently: CAP 1.1 and 1.2, signed or not, in any order. Pure.

What a reader needs must be there (identifier, sender, time, status, kind); what only a validator misses is passed over:
a real tsunami message fails the CAP 1.2 schema (knowledge: hazards-and-cap, sections 1.7 and 2).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from core.errors import SourceBroken
from core.i18n import t
from sources.entries import Unreadable
from sources.formats import read_xml
from sources.model import Capture

NAMESPACE = "urn:oasis:names:tc:emergency:cap:"
ROOT = f"{{{NAMESPACE}1.2}}alert"
_ROOT_OF_OLD = f"{{{NAMESPACE}1.1}}alert"
_NAMED = 2_000
"""The namespace is named within this many first bytes: it belongs to the outermost element."""


@dataclass(frozen=True)
class Area:
    """One area: its description, and its codes as pairs of system (`UGC`, `NUTS3`) and value."""

    description: str
    geocodes: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Info:
    """What a message says in one language. Texts are as printed, without outer white space; absent ones are empty."""

    language: str
    category: str
    event: str
    response_types: tuple[str, ...]
    severity: str
    expires: datetime | None
    headline: str
    description: str
    instruction: str
    web: str
    parameters: tuple[tuple[str, str], ...]
    areas: tuple[Area, ...]


@dataclass(frozen=True)
class Alert:
    """One CAP message.

    Attributes:
        references: identifiers of the earlier messages it speaks of, oldest first. Their senders are left out: a real
            update names another sender than its own.
        incidents: the producer's word for the event; some write junk.
    """

    identifier: str
    sender: str
    sent: datetime
    status: str
    kind: str
    scope: str
    incidents: str
    references: tuple[str, ...]
    infos: tuple[Info, ...]

    @property
    def is_actual(self) -> bool:
        """Say whether it is meant: not a test, a drill or a draft, and not for a closed circle."""
        return self.status == "Actual" and self.scope in {"Public", ""}

    @property
    def is_word(self) -> bool:
        """Say whether it speaks of a danger: not one that only acknowledges or rejects another message (Ack, Error)."""
        return self.kind in {"Alert", "Update", "Cancel"}

    @property
    def is_over(self) -> bool:
        """Say whether it ends its event: a Cancel, or nothing but all-clears and parts that expired before it was sent.

        An all-clear may come as an Update that still carries the old severity (seen from Météo-France).
        """
        return self.kind == "Cancel" or (bool(self.infos) and all(self._ended(info) for info in self.infos))

    @property
    def is_withdrawn(self) -> bool:
        """Say whether the producer says in so many words that it is over: a Cancel, or nothing but all-clears.

        An end before the beginning alone may be a fault of the producer's clock.
        """
        all_clear = bool(self.infos) and all("AllClear" in info.response_types for info in self.infos)
        return self.kind == "Cancel" or all_clear

    def _ended(self, info: Info) -> bool:
        return "AllClear" in info.response_types or (info.expires is not None and info.expires <= self.sent)

    def info(self, language: str) -> Info:
        """Return the part in `language` (`en`), else the first.

        Raises:
            Unreadable: it has no part at all.
        """
        if not self.infos:
            raise Unreadable(t("a message without text: {identifier}", identifier=self.identifier))
        fitting = (info for info in self.infos if info.language.casefold().startswith(language))
        return next(fitting, self.infos[0])


def read_cap(capture: Capture) -> Alert:
    """Read a capture that is one CAP message.

    Raises:
        SourceBroken: no well-formed XML, with a DTD or entities, no CAP message, or one without what a reader needs.
    """
    old = f"{NAMESPACE}1.1".encode() in capture.body[:_NAMED]
    root = read_xml(capture, _ROOT_OF_OLD if old else ROOT)
    try:
        return alert_of(root)
    except Unreadable as error:
        raise SourceBroken(
            t("{source}: {url} is no usable CAP message: {reason}.", source=capture.source, url=capture.url,
              reason=error.message)
        ) from error  # fmt: skip


def alert_of(root: Element) -> Alert:
    """Return the message in the element `alert`.

    Raises:
        Unreadable: identifier, sender, time, status or kind is missing, or a time is none.
    """
    return Alert(
        identifier=_needed(root, "identifier"),
        sender=_needed(root, "sender"),
        sent=_moment(_needed(root, "sent")),
        status=_needed(root, "status"),
        kind=_needed(root, "msgType"),
        scope=_text(root, "scope"),
        incidents=_text(root, "incidents"),
        references=_references(_text(root, "references")),
        infos=tuple(_info(info) for info in root.findall("{*}info")),
    )


def _info(info: Element) -> Info:
    expires = _text(info, "expires")
    return Info(
        language=_text(info, "language") or "en-US",  # the default of the standard
        category=_text(info, "category"),
        event=_text(info, "event"),
        response_types=tuple((one.text or "").strip() for one in info.findall("{*}responseType")),
        severity=_text(info, "severity"),
        expires=_moment(expires) if expires else None,
        headline=_text(info, "headline"),
        description=_text(info, "description"),
        instruction=_text(info, "instruction"),
        web=_text(info, "web"),
        parameters=_pairs(info, "parameter"),
        areas=tuple(Area(_text(one, "areaDesc"), _pairs(one, "geocode")) for one in info.findall("{*}area")),
    )


def _references(text: str) -> tuple[str, ...]:
    """Return the identifiers of `sender,identifier,sent` triples, by time as written; a bare word is an identifier."""
    triples = [triple.split(",") for triple in text.split()]
    ordered = sorted(triples, key=lambda parts: parts[2] if len(parts) > 2 else "")
    return tuple(dict.fromkeys(parts[1] if len(parts) > 1 else parts[0] for parts in ordered))


def _pairs(parent: Element, tag: str) -> tuple[tuple[str, str], ...]:
    return tuple((_text(one, "valueName"), _text(one, "value")) for one in parent.findall(f"{{*}}{tag}"))


def _text(parent: Element, tag: str) -> str:
    return (parent.findtext(f"{{*}}{tag}") or "").strip()


def _needed(parent: Element, tag: str) -> str:
    found = _text(parent, tag)
    if not found:
        raise Unreadable(t("no element {name}", name=tag))
    return found


def _moment(text: str) -> datetime:
    """Read a time with a zone; `-00:00` is UTC here, and a `Z`, which CAP forbids, is understood."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is not None:
            return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unreadable(t("unreadable date: {value}", value=text))
