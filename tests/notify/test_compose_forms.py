"""The forms of a text: what fits where, what is left out first, and what is never cut."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.places.names import codes
from notify.compose import Phrasebook, compose
from notify.model import AlertDraft, NoticeText
from notify.ref import GAP
from notify.sms import count
from notify.tables import VersionKind
from notify.texts.fit import over
from notify.texts.rules import FORMS, MOST_APART, MOST_BYTES, MOST_OF_VARIABLE, MOST_SPOKEN, TextRules
from notify.texts.shorten import join, sentences, short_list, short_title
from notify.texts.spoken import dictated, spell, spoken
from tests.notify.made import EMBASSY, OFFICE, draft

ALL = tuple(FORMS)
BODY = "请立即停止外出。关好门窗，远离窗户！请清点人数，今日12时前报本办。手机保持开机。撤离路线另行通知。" * 6
TITLES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="{}"), min_size=4, max_size=300
)


def own(**values: object) -> AlertDraft:
    """Make an officer's own alert without a link."""
    given_values: dict[str, object] = {
        "source_id": None, "url": "", "contacts": (), "ask_safe": False, "title_zh": "赞比亚部分地区发生冲突",
        "title_en": "Fighting in parts of Zambia", "body_zh": BODY, "body_en": BODY, "level_words": "", "channels": ("sms",),
    }  # fmt: skip
    return draft(**(given_values | values))


def one(made: list[NoticeText], channel: str = "sms", language: str = "zh", variant: str = "abroad") -> NoticeText:
    """Pick one text."""
    return next(x for x in made if (x.channel, x.language, x.variant) == (channel, language, variant))


@pytest.mark.parametrize("kind", list(VersionKind))
@pytest.mark.parametrize("told_only", [False, True])
@pytest.mark.parametrize("countries", [("ZM",), ("MW", "ZM"), tuple(sorted(codes()))[:30], tuple(sorted(codes()))])
def test_every_form_holds_what_helps(kind: VersionKind, told_only: bool, countries: tuple[str, ...]) -> None:
    """Whatever the channel: the code once, a number that answers day and night, and the limits of its provider."""
    long = draft(kind=kind, told_only=told_only, countries=countries, channels=ALL, body_zh=BODY * 5, body_en=BODY * 5)
    for text in compose(long, OFFICE):
        assert text.body.count(GAP) == 1
        assert "12308" in text.body.replace(" ", "")
        form = FORMS[text.channel]
        if form in MOST_BYTES:
            assert len(text.body.replace(GAP, "0" * 6).encode()) <= MOST_BYTES[form]
        if form == "voice":
            assert len(text.body) <= MOST_SPOKEN
        if form == "sms_cn":
            assert all(len(value) <= MOST_OF_VARIABLE for value in text.variables.values())
            assert "http" not in text.body
            assert OFFICE.signature not in text.body
            assert text.parts == count(OFFICE.signature + text.body.replace(GAP, "0" * 6)).parts


def test_a_group_is_told_about_the_country_alone() -> None:
    """A bot's text speaks to nobody in person: there is one, it names places, and says "you are registered" nowhere."""
    made = compose(draft(channels=("wecom_bot", "dingtalk_bot", "feishu_bot"), countries=("MW", "ZM")), OFFICE)
    assert {text.variant for text in made} == {"group"}
    for text in made:
        assert "您" not in text.body
        assert "registered" not in text.body
        assert ("马拉维、赞比亚" if text.language == "zh" else "Malawi, Zambia") in text.body


def test_each_of_a_few_countries_has_texts_of_its_own() -> None:
    """Readers in Malawi get Malawi's police; nobody gets both; there is a text for those of whom it is not known."""
    made = compose(draft(countries=("MW", "ZM"), channels=("sms",), contacts=()), OFFICE)
    assert {text.variant for text in made} == {
        f"{kind}{x}" for kind in ("abroad", "planned", "shared") for x in ("", ".MW", ".ZM")
    }
    assert "997" in one(made, variant="abroad.MW").body
    assert "991" not in one(made, variant="abroad.MW").body
    assert "991" in one(made, variant="abroad.ZM").body
    assert "您登记的所在地为赞比亚" in one(made, variant="abroad.ZM").body
    assert "报警" not in one(made).body


