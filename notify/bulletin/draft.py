"""Drafting the bulletin of a week: look into what is kept, choose, put into words."""

from __future__ import annotations

from sqlalchemy import Connection

from core.database import reading
from core.i18n import Language
from notify.bulletin import store
from notify.bulletin.choose import grades, items
from notify.bulletin.model import Facts
from notify.bulletin.week import Week
from notify.bulletin.write import written
from notify.office import Office
from notify.texts.rules import TextRules
from notify.wordings import phrasebook
from sources import store as source_store
from sources.catalog import is_on
from sources.model import Authority, Card


def draft(office: Office, week: Week, language: Language) -> str:
    """Return the draft of a week as Markdown, from what is kept now. Nothing is written."""
    with reading(office.engine) as connection:
        facts = gathered(connection, office, week, language)
    return written(facts, language)


def gathered(connection: Connection, office: Office, week: Week, language: Language) -> Facts:
    """Gather what the bulletin of a week tells; of a week that is not over yet, what there is so far. Grades are those of its end."""
    at = min(office.clock.now(), week.ends)
    cards = {name: one.CARD for name, one in office.sources.items()}
    changes = store.changes(connection, week.begins, week.ends)
    home, peers, hazards = (
        items(changes, cards, one, language, office.settings.zone)
        for one in (Authority.HOME, Authority.PEER, Authority.HAZARD)
    )
    of_home = [name for name, card in cards.items() if card.authority is Authority.HOME]
    return Facts(
        week, office.name, store.count(connection) + 1, week.ends.date(), grades(store.standing(connection, of_home, at), at), home,
        peers, hazards, store.numbers(connection, week.begins, week.ends),
        phrasebook(connection, TextRules(office.settings.sms_most_parts)).directory,
        _unread(connection, [card for card in cards.values() if is_on(card, office.settings)], language),
    )  # fmt: skip


def _unread(connection: Connection, cards: list[Card], language: Language) -> tuple[str, ...]:
    states = source_store.states(connection)
    broken = [card for card in cards if (state := states.get(card.id)) is None or state.reason is not None]
    return tuple(card.publisher_zh if language == "zh" else card.publisher for card in broken)
