"""The `lingbao` command. Each group of commands is a module of its own; what is heavy is imported when it is used."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Annotated

import typer

from cli import (
    advisory,
    alerts,
    backup,
    bench,
    bulletin,
    canary,
    cap,
    chain,
    coverage,
    database,
    demo,
    digest,
    duty,
    employers,
    freshness,
    groups,
    hand,
    imports,
    ledger,
    levels,
    local,
    mail,
    night,
    outbox,
    people,
    people_files,
    policy,
    replay,
    residents,
    rights,
    rollup,
    rosters,
    safe_ways,
    safety,
    settings,
    silence,
    sources,
    sweep,
    texts,
    users,
    watchdog,
    whereabouts,
    why,
)
from cli.context import Context
from cli.doctor import command as doctor
from cli.logs import begin as begin_logs
from cli.show import complain
from cli.up import command as up
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
alerts.app.add_typer(groups.template_app, name="template", help="模板 Templates of manual alerts.")
app.add_typer(groups.app, name="group", help="人群 Saved groups of people for alerts.")
app.add_typer(advisory.app, name="advisory", help="收到的提醒 Notices that reach the office past all feeds.")
alerts.app.command("update")(chain.update)
alerts.app.command("correct")(chain.correct)
alerts.app.command("all-clear")(chain.all_clear)
rosters.app.command("import")(imports.import_)
rosters.app.command("imports")(imports.imports)
rosters.app.command("undo")(imports.undo)
app.add_typer(rosters.app, name="roster", help="花名册 Rosters of companies.")
people.app.command("import")(people_files.import_)
people.app.command("imports")(people_files.imports)
people.app.command("export")(people_files.export)
people.app.command("whereabouts")(whereabouts.show_whereabouts)
app.add_typer(people.app, name="people", help="登记人员 People of the register.")
app.add_typer(residents.app, name="resident", help="自助登记 Residents and students register themselves.")
app.add_typer(rights.app, name="person", help="个人权利 What a person may ask for: to see, correct, take away, erase.")
app.add_typer(rights.retention, name="retention", help="保存期限 What is erased when its time is over.")
app.add_typer(freshness.app, name="freshness", help="核实 Is the register still right: questions, reminders, answers.")
app.add_typer(employers.app, name="employer", help="派出单位 Companies, and whom the office calls there.")
app.add_typer(users.app, name="user", help="用户 Users and their tokens.")
app.add_typer(policy.app, name="policy", help="处置规则 The policy: look, check, preview, switch on.")
app.add_typer(silence.app, name="silence", help="静默 Silences: what is not told by rule for a time.")
app.add_typer(texts.numbers, name="numbers", help="求助电话 Telephone numbers that notices end with.")
app.add_typer(texts.text, name="text", help="文本 Wordings of notices: shipped, or the office's own.")
backup.register(database.app)
app.add_typer(database.app, name="db", help="数据库 Database, keys and mode.")
app.add_typer(ledger.app, name="ledger", help="台账 Who was told what, and the proof of it.")
app.add_typer(hand.app, name="hand", help="人工告知 What was told by hand.")
safe_ways.register(safety.app)
app.add_typer(safety.app, name="safe", help="平安确认 Are you safe: who answered what, and who is silent.")
app.add_typer(rollup.app, name="rollup", help="送达汇总 Tell companies what came of the alerts for their people.")
app.add_typer(bulletin.app, name="bulletin", help="境外安全周报 The weekly bulletin: draft, release.")
app.add_typer(digest.app, name="digest", help="摘要 The digest of general advice, for those who chose it.")
app.add_typer(mail.app, name="mail", help="邮件退信 Undeliverable mail that came back.")
app.add_typer(duty.app, name="duty", help="值班 The duty table, and what an officer is wanted for.")
app.add_typer(bench.app, name="bench", help="测速 Measure speed against the bare operation.")
app.command("night")(night.night)
app.command("brief")(night.brief)
app.command("dispatch")(outbox.dispatch)
app.command("sweep")(sweep.sweep)
app.command("reconcile")(outbox.reconcile)
app.command("prove")(ledger.prove)
app.command("canary")(canary.canary)
app.command("watchdog")(watchdog.watchdog)
app.command("cap")(cap.cap)
app.command("levels")(levels.levels)
app.command("replay")(replay.replay)
app.command("why")(why.why)
app.command("classify")(sources.classify)
app.command("coverage")(coverage.coverage)
app.command("settings")(settings.settings)
app.command("sandbox")(local.sandbox)
app.command("serve")(local.serve)
app.command("up")(up.up)
app.command("doctor")(doctor.doctor)
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
    context.obj = Context(user)
    begin_logs(context, verbose=verbose)
    context.call_on_close(context.obj.close)


def run(command: Callable[[], object] = app) -> None:
    """Run the command; an error of ours is a sentence and an exit code, never a traceback.

    Args:
        command: the command; to make it from its modules takes a tenth of a second, so who runs it often makes it once.
    """
    try:
        command()
    except LingbaoError as error:
        complain(error.message)
        sys.exit(error.exit_code)
