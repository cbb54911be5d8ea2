"""`lingbao db`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, out, remark, say, table
from core import audit
from core.clock import iso
from core.database import at_head, empty_log, reading, schema_version, writing
from core.errors import NotAllowed, WrongUse
from core.i18n import t
from core.keys import KEY_FILE, fresh_key
from core.rotation import Rotation, next_name, rotate_file, rotate_given
from core.tables import Mode
from notify.restoring import switch
from notify.safety import inbox
from notify.store.alerts import instance
from notify.wrapped import WRAPPED
from registry.enrol import PHONE_CHANNELS
from registry.phones import calling_code
from registry.scope.prefixes import fill_prefixes
from registry.tables import Role

app = typer.Typer(no_args_is_help=True)
AT_ONCE = 5000
"""Numbers looked at in one transaction: others may write in between."""


@app.command("init")
def init(context: typer.Context) -> None:
    """建立或升级数据库。Make the database and the master key, or bring the schema up to date. Repeatable."""
    here: Context = context.obj
    say(t("The database is ready: {url}", url=here.office.engine.url.render_as_string(hide_password=True)))


@app.command("upgrade")
def upgrade_register(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False
) -> None:
    """升级数据库，并补齐旧号码的国家（地区）代码；中断后可再次运行。Bring the schema up to date, and look up the calling
    codes of numbers from before the register kept them. Can be run again if it was interrupted."""
    here: Context = context.obj
    after = filled = 0
    while True:
        with writing(here.office.engine) as connection:
            after, count = fill_prefixes(
                connection, here.office.keys, calling_code, PHONE_CHANNELS, after=after, limit=AT_ONCE
            )
        filled += count
        if not after:
            break
    if json:
        as_json({"schema": schema_version(here.office.engine), "prefixes": filled})
    else:
        say(t("The database is up to date. Calling codes were added to {count} numbers.", count=filled))


@app.command("show")
def show(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False
) -> None:
    """数据库的身份和模式。Which database this is, and what it may do."""
    here: Context = context.obj
    here.keep_companies_out()
    with reading(here.office.engine) as connection:
        one = instance(connection)
    found = {"instance": one.uid, "mode": str(one.mode), "schema": schema_version(here.office.engine),
             "newest": at_head(here.office.engine), "restored_at": iso(one.restored_at), "claimed_at": iso(one.claimed_at),
             "url": here.office.engine.url.render_as_string(hide_password=True)}  # fmt: skip
    if json:
        as_json(found)
    else:
        say(t("Instance {instance}, mode {mode}, schema {schema}, {url}", **found))
        if one.unclaimed:
            say(t("It came out of a backup of {moment}, and nobody has said that it is the live one: live notices wait.",
                  moment=iso(one.backup_at)))  # fmt: skip


@app.command("mode")
def mode(
    context: typer.Context,
    wanted: Annotated[Mode, typer.Argument(help="模式 Mode.")],
    live_one: Annotated[
        bool,
        typer.Option(
            "--i-am-the-live-one",
            help="由备份恢复的副本：确认原系统已停用，由本机正式发送 A restored copy: the old instance is off, this one sends now.",
        ),
    ] = False,
) -> None:
    """切换模式；正式发送须由管理员开启。Set what this instance may do. Only an administrator may."""
    here: Context = context.obj
    if here.actor.role != Role.ADMINISTRATOR or here.actor.user_id is None:
        raise NotAllowed(t("Only an administrator with a token may change the mode."))
    done = switch(here.office, wanted, by=here.actor.name, is_the_live_one=live_one)
    say(t("This instance is now in mode {mode}.", mode=wanted.value))
    if done.begun is not None:
        say(t("{count} notices may have been sent by the instance before, after {moment}: their providers are asked first. What is "
              "proven absent is sent; what cannot be asked is sent again at level 4, marked, and else waits for an officer.",
              count=done.in_doubt, moment=iso(done.begun)))  # fmt: skip


@app.command("rotate-keys")
def rotate_keys(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False
) -> None:
    """更换主密钥：重新封装全部数据密钥，旧主密钥随即作废；中断后可再次运行。更换前的备份仍需旧密钥文件，请先妥善留存。
    Change the master key: every data key is wrapped anew, and the old master key opens nothing any more. Can be run
    again if it was interrupted. Backups from before still need the old key file: keep a copy of it with them first."""
    here: Context = context.obj
    if here.actor.role != Role.ADMINISTRATOR:
        raise NotAllowed(t("Only an administrator may change the master key."))
    inbox.catch_up(here.office)  # what waits in the spool is under the old key
    if here.settings.master_keys.get_secret_value():
        done = _rotate_given(here)
    else:
        done = rotate_file(here.office.engine, here.settings.home / KEY_FILE, WRAPPED)
    with writing(here.office.engine) as connection:
        audit.record(connection, actor=here.actor.name, action="keys.rotate", subject="instance/1",
                     now=here.office.clock.now(), detail=f"{done.current}: {done.rewrapped}")  # fmt: skip
    empty_log(here.office.engine)
    if json:
        as_json({"current": done.current, "rewrapped": done.rewrapped, "retired": list(done.retired),
                 "damaged": [f"{name}/{number}" for name, number in done.damaged]})  # fmt: skip
    else:
        _tell(done, in_environment=bool(here.settings.master_keys.get_secret_value()))
    raise typer.Exit(1 if done.damaged else 0)


def _rotate_given(here: Context) -> Rotation:
    try:
        return rotate_given(here.office.engine, here.office.keys, WRAPPED)
    except WrongUse:
        remark(t("Here is a new one. It is shown only now; keep it secret:"))
        out.print(fresh_key(next_name(here.office.keys.current)), markup=False, highlight=False, soft_wrap=True)
        raise


def _tell(done: Rotation, *, in_environment: bool) -> None:
    say(t("{count} data keys were wrapped anew. Master key {current} opens all of them.",
          count=done.rewrapped, current=done.current))  # fmt: skip
    if done.damaged:
        say(
            t(
                "These keys open with no master key at hand; until they are mended or erased, no old master key is retired:"
            )
        )
        table([t("Table"), t("Number")], done.damaged)
    for name in done.retired:
        if in_environment:
            say(t("Master key {name} is not needed any more: remove it from LINGBAO_MASTER_KEYS.", name=name))
        say(t("Backups from before this moment open with master key {name} only. Keep it with them, apart from this machine.",
              name=name))  # fmt: skip
