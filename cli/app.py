"""The `lingbao` command. Each group of commands is a module of its own; what is heavy is imported when it is used."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli import alerts, bench, database, demo, local, night, outbox, people, rosters, settings, sources, users
from cli.context import Context
from cli.show import complain, log_to_stderr
from core.errors import LingbaoError

app = typer.Typer(
    name="lingbao",
    help="领保：领事保护预警。Travel advisories and hazards in, proven safety notices out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(sources.app, name="sources", help="信息源 Cards, parsing and differences of the sources.")
app.add_typer(alerts.app, name="alert", help="预警 Alerts of officers: draft, preview, submit, approve, send.")
app.add_typer(rosters.app, name="roster", help="花名册 Rosters of companies.")
app.add_typer(people.app, name="people", help="登记人员 People of the register.")
app.add_typer(people.employers, name="employer", help="派出单位 Companies.")
app.add_typer(users.app, name="user", help="用户 Users and their tokens.")
app.add_typer(database.app, name="db", help="数据库 Database, keys and mode.")
app.add_typer(outbox.ledger, name="ledger", help="台账 Who was told what, and the proof of it.")
app.add_typer(bench.app, name="bench", help="测速 Measure speed against the bare operation.")
app.command("night")(night.night)
app.command("brief")(night.brief)
app.command("dispatch")(outbox.dispatch)
app.command("reconcile")(outbox.reconcile)
app.command("prove")(outbox.prove)
app.command("classify")(sources.classify)
app.command("settings")(settings.settings)
app.command("sandbox")(local.sandbox)
app.command("serve")(local.serve)
app.command("demo")(demo.demo)


@app.callback()
def main(
    context: typer.Context,
    user: Annotated[
        str, typer.Option("--as", metavar="USER", help="以谁的身份操作 Who acts; the token proves it.")
    ] = "",
    verbose: Annotated[bool, typer.Option("--verbose", help="更多日志 More log lines on stderr.")] = False,
) -> None:
    """领保：领事保护预警。Travel advisories and hazards in, proven safety notices out."""
    log_to_stderr(verbose)
    context.obj = Context(user)


def run() -> None:
    """Run the command; an error of ours is a sentence and an exit code, never a traceback."""
    try:
        app()
    except LingbaoError as error:
        complain(error.message)
        sys.exit(error.exit_code)
