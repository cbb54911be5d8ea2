"""`lingbao user`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.context import Context
from cli.show import lines, out, remark, say, table
from core.database import reading, writing
from core.i18n import t
from notify.sign_in import link_url, set_up_url
from registry import users
from registry.accounts.credentials.passwords import give_password, require_good, require_sandbox
from registry.accounts.credentials.set_up import make_set_up_link
from registry.accounts.sign_in import link_for_user
from registry.employers import find_employer
from registry.tables import Role

app = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="用户名 User name.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Name,
    role: Annotated[
        Role | None, typer.Option(help="角色；首个用户为管理员 Role; the first user is an administrator.")
    ] = None,
    employer: Annotated[str, typer.Option(metavar="CODE", help="企业用户所属单位 Employer of a company user.")] = "",
    password_stdin: Annotated[
        bool,
        typer.Option("--password-stdin", help="由标准输入读取密码，仅限沙箱 Read a password from stdin; sandbox only."),
    ] = False,
) -> None:
    """添加用户，给出令牌和值班台设置链接；首个用户为管理员。
    Add a user; print a token, and a link to set up the console. The first user is an administrator.
    """
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    now = here.office.clock.now()
    password = sys.stdin.readline().strip() if password_stdin else ""
    with writing(here.office.engine) as connection:
        if password_stdin:
            require_sandbox(connection)
            require_good(password, name)
        company = find_employer(connection, actor, employer).employer_id if employer else None
        chosen = role or (Role.ADMINISTRATOR if users.bootstrap_needed(connection) else Role.OFFICER)
        users.add_user(connection, actor, name=name, role=chosen, now=now, employer_id=company)
        token = users.issue_token(connection, actor, name, now)
        link = "" if company or password_stdin else make_set_up_link(connection, actor, name, now)
    _give(name, token)
    if link:
        remark(t("For the console, once, within 24 hours: {url}", url=set_up_url(here.office, link)))
    if password_stdin:
        give_password(here.office.engine, actor, name, password, now)


@app.command("token")
def token(context: typer.Context, name: Name) -> None:
    """再发一个令牌。Give a user another token."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        made = users.issue_token(connection, actor, name, here.office.clock.now())
    _give(name, made)


@app.command("revoke")
def revoke(context: typer.Context, name: Name) -> None:
    """收回用户的全部令牌。Take back every token of a user."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        count = users.revoke_tokens(connection, actor, name, here.office.clock.now())
    say(t("{count} tokens of {name} are taken back.", count=count, name=name))


@app.command("link")
def link(context: typer.Context, name: Name) -> None:
    """为企业用户生成一次性登录链接（15 分钟有效）。Make a link by which a user of a company signs in to the portal, once."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        made = link_for_user(connection, actor, name, here.office.clock.now())
    remark(t("Link for {name}, shown only now. It works once, for 15 minutes:", name=name))
    out.print(link_url(here.office, made), markup=False, highlight=False, soft_wrap=True)


@app.command("set-up")
def set_up(context: typer.Context, name: Name) -> None:
    """为工作人员生成设置密码和动态验证码的一次性链接（24 小时有效）。
    Make a link by which a user of the office sets up password and second factor, once.
    """
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        made = make_set_up_link(connection, actor, name, here.office.clock.now())
    remark(t("Link for {name}, shown only now. It works once, for 24 hours:", name=name))
    out.print(set_up_url(here.office, made), markup=False, highlight=False, soft_wrap=True)


@app.command("close")
def close(context: typer.Context, name: Name) -> None:
    """停用用户。Close a user's account."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        users.close_user(connection, actor, name, here.office.clock.now())
    say(t("{name} can no longer act.", name=name))


@app.command("list")
def list_(
    context: typer.Context, json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False
) -> None:
    """用户列表。Users."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        found = users.list_users(connection, here.actor)
    if json:
        lines({"name": u.name, "role": u.role.value, "active": u.active, "employer_id": u.employer_id} for u in found)
        return
    table([t("User"), t("Role"), t("Active")], [(u.name, u.role.value, "✓" if u.active else "–") for u in found])


def _give(name: str, made: str) -> None:
    remark(t("Token of {name}, shown only now. Keep it secret:", name=name))
    out.print(made, markup=False, highlight=False, soft_wrap=True)
    remark(t("Use it: LINGBAO_TOKEN=… lingbao --as {name} …", name=name))
