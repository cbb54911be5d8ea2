"""Notices in languages of the office's own: whoever chose one is told in it, or in English; never in none. On both databases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from core.database import reading, writing
from core.errors import BadInput
from core.settings import Settings
from notify import alerts
from notify.channels.twiml import notice_call
from notify.compose import compose
from notify.grounds import Transfer
from notify.later.catching import catch_up
from notify.merge import Part, may_merge
from notify.model import AlertDraft, NoticeText
from notify.office import Office
from notify.preflight import Planned, Terms, forecast
from notify.preview import preview
from notify.sms import count
from notify.store import alerts as store
from notify.store import ladder
from notify.store.ladder import Patience
from notify.tables import AlertText
from notify.texts.fit import measured
from notify.texts.further import left_out
from notify.texts.helplines import Directory
from notify.texts.rules import Form, TextRules
from notify.texts.store import languages
from notify.trial import trial
from notify.wordings import phrasebook, set_wording
from registry import scope
from registry.actors import SYSTEM
from registry.people import NewPerson
from tests.notify.alerts.scene import APPROVER, Scene, person
from tests.notify.chain.newcomers import Later
from tests.notify.made import OFFICE, draft
from tests.registry.people import CONSENT

ONE, TWO = "+260977000001", "+260977000002"
MAIL = "a@example.com"
MARKS = "{% if drill %}EXERCICE (drill). {% endif %}{{ mark }}"
SAID = (
    "{{ signature }}"
    + MARKS
    + "{{ sentence }} WORDS {{ places }}. {{ contacts }}. {% if url %}{{ url }} {% endif %}Ref {{ ref }}"
)
FRENCH = SAID.replace("WORDS", "Vous êtes enregistré :")
VIETNAMESE = SAID.replace("WORDS", "Bạn đã đăng ký ở:")
ACCENTS = "{{ office }}. " + SAID.removeprefix("{{ signature }}").replace("WORDS", "Vous etes là, à")
FRENCH_MAIL = (
    "{{ signature }}"
    + MARKS
    + "\n\n{{ title }}\n\nVous êtes enregistré ici : {{ places }}\n\n{{ body_gap }}\n\n{{ url }}\n\n"
    "{% for line in contact_lines %}\n{{ line }}\n{% endfor %}\n{{ office }}\nRéf. {{ ref }}"
)
FRENCH_CALL = (
    "{{ office }}. " + MARKS + "{{ sentence }} Vous êtes enregistré : {{ places }}. {{ contacts }}. {{ ref }}."
)


def word(scene: Scene, language: str, **forms: str) -> None:
    """Let the office word these forms in a language."""
    names: dict[str, Form] = {
        "sms": "sms",
        "email": "email",
        "voice": "voice",
        "sms_cn": "sms_cn",
        "whatsapp": "whatsapp",
    }
    with writing(scene.engine) as connection:
        for form, body in forms.items():
            set_wording(connection, APPROVER, names[form], language, body, now=scene.clock.now())


def french(scene: Scene) -> None:
    """Let the office word short messages and mails in French."""
    word(scene, "fr", sms=FRENCH, email=FRENCH_MAIL)


def reads(language: str, *, sms: Sequence[str] = (ONE,), email: Sequence[str] = ()) -> NewPerson:
    """Return somebody in Zambia who chose a language, and agreed to providers abroad."""
    return replace(person(sms=sms, email=email, language=language), consent=replace(CONSENT, foreign=True))


def texts(scene: Scene, version: int) -> list[AlertText]:
    """Return the texts of a version."""
    with reading(scene.engine) as connection:
        return store.texts(connection, version)


def made(scene: Scene, one: AlertDraft, language: str) -> list[NoticeText]:
    """Return the texts of a draft in a language."""
    with reading(scene.engine) as connection:
        book = phrasebook(connection, TextRules())
    return [text for text in compose(one, OFFICE, book) if text.language == language]


def test_french_by_short_message_and_mail(scene: Scene) -> None:
    """Who chose French is told in French over both channels, with the English values; Chinese readers are not touched."""
    french(scene)
    chose, chinese = scene.enrol(reads("fr", email=(MAIL,)), reads("zh", sms=(TWO,)))
    version = scene.by_rule(draft())
    notices = {one.channel: one for one in scene.notices(version) if one.id in scene.record_of(version, chose)}
    assert {one.language for one in notices.values()} == {"fr"}
    assert "Vous êtes enregistré : Zambia" in notices["sms"].body
    assert "提醒中国公民暂勿前往赞比亚" in notices["sms"].body
    assert "enregistré ici : Zambia" in notices["email"].body
    [mail] = [x for x in texts(scene, version) if (x.language, x.channel, x.variant) == ("fr", "email", "abroad")]
    assert 'lang="fr"' in mail.html
    assert mail.wording == "own:email.fr/1"
    told = scene.recipients(version)
    assert (told[chose].language, told[chinese].language) == ("fr", "zh")


@pytest.mark.parametrize(
    ("chose", "told"), [("sw", "en"), ("en", "en"), ("zh", "zh"), ("", "zh"), ("zh-CN", "zh"), ("fr", "fr")]
)
def test_whom_nothing_is_worded_for(scene: Scene, chose: str, told: str) -> None:
    """A language without wordings is told in English: whoever chose it did not choose Chinese; no choice is Chinese."""
    french(scene)
    [one] = scene.enrol(reads(chose))
    version = scene.by_rule(draft())
    assert scene.recipients(version)[one].language == told
    [notice] = scene.notices(version)
    assert notice.language == told


def test_one_form_missing_leaves_the_language_out_whole(scene: Scene) -> None:
    """French mails are worded, French short messages are not: nobody is told in two languages by turns, and the preview says why."""
    word(scene, "fr", email=FRENCH_MAIL)
    scene.enrol(reads("fr", email=(MAIL,)))
    version = scene.open(draft())
    assert {x.language for x in texts(scene, version)} == {"zh", "en"}
    seen = preview(scene.engine, version, scene.clock.now(), Transfer(), Terms())
    assert seen.by_language == {"en": 1}
    assert seen.forecast is not None
    warned = [one for one in seen.forecast.warnings if "fr" in one.values.values()]
    assert [one.render("en") for one in warned] == [
        "Nobody is told in Français (fr), but in English: the office has no wording in it for sms."
    ]
    assert "缺少该语言的文本 sms" in warned[0].render("zh")


def test_a_wording_that_does_not_fit_this_alert_leaves_the_language_out(scene: Scene) -> None:
    """Fit when it was taken, not fit for this alert: English for all of it, and the preview says so."""
    sly = FRENCH.replace("{{ contacts }}", "{% if count == 1 %}{{ contacts }}{% endif %}")
    word(scene, "fr", sms=sly)
    one = draft(channels=("sms",), countries=("MW", "ZM"))
    assert made(scene, draft(channels=("sms",)), "fr")
    assert made(scene, one, "fr") == []
    version = scene.open(one)
    seen = preview(scene.engine, version, scene.clock.now(), Transfer(), Terms())
    assert seen.forecast is not None
    assert any("does not hold" in warning.render("en") for warning in seen.forecast.warnings)


def test_short_messages_are_counted_by_their_letters(scene: Scene) -> None:
    """Accents that are in the alphabet of short messages cost nothing; Vietnamese takes the long way, and is counted so."""
    word(scene, "fr", sms=ACCENTS)
    word(scene, "vi", sms=VIETNAMESE)
    latin = draft(channels=("sms",), title_en="Do not travel for now", contacts=())
    [text] = [x for x in made(scene, latin, "fr") if x.variant == "abroad"]
    assert "là, à Zambia" in text.body
    assert count(measured(text.body)).encoding == "gsm7"
    [other] = [x for x in made(scene, latin, "vi") if x.variant == "abroad"]
    assert count(measured(other.body)).encoding == "ucs2"
    assert other.parts == count(measured(other.body)).parts >= 2
    scene.enrol(reads("vi"))
    [notice] = scene.notices(scene.by_rule(latin))
    assert (notice.language, "Bạn đã đăng ký ở: Zambia" in notice.body) == ("vi", True)


def test_several_behind_one_number_read_what_all_of_them_read(scene: Scene) -> None:
    """Two who chose French are told in French; with somebody who chose English, in English; with a Chinese reader, in Chinese."""
    french(scene)
    scene.enrol(reads("fr"), reads("fr"), reads("fr", sms=(TWO,)), reads("en", sms=(TWO,)))
    scene.enrol(reads("fr", sms=("+260977000003",)), reads("zh", sms=("+260977000003",)))
    notices = scene.notices(scene.by_rule(draft(channels=("sms",))))
    assert sorted((one.language, one.variant) for one in notices) == [
        ("en", "shared"),
        ("fr", "shared"),
        ("zh", "shared"),
    ]


def climb(scene: Scene, version_id: int) -> None:
    """Climb one step of the ladder."""
    with writing(scene.engine) as connection:
        plan = alerts.plan_of(connection, store.version(connection, version_id), scene.clock.now(), Transfer())
        patience = Patience(scene.clock.now() - timedelta(minutes=10), ("sms", "voice"))
        ladder.climb(connection, plan, scope.usable_addresses(SYSTEM), patience)


@pytest.mark.parametrize(
    ("language", "begins", "voice"), [("fr", "Huaguoshan", "fr-FR"), ("sw", "This is the", "en-US")]
)
def test_the_ladder_calls_in_the_language_or_in_english(scene: Scene, language: str, begins: str, voice: str) -> None:
    """The call after a short message is in French, by a French voice; where no voice speaks a language, in English."""
    word(scene, language, sms=FRENCH, **({"voice": FRENCH_CALL} if language == "fr" else {}))
    scene.enrol(reads(language))
    version = scene.by_rule(draft(level=3, every_channel=False, ask_safe=False, channels=("sms", "voice")))
    scene.clock.advance(timedelta(minutes=11))
    climb(scene, version)
    notices = {one.channel: one for one in scene.notices(version)}
    assert (notices["sms"].language, notices["voice"].language) == (language, language)
    assert notices["voice"].body.startswith(begins)
    said = notice_call(notices["voice"].body, "ABC234", language, "https://one.example/digit")
    assert said.count(f'language="{voice}"') >= 2
    assert "Press 1 to confirm" in said


def test_a_newcomer_is_told_in_their_language(scene: Scene, tmp_path: Path) -> None:
    """Whoever comes later is told in French too, with since when it stands."""
    french(scene)
    scene.enrol(reads("zh", sms=(TWO,)))
    version = scene.by_rule(draft())
    scene.clock.advance(timedelta(hours=5))
    office = Office(Settings(home=tmp_path), scene.engine, scene.clock, scene.keys)
    [one] = Later(scene, office).join(reads("fr"))
    assert catch_up(office, scene.clock.now()) == 1
    assert scene.recipients(version)[one].language == "fr"
    [notice] = [x for x in scene.notices(version) if x.id in scene.record_of(version, one)]
    assert (notice.language, notice.variant) == ("fr", "later-abroad")
    assert "STILL IN FORCE" in notice.body


def test_notices_in_further_languages_are_not_merged(scene: Scene) -> None:
    """What is told together in the morning is worded by us: a French reader gets each notice in French instead."""
    french(scene)
    version = scene.open(draft(ask_safe=False))
    by_language = {x.language: Part(draft(ask_safe=False), x) for x in texts(scene, version) if x.channel == "sms"}
    assert {name: may_merge(part) for name, part in by_language.items()} == {"zh": True, "en": True, "fr": False}


def test_templates_of_providers_stand_in(scene: Scene) -> None:
    """Over WhatsApp and the carriers at home French readers get the approved English and Chinese texts; groups need none."""
    french(scene)
    every = draft(channels=("sms", "sms_cn", "whatsapp", "wecom_bot"))
    found = {x.channel: x for x in made(scene, every, "fr") if x.variant == "abroad"}
    assert sorted(found) == ["sms", "sms_cn", "whatsapp"]
    assert found["whatsapp"].variables["kind"] == "Safety notice"
    assert "赞比亚" in found["sms_cn"].variables["places"]
    assert made(scene, draft(channels=("whatsapp",)), "fr") == []
    assert made(scene, draft(channels=("wecom",)), "fr") == []


@pytest.mark.parametrize(
    ("language", "form", "body", "why"),
    [("xx", "sms", FRENCH, "no language"), ("fra", "sms", FRENCH, "no language"), ("fr", "sms_cn", FRENCH, "cannot be worded"),
     ("fr", "whatsapp", FRENCH, "cannot be worded"), ("sw", "voice", FRENCH_CALL, "cannot be worded"),
     ("fr", "sms", FRENCH.replace("{{ contacts }}", ""), "contacts"), ("fr", "sms", FRENCH.replace(MARKS, ""), "mark"),
     ("fr", "sms", FRENCH.replace(MARKS, "{{ mark }}"), "drill")],
)  # fmt: skip
def test_what_is_no_wording_of_a_language(scene: Scene, language: str, form: Any, body: str, why: str) -> None:
    """A code that is none, a form that cannot be worded, or a wording without what every notice must say: refused by name."""
    with writing(scene.engine) as connection, pytest.raises(BadInput, match=why):
        set_wording(connection, APPROVER, form, language, body, now=scene.clock.now())
    with reading(scene.engine) as connection:
        assert languages(connection) == ()


def test_a_trial_in_french(scene: Scene) -> None:
    """An officer sends the French text to themselves, marked; a language without texts is refused."""
    french(scene)
    version = scene.open(draft())
    sent = trial(texts(scene, version), MAIL, channel="email", language="fr", variant="abroad")
    assert (sent.language, sent.body.startswith("[TEST] ")) == ("fr", True)
    with pytest.raises(BadInput):
        trial(texts(scene, version), MAIL, channel="email", language="vi", variant="abroad")


def test_a_drill_says_so_in_french(scene: Scene) -> None:
    """The mark of a drill stands in every text of a further language too."""
    french(scene)
    with reading(scene.engine) as connection:
        book = phrasebook(connection, TextRules())
    found = [x for x in compose(draft(), OFFICE, book, drill=True) if x.language == "fr"]
    assert found
    assert all("EXERCICE (drill)" in x.body for x in found)


def test_nothing_left_out_is_nothing_to_say() -> None:
    """Without wordings of the office there is nothing to warn of."""
    assert left_out({}, ("sms",), {"zh", "en"}) == {}
    plain = Planned((), (), timedelta(hours=1))
    assert forecast(plain, Terms(), Directory()).warnings == ()
