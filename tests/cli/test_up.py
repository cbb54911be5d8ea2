"""`lingbao up`: its parts, and how they are kept running. The parts of these tests are small commands of the shell."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from cli.app import app
from cli.up.command import PORT, public_address
from cli.up.parts import Part, Wanted, environment, parts_of
from cli.up.process import last_words
from cli.up.supervisor import LONGEST, Supervisor, wait_before
from core.i18n import Message, t
from core.settings import Settings
from tests.flows.running import environment as clean
from tests.flows.running import free_port, process

WANTED = Wanted(home=Path("/office"), host="127.0.0.1", port=8430, prefect=4200, sandbox=8425)
SLEEPER = "echo $$ >> {pids}; exec sleep 60"


def part(name: str, script: str, **more: float | bool | str) -> Part:
    """Return a part that is a script of the shell."""
    return Part(name, Message(name), ("sh", "-c", script), **more)  # type: ignore[arg-type]


class Told:
    """Keeps what was said."""

    def __init__(self) -> None:
        self.words: list[str] = []

    def __call__(self, message: Message) -> None:
        self.words.append(message.render("en"))

    def holds(self, word: str) -> bool:
        return any(word in one for one in self.words)


def until(look: Callable[[], bool], seconds: float = 15) -> None:
    """Wait until something is so."""
    end = time.monotonic() + seconds
    while not look():
        assert time.monotonic() < end, "it never was"
        time.sleep(0.05)


def alive(pid: int) -> bool:
    """Tell whether a process runs. One that has ended and that nobody waits for does not."""
    found = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False).stdout
    return found.strip()[:1] not in {"", "Z"}


@contextmanager
def running(parts: list[Part], logs: Path, ready: threading.Event | None = None) -> Iterator[Told]:
    """Keep parts running for as long as the block lasts, in another thread."""
    told, stop = Told(), threading.Event()
    supervisor = Supervisor(parts, dict(os.environ), logs, told, grace=2.0)
    answered = (ready or threading.Event()).set
    thread = threading.Thread(target=supervisor.run, args=(stop, threading.Event(), answered))
    thread.start()
    try:
        yield told
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()


def pids(path: Path) -> list[int]:
    """Return the processes that wrote themselves down."""
    return [int(one) for one in path.read_text().split()] if path.exists() else []


def test_a_part_that_is_killed_is_named_and_started_again(tmp_path: Path) -> None:
    """Killed from outside, a part is named with the signal and runs again; at the end it is gone."""
    found = tmp_path / "pids"
    with running([part("worker", SLEEPER.format(pids=found))], tmp_path / "logs") as told:
        until(lambda: len(pids(found)) == 1)
        os.kill(pids(found)[0], signal.SIGKILL)
        until(lambda: len(pids(found)) == 2)
        assert told.holds("worker was ended by signal 9.")
        assert told.holds("started again in 1 s")
    assert not any(alive(one) for one in pids(found))


def test_a_part_that_hangs_is_ended_and_started_again(tmp_path: Path) -> None:
    """Stopped but not dead, a part answers nobody: after a minute it is named, ended, and runs and answers again."""
    port, told = free_port(), Told()
    serve = f"echo $$ >> {tmp_path / 'pids'}; exec {sys.executable} -m http.server {port} --bind 127.0.0.1"
    supervisor = Supervisor(
        [part("web", serve, health=f"http://127.0.0.1:{port}/")], dict(os.environ), tmp_path, told, grace=2.0
    )
    now, stop = 1000.0, threading.Event()

    def look_until(done: Callable[[], bool], step: float) -> None:
        """Look again and again, at moments so many seconds apart."""
        nonlocal now

        def looked() -> bool:
            nonlocal now
            now += step
            supervisor.look(now)
            return done()

        until(looked, 60)

    look_until(lambda: supervisor.all_work, 0.05)
    os.kill(pids(tmp_path / "pids")[0], signal.SIGSTOP)
    look_until(lambda: told.holds("it hangs, and is ended"), 16.0)
    look_until(lambda: len(pids(tmp_path / "pids")) == 2 and supervisor.all_work, 0.5)
    assert told.holds("web was ended by signal 9.")
    assert told.holds("web works again.")
    stop.set()
    supervisor.run(stop, threading.Event(), lambda: None)
    assert not any(alive(one) for one in pids(tmp_path / "pids"))


def test_a_part_that_cannot_run_is_tried_for_ever_and_said_so(tmp_path: Path) -> None:
    """What fails at once is tried again, later each time, and after five times somebody is asked to look; the others run on."""
    found, broken = tmp_path / "pids", part("broken", "echo no such database; exit 3")
    told = Told()
    supervisor = Supervisor([broken, part("worker", SLEEPER.format(pids=found))], dict(os.environ), tmp_path, told)
    now, waits = 1000.0, list[int]()
    stop = threading.Event()
    while len(waits) < 8:
        before = len(told.words)
        supervisor.look(now)
        for line in told.words[before:]:
            if "started again in" in line:
                waits.append(int(line.split(" again in ")[1].split(" s.")[0]))
        now += 0.5
        time.sleep(0.01)
    stop.set()
    supervisor.run(stop, threading.Event(), lambda: None)
    assert waits == [1, 2, 4, 8, 16, 32, 60, 60]
    assert told.holds("broken ended with status 3.")
    assert told.holds("The last line of its log: no such database")
    assert told.holds("broken has ended 5 times in a row.")
    assert len(pids(found)) == 1


def test_the_waits_grow_and_stay_numbers() -> None:
    """A part that cannot run is tried at longer intervals, and after a night of it the others still run."""
    assert [wait_before(ends) for ends in (1, 2, 3)] == [1.0, 2.0, 4.0]
    assert wait_before(2000) == LONGEST


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """What a part started itself ends with it, even if it ignores the signal, and even if its parent died long before."""
    found = tmp_path / "pids"
    deaf = tmp_path / "deaf.sh"
    deaf.write_text(f"trap '' TERM\necho $$ >> {found}\nwhile :; do sleep 0.2; done\n")
    parent, born = f"echo $$ >> {tmp_path / 'parents'}; sh {deaf} & exec sleep 60", tmp_path / "parents"
    with running([part("parent", parent)], tmp_path / "logs"):
        until(lambda: len(pids(found)) == 1)
        os.kill(pids(born)[0], signal.SIGKILL)
        until(lambda: len(pids(found)) == 2)
        assert alive(pids(found)[0])
    assert not any(alive(one) for one in pids(found))


def test_others_are_ended_before_what_carries_them(tmp_path: Path) -> None:
    """A part that others lean on is told to end only when they have ended."""
    order = tmp_path / "order"
    script = (
        "trap 'sleep {wait}; echo {name} >> {order}; exit 0' TERM; echo up >> {order}; while :; do sleep 0.05; done"
    )
    parts = [
        part("below", script.format(wait=0, name="below", order=order), carries=True),
        part("above", script.format(wait=0.5, name="above", order=order)),
    ]
    with running(parts, tmp_path / "logs"):
        until(lambda: order.exists() and order.read_text().count("up") == 2)
    assert order.read_text().split()[2:] == ["above", "below"]


def test_what_runs_to_its_end_is_no_crash(tmp_path: Path) -> None:
    """A part that comes again and again may end with findings: that is not told, and it comes again at its time."""
    found = tmp_path / "pids"
    with running([part("watch", f"echo $$ >> {found}; exit 1", every=0.5)], tmp_path / "logs") as told:
        until(lambda: len(pids(found)) >= 3)
    assert told.words == []


def test_it_is_ready_when_every_part_answers(tmp_path: Path) -> None:
    """Where to click is said when the last part answers over HTTP, not before."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    serve = f"sleep 1; exec {sys.executable} -m http.server {port} --bind 127.0.0.1"
    web = Part("web", t("the console"), ("sh", "-c", serve), f"http://127.0.0.1:{port}/")
    ready = threading.Event()
    with running([web], tmp_path / "logs", ready):
        assert not ready.wait(0.9)
        assert ready.wait(15)


