"""The inbox of answers: each is taken at once; while the database is busy it waits in the spool, and nothing is lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import structlog

from core.database import writing
from core.errors import StoreBusy
from notify import receipts, replies
from notify.office import Office
from notify.receipts import Word
from notify.replies import Reply, Taken
from notify.safety import spool, ways
from notify.safety.model import PERSON, Answer, Counted, Means, Said
from notify.safety.take import take_answer

log = structlog.get_logger(__name__)
PAYLOAD = "payload."


def take(office: Office, reply: Reply) -> Taken | None:
    """Take a message to one of our numbers; None: the database is busy, and the message waits in the spool.

    Raises:
        OSError: neither the database nor the disk can be written.
    """
    now = office.clock.now()
    try:
        return _take(office, reply, now)
    except StoreBusy:
        fields = {
            "channel": reply.channel, "number": reply.number, "body": reply.body, "provider": reply.provider,
            "provider_id": reply.provider_id, "opted_out": "yes" if reply.opted_out else "",
            "opted_in": "yes" if reply.opted_in else "",
        }  # fmt: skip
        _spool(office, fields, reply.payload, now)
        return None


def press(office: Office, word: Word, digit: str) -> Answer | None:
    """Keep a key that a listener pressed, and count it as an answer; None: it is none, for the alert is long over. Unclear: it was
    the key for safe, on a telephone of several people.

    While the database is busy it waits in the spool: the caller has hung up before Twilio would bring it again.

    Raises:
        OSError: neither the database nor the disk can be written.
    """
    now = office.clock.now()
    try:
        return _press(office, word, digit, now)
    except StoreBusy:
        fields = {
            "digit": digit, "delivery": str(word.delivery_id), "provider": word.provider, "provider_id": word.provider_id,
            "status": word.status, "via": word.via,
        }  # fmt: skip
        _spool(office, fields, word.payload, now)
        return ways.DIGITS.get(digit)


def say(office: Office, alert_id: int, people: Sequence[int], said: Said) -> bool:
    """Write down what somebody said on the page; True if the alert was over by then. While the database is busy it waits.

    Raises:
        OSError: neither the database nor the disk can be written.
    """
    try:
        return _say(office, alert_id, people, said).late
    except StoreBusy:
        fields = {
            "alert": str(alert_id), "people": ",".join(str(one) for one in people), "answer": said.answer.value,
            "words": said.words, "provider_id": said.ref, "provider": "link",
        }  # fmt: skip
        _spool(office, fields, {}, said.at)
        return False


def catch_up(office: Office) -> int:
    """Take what waits in the spool, with the moment at which it came; return how many. Repeatable."""
    return spool.drain(office.settings.home, lambda fields: _again(office, fields), office.keys)


def _spool(office: Office, fields: Mapping[str, str], payload: Mapping[str, str], now: datetime) -> None:
    raw = {f"{PAYLOAD}{name}": value for name, value in payload.items()}
    spool.put(office.settings.home, {**fields, **raw, "at": now.isoformat()}, office.keys)
    log.warning("database busy: an answer waits in the spool", message=fields["provider_id"])


def _again(office: Office, fields: Mapping[str, str]) -> None:
    payload = {name.removeprefix(PAYLOAD): value for name, value in fields.items() if name.startswith(PAYLOAD)}
    at, provider, provider_id = datetime.fromisoformat(fields["at"]), fields["provider"], fields["provider_id"]
    if "alert" in fields:
        said = Said(Answer(fields["answer"]), Means.LINK, PERSON, fields["words"], at, provider_id)
        _say(office, int(fields["alert"]), [int(one) for one in fields["people"].split(",")], said)
        return
    if "digit" in fields:
        status, via = fields["status"], fields["via"]
        word = Word(int(fields["delivery"]), provider, provider_id, status, "", payload, via)
        _press(office, word, fields["digit"], at)
        return
    reply = Reply(
        fields["channel"], fields["number"], fields["body"], provider, provider_id, bool(fields["opted_out"]), payload,
        bool(fields.get("opted_in")),
    )  # fmt: skip
    _take(office, reply, at)


def _say(office: Office, alert_id: int, people: Sequence[int], said: Said) -> Counted:
    with writing(office.engine) as connection:
        return take_answer(connection, alert_id, people, said, office.keys)


def _take(office: Office, reply: Reply, at: datetime) -> Taken:
    with writing(office.engine) as connection:
        return replies.take(connection, reply, office.keys, at)


def _press(office: Office, word: Word, digit: str, at: datetime) -> Answer | None:
    with writing(office.engine) as connection:
        receipts.accept(connection, word, office.keys, at)
        counted = ways.press(connection, word.delivery_id, digit, word.provider_id, at, office.keys)
    return None if counted is None else counted.answer
