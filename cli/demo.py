"""`lingbao demo`: the whole product in two minutes, with made-up people, made-up feeds and a sandbox for a provider."""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as clock_time
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import httpx
import typer
from rich.markdown import Markdown

from cli.context import CONSOLE, Context
from cli.demo_feeds import SOURCES, write_feeds
from cli.demo_home import foreign_settings, move_in, own_directory, write_settings
from cli.demo_report import PROVIDER, check_books, closing, commands, released, what_next
from cli.demo_stage import DemoFailed, await_receipts, listening, play_answers, receiver
from cli.night import work
from cli.sample import COMPANY, EMPLOYERS, FEWEST, MOST, ROLES, fill_office, give_passwords, write_tokens
from cli.show import err, language, out, remark, say, table
from core.database import writing
from core.i18n import Message, t
from core.settings import load
from notify import brief, rundown
from notify.night import NightStatus
from notify.office import Office, open_office
from notify.sandbox.running import HOST, Running, running
from notify.sign_in import link_url
from registry.accounts.sign_in import link_for_user
from sources.catalog import publishers

BEIJING = ZoneInfo("Asia/Shanghai")
NIGHT = clock_time(2, 30)
STEPS = 6
SEED = 2026
SHORT = {"lease": 10.0, "grace": 1.0, "poll_after": 2.0}
"""Waits of the demo in seconds: nobody at a demo wants to wait as long as an office must."""


@dataclass(frozen=True)
class Stage:
    """All that the demo works with. `hidden`: variables of the reader's shell that were set aside."""

    home: Path
    office: Office
    sandbox: Running
    hidden: list[str]


def demo(
    context: typer.Context,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="演示完即结束 End when it is done.")] = False,
    people: Annotated[int, typer.Option(min=FEWEST, max=MOST, help="示例人数 How many sample people.")] = 200,
) -> None:
    """演示：示例单位和人员、两夜信息源，发到本机沙箱。A sample office, two nights of feeds, and a local sandbox."""
    here: Context = context.obj
    # The sandbox must not outlive us: an ordered end unwinds as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        play(here.settings.home, people, serve=not no_serve)
    except (OSError, httpx.HTTPError) as error:
        fault = f"{type(error).__name__}: {error}"
        raise DemoFailed(t("The demo cannot go on: {error}", error=fault)) from error


def play(home: Path, people: int, *, serve: bool) -> None:
    """Play the demo in the directory `demo` of `home`; with `serve`, stay until Ctrl-C.

    Raises:
        WrongUse: the directory is not ours, or in use.
        DemoFailed: something did not come out as it should.
    """
    first, second = two_nights(datetime.now(UTC))
    with contextlib.ExitStack() as stack:
        with _step(1, t("Getting ready: a directory, a database, keys and a sandbox of its own")):
            stage = _set_up(stack, home)
        with _step(2, t("Sample office: 8 companies, {people} people in 30 countries", people=people)):
            filled = fill_office(stage.office, people, SEED)
            write_tokens(stage.home, filled.tokens)
            feeds = write_feeds(stage.home / "feeds", first, second)
        with _step(3, t("First night: what stands already tells nobody")):
            _say_night(_night(first, feeds))
        with _step(4, t("Second night: what changed is matched, sent and proven")):
            _say_night(_night(second, feeds))
        with _step(5, t("What comes back: receipts, and who is safe")):
            if not await_receipts(stage.office, second):
                raise DemoFailed(t("The sandbox did not say what became of every message."))
            play_answers(stage.office, stage.sandbox)
        with _step(6, t("Morning brief and proof")):
            _report(stage, serve=serve)
        if serve:
            _stay(stage)


def two_nights(now: datetime) -> tuple[datetime, datetime]:
    """Return the last two times it was half past two at night in Beijing, as UTC. Pure."""
    today = now.astimezone(BEIJING)
    night = datetime.combine(today.date(), NIGHT, BEIJING)
    if night > today:
        night -= timedelta(days=1)
    return (night - timedelta(days=1)).astimezone(UTC), night.astimezone(UTC)


@contextlib.contextmanager
def _step(number: int, title: Message) -> Iterator[None]:
    err.print(f"[{number}/{STEPS}] {title.render(language())}", markup=False, highlight=False, style="bold cyan")
    begun = time.monotonic()
    yield
    _detail(t("done in {seconds} s", seconds=f"{time.monotonic() - begun:.1f}"))


def _detail(message: Message) -> None:
    err.print(f"      {message.render(language())}", markup=False, highlight=False, soft_wrap=True)


