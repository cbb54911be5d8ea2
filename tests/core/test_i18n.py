"""Sentences in two languages."""

from __future__ import annotations

import pytest

from core.errors import WrongSetting
from core.i18n import Language, Message, both, choose_language, t


def test_a_sentence_is_said_in_the_language_of_its_reader() -> None:
    """English is the sentence itself, Chinese comes from the catalogue, gaps are filled in both."""
    sentence = t("Master key {name} is not here.", name="k9")
    assert (sentence.render("en"), sentence.render("zh")) == ("Master key k9 is not here.", "缺少主密钥 k9。")


def test_a_sentence_in_a_gap_is_said_in_the_same_language() -> None:
    """A sentence inside a sentence does not mix languages."""
    inner = t("Same level, other words.")
    assert t("{path}: {reason}", path="a", reason=inner).render("zh") == "a：等级不变，措辞有改动。"


def test_a_sentence_without_a_chinese_form_is_said_in_english() -> None:
    """What was stored by another version is still readable."""
    assert Message("Long gone {x}.", {"x": 1}).render("zh") == "Long gone 1."


def test_braces_in_a_value_are_only_text() -> None:
    """What a publisher writes cannot open a gap."""
    assert str(t("{path}: {reason}", path="{reason}", reason="{0}")) == "{reason}: {0}"


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ("zh-CN", "zh"),
        ("zh", "zh"),
        ("en", "en"),
        ("en-GB", "en"),
        ("en_US.UTF-8", "en"),
        ("C.UTF-8", "zh"),
        ("fr", "zh"),
    ],
)
def test_english_is_spoken_to_whom_asks_for_it_else_chinese(wanted: str, language: Language) -> None:
    """Any form of English is English; everything else is Chinese."""
    assert choose_language(wanted) == language


def test_an_error_is_chinese_first_for_a_chinese_reader() -> None:
    """Chinese and English for one, English alone for the other; logs have English."""
    error = WrongSetting(t("The key of this person was destroyed."))
    assert both(error.message, "zh") == "此人的密钥已销毁。\nThe key of this person was destroyed."
    assert both(error.message, "en") == str(error) == "The key of this person was destroyed."
