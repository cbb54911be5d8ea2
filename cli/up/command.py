"""The command itself: what is looked at before anything starts, and what is said when everything runs."""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from cli.context import Context
from cli.show import remark, say
from cli.up.parts import LOOPBACK, Wanted, environment, parts_of, within_reach
from cli.up.supervisor import Supervisor
from core.database import reading
from core.errors import WrongUse
from core.i18n import Message, t
from core.settings import PREFIX, Settings, origin
from core.tables import Mode
from notify.store.alerts import instance
from registry.users import bootstrap_needed

PORT, PREFECT_PORT = 8430, 4200
LOCK, LOGS = ".up", "logs"
PUBLIC = "public_base_url"


@dataclass(frozen=True)
class Found:
    """What the office is at the start: its mode, and whether it has no user yet."""

    mode: Mode
    nobody: bool


def up(
    context: typer.Context,
    port: Annotated[int, typer.Option(min=1, max=65535, help="值班台端口 Port of the console.")] = PORT,
    host: Annotated[str, typer.Option(help="值班台监听地址 Address the console listens on.")] = LOOPBACK,
    prefect_port: Annotated[int, typer.Option(min=1, max=65535, help="Prefect 端口 Port of Prefect.")] = PREFECT_PORT,
    no_prefect: Annotated[
        bool, typer.Option("--no-prefect", help="不启动调度，夜间任务自行安排 No Prefect: nights are started by cron.")
    ] = False,
) -> None:
    """一条命令启动全部：调度、定时任务、发送、值班台；中断自动重启，Ctrl-C 停止。Start everything on this machine, and keep it running."""
    here: Context = context.obj
    here.keep_companies_out()
    settings = here.settings
    with _alone(settings.home):
        found = _look(here)
        wanted = Wanted(
            home=settings.home,
            host=host,
            port=port,
            prefect=0 if no_prefect else prefect_port,
            sandbox=settings.sandbox_port if found.mode is Mode.SANDBOX else 0,
        )
        _refuse_taken(wanted)
        (settings.home / LOCK).write_text(f"{wanted.prefect}\n")  # for the doctor, who looks for the server
        _run(wanted, settings, found)


@contextlib.contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the office's home for one `up` at a time. The lock ends with this process, whatever becomes of it."""
    home.mkdir(parents=True, exist_ok=True, mode=0o700)  # people's data lie here
    with (home / LOCK).open("a") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise WrongUse(t("`lingbao up` is running in {path} already.", path=home)) from error
        yield


def _look(here: Context) -> Found:
    """Open the office, so that its database is made or brought up to date once, before many processes want it."""
    with reading(here.office.engine) as connection:
        found = Found(Mode(instance(connection).mode), bootstrap_needed(connection))
    here.close()
    return found


def _refuse_taken(wanted: Wanted) -> None:
    """Raise WrongUse if somebody else listens on a port that we need."""
    places = [(wanted.host, wanted.port, t("the console")), (LOOPBACK, wanted.prefect, t("the Prefect server")),
              (LOOPBACK, wanted.sandbox, t("the sandbox providers"))]  # fmt: skip
    for host, port, title in places:
        if port and _is_taken(host, port):
            raise WrongUse(t("Port {port} for {part} is taken: stop what listens there, or choose another one.",
                             port=port, part=title))  # fmt: skip


def _is_taken(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind((host, port))
        except OSError:
            return True
    return False


def _run(wanted: Wanted, settings: Settings, found: Found) -> None:
    stop, hurry = threading.Event(), threading.Event()

    def told(*_: object) -> None:
        """Stop; told twice, at once."""
        if stop.is_set():
            hurry.set()
        stop.set()

    env = environment(wanted, os.environ) | public_address(wanted, settings)
    for which in signal.SIGINT, signal.SIGTERM:
        signal.signal(which, told)
    remark(t("Starting. This takes some seconds; Ctrl-C stops everything."))
    supervisor = Supervisor(parts_of(wanted), env, wanted.home / LOGS, remark)
    supervisor.run(stop, hurry, lambda: _show(wanted, found))
    remark(t("Stopped."))


def public_address(wanted: Wanted, settings: Settings) -> dict[str, str]:
    """Return the variable that leads callbacks and links to another port than the usual, if nobody said where they go."""
    if wanted.port == PORT or origin(PUBLIC, settings) != "default":
        return {}
    return {f"{PREFIX}{PUBLIC}".upper(): f"http://{within_reach(wanted.host)}:{wanted.port}"}


def _show(wanted: Wanted, found: Found) -> None:
    """Say where to click."""
    base = f"http://{within_reach(wanted.host)}:{wanted.port}"
    say(t("The office runs, in mode {mode}.", mode=found.mode))
    _door(t("Console"), f"{base}/office/")
    _door(t("Company portal"), f"{base}/company/")
    _door(t("Registration"), f"{base}/register")
    if wanted.prefect:
        _door(t("Runs and schedules"), f"http://{LOOPBACK}:{wanted.prefect}/")
    if wanted.sandbox:
        _door(t("What reached the sandbox"), f"http://{LOOPBACK}:{wanted.sandbox}/")
    _door(t("Logs"), str(wanted.home / LOGS))
    if not wanted.prefect:
        remark(
            t(
                "Without Prefect nothing reads the sources by itself: let cron start `lingbao night` and `lingbao brief`."
            )
        )
    if found.nobody:
        remark(t("There is no user yet. Add the first administrator: lingbao user add NAME"))


def _door(title: Message, where: str) -> None:
    say(t("{title}: {where}", title=title, where=where))
