"""What is said in a call: twice, with the code sign by sign, within Twilio's limit, and shortened by rule."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest

from notify.channels.twiml import LONGEST, TooLong, again, goodbye, notice_call, thanks

REF = "7K2QFX"
SPELLED = "7, K, 2, Q, F, X"
ACTION = "https://office.example.invalid/hooks/twilio/digit?d=17.2&l=zh"
BODY = f"这里是示例市外办。安全提醒。示例：请留意安全。求助电话：报警 1 1 0。编号：{REF}。"


def parsed(twiml: str) -> ElementTree.Element:
    """Return a TwiML text as a tree."""
    return ElementTree.fromstring(twiml)  # noqa: S314  (it is our own)


def said(twiml: str, within: str = ".//Say") -> list[str]:
    """Return what a TwiML text says, sentence by sentence."""
    return [one.text or "" for one in parsed(twiml).iterfind(within)]


def test_a_notice_is_said_twice_and_asks_for_a_key() -> None:
    """Inside one question for one digit the text is said twice, each time with the request; the answer comes to our address."""
    twiml = notice_call(BODY, REF, "zh", ACTION)
    (gather,) = parsed(twiml).findall("Gather")
    assert (gather.get("numDigits"), gather.get("action"), gather.get("method")) == ("1", ACTION, "POST")
    text = BODY.replace(REF, SPELLED)
    assert said(twiml, "Gather/Say") == [text, "请按 1 键确认您已收听本提醒。"] * 2
    assert said(twiml, "Say") == ["未收到您的确认。请注意安全，再见。"]
    assert {one.get("language") for one in parsed(twiml).iter("Say")} == {"zh-CN"}


def test_english_is_said_by_an_english_voice() -> None:
    """A notice in English is said, and its key asked for, in English."""
    twiml = notice_call(f"Safety notice. Reference {REF}.", REF, "en", ACTION)
    assert "Press 1 to confirm that you have heard this." in said(twiml)
    assert {one.get("language") for one in parsed(twiml).iter("Say")} == {"en-US"}


def test_the_code_is_said_even_if_the_text_lacks_it() -> None:
    """A text without its code gets it at the end; a service message has none."""
    assert said(notice_call("请留意安全。", REF, "zh", ACTION))[0] == f"请留意安全。 编号 {SPELLED}。"
    assert said(notice_call("您的验证码是 1 2 3。", "", "zh", ACTION))[0] == "您的验证码是 1 2 3。"


def test_marks_of_xml_are_words() -> None:
    """What looks like markup in a text is said, and cannot change the call."""
    words = f"<Hangup/> & “安全” {REF}"
    assert said(notice_call(words, REF, "zh", ACTION))[0] == words.replace(REF, SPELLED)


@pytest.mark.parametrize("sentences, times", [(1, 2), (100, 2), (150, 1), (300, 1), (2000, 1)])
def test_long_texts_are_shortened_at_ends_of_sentences(sentences: int, times: int) -> None:
    """First it is said once instead of twice; then whole sentences go from the end, but never the first, nor the code."""
    one = "示例：请留意安全，不要出门。"
    twiml = notice_call(one * sentences + f"编号：{REF}。", REF, "zh", ACTION)
    assert len(twiml) <= LONGEST
    texts = [text for text in said(twiml, "Gather/Say") if one in text]
    assert len(texts) == times
    for text in texts:
        assert text.endswith(f"编号：{SPELLED}。")
        assert text.removesuffix(f"编号：{SPELLED}。") == one * (len(text) // len(one) - 1)
    if sentences >= 300:
        # As much as fits: one sentence more would not.
        assert len(twiml) + len(one) > LONGEST


def test_one_endless_sentence_is_cut_at_a_clause() -> None:
    """Without an end of a sentence the cut is at a comma, and never within a word or a number."""
    clause = "示例请留意安全"
    (text,) = [
        t for t in said(notice_call("，".join([clause] * 700) + f"，编号：{REF}", REF, "zh", ACTION)) if clause in t
    ]
    assert set(text.removesuffix(f"编号：{SPELLED}").strip("，").split("，")) == {clause}


def test_what_cannot_be_shortened_is_not_called() -> None:
    """A text of thousands of characters without any pause is refused before the call."""
    with pytest.raises(TooLong):
        notice_call("安" * 5000 + REF, REF, "zh", ACTION)


def test_the_answers_to_a_key() -> None:
    """After the right key Twilio thanks and hangs up; after a wrong one it asks again; in the end it says that it heard nothing."""
    assert said(thanks("zh")) == ["谢谢，您的确认已记录。请注意安全，再见。"]
    assert said(goodbye("en")) == ["We have not heard that you confirmed. Stay safe. Goodbye."]
    assert said(again("zh", ACTION), "Gather/Say") == ["请按 1 键确认您已收听本提醒。"]
    assert "<Hangup" in thanks("zh")
    assert "<Hangup" in goodbye("zh")
