"""`/office/alerts/new`: an alert written by an officer, from nothing, a template, another alert, a country or an advisory."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from console.pages.forms import Uploaded
from console.pages.office.drafts.page import Told, names_of, show, zone_of
from console.pages.office.drafts.previewing import checked_of
from console.pages.office.drafts.typed import Typed, in_own_words, of_advisory, of_draft, read
from console.pages.office.visit import Visit, Worker, go
from core.errors import BadInput, LingbaoError, NotFound
from core.i18n import t
from core.languages import language_name, words_in
from core.places.names import codes, display
from notify import alerts
from notify.edit import as_draft
from notify.own.rehearsal import too_long
from notify.own.write import write
from notify.store import alerts as alert_store
from notify.tables import AlertText
from notify.texts.rules import text_rules
from sources.store import advisory

routes = APIRouter()
LONGEST_NUMBER = 19
"""Digits: no database has numbers of more."""


@routes.get("/alerts/new")
def new_page(who: Worker, country: str = "", advisory: str = "", copy: str = "") -> Response:
    """Show the form: empty, or filled with a country, an advisory to pass on, or the words of an earlier alert."""
    if copy:
        return show(who, _copied(who, copy), Told())
    if advisory:
        return show(who, _passed_on(who, advisory), Told())
    code = country.strip().upper()
    return show(who, Typed(countries=(display(code, who.language),) if code in codes() else ()), Told())


@routes.post("/alerts/new")
def write_draft(who: Worker, form: Uploaded) -> Response:
    """Write the draft. It goes nowhere until somebody else has approved it."""
    typed, once = read(form), form.text("once", 40)
    checked = checked_of(who, typed, None)
    if not checked.errors:
        try:
            with who.writing() as connection:
                key = f"form/{who.actor.name}/{once}" if once else None
                version_id = write(connection, checked.manual, who.acting, who.now, key=key)
                refuse_long(who, tuple(alert_store.texts(connection, version_id)))
                number = alert_store.version(connection, version_id).alert_id
            return go(f"/alerts/{number}", "drafted")
        except TooLong as error:
            checked.wrong("title_zh", error.message)
        except LingbaoError as error:
            checked.wrong("", error.message)
    return show(who, typed, Told(tuple(checked.errors), once=once))


class TooLong(BadInput):
    """An officer's SMS takes more parts than the office allows: it could not be submitted."""


def refuse_long(who: Visit, texts: tuple[AlertText, ...]) -> None:
    """Stop where an SMS takes too many parts, while the officer who can shorten it is still there.

    Raises:
        TooLong: it does.
    """
    rules = text_rules(who.office.settings)
    long = too_long(texts, rules)
    if long is not None:
        raise TooLong(
            t("The SMS ({language}) takes {parts} parts, and {most} are the limit. Shorten the title, or from level 3 on the text.",
              language=language_name(long.language, who.language), parts=long.parts, most=rules.most_parts(words_in(long.language)))
        )  # fmt: skip


def _copied(who: Visit, number: str) -> Typed:
    if not number.isdecimal() or len(number) >= LONGEST_NUMBER:
        raise NotFound(t("There is no such alert."))
    with who.reading() as connection:
        draft = as_draft(connection, alerts.find(connection, int(number)))
        typed = of_draft(draft, None, names_of(connection), zone_of(who))
    return in_own_words(typed, draft)


def _passed_on(who: Visit, number: str) -> Typed:
    with who.reading() as connection:
        found = advisory(connection, int(number)) if number.isdecimal() and len(number) < LONGEST_NUMBER else None
    publisher = None if found is None else who.office.sources.get(found.source)
    if found is None or publisher is None:
        raise NotFound(t("There is no such advisory."))
    return of_advisory(found, publisher.CARD)
