"""`lingbao employer`: companies, and whom the office calls there."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json, say, table
from core.clock import iso
from core.database import reading, writing
from core.errors import BadInput, WrongUse
from core.i18n import t
from registry.cells import Problem
from registry.contacts import add_contact, end_contact, list_contacts
from registry.employers import add_employer, find_employer, list_employers, verify_employer
from registry.liaisons import Duty, NewLiaison
from registry.mails import read_mails
from registry.phones import Phone, read_phone

app = typer.Typer(no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
Code = Annotated[str, typer.Argument(metavar="CODE", help="派出单位代码 Code of the company.")]


@app.command("add")
def add(
    context: typer.Context,
    code: Annotated[
        str,
        typer.Argument(help="统一社会信用代码或本办代码 Unified social credit code, or a code of the office's own."),
    ],
    name: Annotated[str, typer.Argument(help="名称 Name.")],
    district: Annotated[str, typer.Option(help="区县 District.")] = "",
    sector: Annotated[str, typer.Option(help="行业 Sector.")] = "",
) -> None:
    """登记派出单位。Add a company."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        add_employer(
            connection, actor, code=code, name=name, now=here.office.clock.now(), district=district, sector=sector
        )
    say(t("Employer {code} is registered. Check its roster: lingbao roster check FILE", code=code))


@app.command("list")
def list_all(context: typer.Context, json: Json = False) -> None:
    """派出单位列表。Companies."""
    here: Context = context.obj
    with reading(here.office.engine) as connection:
        found = list_employers(connection, here.actor)
    if json:
        for one in found:
            as_json({"code": one.code, "name": one.name, "district": one.district, "sector": one.sector,
                     "verified_at": iso(one.verified_at)})  # fmt: skip
        return
    titles = [t("Code"), t("Company name"), t("District"), t("Sector"), t("Verified")]
    table(titles, [(e.code, e.name, e.district, e.sector, iso(e.verified_at) or "–") for e in found])


@app.command("verify")
def verify(context: typer.Context, code: Code) -> None:
    """确认派出单位已经核实。Say that the office has checked a company and who speaks for it."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        verify_employer(connection, actor, code, now=here.office.clock.now())
    say(t("Employer {code} is verified.", code=code))


@app.command("contact-add")
def contact_add(
    context: typer.Context,
    code: Code,
    name: Annotated[str, typer.Argument(help="姓名 Name.")],
    duty: Annotated[
        Duty, typer.Option(help="职责：联络 安全 人事 境外 负责人 What they are there for.")
    ] = Duty.LIAISON,
    phone: Annotated[str, typer.Option(help="电话；无 + 视为中国号码 Phone; without + a Chinese one.")] = "",
    mail: Annotated[str, typer.Option(help="邮箱 Mail address.")] = "",
    lang: Annotated[str, typer.Option(help="语言 Language: zh, en.")] = "zh",
    json: Json = False,
) -> None:
    """登记企业联系人。Add somebody whom the office calls at a company."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    if lang not in {"zh", "en"}:
        raise WrongUse(t("{language} is no language of ours: zh or en.", language=lang))
    new = NewLiaison(duty, name, _phone(phone), _mail(mail), lang)
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, code).employer_id
        number = add_contact(connection, actor, company, new, keys=here.office.keys, now=here.office.clock.now())
    if json:
        as_json({"contact": number})
    else:
        say(t("Contact {number} is written down.", number=number))


@app.command("contact-list")
def contact_list(context: typer.Context, code: Code, json: Json = False) -> None:
    """企业联系人（每次查看都有记录）。Whom the office calls at a company; each look is written to the audit log."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        company = find_employer(connection, actor, code).employer_id
        found = list_contacts(connection, actor, company, keys=here.office.keys, now=here.office.clock.now())
    if json:
        for one in found:
            as_json({"contact": one.contact_id, "duty": one.duty, "name": one.name, "phone": one.phone, "mail": one.mail,
                     "language": one.language})  # fmt: skip
        return
    titles = [t("Number"), t("Duty"), t("Name"), t("Phone"), t("Mail")]
    table(titles, [(one.contact_id, DUTIES[one.duty], one.name, one.phone, one.mail) for one in found])


@app.command("contact-end")
def contact_end(
    context: typer.Context, number: Annotated[int, typer.Argument(help="联系人编号 Number of the contact.")]
) -> None:
    """联系人不再任职。Say that a contact is there no more."""
    here: Context = context.obj
    actor = here.actor  # proven in a transaction of its own: not inside the one below
    with writing(here.office.engine) as connection:
        end_contact(connection, actor, number, now=here.office.clock.now())
    say(t("Contact {number} is called no more. To erase them: lingbao person erase-contact {number}", number=number))


DUTIES = {
    Duty.LIAISON: t("liaison"),
    Duty.SECURITY: t("security"),
    Duty.HR: t("staff"),
    Duty.OVERSEAS: t("overseas"),
    Duty.MANAGER: t("manager"),
}


def _phone(text: str) -> str:
    found = read_phone(text, host_country="CN") if text else Phone("")
    if isinstance(found, Problem):
        raise BadInput(found.reason)
    return found.e164


def _mail(text: str) -> str:
    found = read_mails(text)
    if len(found) > 1 or any(isinstance(one, Problem) for one in found):
        raise BadInput(t("This is no mail address. Write it as name@example.com."))
    return str(found[0]) if found else ""
