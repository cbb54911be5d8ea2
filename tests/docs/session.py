"""A page's shell: its blocks are run by a real `sh`, one after the other, in a directory that is the reader's."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from notify.sandbox.running import ACCOUNT_SID, AUTH_TOKEN
from tests.docs.blocks import Block, Command, blocks, commands
from tests.docs.not_run import ELSEWHERE
from tests.docs.shapes import differs
from tests.docs.surroundings import Surroundings
from tests.flows.running import free_port

TYPED, OUTPUT = "sh", "text"
STAYS = re.compile(r"^lingbao (?:--as \S+ )?(sandbox|serve)\b")
"""Commands that run until they are told to end: started in the background, and awaited until they answer."""

SETTINGS = "# lingbao.toml"
"""What a block of settings begins with that the reader is to have."""

ENDED = "ended"
WRITTEN = date(2026, 11, 22)
"""The day that is today in the pages."""

DAY, WEEK = re.compile(r"\b20\d\d-[01]\d-[0-3]\d(?!\d)"), re.compile(r"\b(20\d\d)-W(\d\d)\b")
DATABASE = "postgresql://lingbao:password@db.example.org/lingbao"
EMPTY_PLACE = "/srv/lingbao/restored"
"""Where the pages restore a backup: a directory that is not there yet."""

PUBLISHER = re.compile(r"(?<=^lingbao sources )(check|record) cn-mfa\b")
"""What reads a publisher's page: here the one that answers, see `surroundings`."""

PROVIDERS = {
    '"AC…"': f'"{ACCOUNT_SID}"',
    '"…"': f'"{AUTH_TOKEN}"\ntwilio_base_url = "http://127.0.0.1:{{port}}"',
    '"MG…"': f'"MG{"0" * 32}"',
    '"mail.office.example"': '"127.0.0.1"\nsmtp_port = {mail}\nsmtp_security = "none"',
}
"""What the reader of a page fills in of a real provider and a real relay, and what is filled in here: the sandbox's."""

GIVEN_OUT = ("TICKET", "123456")
"""Words of a page that stand for what the program gave out last: see `given-out` in `tools`."""

CHECKED = """end() { [ $# = 0 ] || { kill "$1"; wait "$1"; }; }
trap 'end ${sandbox-}; end ${serve-}' EXIT
checked() {
  status=$?; line=$1; shift; echo "$line $status" >&9
  for wanted; do [ "$status" = "$wanted" ] && return; done
  exit 99
}
"""


def redated(text: str, today: date) -> str:
    """Move days and weeks: the pages are written as on `WRITTEN`. Pure."""
    passed = today - WRITTEN

    def day(found: re.Match[str]) -> str:
        return (date.fromisoformat(found[0]) + passed).isoformat()

    def week(found: re.Match[str]) -> str:
        moved = date.fromisocalendar(int(found[1]), int(found[2]), 1) + passed
        return f"{moved:%G-W%V}"

    return WEEK.sub(week, DAY.sub(day, text))


@dataclass(frozen=True)
class Desk:
    """What a page's shell needs.

    Attributes:
        directory: where the reader is; the home is `var` in it.
        kept: where it is written down what each block said and how each command ended.
        environment: of the shell.
        ports: what the pages call 8425 and 8430, and what it is here.
        database: what the pages call `DATABASE`.
    """

    directory: Path
    kept: Path
    environment: Mapping[str, str]
    ports: Mapping[str, int]
    database: str

    def moved(self, text: str) -> str:
        """Return a command with the ports of this machine, the days of now, and what was given out for `TICKET` and the like."""
        for known, here in self.ports.items():
            text = re.sub(rf"(?<=127\.0\.0\.1:){known}\b", str(here), text)
        text = text.replace(DATABASE, self.database).replace(EMPTY_PLACE, str(self.directory / "restored"))
        text = PUBLISHER.sub(r"\1 example", text)
        port = self.ports["8425"]
        for blank, filled in PROVIDERS.items() if "twilio_account_sid" in text else ():
            text = text.replace(blank, filled.format(port=port, mail=port + 1))
        for word in GIVEN_OUT:
            text = re.sub(rf"\b{word}\b", f"$(given-out {word})", text)
        return redated(text, datetime.now(UTC).date())


