"""`lingbao numbers` and `lingbao text`: the office's own telephone numbers and wordings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, cast, get_args

import typer

from cli.context import Context
from cli.show import language, lines, out, say, table
from core.database import reading, writing
from core.errors import BadInput, NotAllowed, WrongUse
from core.i18n import t
from core.languages import OURS, is_language, no_language, words_in
from core.places.names import codes, display
from notify.manual import read_countries
from notify.policy import TEMPLATE_NAME
from notify.texts import store
from notify.texts.further import further
from notify.texts.helplines import Certainty, Directory, Helpline, Kind, missing, to_check
from notify.texts.rules import Form
from notify.texts.wording import CHINESE_ONLY, shipped
from notify.wordings import phrasebook, set_line, set_wording
from registry.actors import SYSTEM, require_office
from registry.scope.coverage import cover
from registry.tables import Role

numbers = typer.Typer(no_args_is_help=True)
text = typer.Typer(no_args_is_help=True)
KINDS = {
    Kind.POLICE: t("police"), Kind.AMBULANCE: t("ambulance"), Kind.FIRE: t("fire brigade"), Kind.EMBASSY: t("embassy, consular protection"),
    Kind.CONSULATE: t("consulate, consular protection"), Kind.SWITCHBOARD: t("embassy, switchboard"),
}  # fmt: skip
CERTAINTIES = {
    Certainty.CHECKED: t("checked by the office"), Certainty.OFFICIAL: t("official"), Certainty.SECONDARY: t("repeated by others"),
    Certainty.BELIEVED: t("not confirmed"),
}  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
Lang = Annotated[str, typer.Argument(metavar="LANGUAGE", help="语言，如 zh、en、fr Language, such as zh, en, fr.")]
FormName = Annotated[str, typer.Argument(metavar="FORM", help="文本形式，见 text list Form of the text.")]
Template = Annotated[
    str, typer.Option(metavar="NAME", help="处置规则路由所用的专门文本 Set of wordings a route of the policy names.")
]


@numbers.command("list")
def list_numbers(
    context: typer.Context,
    country: Annotated[
        list[str] | None, typer.Option(help="国家（地区），可重复 Country or region, repeatable.")
    ] = None,
    json: Json = False,
) -> None:
    """求助电话一览。Numbers that notices end with."""
    here: Context = context.obj
    _office_or_auditor(here)
    wanted = read_countries(country) if country else sorted(codes())
    found = [one for code in wanted for one in _directory(here).lines.get(code, ())]
    if json:
        lines(_line_json(one) for one in found)
        return
    titles = [
        t("Country"),
        t("What for"),
        t("City"),
        t("Number"),
        t("As of"),
        t("How sure"),
        t("Other sources"),
        t("Note"),
    ]
    table(titles, [
        (display(one.country, language()), KINDS[one.kind], one.place, one.number, one.as_of, CERTAINTIES[one.certainty],
         ", ".join(one.also), one.note or one.origin[:60]) for one in found
    ])  # fmt: skip


@numbers.command("set")
def set_number(
    context: typer.Context,
    country: Annotated[str, typer.Argument(help="国家（地区） Country or region.")],
    kind: Annotated[Kind, typer.Argument(help="用途 What for.")],
    number: Annotated[
        str, typer.Argument(help="号码，如 991 或 +260…；none 表示没有 The number; `none`: there is none.")
    ],
    place: Annotated[str, typer.Option(help="城市（领馆） City, of a consulate.")] = "",
    note: Annotated[str, typer.Option(help="如何核实 How it was checked.")] = "",
) -> None:
    """登记已核实的号码，代替原有号码。Write down a number that was checked, in the place of what was known."""
    here: Context = context.obj
    require_office(here.actor)
    now = here.office.clock.now()
    code = read_countries([country])[0]
    given = "" if number == "none" else number
    line = Helpline(code, kind, place.strip(), given, "", Certainty.CHECKED, note=note.strip())
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        set_line(connection, actor, line, now=now)
    where = display(code, language())
    if given:
        say(
            t(
                "{country}, {kind}: {number} counts from the next text on.",
                country=where,
                kind=KINDS[kind],
                number=given,
            )
        )
    else:
        say(t("{country}, {kind}: no number is printed any more.", country=where, kind=KINDS[kind]))


@numbers.command("check")
def check_numbers(
    context: typer.Context,
    country: Annotated[
        list[str] | None, typer.Option(help="国家（地区），可重复 Country or region, repeatable.")
    ] = None,
    every: Annotated[
        bool, typer.Option("--all", help="所有国家（地区） Every country, not only those with people.")
    ] = False,
    json: Json = False,
) -> None:
    """待核实的号码：未核实、有争议、超过两年，或没有。Numbers to check, of the countries where registered people are."""
    here: Context = context.obj
    _office_or_auditor(here)
    day = here.office.clock.now().date()
    directory = _directory(here)
    wanted = read_countries(country) if country else (tuple(sorted(codes())) if every else _in_use(here))
    doubtful, lacking = to_check(directory, wanted, day), missing(directory, wanted)
    if json:
        lines([_line_json(one) | {"why": [w.render(language()) for w in why]} for one, why in doubtful])
        lines([{"country": code, "kind": kind, "number": "", "why": [t("no number that is sure").render(language())]}
               for code, kind in lacking])  # fmt: skip
    else:
        rows: list[tuple[object, ...]] = [
            (display(one.country, language()), KINDS[one.kind], one.place, one.number,
             "; ".join(w.render(language()) for w in why)) for one, why in doubtful
        ]  # fmt: skip
        rows += [
            (display(code, language()), KINDS[kind], "", "", t("no number that is sure")) for code, kind in lacking
        ]
        table([t("Country"), t("What for"), t("City"), t("Number"), t("Why")], rows)
        say(t("{count} to check, in {countries} countries. Set each one with `lingbao numbers set`.",
              count=len(rows), countries=len(wanted)))  # fmt: skip
    if doubtful or lacking:
        raise typer.Exit(1)


@text.command("list")
def list_texts(context: typer.Context, json: Json = False) -> None:
    """通知文本的现行版本。Which wording each form of a notice has now."""
    here: Context = context.obj
    _office_or_auditor(here)
    with reading(here.office.engine) as connection:
        own, rows = store.own_wordings(connection), store.wording_rows(connection)
    newest = {(row.channel, row.language): row for row in reversed(rows)}
    found = []
    for form in get_args(Form):
        for tongue in (*OURS, *(one for one in further(own) if (form, one) in own)):
            used = own.get((form, tongue)) or shipped(form, words_in(tongue))
            row = newest.get((form, tongue)) if (form, tongue) in own else None
            found.append({"form": form, "language": tongue, "wording": used.name, "by": row.created_by if row else "",
                          "at": row.created_at.isoformat() if row else ""})  # fmt: skip
    if json:
        lines(found)
        return
    table([t("Form"), t("Language"), t("Wording"), t("Written by"), t("When")], [tuple(one.values()) for one in found])


@text.command("show")
def show_text(
    context: typer.Context,
    form: FormName,
    lang: Lang = "zh",
    version: Annotated[int, typer.Option(help="版本；0 为现行 Version; 0: the one in use.")] = 0,
    template: Template = store.NOTICE,
) -> None:
    """显示文本模板。Print a wording as it is written."""
    here: Context = context.obj
    _office_or_auditor(here)
    chosen, tongue = _form(form), _language(lang)
    with reading(here.office.engine) as connection:
        own = store.own_wordings(connection) | store.own_wordings(connection, template)
        rows = store.wording_rows(connection, template)
    source = (own.get((chosen, tongue)) or shipped(chosen, words_in(tongue))).source
    if version:
        past = [row.body for row in rows if (row.channel, row.language, row.version) == (chosen, tongue, version)]
        if not past:
            raise WrongUse(
                t("There is no version {version} of {form}, {language}.", version=version, form=form, language=lang)
            )
        source = past[0]
    out.print(source, markup=False, highlight=False, soft_wrap=True, end="")


@text.command("set")
def set_text(
    context: typer.Context,
    form: FormName,
    lang: Lang,
    file: Annotated[Path, typer.Argument(help="模板文件；- 为标准输入 File of the wording; -: standard input.")],
    template: Template = store.NOTICE,
) -> None:
    """采用本单位的文本；先检查。Take the office's own wording into use, after it was tried on every kind of notice."""
    here: Context = context.obj
    require_office(here.actor)
    chosen, tongue = _form(form), _language(lang)
    if chosen in CHINESE_ONLY and tongue != "zh":
        raise WrongUse(t("Carriers at home take Chinese templates: {form} is worded in zh only.", form=form))
    body = _read(file)
    actor, now = here.actor, here.office.clock.now()
    with writing(here.office.engine) as connection:
        version = set_wording(connection, actor, chosen, tongue, body, now=now, template=_template(template))
    say(
        t(
            "{form}, {language}: version {version} is in use from the next text on.",
            form=form,
            language=lang,
            version=version,
        )
    )


