"""The morning brief: what changed, what went out, what waits for whom, who could not be reached, which sources are sick.

Written from the JSON of a run, as Markdown: a file, a Prefect artifact, and the text on the screen are the same. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import parse_moment
from core.i18n import Language, t
from core.places.names import display

KINDS = {
    "new": t("new"), "raised": t("raised"), "lowered": t("lowered"), "reworded": t("reworded"), "touched": t("date moved"),
    "withdrawn": t("withdrawn"), "expired": t("expired"),
}  # fmt: skip
STATES = {
    "planned": t("waiting"), "ready": t("on its way"), "sending": t("on its way"), "accepted": t("accepted by provider"),
    "failed": t("refused"), "unknown": t("in doubt, being checked"), "unresolved": t("in doubt, needs a person"),
    "suppressed": t("not sent: stopped"), "expired": t("expired"), "canceled": t("cancelled"),
    "provider_delivered": t("delivered"), "provider_read": t("read"), "provider_undelivered": t("not delivered"),
    "provider_failed": t("not delivered"), "provider_sent": t("sent on"), "provider_queued": t("queued at provider"),
    "provider_accepted": t("accepted by provider"), "provider_sending": t("sent on"),
}  # fmt: skip
SOURCES = {"read": t("read without fault"), "broken": t("broken"), "skipped": t("not asked")}
NIGHTS = {"Completed": t("complete"), "Partial": t("partial"), "Failed": t("failed")}


def brief(run: Mapping[str, Any], office: str, zone: str, language: Language) -> str:
    """Return the brief of a run as Markdown."""
    moment = parse_moment(run["as_of"]).astimezone(ZoneInfo(zone))
    head = t("Morning brief {day} · {office}", day=f"{moment:%Y-%m-%d %H:%M}", office=office).render(language)
    state = t("The night is {status}: {read} of {all} sources read.", status=NIGHTS[run["status"]], all=len(run["sources"]),
              read=sum(s["status"] == "read" for s in run["sources"]))  # fmt: skip
    parts = [f"# {head}", state.render(language)]
    parts += _section(
        t("Alerts"), [_alert(one, language) for one in run["alerts"]], t("No alert was opened."), language
    )
    changes = [_change(one, language) for one in run["changes"]]
    parts += _section(t("What changed"), changes, t("Nothing changed."), language)
    waiting = [f"- {gap['text']}" for gap in run["gaps"]]
    parts += _section(t("Not accounted for, and what waits"), waiting, t("Everything is accounted for."), language)
    parts += _section(
        t("Sources"), [_source(one, language) for one in run["sources"]], t("No source was read."), language
    )
    return "\n\n".join(parts) + "\n"


def _section(title: object, lines: Sequence[str], empty: object, language: Language) -> list[str]:
    body = "\n".join(lines) if lines else empty.render(language)  # type: ignore[attr-defined]
    return [f"## {title.render(language)}", body]  # type: ignore[attr-defined]


def _where(countries: Sequence[str], language: Language) -> str:
    names = [display(code, language) for code in countries]
    return ("、" if language == "zh" else ", ").join(names) or t("not placed").render(language)


def _alert(one: Mapping[str, Any], language: Language) -> str:
    title = one["title_zh"] if language == "zh" else one["title_en"]
    counted = ", ".join(f"{_state(k, language)} {v}" for k, v in one["notices"].items()) or t("no notices").render(
        language
    )
    level = one["level"] or t("no level").render(language)
    text = t("- **#{id}** level {level} · {where} · {status} · {people} people · {counted}\n  {title}",
             id=one["id"], level=level, where=_where(one["countries"], language), status=one["status"],
             people=one["people"], counted=counted, title=title)  # fmt: skip
    return text.render(language)


def _state(name: str, language: Language) -> str:
    return STATES[name].render(language) if name in STATES else name


def _change(one: Mapping[str, Any], language: Language) -> str:
    mark = "" if one["confirmed"] else t(" (not confirmed yet)").render(language)
    held = t(" (held)").render(language) if one["held"] else ""
    where = _where(one["countries"], language)
    return f"- {one['source']}: {where}: {KINDS[one['kind']].render(language)} {_levels(one)}{mark}{held}"


def _levels(one: Mapping[str, Any]) -> str:
    before, after = one["level_before"], one["level_after"]
    return f"{before if before is not None else '–'} → {after if after is not None else '–'}"


def _source(one: Mapping[str, Any], language: Language) -> str:
    line = t("- {id}: {status}, {entries} entries, {changes} changes", id=one["id"], status=SOURCES[one["status"]],
             entries=one["entries"], changes=one["changes"]).render(language)  # fmt: skip
    if one["first_time"] and one["status"] == "read":
        line += t(
            " (first read: {standing} notices of level 3 or 4 stand, nobody is told)", standing=one["standing"]
        ).render(language)
    if one["reason"]:
        line += f" · {one['reason']}"
    if one["status"] != "read" and one["age"] is not None:
        line += t(" · last good read {hours} hours ago", hours=one["age"] // 3600).render(language)
    return line + "".join(f"\n  - {note}" for note in one["notes"])
