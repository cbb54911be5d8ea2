"""`lingbao person` and `lingbao retention`: what people may ask of us, and what is erased when its time is over."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer

from cli.context import Context
from cli.register_words import word
from cli.show import as_json, language, say, table
from core.database import empty_log, reading, writing
from core.errors import BadInput, NotAllowed, WrongUse
from core.i18n import t
from core.places.names import display
from notify import erasure
from notify.keeping import tidy as tidying
from notify.keeping.terms import TERMS
from notify.ledger.terms import channel_words, row_state_words
from notify.personal import everything_held
from registry.actors import require_office
from registry.edit import edit_person
from registry.enrol import Sealer, index_key
from registry.people import NewAddress
from registry.rights.erase import erase_liaison
from registry.rights.model import Correction, RequestKind, StayFix
from registry.tables import PostingStatus

app = typer.Typer(no_args_is_help=True)
retention = typer.Typer(no_args_is_help=True)
Number = Annotated[int, typer.Argument(metavar="PERSON", help="人员编号 Number of the person.")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


@app.command("show")
def show(context: typer.Context, person: Number, json: Json = False) -> None:
    """查阅：本系统持有的某人全部资料（有记录）。Everything that is held of a person; the look is written to the audit log."""
    found = _file(context.obj, person, RequestKind.ACCESS)
    if json:
        as_json(found)
        return
    say(t("Person {number}: {name}, language {language}. Registered {at} by {by}.", number=person, name=found["name"],
          language=word("language", found["language"], language()), at=_minute(found["created_at"]), by=found["created_by"]))  # fmt: skip
    table([t("Number"), t("Country"), t("City"), t("Site"), t("First day"), t("Last day"), t("State")], [
        (s["posting_id"], display(s["country"], language()), s["city"], s["site"], s["date_from"], s["date_to"],
         word("status", s["status"], language()))
        for s in found["postings"]
    ])  # fmt: skip
    table([t("Number"), t("Channel"), t("Address"), t("Stopped")], [
        (a["address_id"], word("channel", a["channel"], language()), a["value"],
         word("stop_reason", a["stop_reason"], language()) if a["stopped_at"] else "") for a in found["addresses"]
    ])  # fmt: skip
    table([t("Contact at home"), t("Relation"), t("Phone")], [
        (c["name"], c["relation"], c["phone"]) for c in found["contacts"]
    ])  # fmt: skip
    table([t("Ground"), t("Text shown"), t("Providers abroad"), t("Since"), t("Withdrawn")], [
        (word("ground", c["ground"], language()), c["text_version"], "✓" if c["foreign"] else "–", _minute(c["given_at"]),
         _minute(c["withdrawn_at"]))
        for c in found["consents"]
    ])  # fmt: skip
    table([t("Alert"), t("Title"), t("Channel"), t("State"), t("Note")], [
        (n["alert_id"], n["title_zh"], channel_words(n["channel"] or ""), row_state_words(n["state"] or ""), n["note"])
        for n in found["notices"]
    ])  # fmt: skip


@app.command("export")
def export(
    context: typer.Context,
    person: Number,
    output: Annotated[
        Path, typer.Option("--out", help="写到文件（仅本人可读） Write to a file only its owner can read.")
    ],
) -> None:
    """转移：把某人的全部资料写成 JSON 文件交给本人。Write everything that is held of a person to a JSON file, for them to take away."""
    here: Context = context.obj
    if not here.actor.sees_plain:
        raise NotAllowed(t("{actor} may not see addresses.", actor=here.actor.name))
    if output.exists():
        raise WrongUse(t("{path} is there already.", path=output))
    found = _file(here, person, RequestKind.EXPORT)
    with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as handle:
        handle.write(orjson.dumps(found, option=orjson.OPT_INDENT_2))
    say(t("Written to {path}. Delete it when the person has it.", path=output))


def _file(here: Context, person: int, kind: RequestKind) -> dict[str, Any]:
    """Return what is held of a person as JSON has it, with the notices they got and what was answered; the look is in the audit."""
    acting = here.acting  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        return everything_held(connection, acting, person, keys=here.office.keys, kind=kind)


def _minute(moment: str | None) -> str:
    """Return a moment in JSON as people read it: to the minute, UTC."""
    return f"{moment[:16].replace('T', ' ')}Z" if moment else ""


@app.command("correct")
def correct(
    context: typer.Context,
    person: Number,
    name: Annotated[str | None, typer.Option(help="姓名 Name.")] = None,
    reads: Annotated[
        str | None, typer.Option("--language", help="通知语言，如 zh、en、fr Language of notices, such as fr.")
    ] = None,
    add: Annotated[
        list[str] | None,
        typer.Option("--add", metavar="CHANNEL:VALUE", help="新联系方式，可重复 A new address, repeatable."),
    ] = None,
    stop: Annotated[
        list[int] | None,
        typer.Option("--stop", metavar="ADDRESS", help="停用的联系方式编号 Number of an address to stop."),
    ] = None,
    posting: Annotated[
        int | None, typer.Option(metavar="POSTING", help="要改的外派编号 Number of the stay to change.")
    ] = None,
    status: Annotated[PostingStatus | None, typer.Option(help="外派状态 State of that stay.")] = None,
    city: Annotated[str | None, typer.Option(help="城市 City of that stay.")] = None,
    date_from: Annotated[str | None, typer.Option("--from", metavar="DATE", help="起始日期 Its first day.")] = None,
    date_to: Annotated[str | None, typer.Option("--to", metavar="DATE", help="结束日期 Its last day.")] = None,
    foreign: Annotated[
        bool | None,
        typer.Option(
            "--foreign/--no-foreign",
            help="本人同意／撤回同意经境外服务商发送 The person gives or withdraws consent to providers abroad.",
        ),
    ] = None,
    still: Annotated[
        bool, typer.Option("--still-there", help="本人确认仍在当地 The person says they are where they are registered.")
    ] = False,
) -> None:
    """更正某人的资料，留有变更记录。Put right what is held of a person; each change is in the history."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    of_stay = (status, city, date_from, date_to)
    if posting is None and any(one is not None for one in of_stay):
        raise WrongUse(t("Say which stay is meant: --posting NUMBER."))
    stay = None if posting is None else StayFix(posting, status, city, None, _day(date_from), _day(date_to))
    wanted = Correction(
        name, reads, tuple(stop or ()), tuple(_address(one) for one in add or ()), stay, foreign, still
    )  # fmt: skip
    with writing(here.office.engine) as connection:
        sealer = Sealer(here.office.keys, index_key(connection, here.office.keys), actor.name, here.office.clock.now())
        changed = edit_person(connection, actor, person, wanted, sealer=sealer)
    say(t("Person {number}: {count} rows changed.", number=person, count=changed))