def lay_desk(directory: Path, around: Surroundings, *, language: str, own_sandbox: bool, database: str = "") -> Desk:
    """Lay a page's desk: a directory with nothing in it, and an environment in which nothing of this machine's offices is left.

    Args:
        directory: is there; `office` is made in it.
        own_sandbox: the page starts a sandbox itself.
        database: URL of an empty database that stands for the one of `DATABASE`.
    """
    ports = {"8425": free_pair() if own_sandbox else around.sandbox, "8430": free_port()}
    kept = {k: v for k, v in os.environ.items() if not k.upper().startswith(("LINGBAO_", "PREFECT_", "PYTEST_"))}
    ours = {
        "SAID": str(directory),
        "LINGBAO_LANG": language,
        "LINGBAO_SANDBOX_PORT": str(ports["8425"]),
        "LINGBAO_PUBLIC_BASE_URL": f"http://127.0.0.1:{ports['8430']}",
    }
    here = directory / "office"
    (here / ".venv" / "bin").mkdir(parents=True)
    (here / ".venv" / "bin" / "activate").touch()
    return Desk(here, directory, kept | around.variables | ours, ports, database)


def free_pair() -> int:
    """Return a port that is free, and whose neighbour is: a sandbox takes both."""
    while True:
        port = free_port()
        with socket.socket() as one, contextlib.suppress(OSError, OverflowError):
            one.bind(("127.0.0.1", port + 1))
            return port


def script(desk: Desk, page: str) -> str:
    """Return the shell script of a page: its commands, each with a look at how it ended, each block's words in a file."""
    made = [f"exec 9>{desk.kept / ENDED}", CHECKED]
    for block in blocks(page):
        if block.language == "toml" and block.text.startswith(SETTINGS):
            made.append(f"cat >> var/lingbao.toml <<'TOML'\n{block.text}\nTOML\n")
        if block.language != TYPED or block.not_run:
            continue
        made.append(f"exec >{desk.kept / str(block.line)} 2>&1")
        made += [_typed(desk, one) for one in commands(block) if one.words not in ELSEWHERE]
    return "\n".join(made) + "\n"


def typed(page: str) -> list[Block]:
    """Return the blocks of a page that are run. Pure."""
    return [block for block in blocks(page) if block.language == TYPED and not block.not_run]


def _typed(desk: Desk, command: Command) -> str:
    text, looked = desk.moved(command.text), f"checked {command.line} {' '.join(map(str, command.exits))}"
    stays = STAYS.match(text)
    if not stays:
        return f"{text}\n{looked}"
    port, name = desk.ports["8425" if stays[1] == "sandbox" else "8430"], stays[1]
    began = command.words + f" --port {port}"
    # One of a kind runs at a time: a page may show several ways to start it.
    return f"end ${{{name}-}}\n{began} &\n{name}=$!\nawait-port {port} && kill -0 ${name}\n{looked}"


def run(desk: Desk, page: str, seconds: float = 240) -> list[str]:
    """Run a page from its first command to the first that ends otherwise than the page says; compare what was said.

    Returns:
        what is wrong, in words; nothing: the page is true.
    """
    path = desk.kept / "page.sh"
    path.write_text(script(desk, page), encoding="utf-8")
    shell = subprocess.Popen(
        ["sh", str(path)], cwd=desk.directory, env=dict(desk.environment), stdin=subprocess.DEVNULL, process_group=0
    )
    try:
        shell.wait(seconds)
    except subprocess.TimeoutExpired:
        return [f"the page was not through after {seconds:.0f} s: {(desk.kept / ENDED).read_text()}"]
    finally:
        _end(shell.pid)
        shell.wait()
    return _ends(desk, page) or _shown(desk, page)


def _end(group: int) -> None:
    """End whatever is left of a page: what it started in the background."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGTERM)
        for _ in range(100):
            time.sleep(0.05)
            os.killpg(group, 0)
        os.killpg(group, signal.SIGKILL)


def _ends(desk: Desk, page: str) -> list[str]:
    lines = [line.split() for line in (desk.kept / ENDED).read_text().splitlines()]
    ended = {int(number): int(status) for number, status in lines}
    for block in typed(page):
        for one in commands(block):
            if one.words in ELSEWHERE or ended.get(one.line) in one.exits:
                continue
            said = (desk.kept / str(block.line)).read_text(encoding="utf-8", errors="replace")
            return [
                f"line {one.line}: {one.text}\nended with {ended.get(one.line)}, not {one.exits}; the block said:\n{said}"
            ]
    return []


def _shown(desk: Desk, page: str) -> list[str]:
    """Compare what stands directly below a block of commands with what they said."""
    found, before = list[str](), None
    for block in blocks(page):
        if block.language == OUTPUT and block.below and before is not None:
            said = (desk.kept / str(before.line)).read_text(encoding="utf-8", errors="replace")
            fault = differs(block.text, said)
            found += [f"line {block.line}: {fault}\nall that was said:\n{said}"] if fault else []
        before = block if block.language == TYPED and not block.not_run else None
    return found