@text.command("reset")
def reset_text(context: typer.Context, form: FormName, lang: Lang, template: Template = store.NOTICE) -> None:
    """恢复随附文本。Go back to the shipped wording; the office's own versions are kept."""
    here: Context = context.obj
    require_office(here.actor)
    chosen, tongue = _form(form), _language(lang)
    actor, now = here.actor, here.office.clock.now()
    with writing(here.office.engine) as connection:
        set_wording(connection, actor, chosen, tongue, "", now=now, template=_template(template))
    if tongue in OURS:
        say(t("{form}, {language}: the shipped wording is in use again.", form=form, language=lang))
    else:
        say(t("{form}, {language}: no wording is in use any more. Alerts over its channels are told in English instead.",
              form=form, language=lang))  # fmt: skip


def _template(name: str) -> str:
    if not TEMPLATE_NAME.fullmatch(name):
        raise WrongUse(t("A set of wordings is named by small letters, digits and hyphens: {name} is not.", name=name))
    return name


def _office_or_auditor(here: Context) -> None:
    if not (here.actor.is_office or here.actor.role == Role.AUDITOR):
        raise NotAllowed(t("Only the office may do this, not {actor}.", actor=here.actor.name))


def _directory(here: Context) -> Directory:
    with reading(here.office.engine) as connection:
        return phrasebook(connection, here.acting.texts).directory


def _in_use(here: Context) -> tuple[str, ...]:
    """Return the countries where registered people are, or are about to go."""
    day = here.office.clock.now().date()
    with reading(here.office.engine) as connection:
        return tuple(sorted({one.country for one in cover(connection, SYSTEM, day) if one.country}))


def _form(name: str) -> Form:
    if name not in get_args(Form):
        raise WrongUse(t("There is no form {form}. Known: {known}.", form=name, known=", ".join(get_args(Form))))
    return cast(Form, name)


def _language(name: str) -> str:
    if not is_language(name):
        raise WrongUse(no_language(name))
    return name


def _read(file: Path) -> str:
    try:
        found = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(t("{file} cannot be read: {error}", file=str(file), error=str(error))) from error
    if not found.strip():
        raise BadInput(t("The wording is empty. To go back to the shipped one: lingbao text reset"))
    return found


def _line_json(one: Helpline) -> dict[str, object]:
    return {
        "country": one.country, "kind": one.kind, "place": one.place, "number": one.number, "as_of": one.as_of,
        "certainty": one.certainty, "also": list(one.also), "origin": one.origin, "note": one.note,
    }  # fmt: skip
