"""The words of a roll-up. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from core.i18n import Language, Message, t
from notify.account import REACHED
from notify.ledger.terms import KINDS, channel_words
from notify.markdown import quoted
from notify.model import OfficeName
from notify.rollup.model import CompanyAccount, Left, Round
from notify.store.account import Reached
from notify.tables import VersionKind
from notify.texts.values import place_words
from notify.words import reason_words
from registry.masks import mask_name

ANSWERS = {
    "safe": t("safe"), "help": t("needs help"), "unclear": t("answer not clear"), "silent": t("no answer yet"),
}  # fmt: skip
MOST_NAMED = 50
"""More people than this are counted, and named in the portal only."""


@dataclass(frozen=True)
class Matter:
    """What a roll-up is about.

    Attributes:
        title: in the words of the notice, in the language of the reader; `origin`: whose words.
        released: when the newest version left, in Beijing time; `closed`: when the alert ended, empty while it stands.
    """

    alert_id: int
    kind: VersionKind
    title: str
    origin: str
    url: str
    countries: tuple[str, ...]
    released: str
    closed: str = ""


@dataclass(frozen=True)
class Desk:
    """How roll-ups are written: the office, the address of the portal, how people are named (`none`, `masked`, `full`)."""

    office: OfficeName
    portal: str
    naming: str


def title_of(matter: Matter, what: Round, language: Language) -> str:
    """Return the subject of the mail."""
    where = place_words(matter.countries[:5], language)
    if matter.closed or what is Round.CLOSED:
        return t("Alert ended: {where} – your people abroad", where=where).render(language)
    if what is Round.MORNING:
        return t("What changed since: {where} – your people abroad", where=where).render(language)
    return t("Who was told: {where} – your people abroad", where=where).render(language)


def written(
    matter: Matter, account: CompanyAccount, what: Round, desk: Desk, *, names: Mapping[int, str], language: Language
) -> str:
    """Return a roll-up as Markdown: what it was, who was told over which way, who was not and why, who is silent.

    Args:
        names: of the people in `left`, `silent` and `help`, in full; how they are shown is decided here.
    """
    office = desk.office.zh if language == "zh" else desk.office.en
    parts = [f"# {title_of(matter, what, language)}", _head(matter, language)]
    lines = [_counted(REACHED[one], count, language) for one, count in _by_worth(account).items()]
    parts += _section(t("People: {count}", count=account.people), lines, language)
    ways = [_counted(channel_words(way), count, language) for way, count in account.ways.items()]
    if ways:
        parts += _section(t("Over which way"), ways, language)
    left = [_left(one, desk, names, language) for one in account.left]
    if left:
        parts += _section(t("Not told, please call them"), _cut(left, desk, language), language)
    if account.answers:
        parts += _safe(account, desk, names, language)
    parts += [_foot(desk, office, language)]
    return "\n\n".join(parts) + "\n"


def _head(matter: Matter, language: Language) -> str:
    kind = KINDS[matter.kind]
    lines = [
        t("Alert {number} ({kind}), sent at {released}.", number=matter.alert_id, kind=kind, released=matter.released),
        t("{origin}: {title}", origin=quoted(matter.origin), title=quoted(matter.title)),
    ]
    if matter.closed:
        lines.append(t("The alert was ended at {closed}.", closed=matter.closed))
    said = [line.render(language) for line in lines]
    return "\n".join([*said, *([f"<{matter.url}>"] if matter.url.startswith(("http://", "https://")) else [])])


def _by_worth(account: CompanyAccount) -> dict[Reached, int]:
    return {one: account.reached[one] for one in REACHED if account.reached.get(one)}


def _section(title: Message, lines: list[str], language: Language) -> list[str]:
    return [f"## {title.render(language)}", "\n".join(f"- {line}" for line in lines)]


def _counted(words: Message | str, count: int, language: Language) -> str:
    return t("{words}: {count} people", words=words, count=count).render(language)


def _named(person: int, desk: Desk, names: Mapping[int, str]) -> str:
    name = names.get(person, "")
    return quoted(name if desk.naming == "full" else mask_name(name)) if name else "–"


def _left(one: Left, desk: Desk, names: Mapping[int, str], language: Language) -> str:
    why = reason_words(one.why) if one.why else REACHED[one.reached]
    words = why.render(language) if isinstance(why, Message) else quoted(why)
    if desk.naming == "none":
        return words
    return t("{name}: {why}", name=_named(one.registrant_id, desk, names), why=words).render(language)


def _cut(lines: list[str], desk: Desk, language: Language) -> list[str]:
    """Count equal lines instead of repeating them where nobody is named; name no more than a page holds."""
    if desk.naming == "none":
        return [_counted(line, lines.count(line), language) for line in dict.fromkeys(lines)]
    more = len(lines) - MOST_NAMED
    last = [t("and {count} more: see your page", count=more).render(language)] if more > 0 else []
    return lines[:MOST_NAMED] + last


def _safe(account: CompanyAccount, desk: Desk, names: Mapping[int, str], language: Language) -> list[str]:
    lines = [_counted(ANSWERS[one], account.answers[one], language) for one in ANSWERS if account.answers.get(one)]
    if desk.naming != "none":
        comma = "、" if language == "zh" else ", "
        for answer, people in (("help", account.help), ("silent", account.silent)):
            if people:
                shown = comma.join(_cut([_named(one, desk, names) for one in people], desk, language))
                lines.append(t("{name}: {why}", name=ANSWERS[answer], why=shown).render(language))
    return _section(t("Are they safe?"), lines, language)


def _foot(desk: Desk, office: str, language: Language) -> str:
    lines = [
        t("Names and every notice: {link}", link=f"<{desk.portal}>"),
        t("You get this once for the alert, and once more if something changes by the next morning or when it ends; not a copy of "
          "each notice."),
        t("If you told somebody yourselves, please tell us: then we stop looking for them."),
    ]  # fmt: skip
    signed = f"{office} {desk.office.phone}".strip()
    return "\n".join([*(line.render(language) for line in lines), signed])
