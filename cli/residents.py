"""`lingbao resident`: residents and students register themselves, prove their addresses, and leave.

The same operations stand behind the pages for residents; here an officer does it at the counter.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cli import wishes
from cli.context import Context
from cli.given import Stay, read_addresses, read_contact, read_stay
from cli.show import as_json, language, lines, out, remark, say, table
from cli.wishes import CodeOption, Json, Ticket, need, tell_ticket
from core.clock import iso
from core.database import reading, writing
from core.errors import BadInput, WrongUse
from core.i18n import Language, t
from core.languages import is_language, no_language
from notify.codes import NoWay, by_phone, first_way, send_code
from registry.actors import require_office
from registry.enrol import index_key
from registry.people import NewAddress
from registry.signup import register as signup
from registry.signup import verify as proving
from registry.signup.model import Companion, Given, Pending, Refusal
from registry.signup.texts import consent_text, current

app = typer.Typer(no_args_is_help=True)


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
    lang: Annotated[str, typer.Option(help="通知语言，如 zh、en、fr Language of notices, such as zh, en, fr.")] = "zh",
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
    if not is_language(lang):
        raise WrongUse(no_language(lang))
    now = here.office.clock.now()
    stay = read_stay(Stay(country, city, site, project, kind, date_from, date_to), now.date())
    ways = read_addresses(address, stay.country)
    proof, phoned = _way(here, ways, foreign=foreign)
    given = Given(
        name=name, addresses=ways, postings=(stay,), text_version=accept, foreign=foreign, language=lang,
        contacts=read_contact(contact, relation, contact_phone),
        companions=tuple(Companion(one, lang) for one in companion or ()),
        proof=proof, by_phone=phoned,
    )  # fmt: skip
    with writing(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        pending = signup.register(connection, given, keys=here.office.keys, index_key=secret, now=now)
    if phoned:
        tell_ticket(pending, "lingbao resident confirm", {"sent": "by-phone", "why": ""}, json=json, end="--by-phone")
        remark(t("Nothing was sent: without consent to providers abroad an officer must telephone."))
        return
    _send(here, pending, "lingbao resident confirm", json=json)


def _way(here: Context, ways: tuple[NewAddress, ...], *, foreign: bool) -> tuple[int, bool]:
    """Return where the code goes, and whether an officer must telephone it: nobody is refused for refusing consent."""
    try:
        return first_way(here.office, ways, foreign=foreign), False
    except NoWay:
        if foreign:
            raise
        return by_phone(ways), True


@app.command("confirm")
def confirm(
    context: typer.Context,
    ticket: Ticket,
    code: CodeOption = "",
    phoned: Annotated[
        bool,
        typer.Option(
            "--by-phone", help="显示验证码，由工作人员打电话念给本人 Show the code, to be read out over the telephone."
        ),
    ] = False,
    json: Json = False,
) -> None:
    """用验证码完成登记。Enter the code: the person and their companions are in the register now."""
    here: Context = context.obj
    require_office(here.actor)
    if phoned:
        _read_out(here, ticket, json=json)
        return
    need(ticket, code, "--ticket, --by-phone")
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


def _read_out(here: Context, ticket: str, *, json: bool) -> None:
    """Show an officer the number to call and the code to read out; who saw it is in the audit."""
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        found = signup.code_to_read_out(
            connection, actor, ticket, keys=here.office.keys, index_key=secret, now=here.office.clock.now()
        )
    if isinstance(found, Refusal):
        raise BadInput(found.message)
    if json:
        as_json({"address": found.address, "code": found.digits, "expires_at": iso(found.expires_at)})
        return
    say(t("Call {number} yourself, read out {digits}, and let the person say it back.", number=found.address,
          digits=found.digits))  # fmt: skip
    say(t("Go on with: {command} --ticket {ticket} --code CODE", command="lingbao resident confirm", ticket=ticket))


@app.command("to-call")
def to_call(context: typer.Context, json: Json = False) -> None:
    """等待电话核实的自助登记：逐一用 confirm --by-phone 查看号码和验证码。Who waits for a call; go on with confirm --by-phone."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with reading(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        found = signup.to_telephone(
            connection, actor, keys=here.office.keys, index_key=secret, now=here.office.clock.now()
        )  # fmt: skip
    if json:
        lines({"ticket": one.ticket, "asked_at": iso(one.asked_at), "expires_at": iso(one.expires_at)} for one in found)
    elif found:
        table(
            [t("Asked"), t("Until"), t("Ticket")],
            [(iso(one.asked_at), iso(one.expires_at), one.ticket) for one in found],
        )
    else:
        say(t("Nobody waits for a call."))


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
    need(ticket, code, "--address")
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


app.command("leave")(wishes.leave)
app.command("consent")(wishes.consent)
app.command("still-there")(wishes.still_there)


def _send(here: Context, pending: Pending, command: str, *, json: bool) -> None:
    """Send the code after what it belongs to is durable, and say what came of it."""
    assert pending.code is not None
    handed = send_code(here.office, pending.code, by=here.actor.name)
    tell_ticket(pending, command, {"sent": handed.outcome, "why": handed.code}, json=json)
    if handed.sent:
        remark(handed.words)
    else:
        raise BadInput(handed.words)
