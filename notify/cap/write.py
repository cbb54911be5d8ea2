"""Writing CAP messages and their feed as XML. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from core.clock import iso
from notify.cap.message import Info, Message, cap_time

CAP = "urn:oasis:names:tc:emergency:cap:1.2"
ATOM = "http://www.w3.org/2005/Atom"
CAP_TYPE, ATOM_TYPE = "application/cap+xml", "application/atom+xml"
GEOCODE = "ISO3166-1-alpha-2"
EVENT_CODE = "lingbao:hazard"
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold (section 2.2)."""


def message_xml(message: Message) -> bytes:
    """Return a message as a document in UTF-8. The same message is always the same bytes."""
    root = ET.Element("alert", xmlns=CAP)
    _add(root, "identifier", message.identifier)
    _add(root, "sender", message.sender)
    _add(root, "sent", cap_time(message.sent))
    _add(root, "status", message.status)
    _add(root, "msgType", message.kind)
    _add(root, "scope", message.scope)
    _add(root, "restriction", message.restriction)
    _add(root, "note", message.note)
    _add(root, "references", " ".join(one.reference for one in message.references))
    _add(root, "incidents", message.incidents)
    for info in message.infos:
        _info(root, info)
    return _document(root)


def feed_xml(messages: Sequence[Message], *, name: str, uuid: str, base: str, updated: datetime) -> bytes:
    """Return an Atom feed (RFC 4287) of messages, in the order given.

    Args:
        name: of the office. `uuid`: names the feed for good.
        base: address of our web server, without a slash at the end.
    """
    root = ET.Element("feed", xmlns=ATOM)
    _add(root, "id", f"urn:uuid:{uuid}")
    _add(root, "title", name)
    _add(root, "updated", _atom_time(updated))
    _add(_child(root, "author"), "name", name)
    ET.SubElement(root, "link", rel="self", type=ATOM_TYPE, href=f"{base}/feeds/alerts.atom")
    for one in messages:
        entry = _child(root, "entry")
        _add(entry, "id", one.identifier)
        _add(entry, "title", one.infos[0].headline)
        _add(entry, "updated", _atom_time(one.sent))
        _add(entry, "published", _atom_time(one.sent))
        ET.SubElement(entry, "category", term=one.kind)
        ET.SubElement(entry, "link", rel="alternate", type=CAP_TYPE, href=f"{base}/feeds/cap/{one.uuid}.xml")
        _add(entry, "summary", one.infos[0].headline)
    return _document(root)


def _info(root: ET.Element, info: Info) -> None:
    part = _child(root, "info")
    for tag, text in (
        ("language", info.language), ("category", info.category), ("event", info.event), ("responseType", info.response),
        ("urgency", info.urgency), ("severity", info.severity), ("certainty", info.certainty),
    ):  # fmt: skip
        _add(part, tag, text)
    _pair(part, "eventCode", EVENT_CODE, info.event_code)
    for tag, text in (
        ("expires", cap_time(info.expires)), ("senderName", info.sender_name), ("headline", info.headline),
        ("description", info.description), ("instruction", info.instruction), ("web", info.web), ("contact", info.contact),
    ):  # fmt: skip
        _add(part, tag, text)
    for name, value in info.parameters:
        _pair(part, "parameter", name, value)
    for area in info.areas:
        place = _child(part, "area")
        _add(place, "areaDesc", area.description)
        _pair(place, "geocode", GEOCODE, area.country)


def _pair(parent: ET.Element, tag: str, name: str, value: str) -> None:
    if value:
        pair = _child(parent, tag)
        _add(pair, "valueName", name)
        _add(pair, "value", value)


def _add(parent: ET.Element, tag: str, text: str) -> None:
    """Add an element with a text; an empty one is left out."""
    if text:
        _child(parent, tag).text = _FORBIDDEN.sub("", text)


def _child(parent: ET.Element, tag: str) -> ET.Element:
    return ET.SubElement(parent, tag)


def _document(root: ET.Element) -> bytes:
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="UTF-8", xml_declaration=True)
    return written + b"\n"


def _atom_time(moment: datetime) -> str:
    return str(iso(moment.replace(microsecond=0)))
