"""The morning brief: what changed, what went out, what waits for whom, who could not be reached, which sources are sick.

Written from the JSON of a run, as Markdown: a file, a Prefect artifact, and the text on the screen are the same. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from core.clock import parse_moment
from core.i18n import Language, Message, t
from core.places.names import display
from notify.markdown import quoted
from notify.tables import AlertStatus
from notify.words import STATES as STATES
from notify.words import state_words, status_words

KINDS = {
    "new": t("new"), "raised": t("raised"), "lowered": t("lowered"), "reworded": t("reworded"), "touched": t("date moved"),
    "withdrawn": t("withdrawn"), "expired": t("expired"),
}  # fmt: skip
SOURCES = {"read": t("read without fault"), "broken": t("broken"), "skipped": t("not asked")}
LEVELS = {"unstated": t("unstated"), "unknown": t("not understood")}
# Nobody is matched before the release: "0 people" would read as if nobody were there.
UNRELEASED = {AlertStatus.DRAFT, AlertStatus.SUBMITTED, AlertStatus.APPROVED}
PROVIDER, TAKEN = "provider_", "provider_accepted"
NIGHTS = {"Completed": t("complete"), "Partial": t("partial"), "Failed": t("failed")}


def brief(run: Mapping[str, Any], office: str, zone: str, language: Language) -> str:
    """Return the brief of a run as Markdown."""
    moment = parse_moment(run["as_of"]).astimezone(ZoneInfo(zone))
    head = t("Morning brief {day} · {office}", day=f"{moment:%Y-%m-%d %H:%M}", office=office).render(language)
    state = t("The night is {status}: {read} of {all} sources read.", status=NIGHTS[run["status"]], all=len(run["sources"]),
              read=sum(s["status"] == "read" for s in run["sources"]))  # fmt: skip
    parts = [f"# {head}", state.render(language), *_outlook(run, language)]
    # Lists that summaries of older runs do not have, or that say something on few days only, stand where there is something.
    parts += _lines(t("Are they safe?"), run.get("help", []), language)
    parts += _lines(t("Night watch"), [*run.get("watch", []), *run.get("duty", [])], language)
    parts += _section(
        t("Alerts"), [_alert(one, language) for one in run["alerts"]], t("No alert was opened."), language
    )
    if joined := [_joined(one, language) for one in run.get("joined", [])]:
        parts += _section(t("Joined to an alert that stands"), joined, t("Nothing changed."), language)
    if silenced := [_joined(one, language) for one in run.get("silenced", [])]:
        parts += _section(t("Silenced, nobody was told"), silenced, t("Nothing changed."), language)
    parts += _lines(t("Left out by the cap of the day"), run.get("capped", []), language)
    changes = [_change(one, language) for one in run["changes"]]
    parts += _section(t("What changed"), changes, t("Nothing changed."), language)
    parts += _lines(t("What the others say"), run.get("levels", []), language)
    parts += _lines(t("Silences in force"), run.get("silences", []), language)
    parts += _lines(t("Accounts"), [one["text"] for one in run.get("proof", [])], language)
    parts += _lines(t("Letters that did not go out"), run.get("letters", []), language)
    waiting = [f"- {quoted(gap['text'])}" for gap in run["gaps"]]
    parts += _section(t("Not accounted for, and what waits"), waiting, t("Everything is accounted for."), language)
    parts += _section(
        t("Sources"), [_source(one, language) for one in run["sources"]], t("No source was read."), language
    )
    return "\n\n".join(parts) + "\n"


def is_quiet(run: Mapping[str, Any]) -> bool:
    """Tell whether all was read, nothing is new, nothing is open, and nobody was called."""
    news = ("alerts", "changes", "joined", "silenced", "gaps", "help", "letters", "watch", "capped")
    return run["status"] == "Completed" and not any(run.get(name) for name in news)


def _outlook(run: Mapping[str, Any], language: Language) -> list[str]:
    """Say in a sentence that the news is old, or that there is none and that this is proven: all was read, nothing is open."""
    if run.get("hours_ago") is not None:
        hours = run["hours_ago"]
        return [
            t("**Nothing has been read to its end since: this night was {hours} hours ago.**", hours=hours).render(
                language
            )
        ]
    if is_quiet(run):
        entries = sum(one["entries"] for one in run["sources"])
        return [t("**A quiet night: all {sources} sources were read, {entries} entries compared, nothing is new and nothing is "
                  "open.**", sources=len(run["sources"]), entries=entries).render(language)]  # fmt: skip
    return []


def _lines(title: Message, texts: Sequence[str], language: Language) -> list[str]:
    lines = [f"- {quoted(text)}" for text in texts]
    return _section(title, lines, title, language) if lines else []


def _section(title: Message, lines: Sequence[str], empty: Message, language: Language) -> list[str]:
    return [f"## {title.render(language)}", "\n".join(lines) or empty.render(language)]


def _where(countries: Sequence[str], language: Language) -> str:
    names = [display(code, language) for code in countries]
    return _join(names, language, "、") or t("not placed").render(language)


def _join(parts: Sequence[str], language: Language, chinese: str) -> str:
    return (chinese if language == "zh" else ", ").join(parts)


def _alert(one: Mapping[str, Any], language: Language) -> str:
    title = one["title_zh"] if language == "zh" else one["title_en"]
    level = t("level {level}", level=one["level"]) if one["level"] else t("no level")
    drill = t("[DRILL] ").render(language) if one.get("drill") else ""
    people = t("{people} people", people=one["people"])
    if one["doubtful_people"]:
        people = t("{people} people, {doubtful} of them perhaps no longer there", people=one["people"],
                   doubtful=one["doubtful_people"])  # fmt: skip
    facts = [level.render(language), _where(one["countries"], language), status_words(one["status"]).render(language)]
    if one["status"] not in UNRELEASED:
        facts += [people.render(language), _notices(one["notices"], language)]
    return f"- **#{one['id']}** {drill}{' · '.join(facts)}\n  {quoted(title)}"


def _notices(counted: Mapping[str, int], language: Language) -> str:
    """Count notices by our own state; what providers say of those they have goes in brackets, for it is no further notice."""
    theirs = {name: number for name, number in counted.items() if name.startswith(PROVIDER) and name != TAKEN}
    said = _counted(theirs, language)
    words = [_counted({name: number}, language) for name, number in counted.items() if not name.startswith(PROVIDER)]
    if said:
        at = [name for name in counted if not name.startswith(PROVIDER)].index("accepted")
        words[at] += f"（{said}）" if language == "zh" else f" ({said})"
    return _join(words, language, "，") or t("no notices").render(language)


def _counted(counted: Mapping[str, int], language: Language) -> str:
    words = [f"{state_words(name).render(language)} {number}" for name, number in counted.items()]
    return _join(words, language, "，")


def _change(one: Mapping[str, Any], language: Language) -> str:
    mark = "" if one["confirmed"] else t(" (not confirmed yet)").render(language)
    held = t(" (held)").render(language) if one["held"] else ""
    line = t("- {source}: {where}: {kind} {before} → {after}", source=one["source"],
             where=_where(one["countries"], language), kind=KINDS[one["kind"]], before=_level(one["level_before"]),
             after=_level(one["level_after"]))  # fmt: skip
    # Summaries written before the differences were kept have none.
    lines = [f"{line.render(language)}{mark}{held}", *([f"  {quoted(one['title'])}"] if one.get("title") else [])]
    for part in one.get("difference", []):
        gone, came = (" ".join(quoted(text) for text in part[side]) or "–" for side in ("before", "after"))
        lines.append(t("  - {what}: {before} → {after}", what=part["what"], before=gone, after=came).render(language))
    return "\n".join(lines)


def _joined(one: Mapping[str, Any], language: Language) -> str:
    line = t("- {source}: {where}: {title} – {reason}", source=one["source"], where=_where(one["countries"], language),
             title=quoted(one["title"]), reason=quoted(one["text"]))  # fmt: skip
    return line.render(language)


def _level(level: int | str | None) -> Message | int | str:
    if level is None:
        return "–"
    return level if isinstance(level, int) else LEVELS[level]


def _source(one: Mapping[str, Any], language: Language) -> str:
    if one["status"] == "read":
        line = t("- {id}: {status}, {entries} entries, {changes} changes", id=one["id"], status=SOURCES["read"],
                 entries=one["entries"], changes=one["changes"]).render(language)  # fmt: skip
    else:
        line = t("- {id}: {status}", id=one["id"], status=SOURCES[one["status"]]).render(language)
    if one["first_time"] and one["status"] == "read":
        line += t(
            " (first read: {standing} notices of level 3 or 4 stand, nobody is told)", standing=one["standing"]
        ).render(language)
    if one["reason"]:
        line += f" · {quoted(one['reason'])}"
    if one["status"] != "read" and one["age"] is not None:
        line += t(" · last good read {hours} hours ago", hours=one["age"] // 3600).render(language)
    return line + "".join(f"\n  - {quoted(note)}" for note in one["notes"])
