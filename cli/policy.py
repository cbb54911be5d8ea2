"""`lingbao policy`: look at the policy, check one, see what it would have changed, and switch it on."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.show import as_json, language, lines, out, remark, say, table
from core.clock import iso, parse_moment
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from core.places.names import display
from notify.decide import Decision
from notify.policy import POLICIES, Policy, parse_policy, read_policy
from notify.rules.preview import Compared, Different, compare, past
from notify.rules.versions import activate as switch_on
from notify.rules.words import ACTIONS, FIELDS, told, value
from notify.store import policies as store
from registry.actors import require_office
from registry.tables import Role

app = typer.Typer(no_args_is_help=True)
File = Annotated[Path, typer.Argument(metavar="FILE", help="规则文件 Policy file.")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
From = Annotated[
    str, typer.Option("--from", metavar="ISO", help="从何时起；不写为 30 天前 Since when; none: 30 days ago.")
]
To = Annotated[str, typer.Option("--to", metavar="ISO", help="到何时为止；不写为现在 Until when; none: now.")]
LAST_MONTH = timedelta(days=30)


@app.command("show")
def show(
    context: typer.Context,
    text: Annotated[bool, typer.Option("--text", help="输出原文 Print it as it was written.")] = False,
    json: Json = False,
) -> None:
    """现行规则：出自何处、有哪些路由。The policy that holds: where from, and its routes; with --text as it was written."""
    here: Context = context.obj
    _may_look(here)
    with reading(here.office.engine) as connection:
        version = store.newest(connection)
    policy = here.office.policy
    if text:
        path = here.settings.policy_file or POLICIES / "policy.toml"
        out.print(version.text if version else read_policy(path), markup=False, highlight=False, soft_wrap=True)
    elif json:
        values = policy.model_dump(mode="json") | {"no": version.no if version else None}
        as_json(values | {"file": None if version else str(here.settings.policy_file or "policy.toml")})
    else:
        if version is not None:
            say(t("Version {no}, since {at} by {user}: {note}", no=version.no, at=iso(version.active_from),
                  user=version.created_by, note=version.note))  # fmt: skip
        else:
            say(t("No version was ever switched on: the file {path} holds.",
                  path=str(here.settings.policy_file or "policy.toml")))  # fmt: skip
        _routes(policy)


@app.command("check")
def check(context: typer.Context, file: File) -> None:
    """检查规则文件；不启用。Check a policy file whole; nothing is changed."""
    policy = parse_policy(read_policy(file), str(file))
    say(t("{path} is a policy of {routes} routes. Nothing is wrong with it.", path=str(file), routes=len(policy.route)))


@app.command("preview")
def preview(context: typer.Context, file: File, since: From = "", until: To = "", json: Json = False) -> None:
    """预览：按新规则，以往的变化会有何不同；不发送。Which changes of the past it would decide differently; sends nothing."""
    here: Context = context.obj
    _may_look(here)
    new = parse_policy(read_policy(file), str(file))
    now = here.office.clock.now()
    begins, ends = _moment(since, now - LAST_MONTH), _moment(until, now + timedelta(seconds=1))
    with reading(here.office.engine) as connection:
        seen = past(connection, here.office.sources, begins, ends)
    found = compare(seen, here.office.policy, new)
    if json:
        as_json(_json(found))
        return
    say(t("{changes} changes from {since} to {until}; {different} would be decided differently.", changes=found.changes,
          since=iso(begins), until=iso(ends), different=len(found.different)))  # fmt: skip
    for name, before, after in found.rules:
        say(t("{name}: {before} → {after}", name=name, before=before, after=after))
    titles = [t("Change"), t("When"), t("Source"), t("Countries"), t("Before"), t("After"), t("Title")]
    table(titles, [_row(one) for one in found.different])


@app.command("activate")
def activate(
    context: typer.Context,
    file: File,
    note: Annotated[str, typer.Option(help="为何更改 Why the policy changes.")],
    instead_of: Annotated[
        int | None, typer.Option(help="所替换的版本号；不写为现行版本 Version it replaces; none: the one that holds.")
    ] = None,
) -> None:
    """启用规则（审批员或管理员）。Switch a policy on, from the next decision on; for approvers and administrators."""
    here: Context = context.obj
    actor, text = here.actor, read_policy(file)
    parse_policy(text, str(file))  # a fault is told with the name of the file
    with reading(here.office.engine) as connection:
        stands = store.newest(connection)
    replaced = instead_of if instead_of is not None else (stands.no if stands else 0)
    with writing(here.office.engine) as connection:
        made = switch_on(connection, actor, text, note, instead_of=replaced, now=here.office.clock.now())
    say(t("Version {no} of the policy holds from now on.", no=made.no))
    if replaced:
        remark(t("To go back, activate the earlier text: lingbao policy history --text {no}", no=replaced))


@app.command("history")
def history(
    context: typer.Context,
    text: Annotated[
        int | None, typer.Option(metavar="NO", help="输出该版本的原文 Print the text of a version.")
    ] = None,
    json: Json = False,
) -> None:
    """规则的各个版本：何时、何人、为何。Every version of the policy: when, by whom, why."""
    here: Context = context.obj
    _may_look(here)
    with reading(here.office.engine) as connection:
        versions = store.history(connection)
    if text is not None:
        written = next((one.text for one in versions if one.no == text), None)
        if written is None:
            raise WrongUse(t("There is no version {no} of the policy.", no=text))
        out.print(written, markup=False, highlight=False, soft_wrap=True)
    elif json:
        lines({"no": one.no, "active_from": iso(one.active_from), "by": one.created_by, "note": one.note,
               "digest": one.digest} for one in versions)  # fmt: skip
    else:
        titles = [t("Version"), t("Since"), t("By whom"), t("Why"), t("Hash")]
        table(
            titles,
            [
                (one.no, f"{one.active_from:%Y-%m-%d %H:%M}Z", one.created_by, one.note, one.digest[:12])
                for one in versions
            ],
        )


def _may_look(here: Context) -> None:
    if here.actor.role != Role.AUDITOR:
        require_office(here.actor)


def _routes(policy: Policy) -> None:
    titles = [t("Route"), t("Conditions"), t("What follows"), t("How")]
    rows = [(route, told(route, language())) for route in policy.route]
    table(titles, [(one.name, when or "–", ACTIONS[one.action], how) for one, (when, how) in rows])


def _row(one: Different) -> tuple[object, ...]:
    advisory = one.stored.change.advisory
    where = ("、" if language() == "zh" else ", ").join(display(code, language()) for code in advisory.countries)
    after = _decided(one.after)
    for name, was, will in one.how:
        after += (
            f"; {FIELDS[name].render(language())}: {value(name, was, language())} → {value(name, will, language())}"
        )
    return (
        one.stored.id, f"{one.stored.as_of:%Y-%m-%d %H:%M}Z", one.stored.change.source, where, _decided(one.before), after,
        advisory.title,
    )  # fmt: skip


def _decided(one: Decision) -> str:
    return f"{ACTIONS[one.action].render(language())} ({one.route.name})"


def _json(found: Compared) -> dict[str, Any]:
    return {
        "changes": found.changes, "before": dict(found.before), "after": dict(found.after),
        "rules": [{"name": name, "before": before, "after": after} for name, before, after in found.rules],
        "different": [
            {"change": one.stored.id, "as_of": iso(one.stored.as_of), "source": one.stored.change.source,
             "countries": list(one.stored.change.advisory.countries), "title": one.stored.change.advisory.title,
             "before": {"action": one.before.action.value, "route": one.before.route.name, "ask_safe": one.before.ask_safe},
             "after": {"action": one.after.action.value, "route": one.after.route.name, "ask_safe": one.after.ask_safe},
             "how": [{"name": name, "before": was, "after": will} for name, was, will in one.how]}
            for one in found.different
        ],
    }  # fmt: skip


def _moment(text: str, otherwise: datetime) -> datetime:
    try:
        return parse_moment(text) if text else otherwise
    except ValueError as error:
        raise WrongUse(t("{text} is no time with a zone, such as 2026-10-05T08:00:00+08:00.", text=text)) from error