def test_a_killed_supervisor_leaves_nothing(tmp_path: Path) -> None:
    """If `lingbao up` itself is killed, the parts are told to end by the system (Linux)."""
    if sys.platform != "linux":
        pytest.skip("only Linux tells a child that its parent is gone")
    found = tmp_path / "pids"
    code = (
        "import os,threading;from pathlib import Path;from cli.up.supervisor import Supervisor;from cli.up.parts import Part;"
        "from core.i18n import t;"
        f"part=Part('w',t('the sweep'),('sh','-c','echo $$ >> {found}; exec sleep 60'));"
        f"Supervisor([part],dict(os.environ),Path('{tmp_path}'),print).run(threading.Event(),threading.Event(),lambda:None)"
    )
    child = subprocess.Popen([sys.executable, "-c", code], env=clean(tmp_path))
    until(lambda: len(pids(found)) == 1, 30)
    child.kill()
    child.wait()
    until(lambda: not alive(pids(found)[0]))


def test_the_parts_of_an_office() -> None:
    """All of it: with Prefect its server and the schedules, without it the sweep; the sandbox only where one is wanted."""
    whole = {one.name: one for one in parts_of(WANTED)}
    assert list(whole) == ["sandbox", "prefect", "console", "dispatcher", "watchdog", "schedules"]
    assert [name for name, one in whole.items() if one.carries] == ["sandbox", "prefect"]
    assert whole["dispatcher"].command[1:] == ("-m", "cli", "dispatch", "--stay")
    bare = parts_of(Wanted(Path("/office"), "0.0.0.0", 80, 0, 0))  # noqa: S104 - nobody listens here
    assert [one.name for one in bare] == ["console", "dispatcher", "watchdog", "sweep"]
    assert bare[0].health == "http://127.0.0.1:80/healthz"


