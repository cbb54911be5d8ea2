"""Languages of people: how they are written, what they are called, and which of ours stands in."""

from __future__ import annotations

import pytest

from core.languages import is_language, language_name, own_name, read_language, words_in


@pytest.mark.parametrize(
    ("text", "code"),
    [("fr", "fr"), ("FR", "fr"), ("pt-BR", "pt"), ("zh_Hans_CN", "zh"), ("法语", "fr"), ("法文", "fr"), ("French", "fr"),
     ("越南语", "vi"), ("vietnamese", "vi"), ("xx", None), ("fra", None), ("", None), ("火星语", None), ("frank", None)],
)  # fmt: skip
def test_a_language_is_read_by_code_or_name(text: str, code: str | None) -> None:
    """Codes with or without a region, Chinese and English names; anything else is no language."""
    assert read_language(text) == code


def test_names_and_fallback() -> None:
    """Each has a name in both languages and its own; further ones are told in ours by English, none chosen by Chinese."""
    assert (language_name("fr", "zh"), language_name("fr", "en"), own_name("fr")) == ("法语", "French", "Français")
    assert (own_name("zh"), own_name("en")) == ("中文", "English")
    assert [words_in(one) for one in ("", "zh", "en", "fr", "sw")] == ["zh", "zh", "en", "en", "en"]
    assert not is_language("fra")
    assert all(read_language(language_name(one, "zh")) == one for one in ("fr", "vi", "sw", "ru", "es", "ar"))
