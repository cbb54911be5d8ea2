"""What differs between two versions: everything that does, and nothing else."""

from __future__ import annotations

from dataclasses import replace

from core.i18n import Message, t
from sources.difference import HAZARDS, Texts, differences
from sources.model import Advisory, Grade, Hazard
from tests.sources.made import DAY, NIGHT, advisory

OLD = advisory("a", 2, level_words="Exercise caution", summary="Floods in the west. Avoid the coast.\nCarry water.")


def shown(before: Advisory | None, after: Advisory | None) -> dict[str, tuple[Texts, Texts]]:
    """Return the differences by their English name."""
    return {str(one.what): (one.before, one.after) for one in differences(before, after)}


def test_the_same_differs_in_nothing() -> None:
    """Two equal versions show an empty list."""
    assert differences(OLD, replace(OLD)) == ()


def test_a_rise_shows_the_words_of_both_levels() -> None:
    """Both grades stand with the publisher's words."""
    new = replace(OLD, level_national=4, level_words="Do not travel")
    assert shown(OLD, new) == {"Level": (("2 (Exercise caution)",), ("4 (Do not travel)",))}


def test_of_a_text_only_the_sentences_that_differ_are_shown() -> None:
    """One sentence was replaced and one was added; what stands in both is left out."""
    new = replace(OLD, summary="Floods in the west. Leave the coast.\nCarry water. Call 117.")
    assert shown(OLD, new)["Text"] == (("Avoid the coast.",), ("Leave the coast.", "Call 117."))


def test_chinese_sentences_are_told_apart_too() -> None:
    """A Chinese text has no spaces behind its stops."""
    old, new = replace(OLD, summary="暴雨成灾。请远离海岸。"), replace(OLD, summary="暴雨成灾。请撤离海岸。")
    assert shown(old, new) == {"Text": (("请远离海岸。",), ("请撤离海岸。",))}


def test_places_and_hazards_are_compared_one_by_one() -> None:
    """A country that came and a hazard that went are named alone."""
    old = replace(OLD, countries=("MZ", "ZM"), hazards=(Hazard.CRIME, Hazard.UNREST))
    new = replace(OLD, countries=("MW", "MZ", "ZM"), hazards=(Hazard.UNREST,))
    assert shown(old, new) == {"Countries": ((), ("MW",)), "Hazards": ((t("crime"),), ())}


def test_something_new_and_something_gone_show_the_whole() -> None:
    """Without a version before, all is new; without one after, all is gone."""
    assert shown(None, OLD)["Title"] == ((), (OLD.title,))
    assert shown(OLD, None)["Text"] == (("Floods in the west.", "Avoid the coast.", "Carry water."), ())
    assert shown(None, OLD)["Highest level of a part"] == ((), (Grade.UNSTATED.value,))


def test_every_name_has_a_chinese_form() -> None:
    """An officer who reads Chinese sees no English name of a field."""
    full = replace(
        OLD, tier=2, places=("Southern",), hazards=(Hazard.CRIME,), ambiguous=("乌: UA UZ",), expires_at=None
    )
    names: list[Message] = [one.what for one in differences(None, full)]
    assert len(names) == 9
    assert all(name.render("zh") != name.render("en") for name in names)
    assert set(HAZARDS) == set(Hazard)
    assert all(word.render("zh") != word.render("en") for word in HAZARDS.values())


def test_a_moved_date_is_said_only_if_nothing_else_differs() -> None:
    """A touch shows both dates; a rise on a new date shows the rise."""
    moved = replace(OLD, updated_at=NIGHT + DAY)
    first = replace(OLD, updated_at=NIGHT)
    assert list(shown(first, moved)) == ["Updated"]
    assert list(shown(first, replace(moved, level_national=4))) == ["Level"]
