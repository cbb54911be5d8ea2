"""`lingbao resident`: residents and students register themselves, prove their addresses, and leave.

The same operations stand behind the pages for residents; here an officer does it at the counter.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.given import Stay, read_address, read_addresses, read_contact, read_stay
from cli.show import as_json, language, out, remark, say
from core.clock import iso
from core.database import writing
from core.errors import BadInput, WrongUse
from core.i18n import Language, t
from notify.codes import first_way, send_code
from registry.actors import RESIDENT, require_office
from registry.enrol import index_key
from registry.signup import leave as leaving
from registry.signup import register as signup
from registry.signup import verify as proving
from registry.signup.model import Companion, Given, Pending, Refusal
from registry.signup.texts import consent_text, current

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
Ticket = Annotated[str, typer.Option(help="凭据 The ticket that was shown.")]
CodeOption = Annotated[str, typer.Option("--code", help="验证码 The code that was sent.")]


@app.command("text")
def text(
    context: typer.Context,
    lang: Annotated[str, typer.Option(help="语言 Language: zh, en.")] = "",
    version: Annotated[str, typer.Option(help="版本 Version; without: the one in use.")] = "",
) -> None:
    """告知与同意书全文。The text of information and consent that is shown before somebody registers."""
    here: Context = context.obj
    chosen: Language = "en" if (lang or language()) == "en" else "zh"
    office = here.office.name
    shown = consent_text(version or current(), chosen, office.en if chosen == "en" else office.zh)
    out.print(shown, markup=False, highlight=False, soft_wrap=True, end="")


@app.command("register")
def register(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="姓名 Name, as the person wants to be addressed.")],
    country: Annotated[str, typer.Option(help="国家（地区） Country or region.")],
    address: Annotated[
        list[str], typer.Option(help="电话或邮箱，首选在前，可多次 Phone or mail, the preferred first; several times.")
    ],
    accept: Annotated[
        str,
        typer.Option(metavar="VERSION", help="已阅读并同意的文本版本 Version of the text that was read and accepted."),
    ] = "",
    foreign: Annotated[
        bool,
        typer.Option("--foreign", help="单独同意经境外服务商发送 Separate consent to providers abroad."),
    ] = False,
    city: Annotated[str, typer.Option(help="城市 City.")] = "",
    site: Annotated[str, typer.Option(help="学校、单位或住处 School, workplace or quarter.")] = "",
    project: Annotated[str, typer.Option(help="项目 Project.")] = "",
    kind: Annotated[str, typer.Option(help="类别，如 resident、student Kind of stay.")] = "resident",
    date_from: Annotated[str, typer.Option("--from", metavar="DATE", help="抵达日期 First day.")] = "",
    date_to: Annotated[str, typer.Option("--to", metavar="DATE", help="离开日期 Last day.")] = "",
    lang: Annotated[str, typer.Option(help="通知语言 Language of notices: zh, en.")] = "zh",
    companion: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="同行人员，可多次 Companion; may be given several times.")
    ] = None,
    contact: Annotated[str, typer.Option(metavar="NAME", help="国内紧急联系人 Contact at home.")] = "",
    relation: Annotated[str, typer.Option(help="与其关系 Their relation.")] = "",
    contact_phone: Annotated[str, typer.Option(metavar="PHONE", help="其电话 Their phone.")] = "",
    json: Json = False,
) -> None:
    """自助登记：向所填的联系方式发送验证码。Register somebody: a code goes to the address and must come back first."""
    here: Context = context.obj
    require_office(here.actor)
    if lang not in {"zh", "en"}:
        raise WrongUse(t("{language} is no language of ours: zh or en.", language=lang))
    now = here.office.clock.now()
    stay = read_stay(Stay(country, city, site, project, kind, date_from, date_to), now.date())
    ways = read_addresses(address, stay.country)
    given = Given(
        name=name, addresses=ways, postings=(stay,), text_version=accept, foreign=foreign, language=lang,
        contacts=read_contact(contact, relation, contact_phone),
        companions=tuple(Companion(one, lang) for one in companion or ()),
        proof=first_way(here.office, ways, foreign=foreign),
    )  # fmt: skip
    with writing(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        pending = signup.register(connection, given, keys=here.office.keys, index_key=secret, now=now)
    _send(here, pending, "lingbao resident confirm", json=json)


@app.command("confirm")
def confirm(context: typer.Context, ticket: Ticket, code: CodeOption, json: Json = False) -> None:
    """用验证码完成登记。Enter the code: the person and their companions are in the register now."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        done = signup.confirm(
            connection, ticket, code, keys=here.office.keys, index_key=secret, now=here.office.clock.now()
        )
    if isinstance(done, Refusal):
        raise BadInput(done.message)
    if json:
        as_json({"person": done.registrant_id, "companions": list(done.companions)})
    else:
        say(t("Registered under number {person}, with {count} companions.", person=done.registrant_id,
              count=len(done.companions)))  # fmt: skip


