"""`lingbao digest`: who reads the digest, and sending it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.rollup import FATES
from cli.show import as_json, lines, say, table
from core.clock import iso
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify.digest import store
from notify.digest.choose import Who, choose, who_of
from notify.digest.send import send_digests
from notify.digest.tables import Rhythm
from notify.mailings.once import Fate
from registry.actors import SYSTEM
from registry.employers import find_employer

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
RHYTHMS = {Rhythm.DAILY: t("daily"), Rhythm.WEEKLY: t("weekly")}
NEVER = "never"


@app.command("choose")
def choose_(
    context: typer.Context,
    rhythm: Annotated[str, typer.Argument(metavar="daily|weekly|never", help="多久一次 How often.")],
    employer: Annotated[str, typer.Option(metavar="CODE", help="派出单位代码 Code of a company.")] = "",
    person: Annotated[int, typer.Option(metavar="N", help="登记人员编号 Number of a person.")] = 0,
) -> None:
    """登记谁要接收摘要。Write down that a company or a person wants the digest, or no more."""
    here: Context = context.obj
    actor, now = here.actor, here.office.clock.now()
    if rhythm not in {*Rhythm, NEVER}:
        raise WrongUse(t("The rhythm is daily, weekly or never, not {text}.", text=rhythm))
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, employer).employer_id if employer else None
        who = Who(company, person or None)
        choose(connection, actor, who, None if rhythm == NEVER else Rhythm(rhythm), now)
    say(t("Written: {reader} gets the digest {rhythm}.", reader=who.reader,
          rhythm=t("no longer") if rhythm == NEVER else RHYTHMS[Rhythm(rhythm)]))  # fmt: skip


@app.command("list")
def list_(context: typer.Context, json: Json = False) -> None:
    """谁在接收摘要。Who gets the digest."""
    here: Context = context.obj
    here.keep_companies_out()
    with reading(here.office.engine) as connection:
        found = store.standing(connection)
    if json:
        as_json([{"reader": who_of(one).reader, "rhythm": one.rhythm, "since": iso(one.since)} for one in found])
    else:
        table([t("Reader"), t("How often"), t("Since")],
              [(who_of(one).reader, RHYTHMS[Rhythm(one.rhythm)], iso(one.since)) for one in found])  # fmt: skip


@app.command("send")
def send(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看不发 Show who would get one, send nothing.")] = False,
    json: Json = False,
) -> None:
    """发送到期的摘要，每条变化只出现一次。Send the digests that are due; each change is told once."""
    here: Context = context.obj
    here.keep_companies_out()
    done = send_digests(here.office, by=here.actor.name if here.user else SYSTEM.name, dry_run=dry_run)
    if json:
        lines({"reader": one.reader, "fate": "due" if dry_run else one.fate.value, "code": one.code} for one in done)
    elif done:
        table([t("Reader"), t("State"), t("Code")],
              [(one.reader, t("due") if dry_run else FATES[one.fate], one.code) for one in done])  # fmt: skip
    else:
        say(t("No digest is due."))
    bad = {Fate.FAILED, Fate.GIVEN_UP, Fate.WITHOUT}
    raise typer.Exit(1 if any(one.fate in bad for one in done) else 0)
