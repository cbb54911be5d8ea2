"""Composing and drafting: what every text must hold, whatever the publisher sends."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from core.errors import BadInput
from core.places.names import codes
from notify.compose import compose
from notify.manual import ManualAlert, draft_manual, read_countries
from notify.model import AlertDraft, NoticeText
from notify.numbers import HOTLINE, contact_lines, short_contacts
from notify.ref import GAP, fill, reference
from notify.sms import count
from notify.tables import VersionKind
from notify.texts.values import issued_words, leave_words
from sources.model import Contact
from tests.notify.made import BODY, EMBASSY, NIGHT, OFFICE, draft

FOLLOWING = [kind for kind in VersionKind if kind is not VersionKind.FIRST]


def only(channel: str, language: str, variant: str = "abroad", **values: object) -> NoticeText:
    """Compose one text."""
    found = compose(draft(**values), OFFICE)
    return next(x for x in found if (x.channel, x.language, x.variant) == (channel, language, variant))


@pytest.mark.parametrize("kind", list(VersionKind))
@pytest.mark.parametrize("drill", [False, True])
def test_what_every_text_holds(kind: VersionKind, drill: bool) -> None:
    """Signature first, the title as it was published, the link, a place for the code, and in a drill its mark."""
    one = draft(kind=kind)
    texts = compose(one, OFFICE, drill=drill)
    assert len(texts) == 12
    for text in texts:
        assert text.body.startswith(OFFICE.signature)
        assert one.title_zh in text.body
        assert one.url in text.body
        assert text.body.count(GAP) == 1
        assert HOTLINE in text.body
        assert EMBASSY.number in text.body
        mark = "【演练】" if text.language == "zh" else "[DRILL]"
        assert [mark in part for part in (text.body, text.subject or mark, text.html or mark)] == (
            [drill] * 3 if text.html else [drill, True, True]
        )
        assert "！" not in text.body
        assert "!" not in text.body


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("kind", FOLLOWING)
def test_a_later_version_says_what_it_is(kind: VersionKind, language: str) -> None:
    """An update, a correction and an all-clear are told apart from a first word at the beginning of every text."""
    marks = {"zh": {VersionKind.UPDATE: "更新", VersionKind.CORRECTION: "更正", VersionKind.ALL_CLEAR: "解除"},
             "en": {VersionKind.UPDATE: "update", VersionKind.CORRECTION: "correct", VersionKind.ALL_CLEAR: "all clear"}}  # fmt: skip
    mark = marks[language][kind]
    assert mark in only("sms", language, kind=kind).body[:30].lower()
    mail = only("email", language, kind=kind)
    assert mark in mail.body[:40].lower()
    assert mark in mail.subject.lower()


def test_what_ran_out_is_no_all_clear() -> None:
    """The end of a notice that a publisher only let happen never says that it is safe."""
    for text in compose(draft(kind=VersionKind.ALL_CLEAR, told_only=True), OFFICE):
        assert "解除" not in text.body + text.subject
        assert "clear" not in (text.body + text.subject).lower()


def test_the_publishers_grade_is_quoted_never_ours() -> None:
    """A grade that is not in the title is quoted word for word; our own normalised level is nowhere."""
    words = "Niveau rouge"
    for text in compose(draft(level_words=words, level=4), OFFICE):
        assert words in text.body
        assert "四级" not in text.body
        assert "level 4" not in text.body.lower()
    assert "等级" not in only("email", "zh").body


def test_somebody_in_one_of_several_places() -> None:
    """A notice for two countries does not tell anybody that they are in both."""
    for variant in ("abroad", "planned"):
        zh = only("sms", "zh", variant, countries=("MW", "ZM")).body
        en = only("sms", "en", variant, countries=("MW", "ZM")).body
        assert "在提醒范围内（马拉维、赞比亚）" in zh
        assert "among those concerned (Malawi, Zambia)" in en
        assert "为马拉维、赞比亚" not in zh


def test_a_short_message_about_many_countries_stays_short() -> None:
    """More than five countries are not named one by one in an SMS; the mail names them all."""
    many = tuple(sorted(codes()))[:20]
    assert "您登记的所在地在提醒范围内，请" in only("sms", "zh", countries=many).body
    assert "有关国家（地区）" in only("sms", "zh", "shared", countries=many).body
    assert "is among those concerned: please" in only("sms", "en", countries=many).body
    assert only("email", "zh", countries=many).body.count("、") >= 19


def test_contacts_are_not_said_twice() -> None:
    """A number that stands in the publisher's own text is not repeated below it."""
    body = f"{BODY}\n驻赞比亚使馆领事保护与协助电话：\n{EMBASSY.number}\n外交部热线：\n{HOTLINE}"
    mail = only("email", "zh", body_zh=body).body
    assert mail.count(EMBASSY.number) == mail.count(HOTLINE) == 1