def test_with_very_many_countries_one_text_is_for_all() -> None:
    """Beyond the limit no country has texts of its own: a hundred texts nobody could read before release."""
    many = tuple(sorted(codes()))[: MOST_APART + 1]
    assert {text.variant for text in compose(draft(countries=many), OFFICE)} == {"abroad", "planned", "shared"}


def test_an_officers_words_alone_carry_the_body() -> None:
    """From level 3, without a link, the message itself says what to do, in whole sentences, and where to ask for the rest."""
    text = one(compose(own(), OFFICE))
    assert "请立即停止外出。关好门窗，远离窗户！" in text.body
    assert "（下略，详询0518-5550100）" in text.body
    assert text.parts <= 4
    said = text.body.partition("赞比亚部分地区发生冲突。")[2].partition("（下略")[0]
    assert BODY.startswith(said)
    assert said[-1] in "。！"


@pytest.mark.parametrize("values", [{"level": 2}, {"url": "https://one.example/x"}, {"source_id": "cn-mfa"}])
def test_otherwise_the_link_or_the_mail_carries_it(values: dict[str, object]) -> None:
    """Advice of level 2, what has a link, and what a publisher wrote is not repeated in a text message."""
    assert "停止外出" not in one(compose(own(**values), OFFICE)).body


def test_what_is_left_out_first() -> None:
    """As room shrinks: further sentences go, then police and ambulance, then the body; the embassy and 12308 stay."""
    said = {}
    for most in range(1, 9):
        text = one(compose(own(), OFFICE, Phrasebook(TextRules(most)))).body
        said[most] = (
            "手机保持开机" in text,
            "停止外出" in text,
            "报警991" in text,
            "+260977790322" in text,
            "12308" in text,
        )
    assert said[8] == (True, True, True, True, True)
    assert said[2] == (False, True, False, True, True)
    assert said[1] == (False, False, False, True, True)
    assert all(left >= right for fewer, more in zip(range(1, 8), range(2, 9), strict=True)
               for left, right in zip(said[more], said[fewer], strict=True))  # fmt: skip


def test_over_the_limit_is_said_not_cut() -> None:
    """A title that is too long by itself stays whole: the text is over the limit, and other languages have twice the room."""
    text = one(compose(own(title_zh="长" * 250), OFFICE))
    assert "长" * 250 in text.body
    assert over("sms", "zh", text.parts, TextRules())
    assert not over("sms", "en", 8, TextRules())
    assert over("sms", "en", 9, TextRules())
    assert not over("email", "zh", 99, TextRules())


def test_what_a_provider_would_refuse_is_shortened_at_a_clause() -> None:
    """Only where the whole text would be refused is a title cut, at the end of a clause, with its grade."""
    long = "提醒中国公民暂勿前往赞比亚，" + "注意防范各类风险，" * 200
    text = one(compose(draft(title_zh=long, channels=("sms",)), OFFICE))
    assert len(text.body) <= 1600
    assert "提醒中国公民暂勿前往赞比亚" in text.body
    assert "风险…" in text.body


@given(TITLES, st.sampled_from(["", "暂勿前往", "Level 4: Do Not Travel"]))
def test_a_short_title_never_cuts_a_word_or_number(title: str, grade: str) -> None:
    """A title in 35 characters is whole, or its clauses or words are; what is cut says so."""
    short = short_title(title, 35, grade)
    assert len(short) <= 35
    if short.endswith("…"):
        kept = short[:-1].removeprefix(f"“{grade}”") if grade else short[:-1]
        at = title.find(kept)
        assert at >= 0
        after = title[at + len(kept) :].lstrip()[:1]
        assert not re.match(r"\d", after) or not kept[-1:].isdigit()


