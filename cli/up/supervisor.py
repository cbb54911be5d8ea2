"""Keeping parts running: whatever ends is named and started again, sooner at first and later if it fails again and again."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from cli.up.parts import Part
from cli.up.process import begin, is_gone, last_words, signal_group
from core.i18n import Message, t

TICK = 0.2
SHORTEST, LONGEST = 1.0, 60.0
"""Seconds before a part that ended is started again: doubled each time, up to the longest."""

STANDS = 3.0
"""Seconds after which a part that nobody can ask counts as working."""

STEADY = 60.0
"""A part that ran so long has recovered: its next end is a first one."""

MANY = 5
"""Ends in a row after which it is said that somebody should look."""

GRACE = 10.0

SLOW = 120.0
"""Seconds a part may take to answer for the first time before it is named."""

ASKED_EVERY, DEAF = 15.0, 60.0
"""Seconds between two questions to a part that works; and after how long without any answer it hangs, and is ended."""

FOUND = 1
"""Exit status of a command that did its work and found something."""


def wait_before(ends: int) -> float:
    """Return the seconds before a part that ended so often in a row is started again. Pure."""
    # Doubled ten times is enough: after a thousand ends, which take a night, no float would hold it.
    return min(LONGEST, SHORTEST * 2.0 ** min(ends - 1, 10))


@dataclass
class _Kept:
    """A part at work. `groups` are of all its processes so far that may have left others behind."""

    part: Part
    child: subprocess.Popen[bytes] | None = None
    since: float = 0.0
    again: float = 0.0
    ends: int = 0
    works: bool = False
    asked: float = 0.0
    heard: float = 0.0
    named: bool = False
    groups: set[int] = field(default_factory=set)


class Supervisor:
    """Starts parts and keeps them running, in one thread: the one that made it, which must be the main thread on Linux."""

    def __init__(
        self,
        parts: Sequence[Part],
        env: Mapping[str, str],
        logs: Path,
        tell: Callable[[Message], None],
        grace: float = GRACE,
    ) -> None:
        """Describe the work; `run` does it.

        Args:
            env: environment of every part.
            logs: directory for a log file of each part.
            tell: called with a sentence for whoever sits at the machine.
            grace: seconds from SIGTERM to SIGKILL.
        """
        self._kept = [_Kept(part) for part in parts]
        self._env, self._logs, self._tell, self._grace = env, logs, tell, grace
        self._ready_told = False
        # Nothing of the environment may come between us and our own parts, least of all a proxy.
        self._http = httpx.Client(timeout=1.0, trust_env=False)

    def run(self, stop: threading.Event, hurry: threading.Event, ready: Callable[[], None]) -> None:
        """Keep everything running until `stop`; then end it in good order, at once if `hurry` is set too.

        Args:
            ready: called once, when every part has answered, or has been waited for long enough.
        """
        self._logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            while not stop.wait(TICK):
                self.look(time.monotonic())
                if not self._ready_told and all(one.works or one.named for one in self._kept):
                    self._ready_told = True
                    ready()
        finally:
            self._end(hurry)
            self._http.close()

    @property
    def all_work(self) -> bool:
        """Tell whether every part works, as far as was seen."""
        return all(one.works for one in self._kept)

    def look(self, now: float) -> None:
        """Look after every part once: start what is due, name what ended, ask what has not answered yet, end what hangs."""
        for one in self._kept:
            if one.child is None:
                if now >= one.again:
                    self._start(one, now)
            elif (status := one.child.poll()) is not None:
                self._ended(one, status, now)
            elif not one.works:
                self._ask(one, now)
            elif one.part.health and now - one.asked >= ASKED_EVERY:
                self._listen(one, now)

    def _start(self, one: _Kept, now: float) -> None:
        one.child = begin(one.part.command, self._env, self._log(one))
        one.groups = {group for group in one.groups if not is_gone(group)} | {one.child.pid}
        one.since = now

    def _ended(self, one: _Kept, status: int, now: float) -> None:
        one.child = None
        if one.part.every and status in {0, FOUND}:
            one.again, one.ends, one.works = max(now, one.since + one.part.every), 0, True
            return
        one.ends = 1 if now - one.since > STEADY else one.ends + 1
        wait = wait_before(one.ends)
        one.again, one.works = now + wait, False
        self._tell_end(one, status, wait)

    def _tell_end(self, one: _Kept, status: int, wait: float) -> None:
        said = {"part": one.part.title, "seconds": f"{wait:.0f}", "log": self._log(one)}
        if status < 0:
            word = t("{part} was ended by signal {signal}.", part=one.part.title, signal=-status)
        else:
            word = t("{part} ended with status {status}.", part=one.part.title, status=status)
        self._tell(t("{what} It is started again in {seconds} s. Log: {log}", what=word, **said))
        words = last_words(self._log(one))
        if words:
            self._tell(t("The last line of its log: {words}", words=words))
        if one.ends >= MANY:
            one.named = True
            self._tell(
                t("{part} has ended {times} times in a row. It is tried again and again, but somebody should look.",
                  part=one.part.title, times=one.ends)
            )  # fmt: skip

    def _ask(self, one: _Kept, now: float) -> None:
        one.works = self._answers(one.part.health) if one.part.health else now - one.since > STANDS
        one.asked = one.heard = now
        if one.works and (one.ends or one.named):
            self._tell(t("{part} works again.", part=one.part.title))
            one.named = False
        elif not one.works and not one.named and now - one.since > SLOW:
            one.named = True
            self._tell(t("{part} runs, but has not answered for {seconds} s. Log: {log}", part=one.part.title,
                         seconds=f"{now - one.since:.0f}", log=self._log(one)))  # fmt: skip

    def _listen(self, one: _Kept, now: float) -> None:
        """End a part that answers no more: it is then started again as one that ended. Unwell is no reason, silent is."""
        one.asked = now
        if self._reached(one.part.health):
            one.heard = now
        elif now - one.heard >= DEAF and one.child is not None:
            self._tell(t("{part} has not answered for {seconds} s: it hangs, and is ended. Log: {log}", part=one.part.title,
                         seconds=f"{now - one.heard:.0f}", log=self._log(one)))  # fmt: skip
            signal_group(one.child.pid, signal.SIGKILL)  # what hangs hears no other

    def _reached(self, url: str) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            self._http.get(url)
            return True
        return False

    def _answers(self, url: str) -> bool:
        with contextlib.suppress(httpx.HTTPError):
            return self._http.get(url).status_code == httpx.codes.OK
        return False

    def _log(self, one: _Kept) -> Path:
        return self._logs / f"{one.part.name}.log"

    def _end(self, hurry: threading.Event) -> None:
        """End those that lean on others, then the others: SIGTERM, and SIGKILL for what is left of a group after a while."""
        for carries in False, True:
            chosen = [one for one in self._kept if one.part.carries is carries]
            for group in _groups(chosen):
                signal_group(group, signal.SIGTERM)
            until = time.monotonic() + self._grace
            while _groups(chosen) and time.monotonic() < until and not hurry.is_set():
                time.sleep(TICK / 2)
            for group in _groups(chosen):
                signal_group(group, signal.SIGKILL)
            for one in chosen:
                if one.child is not None:
                    one.child.wait()


def _groups(kept: Sequence[_Kept]) -> set[int]:
    """Return the groups of which something is left."""
    for one in kept:
        if one.child is not None:
            one.child.poll()  # a process that has ended and was not waited for still counts for its group
        one.groups = {group for group in one.groups if not is_gone(group)}
    return {group for one in kept for group in one.groups}
