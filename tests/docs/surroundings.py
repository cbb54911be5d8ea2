"""What stands around all pages of a run: the warm process, a sandbox, and one publisher that can be reached."""

from __future__ import annotations

import contextlib
import functools
import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from notify.sandbox.running import running
from sources.catalog import publishers
from tests.docs.tools import ROOT, TOOLS
from tests.docs.warm import SHIM, SOCKET
from tests.flows.running import wait_for

FEED = """\
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Advice</title><link>http://127.0.0.1/</link>
<item><title>Mali: Floods in the north</title><guid isPermaLink="false">1</guid>
<link>http://127.0.0.1/1</link><description>Roads are cut.</description></item>
</channel></rss>
"""


@dataclass(frozen=True)
class Surroundings:
    """What a page's shell is given.

    Attributes:
        tools: directory of the stand-ins for `lingbao` and `make`.
        warm: socket of the process behind them.
        sandbox: port of a sandbox that runs.
        publisher: port of the one publisher that answers; all others are switched off.
    """

    tools: Path
    warm: Path
    sandbox: int
    publisher: int

    @property
    def variables(self) -> dict[str, str]:
        """Return what the environment of a page says of all this."""
        extra = {
            "id": "example",
            "kind": "rss",
            "publisher": "Example",
            "publisher_zh": "示例发布方",
            "authority": "home",
        }
        nowhere = {f"{name}_PROXY": "http://127.0.0.1:9" for name in ("HTTP", "HTTPS", "ALL")}
        return nowhere | {
            "PATH": f"{self.tools}:{os.environ['PATH']}",
            SOCKET: str(self.warm),
            "NO_PROXY": "127.0.0.1",
            "LINGBAO_FETCH_TRIES": "1",
            "LINGBAO_SOURCES_OFF": ",".join(sorted(publishers())),
            "LINGBAO_EXTRA_SOURCES": json.dumps([extra | {"url": f"http://127.0.0.1:{self.publisher}/feed.xml"}]),
        }


@contextlib.contextmanager
def surroundings(directory: Path) -> Iterator[Surroundings]:
    """Set everything up for as long as the block lasts."""
    for name in "tools", "sandbox", "publisher":
        (directory / name).mkdir()
    for name, text in (("lingbao", SHIM), *TOOLS.items()):
        path = directory / "tools" / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o755)
    with (
        _warm(directory / "warm"),
        running(directory / "sandbox") as sandbox,
        _published(directory / "publisher") as port,
    ):
        yield Surroundings(directory / "tools", directory / "warm", sandbox.port, port)


@contextlib.contextmanager
def _warm(path: Path) -> Iterator[None]:
    env = {k: v for k, v in os.environ.items() if k in {"PATH", "HOME", "TMPDIR"}} | {"PYTHONPATH": str(ROOT)}
    # As a script: the command names itself by its own name then. -P: what lies beside it hides nothing.
    command = [sys.executable, "-P", "-W", "ignore", str(ROOT / "tests" / "docs" / "warm.py"), str(path)]
    child = subprocess.Popen(command, cwd=ROOT, env=env, process_group=0)
    try:
        wait_for(path.exists, 120, "the warm process does not start")
        yield
    finally:
        child.kill()
        child.wait()


@contextlib.contextmanager
def _published(directory: Path) -> Iterator[int]:
    (directory / "feed.xml").write_text(FEED, encoding="utf-8")
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(directory))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


class _Quiet(SimpleHTTPRequestHandler):
    """Serves a directory and says nothing of it."""

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""
