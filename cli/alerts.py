"""`lingbao alert`: drafts of officers, on their way through two pairs of hands."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from cli.alert_edit import edit_draft
from cli.alert_new import new
from cli.alert_schedule import schedules, set_schedule, unschedule
from cli.context import Context
from cli.levels import side_by_side, tell_side_by_side
from cli.outbox import send as run_engine
from cli.outbox import tell
from cli.preview import send_trial, show_preview
from cli.show import language, lines, say, table
from core.database import reading, writing
from core.errors import NotAllowed
from core.i18n import Message, t
from core.places.names import display
from core.tables import Mode
from notify import alerts, pausing
from notify.own.confirm import must_confirm, refuse_unconfirmed
from notify.store import alerts as store
from notify.summary import alert_json
from notify.tables import AlertStatus
from notify.words import state_words, status_words
from registry.actors import require_office

app = typer.Typer(no_args_is_help=True)
app.command("new")(new)
app.command("edit")(edit_draft)
app.command("preview")(show_preview)
app.command("test")(send_trial)
app.command("schedule")(set_schedule)
app.command("unschedule")(unschedule)
app.command("schedules")(schedules)
Number = Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Number of the alert.")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]


@app.command("submit")
def submit(context: typer.Context, alert: Number) -> None:
    """提交审批。Hand a draft to a second person."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        alerts.submit(connection, _version(connection, alert), here.acting)
    say(t("Alert {number} waits for another person's approval.", number=alert))


@app.command("approve")
def approve(
    context: typer.Context,
    alert: Number,
    confirm: Annotated[str, typer.Option(help="输入国家名以确认 Type one of its countries to confirm.")] = "",
) -> None:
    """审批（须另一人）。Approve what somebody else drafted."""
    here: Context = context.obj
    require_office(here.actor)
    with reading(here.office.engine) as connection:
        version_id = _version(connection, alert)
        countries = {place.country for place in store.places(connection, version_id)}
    typed = confirm or typer.prompt(t("Type the name of one of its countries to approve").render(language()), err=True)
    refuse_unconfirmed(typed, countries)
    with writing(here.office.engine) as connection:
        alerts.approve(connection, version_id, here.acting)
    say(t("Alert {number} is approved. Send it: lingbao alert send {number}", number=alert))


@app.command("send")
def send(
    context: typer.Context,
    alert: Number,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只看不发 Only show what would be sent.")] = False,
    confirm: Annotated[
        str, typer.Option(help="正式发送：输入国家名以确认 Live: type one of its countries to confirm.")
    ] = "",
) -> None:
    """发送已审批的预警。Release an approved alert and send it."""
    here: Context = context.obj
    require_office(here.actor)
    if dry_run:
        show_preview(context, alert)
        return
    _confirm(here, alert, confirm)
    with writing(here.office.engine) as connection:
        planned = alerts.release(connection, _version(connection, alert), here.acting)
    say(t("Alert {number}: {planned} notices.", number=alert, planned=planned))
    from datetime import timedelta

    done = run_engine(here, timedelta(minutes=10), alert)
    tell(done)
    raise typer.Exit(1 if done.rejected or done.unresolved or done.stopped else 0)


@app.command("cancel")
def cancel(context: typer.Context, alert: Number) -> None:
    """取消：未发出的不再发出。Cancel: what has not left does not leave any more."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        stopped = alerts.cancel(connection, _version(connection, alert), here.acting)
    say(t("Alert {number} is cancelled; {stopped} notices were stopped.", number=alert, stopped=stopped))


@app.command("pause")
def pause(context: typer.Context, alert: Number) -> None:
    """暂停：未发出的先不发，已交服务商的照常。Pause: nothing more leaves until it is resumed; what is out is out."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        waiting = pausing.pause(connection, alert, here.acting)
    say(t("Alert {number} is paused: {waiting} notices wait. Its validity goes on running. Go on: lingbao alert resume {number}",
          number=alert, waiting=waiting))  # fmt: skip


@app.command("resume")
def resume(context: typer.Context, alert: Number) -> None:
    """继续发送已暂停的预警。Let a paused alert go on; the next run of the sender takes it up."""
    here: Context = context.obj
    require_office(here.actor)
    with writing(here.office.engine) as connection:
        going = pausing.resume(connection, alert, here.acting)
    say(t("Alert {number} goes on: {going} notices.", number=alert, going=going))


@app.command("status")
def status(
    context: typer.Context,
    alert: Annotated[
        int | None, typer.Argument(metavar="ALERT", help="预警编号；不写则全部 Number of the alert; none: all.")
    ] = None,
    json: Json = False,
) -> None:
    """预警的进展。How alerts stand: one, or all."""
    here: Context = context.obj
    if not (here.actor.is_office or here.actor.role == "auditor"):
        raise NotAllowed(t("Only the office may do this, not {actor}.", actor=here.actor.name))
    with reading(here.office.engine) as connection:
        numbers = [_version(connection, alert)] if alert else [int(v.id or 0) for v in store.versions(connection)]
        found = [alert_json(connection, number) | side_by_side(here, connection, number) for number in numbers]
    if json:
        lines(found)
        return
    titles = [t("Alert"), t("Level"), t("Countries"), t("State"), t("People"), t("Notices"), t("Title")]
    table(titles, [
        (f"{one['id']}.{one['version']}", one["level"], _places(one["countries"]), _status(one), one["people"],
         _states(one["notices"]), one["title_zh"] if language() == "zh" else one["title_en"]) for one in found
    ])  # fmt: skip
    tell_side_by_side(found)


def _confirm(here: Context, alert: int, typed: str) -> None:
    """Let a live alert go on only if one of its countries was typed."""
    with reading(here.office.engine) as connection:
        countries = {place.country for place in store.places(connection, _version(connection, alert))}
        kept = store.alert(connection, alert)
        instance = Mode(store.instance(connection).mode)
    live = kept is not None and must_confirm(instance, Mode(kept.mode))
    if live and not typed:
        typed = typer.prompt(
            t("This is live. Type the name of one of its countries to send").render(language()), err=True
        )
    if live or typed:
        refuse_unconfirmed(typed, countries)


def _places(countries: list[str]) -> str:
    return ("、" if language() == "zh" else ", ").join(display(code, language()) for code in countries)


def _status(one: dict[str, Any]) -> Message:
    if one["for_newcomers"] and one["status"] == AlertStatus.DONE:
        return t("stands, for newcomers")
    return t("paused") if one["paused"] else status_words(one["status"])


def _states(counted: dict[str, int]) -> str:
    """Say how the notices stand: the provider's word where there is one, else our own state."""
    told = sum(count for state, count in counted.items() if state.startswith("provider_"))
    shown = dict(counted)
    if shown.get("accepted", 0) <= told:
        shown.pop("accepted", None)
    return ", ".join(f"{state_words(state).render(language())} {count}" for state, count in shown.items() if count)


def _version(connection: Any, alert: int) -> int:
    version = alerts.find(connection, alert)
    assert version.id is not None
    return version.id
