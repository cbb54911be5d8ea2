"""The words of a bulletin, as Markdown that the office may edit before it is released. Pure.

The form is that of 境外安全周报: grades first, then country by country behind a ▲, advice and numbers to call at the end. Publishers
are quoted with link and date; no grade is ours (DESIGN promise 9).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime

from core.i18n import Language, Message, t
from core.places.names import display
from notify.brief import KINDS
from notify.bulletin.continents import NAMES, Continent, continent_of
from notify.bulletin.model import Facts, Graded, Item
from notify.levels import level_words
from notify.markdown import linked, quoted
from notify.texts.helplines import Directory, Helpline, Kind
from notify.texts.values import place_words
from sources.model import ChangeKind

TITLE = t("Weekly Bulletin on Safety Abroad")
NUMERALS = "一二三四五六七八九十"
MOST_LINES = 20
"""Countries with numbers to call; more would be a telephone book."""
OVER = frozenset({ChangeKind.WITHDRAWN, ChangeKind.EXPIRED})
ADVICE = (
    t("Do not go to dangerous places, nor to places in disorder. Follow the safety reminders of the Foreign Ministry and of our "
      "embassies and consulates; who goes in spite of “do not travel” runs a very high risk, and help may come late."),
    t("Before leaving, tell your company and register with the Foreign Ministry and with us; keep passport, insurance and the "
      "numbers to call at hand."),
    t("Companies: keep the list of your people abroad right, train them before they leave, and report incidents at once."),
    t("In danger, call the local police first, then our embassy or consulate, or 12308."),
)  # fmt: skip


def written(facts: Facts, language: Language) -> str:
    """Return the bulletin as Markdown."""
    sections: list[tuple[Message, list[str]]] = [
        (t("Grades that stand"), _grades(facts.grades, language)),
        (t("Safety notices of our authorities"), _by_continent(facts.home, language, notice_line)),
        (t("Levels moved by other governments"), _by_continent(facts.peers, language, _move)),
        (t("Disasters and outbreaks"), _by_continent(facts.hazards, language, notice_line)),
        (t("Advice"), ["\n".join(f"{no}. {one.render(language)}" for no, one in enumerate(ADVICE, 1))]),
        (t("Numbers to call"), _numbers(facts, language)),
    ]
    parts = [f"# {TITLE.render(language)}", _issue(facts, language), _in_short(facts, language)]
    for place, (title, body) in enumerate(sections):
        number = f"{NUMERALS[place]}、" if language == "zh" else f"{place + 1}. "
        parts += [f"## {number}{title.render(language)}", *(body or [t("Nothing this week.").render(language)])]
    return "\n\n".join([*parts, *_ending(facts, language)]) + "\n"


def _issue(facts: Facts, language: Language) -> str:
    office = facts.office.zh if language == "zh" else facts.office.en
    line = t("{year}, no. {number} (issue {issue}) · {office} · {day}", year=facts.week.year, number=facts.week.number,
             issue=facts.issue, office=office, day=_full_day(facts.day, language))  # fmt: skip
    return line.render(language)


def _full_day(day: date, language: Language) -> str:
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else f"{day:%Y-%m-%d}"


def _hour(moment: datetime, language: Language) -> str:
    if language == "zh":
        return f"{moment.month}月{moment.day}日{moment.hour}时"
    return f"{moment:%Y-%m-%d %H:%M}"


def _in_short(facts: Facts, language: Language) -> str:
    countries = {code for one in facts.home for code in one.countries}
    line = t(
        "From {begins} to {ends}: {home} safety notices of our authorities about {countries} countries and regions, {peers} levels "
        "moved by other governments, {hazards} disasters and outbreaks. This office sent {alerts} alerts, to {people} recipients.",
        begins=_hour(facts.week.begins, language), ends=_hour(facts.week.ends, language), home=len(facts.home),
        countries=len(countries), peers=len(facts.peers), hazards=len(facts.hazards), alerts=facts.numbers.alerts,
        people=facts.numbers.people,
    )  # fmt: skip
    return line.render(language)


def _grades(grades: Sequence[Graded], language: Language) -> list[str]:
    lines = [
        f"- **{quoted(one.words)}**{'：' if language == 'zh' else ': '}{place_words(one.countries, language)}"
        for one in grades
    ]
    return ["\n".join(lines)] if lines else []


def _by_continent(items: Sequence[Item], language: Language, say: Callable[[Item, Language], str]) -> list[str]:
    found: list[str] = []
    for continent in Continent:
        mine = [one for one in items if continent_of(one.countries) is continent]
        if mine:
            found.append(f"### {NAMES[continent].render(language)}")
            found += [marked(one, say(one, language), language) for one in mine]
    return found


def marked(one: Item, words: str, language: Language) -> str:
    """Return a paragraph that begins with its countries behind a ▲, as such bulletins do."""
    nowhere = t("Worldwide") if one.worldwide else t("Not placed")
    names = place_words(one.countries, language) or nowhere.render(language)
    # The stop stands outside: between it and a Chinese letter no mark would end the bold.
    return f"**▲ {names}**{'。' if language == 'zh' else '. '}{words}"


def notice_line(one: Item, language: Language) -> str:
    """Tell of a notice in the words of its publisher; of one that is over, that it is."""
    title = quoted(one.title)
    stop = "" if title.endswith(("。", "！", "？", ".", "!", "?")) else "。" if language == "zh" else "."
    mark = "" if one.kind is ChangeKind.NEW else t("({kind}) ", kind=KINDS[one.kind]).render(language)
    body = "" if one.kind in OVER or not one.words or one.words.startswith(one.title) else f"{quoted(one.words)} "
    gap = "" if language == "zh" else " "
    return f"{mark}{title}{stop}{gap}{body.strip() if language == 'zh' else body}{_origin(one, language)}"


def _move(one: Item, language: Language) -> str:
    """Tell how another government moved its level, in its own words."""
    line = t("{publisher}: {kind}, {before} → {after}", publisher=one.publisher, kind=KINDS[one.kind],
             before=level_words(one.before), after=level_words(one.after)).render(language)  # fmt: skip
    words = f"（“{quoted(one.words)}”）" if language == "zh" else f" (“{quoted(one.words)}”)"
    return f"{line}{words if one.words else ''}{'。' if language == 'zh' else '. '}{_origin(one, language, named=True)}"


def _origin(one: Item, language: Language, *, named: bool = False) -> str:
    day = f"{one.day.month}月{one.day.day}日" if language == "zh" else f"{one.day:%Y-%m-%d}"
    original = t("original text").render(language)
    link = f"[{original}]({linked(one.url)})" if one.url.startswith(("http://", "https://")) else ""
    comma = "，" if language == "zh" else ", "
    told = comma.join(part for part in ("" if named else quoted(one.publisher), day, link) if part)
    return f"（{told}）" if language == "zh" else f"({told})"


def _numbers(facts: Facts, language: Language) -> list[str]:
    lines = [t("Foreign Ministry, 24 hours: 12308, from abroad +86-10-12308.").render(language)]
    if facts.office.phone:
        lines[0] += "\n" + t("This office: {phone}", phone=facts.office.phone).render(language)
    codes = sorted({code for one in facts.home for code in one.countries})[:MOST_LINES]
    rows = [row for code in codes if (row := _row(facts, code, language))]
    if rows:
        heads = (t("Country or region"), t("Police"), t("Ambulance"), t("Embassy, consular protection"))
        head = " | ".join(one.render(language) for one in heads)
        lines.append("\n".join([f"| {head} |", "|---|---|---|---|", *rows]))
    return lines


def _row(facts: Facts, code: str, language: Language) -> str:
    book = facts.directory
    cells = [_first(book.of(code, kind), facts, language) for kind in (Kind.POLICE, Kind.AMBULANCE)]
    cells.append(_first(_embassies(book, code), facts, language))
    if not any(cells):
        return ""
    return f"| {display(code, language)} | " + " | ".join(cell or "–" for cell in cells) + " |"


def _embassies(book: Directory, code: str) -> list[Helpline]:
    return [one for one in book.missions(code) if one.kind is not Kind.CONSULATE]


def _first(found: Sequence[Helpline], facts: Facts, language: Language) -> str:
    """Return the first number with what a reader should know of it."""
    if not found:
        return ""
    cautions = [one.render(language) for one in found[0].cautions(facts.day)]
    said = ("，" if language == "zh" else ", ").join(cautions)
    noted = (f"（{said}）" if language == "zh" else f" ({said})") if said else ""
    return quoted(f"{found[0].number}{noted}").replace("|", "\\|")


def _ending(facts: Facts, language: Language) -> list[str]:
    lines = []
    if facts.unread:
        names = ("、" if language == "zh" else ", ").join(facts.unread)
        lines.append(
            t("Could not be read when this was drafted, so that nothing is said of them: {names}.", names=names)
        )
    lines.append(t("Compiled from what these bodies have published. Their own pages hold."))
    return ["---", *(line.render(language) for line in lines)]
