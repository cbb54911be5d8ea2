"""What the rounds say: to somebody who is silent, to their company, to their contact at home. Pure.

In an SMS stands no name of somebody abroad but to their own contact at home, who gave it; companies get names by mail only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.i18n import Language, Message, t
from core.places.names import display
from notify.model import OfficeName
from notify.ref import ALPHABET

MOST_NAMED = 200
"""More silent people than this are named on the company's page only."""

ROOM = 35
"""Characters in a variable of a template at home (see `notify.texts.rules`)."""


@dataclass(frozen=True)
class Subject:
    """What a message of the rounds is about.

    Attributes:
        title: of the alert, in the language of the reader. `countries`: ISO codes of where the silent people are.
        drill: it is an exercise.
    """

    alert_id: int
    title: str
    countries: tuple[str, ...]
    office: OfficeName
    drill: bool

    def places(self, language: Language) -> str:
        """Name the countries."""
        return ("、" if language == "zh" else ", ").join(display(code, language) for code in self.countries)

    def who(self, language: Language) -> str:
        """Name the office."""
        return self.office.en if language == "en" else self.office.zh


def reminder(about: Subject, language: Language, link: str, *, shared: bool) -> tuple[str, str]:
    """Return title and text of the question put once more, to the person.

    Args:
        shared: several were asked at this address: one "1" makes none of them safe.
    """
    title = t("Are you safe? {office} is still waiting for your answer", office=about.who(language))
    lines = [
        t("{signature}Are you safe? After our notice “{title}” we do not know it yet.",
          signature=about.office.signature, title=about.title),
        t("If anybody needs help, reply 2; of everybody else write the name and whether they are safe.") if shared
        else t("Please reply 1 if you are safe, 2 if you need help."),
    ]  # fmt: skip
    if link:
        lines.append(t("Or open {link}", link=link))
    lines.append(_call(about))
    return _made(about, language, title, lines, " ")


def to_company(about: Subject, language: Language, names: Sequence[str], count: int, page: str) -> tuple[str, str]:
    """Return title and text of the mail to a company: which of its people are silent, and what to do.

    Args:
        names: none, if they may not be said; `count`: how many they are.
    """
    title = t("{count} of your people in {places} have not told us whether they are safe", count=count,
              places=about.places(language))  # fmt: skip
    lines = [
        t("After the alert “{title}” we asked your people in {places} whether they are safe. Of {count} we do not know it yet.",
          title=about.title, places=about.places(language), count=count),
        t("Please reach them now, by every way you have, and tell us on this page or by telephone how they are."),
        t("Page of your company: {page}", page=page),
        *(Message("{name}", {"name": name}) for name in names[:MOST_NAMED]),
    ]  # fmt: skip
    if len(names) > MOST_NAMED:
        lines.append(t("… and {count} more, see the page.", count=len(names) - MOST_NAMED))
    return _made(about, language, title, [*lines, _call(about)], "\n")


def to_company_short(about: Subject, language: Language, count: int) -> tuple[str, str]:
    """Return title and text of the SMS to a company."""
    title = t("{count} of your people in {places} have not told us whether they are safe", count=count,
              places=about.places(language))  # fmt: skip
    line = t("{signature}{count} of your people in {places} have not told us whether they are safe. Please reach them now; the list "
             "is on your company's page and in your mail.", signature=about.office.signature, count=count,
             places=about.places(language))  # fmt: skip
    return _made(about, language, title, [line, _call(about)], " ")


def to_home(about: Subject, name: str) -> tuple[str, str]:
    """Return title and text of the message to the contact at home; they are Chinese."""
    title = t("We cannot reach {name} abroad", name=name)
    lines = [
        t("{signature}{name}, who is in {places}, named you as a contact for emergencies. After a safety notice we have not reached "
          "them. This does not mean that something happened.", signature=about.office.signature, name=name,
          places=about.places("zh")),
        t("If you are in touch, please ask them to answer our message, and tell us."),
    ]  # fmt: skip
    return _made(about, "zh", title, [*lines, _call(about)], "")


def filling(about: Subject, kind: Message, said: str, code: str) -> Mapping[str, str]:
    """Return what fills the template `service` of a provider that sends approved templates only."""
    mark = t("[DRILL] ").render("zh") if about.drill else ""
    phone = t("call {phone}", phone=about.office.phone).render("zh") if about.office.phone else "12308"
    return {
        "office": about.office.zh, "kind": (mark + kind.render("zh"))[:ROOM], "places": about.places("zh")[:ROOM],
        "title": said[:ROOM], "advice": phone[:ROOM], "ref": code,
    }  # fmt: skip


def short_reminder() -> tuple[Message, str]:
    """Return kind and title for the template of the question put once more."""
    return t("Are you safe?"), t("we do not know it yet; please answer").render("zh")


def short_home(name: str) -> tuple[Message, str]:
    """Return kind and title for the template of the message home."""
    return t("Please help us reach"), t("{name} has not answered whether they are safe", name=name).render("zh")


def short_company(count: int) -> tuple[Message, str]:
    """Return kind and title for the template of the message to a company."""
    return t("Please help us reach"), t(
        "{count} of your people have not told us whether they are safe", count=count
    ).render("zh")


def code_of(call_id: int) -> str:
    """Return a short code that names a message of the rounds in a template."""
    return "".join(ALPHABET[call_id >> shift & 31] for shift in (25, 20, 15, 10, 5, 0))


def _call(about: Subject) -> Message:
    if about.office.phone:
        return t("Telephone of the office: {phone}. Hotline of the Foreign Ministry: {hotline}.", phone=about.office.phone,
                 hotline="+86-10-12308")  # fmt: skip
    return t("Hotline of the Foreign Ministry: {hotline}.", hotline="+86-10-12308")


def _made(
    about: Subject, language: Language, title: Message, lines: Sequence[Message], between: str
) -> tuple[str, str]:
    return title.render(language), between.join(line.render(language) for line in lines)