def _set_up(stack: contextlib.ExitStack, home: Path) -> Stage:
    directory = stack.enter_context(own_directory(home))
    hidden = [name for name in foreign_settings(os.environ) if name.startswith("LINGBAO_") and name != "LINGBAO_HOME"]
    move_in(directory, os.environ)
    sandbox = stack.enter_context(running(directory / "sandbox"))
    bound, url = stack.enter_context(listening())
    write_settings(
        directory,
        {
            "public_base_url": url,
            "sandbox_port": sandbox.port,
            "twilio_base_url": sandbox.url,
            "smtp_host": HOST,
            "smtp_port": sandbox.mail_port,
            "sources_off": sorted(publishers().keys() - set(SOURCES)),
            **SHORT,
        },
    )
    office = open_office(load())
    stack.callback(office.engine.dispose)
    stack.enter_context(receiver(office, bound))
    return Stage(directory, office, sandbox, hidden)


def _night(as_of: datetime, feeds: Path) -> dict[str, Any]:
    """Work one night with the real flow, in this process: Prefect's server is started once for both."""
    from flows.prepare import prepare

    here = Context()
    prepare(here.settings.home)  # before Prefect is imported for the first time
    from prefect.exceptions import PrefectException

    try:
        summary = work(here, None, None, as_of.isoformat(), feeds, dry_run=False)
    except (PrefectException, RuntimeError) as error:
        raise DemoFailed(t("Prefect could not run the night: {error}", error=str(error))) from error
    if summary["status"] == NightStatus.FAILED:
        raise DemoFailed(t("No source of the demo could be read."))
    return summary


def _say_night(summary: dict[str, Any]) -> None:
    sources = summary["sources"]
    read = sum(one["status"] == "read" for one in sources)
    entries = sum(one["entries"] for one in sources if one["status"] == "read")
    sent = sum(one["people"] for one in released(summary))
    _detail(
        t(
            "{read} of {all} sources read, {entries} entries; {changes} changes; {people} people told",
            read=read,
            all=len(sources),
            entries=entries,
            changes=len(summary["changes"]),
            people=sent,
        )
    )


def _report(stage: Stage, *, serve: bool) -> None:
    office = stage.office
    summary = rundown.last_night(office)
    _as_promised(summary, stage.sandbox)
    text = brief.brief(summary, office.settings.office_name, office.settings.zone, language())
    path = rundown.write_brief(office, summary, text)
    books = check_books(office)
    if books.faults:
        raise DemoFailed(t("The ledger does not hold: {faults} seals are wrong.", faults=books.faults))
    out.print(Markdown(text))
    out.print()
    closing(summary, books, stage.sandbox, path)
    out.print()
    what_next(commands(stage.home, summary, stage.hidden, serving=serve))


def _as_promised(summary: dict[str, Any], sandbox: Running) -> None:
    """Hold the second night to what the demo says it shows: a demo that fails must not look like one that works."""
    sent = released(summary)
    if len(sent) != 1:
        raise DemoFailed(t("One notice should have gone out by rule, and {count} did.", count=len(sent)))
    notices = {name: number for name, number in sent[0]["notices"].items() if not name.startswith(PROVIDER)}
    reached = sandbox.stats()
    if reached.messages + reached.mail != sum(notices.values()) or reached.duplicates or reached.mail_duplicates:
        raise DemoFailed(
            t(
                "{planned} notices were written, and {sms} text messages and {mails} mails reached the sandbox.",
                planned=sum(notices.values()),
                sms=reached.messages,
                mails=reached.mail,
            )
        )


def _portal(office: Office) -> str:
    with writing(office.engine) as connection:
        return link_url(office, link_for_user(connection, CONSOLE, COMPANY, office.clock.now()))


def _console(office: Office) -> None:
    """Say where the console is, and who may sign in to it: with a password only, as nobody real is written to here."""
    from console.pages.office.accounts.users import ROLES as ROLE_WORDS

    say(t("Console of the office: {url}/office/ · sign in as (the code stays empty in a sandbox):",
          url=office.settings.public_base_url))  # fmt: skip
    rows = [(name, ROLE_WORDS[ROLES[name]][0], password) for name, password in give_passwords(office).items()]
    table([t("User"), t("Role"), t("Password")], rows)


def _stay(stage: Stage) -> None:
    say(t("What was sent: {url}/ · callbacks come to {ours}. Stop with Ctrl-C.", url=stage.sandbox.url,
          ours=stage.office.settings.public_base_url))  # fmt: skip
    _console(stage.office)
    say(t("Portal of the company {company}: this link signs in, once, for 15 minutes:", company=EMPLOYERS[0][1]))
    out.print(f"  {_portal(stage.office)}", markup=False, highlight=False, soft_wrap=True)
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()
    remark(t("Stopped. Everything is kept in {path} until the next demo.", path=stage.home))
