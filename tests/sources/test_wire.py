"""Advisories, changes and sentences as JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from core.i18n import t
from sources.events import Event, EventKind
from sources.model import Advisory, AdvisoryChange, ChangeKind, Contact, Grade, Hazard
from sources.wire import advisory_json, change_json, load_advisory, load_message, message_json, store_advisory
from tests.sources.made import NIGHT, advisory

FULL = Advisory(
    "one", "k", "Title", "https://one.example/k", "en",
    summary="Words", countries=("MW", "ZM"), places=("North",), worldwide=True, level_national=3,
    level_regional_max=Grade.UNKNOWN, level_words="Reconsider", hazards=(Hazard.CONFLICT, Hazard.OTHER), acute=True,
    published_at=NIGHT, updated_at=datetime(2026, 10, 5, 1, 2, 3, 456, tzinfo=UTC), expires_at=NIGHT,
    unresolved=("Atlantis",), ambiguous=("Congo: CD CG",), tier=2, contacts=(Contact("police", "999"),),
    list_mark="m", detail_read=True, event=Event(EventKind.CYCLONE, NIGHT, -1.5, 2.0, "TESTA", 2026, "TC-2026-000001-ZMB", ("one:1",)),
)  # fmt: skip
CONTRACT = {
    "source", "native_id", "title", "summary", "url", "language", "countries", "places", "worldwide", "level_national",
    "level_regional_max", "level_words", "hazards", "acute", "published_at", "updated_at", "expires_at", "fingerprint",
    "unresolved",
}  # fmt: skip


@pytest.mark.parametrize("one", [FULL, advisory(), advisory("b", Grade.UNSTATED)])
def test_a_stored_advisory_comes_back_whole(one: Advisory) -> None:
    """Every field survives the way through JSON text."""
    assert load_advisory(json.loads(json.dumps(store_advisory(one)))) == one


def test_a_row_from_before_there_were_events_still_loads() -> None:
    """Older rows have no event, and one that is added later is no other wording."""
    body = store_advisory(FULL)
    del body["event"]
    old = load_advisory(body)
    assert old.event is None
    assert old.fingerprint == FULL.fingerprint
    assert "event" not in store_advisory(old)


def test_a_field_of_a_newer_version_is_refused() -> None:
    """What this version does not know is not dropped in silence."""
    with pytest.raises(TypeError, match="colour"):
        load_advisory(store_advisory(FULL) | {"colour": "red"})


def test_the_printed_advisory_has_every_field_of_the_contract() -> None:
    """The JSON of the command carries the contract's fields; what only we use inside is left out."""
    body = advisory_json(FULL)
    assert set(body) >= CONTRACT
    assert not {"list_mark", "detail_read"} & set(body)
    assert (body["level_national"], body["level_regional_max"]) == (3, "unknown")
    assert (body["updated_at"], body["hazards"]) == ("2026-10-05T01:02:03.000456Z", ["conflict", "other"])


def test_a_printed_change_has_the_fields_of_the_contract() -> None:
    """Kind, confirmation, both levels and the reason in English."""
    change = AdvisoryChange(ChangeKind.WITHDRAWN, False, "one", "k", t("No longer in the list."), before=FULL)
    assert change_json(change) == {
        "kind": "withdrawn",
        "confirmed": False,
        "source": "one",
        "native_id": "k",
        "countries": ["MW", "ZM"],
        "level_before": 3,
        "level_after": None,
        "reason": "No longer in the list.",
        "held": False,
    }


def test_a_stored_sentence_can_still_be_said_in_both_languages() -> None:
    """A sentence inside a sentence and a number in a gap come back, in either language."""
    inner = t("no answer in time")
    sentence = t("{source}: {url} could not be reached: {reason}.", source="one", url=7, reason=inner)
    again = load_message(json.loads(json.dumps(message_json(sentence))))
    assert [again.render(x) for x in ("en", "zh")] == [sentence.render(x) for x in ("en", "zh")]