@app.command("verify")
def verify(
    context: typer.Context,
    address: Annotated[int | None, typer.Option(metavar="NUMBER", help="联系方式编号 Number of the address.")] = None,
    ticket: Ticket = "",
    code: CodeOption = "",
    json: Json = False,
) -> None:
    """核实已登记的联系方式：先发验证码，再输入。Prove an address in the register: send a code, then enter it."""
    here: Context = context.obj
    actor, now = here.actor, here.office.clock.now()
    if address is not None:
        with writing(here.office.engine) as connection:
            secret = index_key(connection, here.office.keys)
            pending = proving.ask_code(connection, actor, address, keys=here.office.keys, index_key=secret, now=now)
        _send(here, pending, "lingbao resident verify", json=json)
        return
    _need(ticket, code, "--address")
    with writing(here.office.engine) as connection:
        done = proving.pass_check(
            connection, ticket, code, index_key=index_key(connection, here.office.keys), now=now
        )  # fmt: skip
    if isinstance(done, Refusal):
        raise BadInput(done.message)
    if json:
        as_json({"person": done.registrant_id, "address": done.address_id, "verified_at": iso(now)})
    else:
        say(t("Address {address} of person {person} is verified.", address=done.address_id, person=done.registrant_id))


@app.command("stop")
def stop(
    context: typer.Context,
    address: Annotated[int, typer.Argument(metavar="NUMBER", help="联系方式编号 Number of the address.")],
    reason: Annotated[str, typer.Option(help="原因（勿写姓名号码） Why; no names or numbers.")],
) -> None:
    """停用联系方式。Stop an address: nothing is sent to it any more."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        proving.stop_address(connection, actor, address, reason, now=here.office.clock.now())
    say(t("Address {number} is stopped.", number=address))


@app.command("leave")
def leave(
    context: typer.Context,
    name: Annotated[str, typer.Option(help="登记时的姓名 The name that was registered.")] = "",
    address: Annotated[str, typer.Option(help="登记的电话或邮箱 A phone (with +) or mail that was registered.")] = "",
    ticket: Ticket = "",
    code: CodeOption = "",
    companions: Annotated[bool, typer.Option("--companions", help="同行人员一并退出 Companions leave too.")] = False,
    erase: Annotated[
        bool, typer.Option("--erase", help="撤回同意并尽快删除 Withdraw consent: erased by the next retention run.")
    ] = False,
    json: Json = False,
) -> None:
    """退出登记：先发验证码，再输入。Leave the register: ask for a code by name and address, then enter it."""
    here: Context = context.obj
    require_office(here.actor)
    now = here.office.clock.now()
    if name and address:
        way = read_address(address, None)
        with writing(here.office.engine) as connection:
            secret = index_key(connection, here.office.keys)
            pending = leaving.ask_leave(
                connection,
                name=name,
                channel=way.channel,
                value=way.value,
                keys=here.office.keys,
                index_key=secret,
                now=now,
            )
        if pending.code is not None:
            send_code(here.office, pending.code, by=RESIDENT.name)
        _tell_ticket(pending, "lingbao resident leave", {"asked": True}, json=json)
        remark(t("If somebody of this name is registered with this address, a code is on its way to it."))
        return
    _need(ticket, code, "--name, --address")
    with writing(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        done = leaving.leave(
            connection, ticket, code, index_key=secret, now=now, companions=companions, erase=erase
        )  # fmt: skip
    if isinstance(done, Refusal):
        raise BadInput(done.message)
    if json:
        as_json({"people": list(done.registrant_ids), "stays": done.stays, "erase": done.erase})
    else:
        say(
            t(
                "Left the register: {people} people, {stays} stays ended.",
                people=len(done.registrant_ids),
                stays=done.stays,
            )
        )


def _send(here: Context, pending: Pending, command: str, *, json: bool) -> None:
    """Send the code after what it belongs to is durable, and say what came of it."""
    assert pending.code is not None
    handed = send_code(here.office, pending.code, by=here.actor.name)
    _tell_ticket(pending, command, {"sent": handed.outcome, "why": handed.code}, json=json)
    if handed.sent:
        remark(handed.words)
    else:
        raise BadInput(handed.words)


def _tell_ticket(pending: Pending, command: str, more: dict[str, object], *, json: bool) -> None:
    if json:
        as_json({"ticket": pending.ticket, "expires_at": iso(pending.expires_at)} | more)
    else:
        say(t("Go on with: {command} --ticket {ticket} --code CODE", command=command, ticket=pending.ticket))


def _need(ticket: str, code: str, other: str) -> None:
    if not (ticket and code):
        raise WrongUse(t("Give either {other}, or --ticket and --code.", other=other))
