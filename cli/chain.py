"""`lingbao alert update|correct|all-clear`: the next version of an alert, as a draft that shows who would get it."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, say
from core.database import writing
from core.i18n import t
from notify.chain import Next, follow, reach
from notify.manual import read_countries
from notify.store import alerts as store
from notify.store.safety import asking
from notify.tables import VersionKind
from registry.actors import require_office

Number = Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Number of the alert.")]
Title = Annotated[str, typer.Option(help="标题（中文） Title in Chinese.")]
Body = Annotated[str, typer.Option(help="正文（中文） Text in Chinese.")]
TitleEn = Annotated[str, typer.Option(help="标题（英文） Title in English.")]
BodyEn = Annotated[str, typer.Option(help="正文（英文） Text in English.")]
Level = Annotated[int | None, typer.Option(min=1, max=4, help="等级 Level 1 to 4.")]
Countries = Annotated[
    list[str] | None, typer.Option("--country", help="国家（地区），替换原有 Countries, in place of those it has.")
]
Hours = Annotated[int | None, typer.Option(min=1, max=240, help="有效小时 Valid for hours.")]
AskSafe = Annotated[
    bool | None,
    typer.Option(
        "--ask-safe/--no-ask-safe", help="（再次）请对方报平安；不写则同上一版 Ask (again) whether they are safe."
    ),
]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


def update(
    context: typer.Context, alert: Number, title: Title = "", body: Body = "", title_en: TitleEn = "",
    body_en: BodyEn = "", level: Level = None, country: Countries = None, valid_hours: Hours = None,
    ask_safe: AskSafe = None, json: Json = False,
) -> None:  # fmt: skip
    """起草更新：发给已通知的人和后来登记的人。Draft an update, for those who were told and those who came since."""
    words = (title, title_en, body, body_en)
    _follow(context, alert, Next(VersionKind.UPDATE, *words, level, _places(country), valid_hours, ask_safe), json=json)


def correct(
    context: typer.Context, alert: Number, title: Title = "", body: Body = "", title_en: TitleEn = "",
    body_en: BodyEn = "", level: Level = None, country: Countries = None, valid_hours: Hours = None, json: Json = False,
) -> None:  # fmt: skip
    """起草更正：未发出的只收更正后的内容。Draft a correction; whom the first word has not left for gets only this."""
    words = (title, title_en, body, body_en)
    _follow(context, alert, Next(VersionKind.CORRECTION, *words, level, _places(country), valid_hours), json=json)


def all_clear(
    context: typer.Context, alert: Number, title: Title = "", body: Body = "", title_en: TitleEn = "",
    body_en: BodyEn = "", valid_hours: Hours = None, json: Json = False,
) -> None:  # fmt: skip
    """起草解除：只发给已通知的人。Draft an all-clear, for those who were told, and nobody else."""
    words = (title, title_en, body, body_en)
    _follow(context, alert, Next(VersionKind.ALL_CLEAR, *words, valid_hours=valid_hours), json=json)


def _places(country: list[str] | None) -> tuple[str, ...]:
    return read_countries(country) if country else ()


def _follow(context: typer.Context, alert: int, wanted: Next, *, json: bool) -> None:
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        version = store.version(connection, follow(connection, alert, wanted, here.acting))
        found = reach(connection, version)
        again = version.ask_safe and version.kind == VersionKind.UPDATE and bool(asking(connection, [alert]))
    if json:
        as_json({"alert": alert, "version": version.no, "kind": version.kind, "told": found.told, "new": found.new,
                 "asks_again": again, "title_en": version.title_en, "body_en": version.body_en})  # fmt: skip
        return
    say(t("Version {no} of alert {number} is drafted. It would go to {told} people who were told, or may have been, and to {new} "
          "who were not yet.", no=version.no, number=alert, told=found.told, new=found.new))  # fmt: skip
    if wanted.body_zh and not wanted.body_en:
        say(t("No English text is given (--body-en): those who read English get the heading “{title}” and the link, and no text.",
              title=version.title_en))  # fmt: skip
    if wanted.title_zh and not wanted.title_en:
        say(
            t(
                "No English heading is given (--title-en): those who read English see the Chinese one in quotation marks."
            )
        )
    if again:
        say(
            t(
                "It asks everybody again whether they are safe: whoever said so before has to say so again. Not to ask: --no-ask-safe."
            )
        )
    say(t("Look at it: lingbao alert preview {number}. Then: submit, approve, send, as a first alert.", number=alert))
