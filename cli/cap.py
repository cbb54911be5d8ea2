"""`lingbao cap`: an alert as a CAP 1.2 message."""

from __future__ import annotations

from typing import Annotated

import typer

from cli.context import Context
from cli.show import as_json
from core.clock import iso
from core.errors import NotAllowed, NotFound
from core.i18n import t
from notify.cap.message import Message
from notify.cap.publish import of_alert
from notify.cap.write import message_xml
from registry.tables import Role


def cap(
    context: typer.Context,
    alert: Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Number of the alert.")],
    number: Annotated[
        int | None,
        typer.Option("--message", min=1, help="第几条报文；不写为最新 Which message of its chain; none: the newest."),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="只列出报文链 Only list the chain, as JSON.")] = False,
) -> None:
    """把预警写成 CAP 1.2 报文。Write an alert as a CAP 1.2 message."""
    here: Context = context.obj
    if not (here.actor.is_office or here.actor.role == Role.AUDITOR):
        raise NotAllowed(t("Only the office may do this, not {actor}.", actor=here.actor.name))
    chain = of_alert(here.office, alert)
    if json:
        as_json([_json(one) for one in chain])
        return
    if number is not None and number > len(chain):
        raise NotFound(t("Alert {alert} has {count} messages.", alert=alert, count=len(chain)))
    typer.echo(message_xml(chain[-1 if number is None else number - 1]).decode(), nl=False)


def _json(one: Message) -> dict[str, object]:
    return {
        "identifier": one.identifier, "kind": one.kind, "status": one.status, "scope": one.scope, "sent": iso(one.sent),
        "expires": iso(one.expires), "references": [earlier.identifier for earlier in one.references],
    }  # fmt: skip