def test_the_parts_share_one_home_and_one_server() -> None:
    """Whatever the shell says of homes and servers, the parts get ours; what else it says for Prefect goes before our own."""
    shell = {"PREFECT_API_URL": "https://elsewhere/api", "LINGBAO_HOME": "x", "PREFECT_LOGGING_LEVEL": "INFO",
             "PREFECT_SERVER_API_AUTH_STRING": "office:word"}  # fmt: skip
    found = environment(WANTED, shell)
    assert found["PREFECT_API_URL"] == "http://127.0.0.1:4200/api"
    assert found["LINGBAO_HOME"] == "/office"
    assert found["PREFECT_LOGGING_LEVEL"] == "INFO"
    assert found["PREFECT_API_AUTH_STRING"] == "office:word"
    assert found["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"


def test_callbacks_find_another_port(tmp_path: Path) -> None:
    """On another port the sandbox calls back there, unless the settings say where callbacks go."""
    moved = Wanted(tmp_path, "127.0.0.1", PORT + 1, 0, 0)
    assert public_address(moved, Settings(home=tmp_path)) == {"LINGBAO_PUBLIC_BASE_URL": f"http://127.0.0.1:{PORT + 1}"}
    assert public_address(moved, Settings(home=tmp_path, public_base_url="https://office.example")) == {}
    assert public_address(WANTED, Settings(home=tmp_path)) == {}


def test_a_taken_port_is_named_before_anything_starts(tmp_path: Path) -> None:
    """Somebody else on our port: one sentence, exit 2, and nothing was started."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = str(door.getsockname()[1])
        env = {"LINGBAO_HOME": str(tmp_path / "home"), "LINGBAO_LANG": "en"}
        done = CliRunner().invoke(app, ["up", "--no-prefect", "--port", port], env=env)
    assert f"Port {port} for the console is taken" in str(done.exception)
    assert not (tmp_path / "home" / "logs").exists()


def test_an_office_runs_and_stops(tmp_path: Path) -> None:
    """The whole command, without Prefect: it says where to click, the page answers, a second one is refused, nothing is left."""
    port, sandbox = free_port(), free_port()
    env = clean(tmp_path, LINGBAO_SANDBOX_PORT=str(sandbox))
    command = [sys.executable, "-m", "cli", "up", "--no-prefect", "--port", str(port)]
    with process(command, env, tmp_path / "said.log") as office:
        until(lambda: "Logs: " in (tmp_path / "said.log").read_text(), 240)
        assert httpx.get(f"http://127.0.0.1:{port}/healthz", trust_env=False).json() == {"ok": True}
        assert httpx.get(f"http://127.0.0.1:{sandbox}/_sandbox/health", trust_env=False).status_code == 200
        again = CliRunner().invoke(app, ["up", "--no-prefect", "--port", str(port)], env=env)
        assert "is running in" in str(again.exception)
        office.send_signal(signal.SIGTERM)
        assert office.wait(60) == 0
    said = (tmp_path / "said.log").read_text()
    assert f"Console: http://127.0.0.1:{port}/office/" in said
    assert "started again" not in said
    assert said.rstrip().endswith("Stopped.")
    for one in port, sandbox:
        with socket.create_server(("127.0.0.1", one)):
            pass


def test_last_words(tmp_path: Path) -> None:
    """The last line that says something is found, in a log with empty lines at its end, and in none."""
    log = tmp_path / "x.log"
    log.write_bytes(b"first\nsecond \xff\n\n  \n")
    assert last_words(log).startswith("second")
    assert last_words(tmp_path / "none") == ""