CONTACTS = {
    "none": ((), "12308热线 +86-10-12308", "12308 hotline +86-10-12308"),
    "police only": ((Contact("匪警", "02"),), "12308热线 +86-10-12308", "12308 hotline +86-10-12308"),
    "an embassy": (
        (EMBASSY, Contact("驻赞比亚使馆领事保护与协助电话", "+260-2")),
        "驻赞比亚使馆领保电话 +260-211-555-010，12308热线 +86-10-12308",
        "Chinese embassy (Zambia) +260-211-555-010, 12308 hotline +86-10-12308",
    ),
    "a consulate": (
        (Contact("驻迪拜总领馆领保电话", "+971-1"),),
        "驻迪拜总领馆领保电话 +971-1，12308热线 +86-10-12308",
        "Chinese consulate (迪拜) +971-1, 12308 hotline +86-10-12308",
    ),
    "too many": (
        tuple(Contact(f"驻{name}使馆电话", str(n)) for n, name in enumerate(("赞比亚", "马里", "尼日尔", "乍得"))),
        "12308热线 +86-10-12308",
        "12308 hotline +86-10-12308",
    ),
}


@pytest.mark.parametrize(("contacts", "zh", "en"), CONTACTS.values(), ids=CONTACTS)
def test_numbers_of_a_short_message(contacts: tuple[Contact, ...], zh: str, en: str) -> None:
    """Each mission is named with its number, 12308 is always there, and with many missions the link has to do."""
    assert (short_contacts(contacts, "zh"), short_contacts(contacts, "en")) == (zh, en)


def test_numbers_of_an_english_mail_have_english_names() -> None:
    """The labels that every notice carries are put into English; others stay as printed."""
    given = (Contact("匪警", "02"), EMBASSY, Contact("外交部热线", HOTLINE), Contact("中资企业商会", "+260-9"))
    assert contact_lines(given, "", "en") == [
        "Police: 02", f"Chinese embassy (Zambia): {EMBASSY.number}",
        f"12308 hotline for consular protection (24 hours): {HOTLINE}", "中资企业商会: +260-9",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("body", "quoted"),
    [
        (BODY, "已在当地的中国公民和机构请尽快撤离或转移至安全地区"),
        ("如需撤离，请联系使馆。", ""),
        ("请务必尽早离境。", "请务必尽早离境"),
        ("请勿转移资金。", ""),
        ("首批人员已平安撤离。", ""),
        ("请" + "很" * 60 + "撤离", ""),
        ("", ""),
    ],
)
def test_only_a_clear_order_to_leave_is_quoted(body: str, quoted: str) -> None:
    """A clause that urges people to leave is quoted whole; a condition, a piece of news or an overlong one is not."""
    assert leave_words(body) == quoted


def test_who_is_only_planning_is_not_asked_whether_safe() -> None:
    """The question "safe?" and the order to leave are for those who are there."""
    assert "报平安" in only("sms", "zh").body
    assert "报平安" not in only("sms", "zh", "planned").body
    assert "撤离" not in only("sms", "zh", "planned").body
    assert "报平安" not in only("sms", "zh", ask_safe=False).body


TITLES = st.text(
    st.characters(blacklist_categories=("Cs", "Cc", "Zl", "Zp"), blacklist_characters="{}"), min_size=4, max_size=400
)


@given(TITLES, st.sampled_from(["zh", "en"]), st.integers(1, 2**30 - 1))
def test_nothing_is_cut_and_parts_are_counted_with_the_code(title: str, language: str, number: int) -> None:
    """However long the title, a text message holds it whole, and takes as many parts with its code as were counted."""
    one = " ".join(title.split())
    text = only("sms", language, title_zh=title, title_en=title)
    sent = fill(text.body, reference("here", number))
    assert one in sent
    assert sent.endswith(reference("here", number))
    assert count(sent).parts == text.parts
    assert "\n" not in sent


def html_of(one: AlertDraft) -> BeautifulSoup:
    """Return the first HTML of a draft."""
    return BeautifulSoup(next(text.html for text in compose(one, OFFICE) if text.html), "lxml")


