"""`lingbao group` and `lingbao alert template`: what an officer prepared by day for an alert at night."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, lines, out, say, table
from core.database import reading, writing
from core.i18n import t
from notify.own import groups, store, templates
from notify.own.tables import AlertGroup
from notify.own.templates import AlertTemplate
from registry.actors import SYSTEM, require_office
from registry.employers import list_employers

app = typer.Typer(no_args_is_help=True)
template_app = typer.Typer(no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="名称 Name.")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


@app.command("add")
def add(
    context: typer.Context,
    name: Name,
    employer: Annotated[list[str] | None, typer.Option(help="派出单位代码，可重复 Code of an employer.")] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="派出类型，可重复 Kind of stay, as the register has it: posted, resident.")
    ] = None,
    person: Annotated[list[int] | None, typer.Option(help="人员编号，可重复 Number of a person.")] = None,
    people_from: Annotated[
        str, typer.Option("--people-from", metavar="-", help="从标准输入读编号 Numbers from stdin, with “-”.")
    ] = "",
    replace: Annotated[bool, typer.Option("--replace", help="替换同名 In the place of the one of this name.")] = False,
) -> None:
    """保存人群：按单位、类型或编号。Save a group: by employer, by kind of stay, or one by one."""
    here: Context = context.obj
    require_office(here.actor)
    read = [int(word) for word in sys.stdin.read().replace(",", " ").split() if word.isdigit()] if people_from else []
    new = groups.NewGroup(name, tuple(employer or ()), tuple(kind or ()), (*(person or ()), *read))
    with writing(here.office.engine) as connection:
        groups.add(connection, here.actor, new, now=here.office.clock.now(), replace=replace)
    say(t("Group {name} is saved. Who is in it is counted whenever an alert is sent.", name=name))


@app.command("list")
def list_groups(context: typer.Context, json: Json = False) -> None:
    """人群列表。Saved groups."""
    here: Context = context.obj
    require_office(here.actor)
    with reading(here.office.engine) as connection:
        found = [
            _json(one, _codes(here), len(store.members_of(connection, one.id or 0))) for one in store.groups(connection)
        ]
    if json:
        lines(found)
        return
    table([t("Name"), t("Employers"), t("Kinds of stays"), t("People by number"), t("Set by")],
          [(one["name"], _list(one["employers"]), _list(one["kinds"]), one["people"], one["by"]) for one in found])  # fmt: skip


@app.command("show")
def show(context: typer.Context, name: Name, json: Json = False) -> None:
    """人群的内容（编号，不含姓名）。What a group is made of: codes and numbers, no names."""
    here: Context = context.obj
    require_office(here.actor)
    with reading(here.office.engine) as connection:
        one = groups.find(connection, name)
        people = store.members_of(connection, one.id or 0)
    if json:
        as_json(_json(one, _codes(here), len(people)) | {"members": people})
        return
    say(t("Group {name}: employers {employers}; kinds of stays {kinds}; people by number {people}.", name=one.name,
          employers=_list([_codes(here).get(e, str(e)) for e in one.employers]), kinds=_list(one.kinds),
          people=_list([str(number) for number in people])))  # fmt: skip


@app.command("remove")
def remove(context: typer.Context, name: Name) -> None:
    """删除人群；已写好的预警不受影响。Remove a group; alerts written for it keep it."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        groups.remove(connection, here.actor, name, now=here.office.clock.now())
    say(t("Group {name} is removed. Alerts written for it keep it.", name=name))


@template_app.command("set")
def set_template(
    context: typer.Context,
    name: Name,
    title: Annotated[str, typer.Option(help="标题（中文），空位如 {{ place }} Title in Chinese, gaps as {{ place }}.")],
    body: Annotated[str, typer.Option(help="正文（中文） Text in Chinese.")] = "",
    title_en: Annotated[str, typer.Option(help="标题（英文） Title in English.")] = "",
    body_en: Annotated[str, typer.Option(help="正文（英文） Text in English.")] = "",
) -> None:
    """保存人工预警模板。Save a template of manual alerts."""
    here: Context = context.obj
    require_office(here.actor)
    template = AlertTemplate(name, title, body, title_en, body_en)
    with writing(here.office.engine) as connection:
        version = templates.save(connection, here.actor, template, now=here.office.clock.now())
    gaps = ", ".join(sorted(template.gaps)) or "-"
    say(
        t("Template {name} is saved as version {version}. To be filled: {gaps}.", name=name, version=version, gaps=gaps)
    )


@template_app.command("list")
def list_templates(context: typer.Context, json: Json = False) -> None:
    """模板列表。Templates and what is to be filled in each."""
    here: Context = context.obj
    require_office(here.actor)
    with reading(here.office.engine) as connection:
        found = templates.all_templates(connection)
    if json:
        lines({"name": one.name, "version": one.version, "gaps": sorted(one.gaps), **one.parts} for one in found)
        return
    table([t("Name"), t("Version"), t("To be filled"), t("Title")],
          [(one.name, one.version, _list(sorted(one.gaps)), one.title_zh) for one in found])  # fmt: skip


@template_app.command("show")
def show_template(context: typer.Context, name: Name) -> None:
    """模板全文。The words of a template."""
    here: Context = context.obj
    require_office(here.actor)
    with reading(here.office.engine) as connection:
        found = templates.find(connection, name)
    for part, words in found.parts.items():
        out.print(f"{part}: {words}", markup=False, highlight=False, soft_wrap=True)


@template_app.command("remove")
def remove_template(context: typer.Context, name: Name) -> None:
    """停用模板。Take a template out of use."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        templates.remove(connection, here.actor, name, now=here.office.clock.now())
    say(t("Template {name} is out of use.", name=name))


def _codes(here: Context) -> dict[int, str]:
    with reading(here.office.engine) as connection:
        return {one.employer_id: one.code for one in list_employers(connection, SYSTEM)}


def _json(one: AlertGroup, codes: dict[int, str], people: int) -> dict[str, object]:
    return {"name": one.name, "employers": [codes.get(e, str(e)) for e in one.employers], "kinds": one.kinds,
            "people": people, "by": one.created_by}  # fmt: skip


def _list(words: object) -> str:
    return "、".join(map(str, words)) if isinstance(words, list) and words else "-"