def _address(text: str) -> NewAddress:
    channel, colon, value = text.partition(":")
    if not colon or not value:
        raise WrongUse(t("Write an address as CHANNEL:VALUE, such as sms:+260977000001."))
    return NewAddress(channel, value.strip())


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise BadInput(t("{text} is no date: write it as 2026-11-22.", text=text)) from error


@app.command("erase")
def erase(
    context: typer.Context,
    person: Number,
    confirm: Annotated[int, typer.Option(metavar="PERSON", help="再写一次编号以确认 The same number again.")] = 0,
) -> None:
    """删除：销毁某人的密钥，资料不可恢复，通知的证明仍可核验。Destroy a person's key: nothing of theirs can be read again, and
    the proof of what was sent stays verifiable."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    if confirm != person:
        raise WrongUse(t("Erasing cannot be undone. To confirm: --confirm {number}", number=person))
    with writing(here.office.engine) as connection:
        done = erasure.erase_people(
            connection, actor, [person], kind=RequestKind.ERASURE, now=here.office.clock.now()
        )  # fmt: skip
    empty_log(here.office.engine)
    if done.waiting:
        say(t("A notice to person {number} is still on its way. They will be erased when it is at its end, by the next "
              "`lingbao retention run`.", number=person))  # fmt: skip
        raise typer.Exit(1)
    say(t("Person {number} is erased.", number=person))


@app.command("erase-contact")
def erase_contact(
    context: typer.Context,
    contact: Annotated[int, typer.Argument(metavar="CONTACT", help="企业联络员编号 Number of a company's contact.")],
) -> None:
    """删除企业联络员的资料。Erase the contact of a company."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        erase_liaison(connection, actor, contact, now=here.office.clock.now())
    empty_log(here.office.engine)
    say(t("Contact {number} is erased.", number=contact))


@retention.command("run")
def run(
    context: typer.Context,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只计数，不删除 Count only.")] = False,
    json: Json = False,
) -> None:
    """删除保存期已满的人员和记录，以及已提出、尚在等待的删除请求。
    Erase whose time of keeping ran out, and who asked for it and had to wait; delete records that are over."""
    here: Context = context.obj
    require_office(here.actor)
    if dry_run:
        with reading(here.office.engine) as connection:
            waiting = erasure.count_due(connection, here.office.clock.now(), here.settings.keep_returned_days)
        over = tidying.would_tidy(here.office)
        if json:
            as_json({"due": waiting, "rows": dict(over.rows), "bodies": over.bodies})
            return
        say(t("People to erase: {count}. Nothing was changed.", count=waiting))
        _tell_tidied(over)
        return
    done = erasure.run_retention(here.office.engine, here.office.clock, here.settings.keep_returned_days)
    over = tidying.tidy(here.office)
    if json:
        as_json({"erased": list(done.erased), "waiting": list(done.waiting), "rows": dict(over.rows),
                 "bodies": over.bodies, "freed": over.freed})  # fmt: skip
    else:
        say(t("Erased: {erased}. Waiting for a notice to end: {waiting}.",
              erased=len(done.erased), waiting=len(done.waiting)))  # fmt: skip
        _tell_tidied(over)


def _tell_tidied(over: tidying.Tidied) -> None:
    if over.rows or over.bodies:
        rows: list[tuple[object, object]] = [*over.rows.items(), *([("captures/", over.bodies)] if over.bodies else [])]
        table([t("Where"), t("Over")], rows)


@retention.command("terms")
def terms(json: Json = False) -> None:
    """各类资料保存多久、为何保存。What is kept, how long, and what for."""
    if json:
        as_json([{"thing": one.thing.render(language()), "where": list(one.where), "kept": one.kept.render(language()),
                  "why": one.why.render(language()), "personal": one.personal} for one in TERMS])  # fmt: skip
        return
    table([t("What"), t("How long"), t("What for")], [(one.thing, one.kept, one.why) for one in TERMS])