def test_html_is_escaped_and_loads_nothing() -> None:
    """Markup in a publisher's words stays text; there is no image, script, style sheet or form; only links lead out."""
    evil = '<script>alert(1)</script><img src="https://evil.example/x"> <a href="javascript:alert(1)">x</a> & "quotes"'
    soup = html_of(draft(title_zh=evil, body_zh=evil, origin_zh=evil, level_words=evil + "!"))
    assert evil in soup.get_text()
    assert soup.find_all(["script", "img", "link", "style", "form", "iframe", "object"]) == []
    assert {name for tag in soup.find_all(True) for name in tag.attrs} <= {
        "lang", "charset", "name", "content", "style", "href", "rel",
    }  # fmt: skip
    assert all(str(a["href"]).startswith(("https://", "http://")) for a in soup.find_all("a"))
    assert not re.search(r"url\(|@import", str(soup))


def test_html_says_what_the_text_says() -> None:
    """Whoever reads one form of a mail has read the other: the same words in the same order."""
    for text in compose(draft(body_zh=f"{BODY}\n\n第三段。"), OFFICE):
        if text.html:
            words = BeautifulSoup(text.html, "lxml").get_text()
            assert "".join(words.split()) == "".join(text.body.split())


def test_a_subject_is_one_line() -> None:
    """A line break in a title cannot add a header to a mail."""
    assert "\n" not in only("email", "zh", title_zh="提醒\r\nBcc: x@example.com").subject


def test_mails_keep_their_blank_lines() -> None:
    """Paragraphs of a mail are apart by exactly one empty line, and no line ends in blanks."""
    for text in compose(draft(), OFFICE):
        if text.html:
            assert "\n\n\n" not in text.body
            assert text.body.count("\n\n") >= 6
            assert not re.search(r"[ \t]\n", text.body)


def test_issued_in_beijing_time() -> None:
    """The time of a notice is Beijing's; midnight means that only the day is known; without a time nothing is said."""
    assert issued_words(NIGHT, "zh") == "2026-11-22 02:30（北京时间）"
    assert issued_words(NIGHT.replace(hour=16, minute=0), "en") == "2026-11-22"
    assert issued_words(None, "en") == ""


def manual(**values: object) -> ManualAlert:
    """Fill in the form of a manual alert."""
    given = {"countries": ["赞比亚"], "level": 3, "title_zh": "赞比亚近期请减少外出"} | values
    return ManualAlert.model_validate(given)


@pytest.mark.parametrize(
    ("level", "manner"),
    [(1, (False, True, False)), (2, (False, True, False)), (3, (False, True, True)), (4, (True, False, True))],
)
def test_an_officers_alert_goes_out_as_its_level_asks(level: int, manner: tuple[bool, bool, bool]) -> None:
    """Every channel and no quiet hours at 4, the doubtful from 3, as the default policy has it."""
    one = draft_manual(manual(level=level), OFFICE, NIGHT)
    assert (one.every_channel, one.quiet, one.include_doubtful) == manner


def test_an_officers_alert_speaks_for_the_office_alone() -> None:
    """The office is not named as its own source, and an English title that was not given quotes the Chinese one."""
    one = replace(draft_manual(manual(), OFFICE, NIGHT), channels=("sms",))
    zh, en = (text.body for text in compose(one, OFFICE) if text.variant == "abroad")
    assert zh.count("花果山市外办") == 1
    assert '"赞比亚近期请减少外出".' in en


@pytest.mark.parametrize(
    ("words", "found"), [(["赞比亚", "mw"], ("MW", "ZM")), ([" Zambia "], ("ZM",)), (["刚果（金）"], ("CD",))]
)
def test_countries_by_name_or_code(words: list[str], found: tuple[str, ...]) -> None:
    """A country is known by its Chinese or English name or its code."""
    assert read_countries(words) == found


@pytest.mark.parametrize("word", ["亚特兰蒂斯", "Z", ""])
def test_an_unknown_country_is_refused_by_name(word: str) -> None:
    """What is no country is named and never guessed at."""
    with pytest.raises(BadInput, match="is no country"):
        read_countries(["赞比亚", word])


@pytest.mark.parametrize(
    "values",
    [{"title_zh": "    "}, {"title_zh": "短"}, {"countries": []}, {"level": 5}, {"url": "one.example"},
     {"url": "https://one.example/ x"}, {"valid_hours": 0}, {"channels": []}, {"channels": ["fax"]}, {"more": 1}],
)  # fmt: skip
def test_a_form_filled_in_wrongly_is_refused(values: dict[str, object]) -> None:
    """A blank title, no country, a level or a channel that does not exist, or a link that is none is not taken."""
    with pytest.raises(ValidationError):
        manual(**values)


def test_a_channel_named_twice_counts_once() -> None:
    """Channels are taken once each, in the order given."""
    assert manual(channels=["email", "sms", "email"]).channels == ["email", "sms"]