def test_titles_of_the_ministry_keep_their_point() -> None:
    """Who reminds goes first; a clause is cut at its end; the grade is never lost."""
    assert short_title("外交部和中国驻刚果民主共和国大使馆提醒中国公民近期暂勿前往刚果（金）东部", 35) == (
        "提醒中国公民近期暂勿前往刚果（金）东部"
    )  # fmt: skip
    long = "鉴于当地安全形势持续恶化，外交部再次提醒在当地的中国公民尽快撤离，暂勿前往有关地区和边境一带"
    cut = short_title(long, 35, "暂勿前往")
    assert "暂勿前往" in cut
    assert len(cut) <= 35


@pytest.mark.parametrize("room", range(12, 60))
def test_a_short_list_never_cuts_a_name(room: int) -> None:
    """Names that do not fit are counted."""
    names = ["刚果（金）", "赞比亚", "特立尼达和多巴哥", "圣文森特和格林纳丁斯"]
    told = short_list(names, room, "zh")
    assert len(told) <= room
    assert told == "、".join(names) or "4" in told
    kept = told.partition("等4国")[0].split("、")
    assert told == "4个国家（地区）" or all(name in names for name in kept)


def test_a_withdrawn_notice_is_not_told_by_its_old_grade() -> None:
    """The short form of a follow-up says what became of the notice; "level 4" alone would read as in force."""
    gone = draft(kind=VersionKind.ALL_CLEAR, told_only=True, channels=("sms_cn",), level_words="暂勿前往", title_zh=(
        "中国外交部已撤下提醒“提醒中国公民近期暂勿前往赞比亚铜带省及其周边地区”，请继续关注当地安全形势"))  # fmt: skip
    text = one(compose(gone, OFFICE), "sms_cn")
    assert text.variables["title"] == "中国外交部已撤下提醒，请继续关注当地安全形势"
    assert text.template == "update"
    assert "暂勿" not in text.body


def test_sentences_and_back() -> None:
    """A text is split at stops and lines, not in numbers or abbreviations, and comes back with its stops."""
    assert sentences("一。二！\n三\n\n四？”五") == ["一。", "二！", "三", "四？”", "五"]
    assert sentences("Stay in. At 3.5 km it burns! Go") == ["Stay in.", "At 3.5 km it burns!", "Go"]
    assert join(["三", "四？"], "zh") == "三。四？"
    assert join(["Stay in.", "Go"], "en") == "Stay in. Go."


def test_what_is_spoken_can_be_said() -> None:
    """No link, no bracket, no quotation mark; numbers digit by digit; a date stays a date."""
    made = compose(
        draft(channels=("voice",), title_zh="提醒（2026-11-22）：详见https://one.example/a 或致电+260-211-555-010"),
        OFFICE,
    )
    for text in made:
        said = text.body.replace(GAP, "")
        assert not re.search(r"[【】（）()\[\]“”\"<>]|http|\+", said)
        assert not re.search(r"\d{3}", said.replace("2026-11-22", ""))
    assert EMBASSY.number.replace("-", "").replace("+", "加") in one(made, "voice").body.replace(" ", "").replace(
        "，", ""
    )
    assert spell("+86-10-12308", "zh") == "加 8 6，1 0，1 2 3 0 8"
    assert dictated("报警991", "zh") == "报警9 9 1"
    assert spoken("约500人（含50名中国公民）受困", "zh") == "约500人，含50名中国公民，受困"


def test_two_who_read_english_and_have_a_number_at_home() -> None:
    """Carriers at home take Chinese templates only: whoever reads English gets these over that channel."""
    made = compose(draft(channels=("sms_cn",)), OFFICE)
    assert one(made, "sms_cn", "en").body == one(made, "sms_cn", "zh").body
    assert one(made, "sms_cn", "en").variables == one(made, "sms_cn", "zh").variables


def test_each_text_says_which_wording_made_it() -> None:
    """A notice leads back to the file that worded it."""
    for text in compose(draft(channels=ALL), OFFICE):
        assert text.wording.startswith(f"file:{FORMS[text.channel]}.")
