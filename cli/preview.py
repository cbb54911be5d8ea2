"""`lingbao alert preview` and `test`: what would happen, and how it reads on one's own telephone."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from cli.context import Context
from cli.narrowing import narrowing_json, tell_narrowing
from cli.preview_rules import rules_json, tell_rules
from cli.show import as_json, language, out, remark, say, table
from core.database import reading
from core.errors import WrongUse
from core.i18n import Message, t
from core.languages import is_language, language_name, no_language
from core.places.names import display
from core.tables import Mode
from notify import alerts
from notify.dispatch import Tools
from notify.ledger.terms import channel_words
from notify.own.narrowing import narrowing
from notify.own.told import told_by_own
from notify.preflight import Forecast, terms_of
from notify.preview import Preview, preview
from notify.ref import fill
from notify.service import Handed, ServiceMessage, send_service
from notify.since import said_since
from notify.sms import count
from notify.store import alerts as store
from notify.tables import AlertText, AlertVersion
from notify.texts.readers import variant_words
from notify.texts.rules import FORMS
from notify.trial import channel_for, may_try, trial
from notify.words import status_words
from registry.actors import require_office

Number = Annotated[int, typer.Argument(metavar="ALERT", help="预警编号 Number of the alert.")]
Json = Annotated[bool, typer.Option("--json", help="输出 JSON Print JSON.")]
CODE = "······"
"""Shown where each notice has its reference code."""


def show_preview(context: typer.Context, alert: Number, json: Json = False) -> None:
    """预检：多少人、哪些渠道、费用、时间、内容。How many people, over what, at what price, until when. Nothing is sent."""
    here: Context = context.obj
    require_office(here.actor)
    with reading(here.office.engine) as connection:
        version = alerts.find(connection, alert)
        since = said_since(connection, version)
        own = told_by_own(connection, version)
        narrower, drill = narrowing(connection, version), store.is_drill(connection, alert)
    assert version.id is not None
    now = here.office.clock.now()
    seen = preview(here.office.engine, version.id, now, here.acting.transfer, terms_of(here.settings),
                   rules=here.acting.rules)  # fmt: skip
    if json:
        as_json(_json(alert, seen, since) | {"drill": drill, "narrowing": narrowing_json(narrower), "told_by_own": own})
        return
    if drill:
        say(t("This is a drill: its texts say so, and it goes to the allow-list only."))
    if since is not None:
        say(since)
    if own is not None:
        say(
            t(
                "Already told by alert {own} of our own, from a pasted notice: the same people would hear of it twice.",
                own=own,
            )
        )
    tell_narrowing(narrower)
    _print(alert, version, seen)
    tell_rules(here.settings.zone, seen)


def _json(alert: int, seen: Preview, since: Message | None) -> dict[str, Any]:
    said = None if since is None else since.render(language())
    found: dict[str, Any] = {
        "alert": alert, "people": seen.people, "unreachable": seen.unreachable, "ungrounded": seen.ungrounded,
        "said_since": said, "by_country": seen.by_country, "by_language": seen.by_language, "by_channel": seen.by_channel,
        "parts": seen.parts,
        "waiting": seen.waiting, "last_wait": seen.last_wait and seen.last_wait.isoformat(),
        **rules_json(seen),
        "loads": [vars(one) for one in seen.loads],
        "texts": [{"language": x.language, "channel": x.channel, "variant": x.variant, "subject": x.subject, "body": x.body,
                   "parts": x.parts, "units": count(x.body).units, "wording": x.wording, "variables": x.variables}
                  for x in seen.texts],
    }  # fmt: skip
    if seen.forecast is not None:
        one = seen.forecast
        found |= {"cost": dict(one.bill), "unpriced": list(one.unpriced), "seconds": dict(one.seconds),
                  "unrated": list(one.unrated), "warnings": [w.render(language()) for w in one.warnings]}  # fmt: skip
    return found


def _print(alert: int, version: AlertVersion, seen: Preview) -> None:
    say(t("Alert {number}, {status}: {people} people, {unreachable} of them without an address.",
          number=alert, status=status_words(version.status), people=seen.people, unreachable=seen.unreachable))  # fmt: skip
    if seen.ungrounded:
        say(t("{count} of them would not be told: no ground for a provider abroad, and no other address.",
              count=seen.ungrounded))  # fmt: skip
    table([t("Country"), t("People")], [(display(code, language()), count) for code, count in seen.by_country.items()])
    if set(seen.by_language) - {"zh"}:
        table(
            [t("Language"), t("People")],
            [(language_name(code, language()), count) for code, count in seen.by_language.items()],
        )
    table(
        [t("Channel"), t("Country"), t("Notices"), t("Parts")],
        [(channel_words(one.channel), display(one.country, language()) if one.country else "", one.notices, one.parts)
         for one in seen.loads],
    )  # fmt: skip
    say(t("SMS parts: {parts}. Leaving at once: {leaving}. Waiting for the morning where people are: {waiting}.",
          parts=seen.parts, leaving=seen.leaving, waiting=seen.waiting))  # fmt: skip
    if seen.forecast is not None:
        _print_forecast(seen.forecast)
    for text in seen.texts:
        _print_text(text)


def _print_forecast(one: Forecast) -> None:
    if one.bill:
        say(
            t(
                "Cost, by the office's prices: {sums}.",
                sums=", ".join(f"{n:.2f} {code}" for code, n in one.bill.items()),
            )
        )
    if one.unpriced:
        say(t("No price is known for: {channels}.", channels=", ".join(one.unpriced)))
    if one.longest is not None:
        say(t("Sending takes about {minutes} minutes.", minutes=f"{one.longest / 60:.1f}"))
    if one.unrated:
        say(
            t(
                "No rate is known for {channels}: how long sending takes cannot be said.",
                channels=", ".join(one.unrated),
            )
        )
    for warning in one.warnings:
        remark(t("Look at this: {warning}", warning=warning))


def _print_text(text: AlertText) -> None:
    who = variant_words(text.variant)
    shown = who.render(language()) if isinstance(who, Message) else who
    size = count(fill(text.body, "0" * 6))
    sized = t("{units} units, {parts} parts", units=size.units, parts=text.parts) if "sms" in text.channel else t(
        "{characters} characters", characters=len(text.body))  # fmt: skip
    out.rule(f"{text.channel} · {text.language} · {shown} · {sized.render(language())}")
    out.print(fill(text.body, CODE), markup=False, highlight=False, soft_wrap=True)


def send_trial(
    context: typer.Context,
    alert: Number,
    to: Annotated[
        list[str], typer.Option("--to", metavar="ADDRESS", help="本人的邮箱或手机号 Your own mail or phone.")
    ],
    lang: Annotated[str, typer.Option(help="语言，如 zh、en、fr Language, such as zh, en, fr.")] = "zh",
    channel: Annotated[str, typer.Option(help="渠道；不写则按地址 Channel; empty: as the address asks for.")] = "",
    variant: Annotated[str, typer.Option(help="读者，如 abroad、planned、shared、abroad.ZM Readers.")] = "abroad",
    json: Json = False,
) -> None:
    """试发给本人，带【测试】标记。Send the exact text to oneself, marked as a test; nobody of the register gets it."""
    here: Context = context.obj
    require_office(here.actor)
    if not is_language(lang):
        raise WrongUse(no_language(lang))
    if channel and channel not in FORMS:
        raise WrongUse(t("There is no channel {channel}. Known: {known}.", channel=channel, known=", ".join(FORMS)))
    with reading(here.office.engine) as connection:
        version = alerts.find(connection, alert)
        texts = store.texts(connection, version.id or 0)
        sandbox = Mode(store.instance(connection).mode) is Mode.SANDBOX
    messages = []
    for address in to:
        may_try(address, here.settings.test_addresses, sandbox=sandbox)
        way = channel or channel_for(address, {one.channel for one in texts})
        messages.append(trial(texts, address, channel=way, language=lang, variant=variant))
    handed = asyncio.run(_send(here.office.tools(), messages, here.actor.name))
    if json:
        as_json({"alert": alert, "sent": [one.outcome for one in handed], "why": [one.code for one in handed]})
    for one in handed if not json else ():
        say(t("Handed over: {outcome}{code}", outcome=OUTCOMES[one.outcome], code=f" ({one.code})" if one.code else ""))
    if not all(one.sent for one in handed):
        raise typer.Exit(1)


OUTCOMES = {
    "accepted": t("taken by the provider"), "doubt": t("may be on its way"), "failed": t("not sent, try again"),
    "refused": t("refused"),
}  # fmt: skip


async def _send(tools: Tools, messages: list[ServiceMessage], by: str) -> list[Handed]:
    try:
        return [await send_service(tools, one, by=by) for one in messages]
    finally:
        for channel in tools.channels.values():
            await channel.close()
