"""A process that has imported the program once, and forks for each `lingbao` command: a start costs nothing.

Run as `python -P tests/docs/warm.py SOCKET`. The stand-in for `lingbao` on the path of a page's shell (`SHIM`) hands over its
words, directory, environment, umask and its three streams, and ends as the command ended.
"""

from __future__ import annotations

import atexit
import gc
import importlib
import io
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path

from sqlalchemy.orm import configure_mappers
from typer.main import get_command

from cli.app import app, run
from core.i18n import catalogue
from core.places.finder import resolve
from notify.policy import load_policy
from sources.catalog import publishers

SOCKET = "WARM_SOCKET"
USED_LATER = (
    "pandas", "xlsxwriter", "openpyxl", "docx", "babel.numbers", "rich._emoji_codes", "rich._unicode_data.unicode17-0-0",
    "uvicorn", "console.app", "notify.sandbox.server", "notify.channels.twilio_sms", "notify.channels.twilio_voice",
    "notify.channels.twilio_whatsapp", "notify.channels.email", "registry.roster.annotate",
)  # fmt: skip
"""What commands import only when they need it; here once for all of them."""

PATIENCE = 5.0
"""Seconds after which it looks whether those who started it are still there."""

SHIM = f"""#!{sys.executable} -IS
import json, os, signal, socket, sys
door = socket.socket(socket.AF_UNIX)
door.connect(os.environ["{SOCKET}"])
umask = os.umask(0)
os.umask(umask)
said = json.dumps([sys.argv[1:], os.getcwd(), dict(os.environ), umask, os.getpgrp()]).encode()
socket.send_fds(door, [len(said).to_bytes(4, "big")], [0, 1, 2])
door.sendall(said)
child = int.from_bytes(door.recv(4), "big")
for one in signal.SIGTERM, signal.SIGINT:
    signal.signal(one, lambda number, frame: os.kill(child, number))
status = door.recv(1)
sys.exit(status[0] if status else 70)
"""


def main(path: str, command: Callable[[], object]) -> None:
    """Listen for commands until told to end, or until nobody is there who could."""
    # A child that has ended is forgotten by itself: it tells its status over the socket.
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    parent = os.getppid()
    with socket.socket(socket.AF_UNIX) as door:
        door.bind(f"{path}.new")
        door.listen()
        door.settimeout(PATIENCE)
        Path(f"{path}.new").rename(path)
        while os.getppid() == parent:
            try:
                caller, _ = door.accept()
            except TimeoutError:
                continue
            if os.fork() == 0:
                door.close()
                _serve(caller, command)
            caller.close()


def _serve(caller: socket.socket, command: Callable[[], object]) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    size, streams, _, _ = socket.recv_fds(caller, 4, 3)
    words, directory, environment, umask, group = json.loads(_exactly(caller, int.from_bytes(size, "big")))
    os.setpgid(0, group)
    _move(directory, environment, umask, streams)
    caller.sendall(os.getpid().to_bytes(4, "big"))
    sys.argv = ["lingbao", *words]
    status = _status(command)
    atexit._run_exitfuncs()
    for stream in sys.stdout, sys.stderr:
        stream.flush()
    caller.sendall(bytes([status]))
    os._exit(status)


def _exactly(caller: socket.socket, size: int) -> bytes:
    held = b""
    while len(held) < size:
        held += caller.recv(size - len(held))
    return held


def _move(directory: str, environment: dict[str, str], umask: int, streams: list[int]) -> None:
    os.chdir(directory)
    os.umask(umask)
    os.environ.clear()
    os.environ.update(environment)
    for number, stream in enumerate(streams):
        os.dup2(stream, number)
        os.close(stream)
    sys.stdin = io.TextIOWrapper(io.FileIO(0, closefd=False), encoding="utf-8")
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w", closefd=False), encoding="utf-8")
    sys.stderr = io.TextIOWrapper(io.FileIO(2, "w", closefd=False), encoding="utf-8", line_buffering=True)


def _status(command: Callable[[], object]) -> int:
    """Run the command; return its exit status, as Python would give it to the system."""
    try:
        run(command)
    except SystemExit as end:
        if isinstance(end.code, str):
            sys.stderr.write(end.code + "\n")
            return 1
        return end.code or 0
    return 0


def warm_up() -> None:
    """Load what a command would load, and make what it would make first: tables, words, places, cards. None of it asks the clock,
    the environment or a disk that a page writes to."""
    for name in USED_LATER:
        importlib.import_module(name)
    configure_mappers()
    catalogue()
    publishers()
    load_policy(None)
    resolve("马里")


if __name__ == "__main__":
    warm_up()
    main(str(Path(sys.argv[1])), get_command(app))
