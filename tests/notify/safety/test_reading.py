"""Answers are read as a careful officer would read them."""

from __future__ import annotations

import pytest

from notify.safety.model import Answer
from notify.safety.reading import own_words, read
from tests.notify.safety.sentences import HELP, SAFE, UNCLEAR

TABLE = {Answer.SAFE: SAFE, Answer.HELP: HELP, Answer.UNCLEAR: UNCLEAR}


@pytest.mark.parametrize("answer", list(Answer))
def test_the_table(answer: Answer) -> None:
    """Every sentence of the table is read as it was read by hand."""
    assert {text: read(text).value for text in TABLE[answer] if read(text) is not answer} == {}


def test_the_table_is_large_and_has_no_sentence_twice() -> None:
    """There are at least 120 sentences, and none of them in two groups."""
    sentences = [*SAFE, *HELP, *UNCLEAR]
    assert len(sentences) == len(set(sentences)) >= 120


@pytest.mark.parametrize("decorated", ["  {}  ", "{}。", "{}!", "“{}”", "{}\n", "\u200b{}", "\t{} "])
def test_blanks_and_stops_around_a_short_answer_do_not_matter(decorated: str) -> None:
    """Width, blanks, quotes and full stops around an answer leave it as it is."""
    for text, answer in (("1", "safe"), ("2", "help"), ("平安", "safe"), ("HELP", "help"), ("收到", "unclear")):
        assert read(decorated.format(text)) == answer, text


def test_need_is_never_outweighed() -> None:
    """Whatever says safe beside it, before or behind, a call for help is a call for help."""
    for safe in ("平安", "我很好", "safe", "1，", "没事", "👍"):
        for need in ("救命", "有人受伤", "我们被困", "please help", "不安全", "无法离开"):
            assert read(f"{safe}，{need}") is Answer.HELP, (safe, need)
            assert read(f"{need}，{safe}") is Answer.HELP, (need, safe)


def test_a_question_never_says_safe() -> None:
    """What is asked is not said, in either language."""
    for text in SAFE[:70]:
        bare = text.rstrip("。.!！")
        if "\n" not in text and "，" not in text and not bare[-1].isdigit() and bare[-1] not in "①１❶⃣])":
            assert read(f"{bare}吗？") is not Answer.SAFE, text


def test_only_what_they_wrote_themselves_is_read() -> None:
    """The mail that is answered, its marks, and the signature of a telephone are cut off."""
    mail = "我很平安\n\nOn Sat, 21 Nov 2026 at 18:30, Office <a@b.example> wrote:\n> 回复 1 平安，2 需要帮助"
    assert own_words(mail) == "我很平安"
    assert read(mail) is Answer.SAFE
    for line in ("-----Original Message-----", "------------------ 原始邮件 ------------------", "发件人: 外办", "Sent from my iPhone",
                 "在 2026年11月21日 18:30，外办 写道："):  # fmt: skip
        assert own_words(f"收到\n{line}\n请回复2") == "收到"
    assert own_words("> 2\n1") == "1"


def test_any_text_is_read() -> None:
    """No text makes the reading fail, however long or odd."""
    for text in ("", " ", "\x00", "?" * 5000, "安" * 100_000, "不" * 3000, "é\u0301" * 100, "((((", "\ue001", "{ref}"):
        assert read(text) in Answer


def test_what_is_too_long_to_be_read_is_never_safe() -> None:
    """Behind the part that is read there may be a call for help."""
    assert read("平安。" + "我们在酒店。" * 400) is Answer.UNCLEAR
    assert read("被困。" + "我们在酒店。" * 400) is Answer.HELP
