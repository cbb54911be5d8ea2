"""What residents ask for by name and address: to leave, to give or withdraw consent, to say that they are still there.

Each is two steps: a code goes out if there is such a person, and does what it was asked for when it comes back.
"""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.given import read_address
from cli.show import as_json, remark, say
from core.clock import iso
from core.database import writing
from core.errors import BadInput, WrongUse
from core.i18n import t
from notify.codes import send_code
from registry import scope
from registry.actors import RESIDENT, require_office
from registry.enrol import Sealer, index_key
from registry.signup import leave as leaving
from registry.signup import wishes
from registry.signup.ask import ask_by_name
from registry.signup.model import Pending, Purpose, Refusal

Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
Ticket = Annotated[str, typer.Option(help="凭据 The ticket that was shown.")]
CodeOption = Annotated[str, typer.Option("--code", help="验证码 The code that was sent.")]
Name = Annotated[str, typer.Option(help="登记时的姓名 The name that was registered.")]
Way = Annotated[str, typer.Option(help="登记的电话或邮箱 A phone (with +) or mail that was registered.")]


def leave(
    context: typer.Context,
    name: Name = "",
    address: Way = "",
    ticket: Ticket = "",
    code: CodeOption = "",
    companions: Annotated[bool, typer.Option("--companions", help="同行人员一并退出 Companions leave too.")] = False,
    erase: Annotated[
        bool, typer.Option("--erase", help="撤回同意并尽快删除 Withdraw consent: erased by the next retention run.")
    ] = False,
    keep_number: Annotated[
        bool,
        typer.Option(
            "--keep-number",
            help="同行人员本人同意继续用该号码 Companions who stay said that they keep using the number.",
        ),
    ] = False,
    json: Json = False,
) -> None:
    """退出登记：先发验证码，再输入。Leave the register: ask for a code by name and address, then enter it."""
    here: Context = context.obj
    if _asked(here, Purpose.LEAVE, name, address, json=json):
        return
    need(ticket, code, "--name, --address")
    with writing(here.office.engine) as connection:
        done = leaving.leave(
            connection, ticket, code, index_key=index_key(connection, here.office.keys), now=here.office.clock.now(),
            companions=companions, erase=erase, keep_number=keep_number,
        )  # fmt: skip
    if isinstance(done, Refusal):
        raise BadInput(done.message)
    if json:
        staying = [{"person": one.registrant_id, "only": one.only, "stopped": one.stopped} for one in done.staying]
        as_json({"people": list(done.registrant_ids), "stays": done.stays, "erase": done.erase, "staying": staying})
        return
    say(
        t("Left the register: {people} people, {stays} stays ended.", people=len(done.registrant_ids), stays=done.stays)
    )
    _tell_staying(here, done.staying)


def _tell_staying(here: Context, staying: tuple[leaving.Staying, ...]) -> None:
    """Say who is still registered with the number of whoever left, and whom nothing reaches any more."""
    if not staying:
        return
    ids = [one.registrant_id for one in staying]
    with writing(here.office.engine) as connection:
        names = scope.names_of(connection, here.actor, ids, here.office.keys)
    for one in staying:
        told = {"person": one.registrant_id, "name": names.get(one.registrant_id, "")}
        if not one.stopped:
            say(t("Still registered: {person} {name}, with your number.", **told))
        elif one.only:
            say(t("Still registered: {person} {name}. Your number is stopped there, and nothing else reaches them: "
                  "give another address, or let them leave too.", **told))  # fmt: skip
        else:
            say(t("Still registered: {person} {name}. Your number is stopped there.", **told))


def consent(
    context: typer.Context,
    name: Name = "",
    address: Way = "",
    ticket: Ticket = "",
    code: CodeOption = "",
    foreign: Annotated[
        bool | None,
        typer.Option(
            "--foreign/--no-foreign",
            help="同意／撤回同意经境外服务商发送 Give or withdraw consent to providers abroad.",
        ),
    ] = None,
    accept: Annotated[
        str,
        typer.Option(metavar="VERSION", help="同意时已阅读的文本版本 Version of the text that was read, to give it."),
    ] = "",
    json: Json = False,
) -> None:
    """同意或撤回同意经境外服务商发送：先发验证码，再输入。Give or withdraw consent to providers abroad: ask for a code, then enter it."""
    here: Context = context.obj
    if _asked(here, Purpose.CONSENT, name, address, json=json):
        return
    need(ticket, code, "--name, --address")
    if foreign is None:
        raise WrongUse(t("Say which: --foreign or --no-foreign."))
    with writing(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        sealer = Sealer(here.office.keys, secret, RESIDENT.name, here.office.clock.now())
        done = wishes.agree(connection, ticket, code, foreign=foreign, text_version=accept, sealer=sealer)
    if isinstance(done, Refusal):
        raise BadInput(done.message)
    if json:
        as_json({"people": list(done.registrant_ids), "foreign": done.foreign})
    elif foreign:
        say(t("Consent to providers abroad is given: {people} people.", people=len(done.registrant_ids)))
    else:
        say(t("Consent to providers abroad is withdrawn: {people} people.", people=len(done.registrant_ids)))


def still_there(
    context: typer.Context, name: Name = "", address: Way = "", ticket: Ticket = "", code: CodeOption = "",
    json: Json = False,
) -> None:  # fmt: skip
    """确认仍在当地：先发验证码，再输入。Say that you are still where you are registered: ask for a code, then enter it."""
    here: Context = context.obj
    if _asked(here, Purpose.STILL_THERE, name, address, json=json):
        return
    need(ticket, code, "--name, --address")
    with writing(here.office.engine) as connection:
        done = wishes.still_there(
            connection, ticket, code, index_key=index_key(connection, here.office.keys), now=here.office.clock.now()
        )
    if isinstance(done, Refusal):
        raise BadInput(done.message)
    if json:
        as_json({"people": list(done.registrant_ids), "stays": done.stays})
    else:
        say(t("Still there: {stays} stays are confirmed.", stays=done.stays))


def _asked(here: Context, purpose: Purpose, name: str, address: str, *, json: bool) -> bool:
    """Send a code if there is such a person, in words that do not tell; return whether that was what was wanted."""
    require_office(here.actor)
    if not (name and address):
        return False
    way = read_address(address, None)
    with writing(here.office.engine) as connection:
        secret = index_key(connection, here.office.keys)
        pending = ask_by_name(
            connection, purpose, name=name, channel=way.channel, value=way.value, keys=here.office.keys, index_key=secret,
            now=here.office.clock.now(),
        )  # fmt: skip
    if pending.code is not None:
        send_code(here.office, pending.code, by=RESIDENT.name)
    tell_ticket(pending, f"lingbao resident {purpose}", {"asked": True}, json=json)
    remark(t("If somebody of this name is registered with this address, a code is on its way to it."))
    return True


def tell_ticket(
    pending: Pending, command: str, more: dict[str, object], *, json: bool, end: str = "--code CODE"
) -> None:
    """Show the ticket and how to go on."""
    if json:
        as_json({"ticket": pending.ticket, "expires_at": iso(pending.expires_at)} | more)
    elif end == "--by-phone":
        say(t("Go on with: {command} --ticket {ticket} --by-phone", command=command, ticket=pending.ticket))
    else:
        say(t("Go on with: {command} --ticket {ticket} --code CODE", command=command, ticket=pending.ticket))


def need(ticket: str, code: str, other: str) -> None:
    """Refuse a second step without what it takes.

    Raises:
        WrongUse: the ticket or the code is missing.
    """
    if not (ticket and code):
        raise WrongUse(t("Give either {other}, or --ticket and --code.", other=other))
