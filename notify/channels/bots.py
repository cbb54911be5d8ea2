"""What the robots of three group chats share: a webhook a group, a pace, no look-up, HTTP 200 with a code in the body.

A robot posts to a group: nobody knows who reads it. So it is told as posted, never as delivered to a person, and it carries
nothing of a person: the text is about a country. There is no id and no receipt: what is in doubt stays in doubt, and severity
decides. One group's fault is that group's alone: it never stops the others.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, ClassVar

from core.clock import Clock
from core.group_bots import GroupBot
from core.settings import Settings
from notify.channels.base import (
    Accepted,
    Answer,
    CannotTell,
    InDoubt,
    NoLookup,
    NotSent,
    Outgoing,
    ProviderStatus,
    Rejected,
    Result,
)
from notify.channels.http_line import Call, HttpLine, Reply, by_status, host_of, rebase, redacted, word
from notify.channels.meanings import Meaning, told
from notify.channels.pace import Limit, Pace
from notify.gate import is_loopback
from notify.groups import address


@dataclass(frozen=True)
class Hook:
    """One group's webhook, its secret, and its pace."""

    url: str
    secret: str
    pace: Pace


class Bots(ABC):
    """The channel of one kind of robot, with all groups of that kind. Safe for many calls at once in one event loop."""

    name: str
    provider: str
    limits: tuple[Limit, ...]
    most_bytes: int
    code_field: str
    words_field: str
    codes: ClassVar[Mapping[str, tuple[Meaning, float | None]]]

    def __init__(self, settings: Settings, clock: Clock, base_url: str = "") -> None:
        """Post to the groups of the settings; `base_url` takes the place of every provider's host."""
        self._clock, self._line = clock, HttpLine(settings)
        ours = [one for one in settings.groups if one.kind == self.name]
        self._hooks = {address(one.name): self._hook(one, base_url) for one in ours}

    def _hook(self, group: GroupBot, base_url: str) -> Hook:
        url = rebase(group.url.get_secret_value(), base_url)
        return Hook(url, group.secret.get_secret_value(), Pace(self.limits))

    @property
    def endpoint(self) -> str:
        """Return the host that is called; of several, one that is not this machine: the gate must see the worst of them."""
        hosts = sorted({host_of(hook.url) for hook in self._hooks.values()})
        return next((host for host in hosts if not is_loopback(host)), hosts[0] if hosts else "")

    async def send(self, notice: Outgoing) -> Result:
        """Post once to the group that `notice.address` names."""
        hook = self._hooks.get(notice.address)
        if hook is None:
            return Rejected("no-group", "the settings have no such group any more")
        if len(notice.body.encode()) > self.most_bytes:
            return Rejected("too-long", f"more than {self.most_bytes} bytes")
        now = self._clock.now()
        wait = hook.pace.take(now.timestamp())
        if wait:
            return NotSent("pace", "as often as this group allows", wait)
        return self._read(await self._line.call(self.request(notice.body, hook, now)), hook, notice)

    @abstractmethod
    def request(self, body: str, hook: Hook, now: datetime) -> Call:
        """Return the request that posts a text."""

    def _read(self, reply: Reply | NotSent | InDoubt | Rejected, hook: Hook, notice: Outgoing) -> Result:
        if isinstance(reply, Reply) and 200 <= reply.status < 300:
            return self._verdict(reply.fields, hook, notice)
        failed = by_status(reply.status, reply.retry_after) if isinstance(reply, Reply) else reply
        if isinstance(failed, NotSent):
            return replace(failed, throttled=False)
        return replace(failed, stops_channel=False) if isinstance(failed, Rejected) else failed

    def _verdict(self, fields: Mapping[str, Any], hook: Hook, notice: Outgoing) -> Result:
        code, words = word(fields.get(self.code_field)), word(fields.get(self.words_field))
        if code == "0":
            return Accepted(f"{notice.delivery_id}.{notice.attempt}", "sent", 200)
        if not code:
            return InDoubt("answer", "no code in the answer", 200)
        meaning, wait = self.meaning(code, words)
        return told(
            meaning, code, redacted(words, hook.url, hook.secret, *hook.url.split("=")[1:]), http=200, wait=wait
        )

    def meaning(self, code: str, words: str) -> tuple[Meaning, float | None]:
        """Return what a code means, and how long to wait. One that we do not know refuses this post, and stops nothing."""
        return self.codes.get(code, (Meaning.REFUSED, None))

    async def lookup(self, notice: Outgoing, since: datetime) -> Answer:
        """A group chat cannot be asked."""
        return NoLookup()

    async def status(self, provider_id: str) -> ProviderStatus | CannotTell:
        """A group chat cannot be asked."""
        return CannotTell("a group chat tells nothing of a post")

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()
