"""`lingbao alert new`: an officer's own alert, for whom, in which words, and when."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from pydantic import ValidationError

from cli.alert_schedule import read_moment
from cli.context import Context
from cli.show import as_json, remark, say
from core.clock import iso
from core.database import reading, writing
from core.errors import WrongUse
from core.i18n import t
from notify.manual import ManualAlert, read_countries, usual_channels
from notify.own import store as own_store
from notify.own.write import write
from notify.store import alerts as store
from registry.actors import require_office

Words = list[str] | None


def new(
    context: typer.Context,
    country: Annotated[list[str], typer.Option(help="国家（地区），可重复 Country or region, repeatable.")],
    level: Annotated[int, typer.Option(min=1, max=4, help="等级 Level 1 to 4.")],
    title: Annotated[str, typer.Option(help="标题（中文） Title in Chinese.")] = "",
    body: Annotated[str, typer.Option(help="正文（中文） Text in Chinese.")] = "",
    title_en: Annotated[str, typer.Option(help="标题（英文） Title in English.")] = "",
    body_en: Annotated[str, typer.Option(help="正文（英文） Text in English.")] = "",
    template: Annotated[str, typer.Option(help="模板 Template, in place of title and text.")] = "",
    given: Annotated[
        Words, typer.Option("--set", metavar="NAME=WORDS", help="模板变量，可重复 A gap of the template, repeatable.")
    ] = None,
    place: Annotated[Words, typer.Option(help="地区、城市，可重复 Region or city, repeatable.")] = None,
    employer: Annotated[Words, typer.Option(help="派出单位代码，可重复 Code of an employer, repeatable.")] = None,
    person: Annotated[list[int] | None, typer.Option(help="人员编号，可重复 Number of a person, repeatable.")] = None,
    group: Annotated[Words, typer.Option(help="已存人群，可重复 Saved group, repeatable.")] = None,
    channel: Annotated[
        Words, typer.Option(help="渠道，可重复 Channels, repeatable: sms, whatsapp, voice, email, wecom, wechat.")
    ] = None,
    ask_safe: Annotated[bool, typer.Option("--ask-safe", help="请对方报平安 Ask whether they are safe.")] = False,
    valid_hours: Annotated[int, typer.Option(help="有效小时 Valid for hours.")] = 24,
    url: Annotated[str, typer.Option(help="链接 Link.")] = "",
    send_at: Annotated[str, typer.Option(metavar="ISO", help="定时发送（须已批准） Leaves then, if approved.")] = "",
    expire_hours: Annotated[int, typer.Option(help="定时过期小时 Not sent later than so many hours after.")] = 6,
    drill: Annotated[bool, typer.Option("--drill", help="演练 A drill: marked, to the allow-list only.")] = False,
    at: Annotated[str, typer.Option(metavar="ISO", help="按哪一天的人员 Day of the whereabouts; empty: now.")] = "",
    json: Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")] = False,
) -> None:
    """起草预警；不会发送。Write a draft; nothing is sent."""
    here: Context = context.obj
    require_office(here.actor)
    read_countries(country)  # its own sentences, before those of the form
    manual = _form({
        "countries": country, "level": level, "title_zh": title, "body_zh": body, "title_en": title_en, "body_en": body_en,
        "channels": channel or usual_channels(here.settings.channels, level), "valid_hours": valid_hours, "url": url,
        "places": place, "employers": employer, "people": person, "groups": group, "ask_safe": ask_safe,
        "template": template, "values": _pairs(given), "send_at": read_moment(send_at) if send_at else None,
        "expire_hours": expire_hours, "drill": drill,
    })  # fmt: skip
    as_of = read_moment(at) if at else here.office.clock.now()
    acting = here.acting
    with writing(here.office.engine) as connection:
        version_id = write(connection, manual, acting, as_of)
        number = store.version(connection, version_id).alert_id
        countries = own_store.countries(connection, version_id)
    if json:
        as_json({"alert": number, "countries": countries, "drill": drill, "send_at": iso(manual.send_at)})
        return
    say(t("Draft {number} is written. Look at it: lingbao alert preview {number}", number=number))
    _remarks(here, manual)


def _form(values: dict[str, Any]) -> ManualAlert:
    given = {name: value for name, value in values.items() if value is not None and (name != "title_zh" or value)}
    try:
        return ManualAlert.model_validate(given)
    except ValidationError as error:
        faults = "; ".join(f"{'.'.join(str(p) for p in e['loc'])}: {e['msg']}" for e in error.errors())
        raise WrongUse(t("The alert cannot be written so. {faults}", faults=faults)) from error


def _pairs(given: Words) -> dict[str, str]:
    pairs = [one.partition("=") for one in given or []]
    for name, sign, _ in pairs:
        if not sign or not name.strip():
            raise WrongUse(t("--set takes NAME=WORDS, not {given}.", given=name))
    return {name.strip(): words for name, _, words in pairs}


def _remarks(here: Context, manual: ManualAlert) -> None:
    if manual.send_at is not None:
        remark(t("It leaves at {moment} if somebody else has approved it by then.", moment=iso(manual.send_at)))
    if not manual.drill:
        return
    with reading(here.office.engine) as connection:
        mode = store.instance(connection).mode
    remark(t("A drill: it carries its marks and goes to {count} addresses of the allow-list (setting drill_allow) at most. "
             "This office is in mode {mode}.", count=len(here.settings.drill_allow), mode=mode))  # fmt: skip
