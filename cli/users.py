"""`lingbao user`."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import lines, out, remark, say, table
from core.database import reading, writing
from core.i18n import t
from notify.sign_in import link_url
from registry import users
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
) -> None:
    """添加用户并给出令牌；首个用户为管理员。Add a user and print a token; the first user is an administrator."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    now = here.office.clock.now()
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, employer).employer_id if employer else None
        chosen = role or (Role.ADMINISTRATOR if users.bootstrap_needed(connection) else Role.OFFICER)
        users.add_user(connection, actor, name=name, role=chosen, now=now, employer_id=company)
        token = users.issue_token(connection, actor, name, now)
    _give(name, token)


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
