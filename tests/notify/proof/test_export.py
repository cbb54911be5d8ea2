"""The proof of one alert, one person, one company: exact words, hashes, calls, receipts; and each reader's own part of it."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import openpyxl
import pytest

from core.database import writing
from core.errors import LingbaoError, NotAllowed, NotFound
from core.i18n import t
from notify import ledger
from notify.alerts import Acting
from notify.byhand.record import Told, add
from notify.byhand.tables import Way
from notify.erasure import erase_people
from notify.ledger.collect import hands, lines
from notify.ledger.model import About, Line, Look
from notify.ledger.page import Printed, page
from notify.ledger.words import HIDDEN
from registry.actors import SYSTEM, Actor
from registry.rights.model import RequestKind
from tests.notify.proof.world import AUDITOR, BODY, OFFICER, World, sha256


def look(world: World, actor: Actor, **how: bool) -> Look:
    """Return how an actor looks at the proof."""
    return Look(world.office.acting(actor), world.office.keys, **how)


def proof_of(world: World, actor: Actor, about: About, **how: bool) -> list[Line]:
    """Return the lines of a proof."""
    with writing(world.office.engine) as connection:
        return list(lines(connection, about, look(world, actor, **how)))


def test_an_alert_is_proven_from_the_capture_to_the_receipt(told: World) -> None:
    """Every person has a line with why; every notice the exact words, their hash as sent, its calls and what came of them."""
    found = proof_of(told, OFFICER, About(told.alert_id), plain=True)
    assert [line.registrant_id for line in found] == list(told.people)
    said = found[0].said
    assert (said.rule, said.level, said.countries, said.approved_by) == ("home-4", 4, ("ZM",), "policy/home-4")
    assert (said.capture_sha256, said.capture_url) == (sha256(BODY), "https://one.example/t1.html")
    assert said.capture_seal is not None
    first, refused, _, nowhere, *shared = found
    assert first.notice is not None
    assert (first.name, first.notice.address, first.notice.ref in first.notice.body) == (
        "孙悟空",
        "+260970000001",
        True,
    )
    # Whoever reads a proof must not be able to answer for somebody: the end of the personal link is left out.
    sent = [
        re.sub(r"/safe/\w+", f"/safe/{HIDDEN}", one.body) for one in told.phones.sent if one.ref == first.notice.ref
    ]
    assert sent == [first.notice.body]
    [call] = first.notice.tried
    assert (call.holds, call.seal is not None, [one.outcome for one in call.outcomes]) == (True, True, ["accepted"])
    assert [(one.status, one.raw) for one in first.notice.heard] == [("delivered", "")]
    assert refused.notice is not None
    assert (refused.notice.state, refused.notice.error_code) == ("failed", "21211")
    assert nowhere.notice is None
    assert len({line.notice.delivery_id for line in shared if line.notice}) == 1
    assert {line.notice.people for line in shared if line.notice} == {2}


def test_the_hash_is_that_of_the_words_worked_out_by_hand(told: World) -> None:
    """The hash on the attempt is SHA-256 over subject, text and html as sent, with a zero byte between, computed here anew."""
    line = proof_of(told, OFFICER, About(registrant_id=told.people[0]))[0]
    assert line.notice is not None
    [sent] = [one for one in told.phones.sent if one.ref == line.notice.ref]
    words = "\0".join((line.notice.subject, sent.body, ""))
    assert line.notice.tried[0].sha256 == hashlib.sha256(words.encode()).hexdigest()


def test_each_reader_sees_their_own_part(told: World) -> None:
    """Names are shortened unless asked for; a company has its own people only; an auditor never sees plain or raw."""
    shortened = proof_of(told, OFFICER, About(told.alert_id))
    assert (shortened[0].name, shortened[0].notice and shortened[0].notice.address) == ("孙**", "+26********01")
    assert proof_of(told, AUDITOR, About(told.alert_id))[0].name == "孙**"
    of_b = proof_of(told, told.company(1), About(employer_id=told.employers[1]), plain=True)
    assert [line.name for line in of_b] == ["贾宝玉", "林黛玉"]
    of_a = proof_of(told, told.company(0), About(told.alert_id, employer_id=told.employers[0]))
    assert [line.registrant_id for line in of_a] == [told.people[place] for place in (0, 1, 3, 4)]
    opened = proof_of(told, OFFICER, About(registrant_id=told.people[0]), raw=True)[0]
    assert opened.notice is not None
    assert '"To": "+260970000001"' in str(opened.notice.heard[0].raw)


@pytest.mark.parametrize(
    ("who", "about", "how"),
    [
        ("company", {}, {}), ("company", {"alert_id": 1}, {}), ("company", {"employer_id": 0}, {"raw": True}),
        ("company", {"employer_id": 1}, {}), ("company", {"registrant_id": 2}, {}), ("auditor", {}, {"plain": True}),
        ("auditor", {}, {"raw": True}), ("nobody", {}, {}),
    ],
)  # fmt: skip
def test_what_is_not_for_them_is_refused(told: World, who: str, about: dict[str, int], how: dict[str, bool]) -> None:
    """A company without naming itself, another company, somebody else's person, plain or raw for an auditor: refused."""
    actor = {"company": told.company(0), "auditor": AUDITOR, "nobody": Actor("nobody", None)}[who]
    wanted = dict(about)
    if "employer_id" in about:
        wanted["employer_id"] = told.employers[about["employer_id"]]
    if "registrant_id" in about:
        wanted["registrant_id"] = told.people[about["registrant_id"]]
    with pytest.raises(LingbaoError) as refused:
        proof_of(told, actor, About(**wanted), **how)
    assert isinstance(refused.value, NotAllowed | NotFound)


def test_a_company_reads_what_was_told_by_hand_of_its_own(own: World) -> None:
    """Words by telephone to its own people and to itself are there, without the officer's note; those of others are not."""
    for more in ({"person": own.people[0]}, {"person": own.people[2]}, {"employer": "A-1"}):
        with writing(own.office.engine) as connection:
            told_by_hand = Told(own.alert_id, Way.PHONE, own.clock.now(), note="只供本办", **more)
            add(connection, told_by_hand, own.office.acting(OFFICER), own.office.keys)
    with writing(own.office.engine) as connection:
        actor = own.company(0)
        whole = hands(connection, About(employer_id=own.employers[0]), look(own, actor))
        single = hands(connection, About(registrant_id=own.people[0], employer_id=own.employers[0]), look(own, actor))
        of_the_office = hands(connection, About(own.alert_id), look(own, OFFICER))
    assert [(one.registrant_id, one.employer_id, one.note) for one in whole] == [
        (own.people[0], None, ""), (None, own.employers[0], ""),
    ]  # fmt: skip
    assert [one.registrant_id for one in single] == [own.people[0]]
    assert [one.note for one in of_the_office] == ["只供本办"] * 3


def test_the_shared_number_of_another_company_stays_shut(told: World) -> None:
    """Where the one notice goes to the other company's row of a shared number, this company does not read the number."""
    shown = {}
    for place in (0, 1):
        last = proof_of(told, told.company(place), About(employer_id=told.employers[place]), plain=True)[-1]
        assert last.notice is not None
        shown[place] = last.notice.address
    assert sorted(shown.values()) == ["", "+260970000009"]


def test_an_erased_person_is_shown_as_erased_and_the_hash_still_holds(own: World) -> None:
    """After erasure there is no name, no number and no raw receipt; the text and its hash are there and agree."""
    with writing(own.office.engine) as connection:
        add(connection, Told(own.alert_id, Way.PHONE, own.clock.now(), own.people[0], note="电话 13800138000"),
            own.office.acting(OFFICER), own.office.keys)  # fmt: skip
        own_ids = [own.people[0]]
        gone = erase_people(connection, SYSTEM, own_ids, kind=RequestKind.ERASURE, now=own.clock.now())
    assert gone.erased == (own.people[0],)
    line = proof_of(own, OFFICER, About(registrant_id=own.people[0]), plain=True, raw=True)[0]
    assert line.notice is not None
    assert (line.name, line.notice.address, line.notice.heard[0].raw) == ("", "", None)
    assert (line.erased_at, line.notice.holds) == (own.clock.now(), True)
    with writing(own.office.engine) as connection:
        [hand] = hands(connection, About(registrant_id=own.people[0]), look(own, OFFICER))
    assert hand.note is None
    assert "已删除" in printed(own, OFFICER, About(registrant_id=own.people[0]))


def printed(world: World, actor: Actor, about: About) -> str:
    """Return the page of a proof."""
    with writing(world.office.engine) as connection:
        found = list(lines(connection, about, look(world, actor)))
        by_hand = hands(connection, about, look(world, actor))
    paper = Printed(
        world.office.name, t("alert {number}", number=about.alert_id or 0), actor.name, world.clock.now(), "zh", True
    )
    return page(found, by_hand, paper)


def test_the_page_is_one_file_to_print(told: World) -> None:
    """A4, no script and no other host; words for states; who printed it and when; marked as a test; text once, codes apart."""
    text = printed(told, OFFICER, About(told.alert_id))
    assert "size: A4" in text
    assert "<script" not in text
    assert "src=" not in text
    assert "<link" not in text
    for words in (
        "lin.daiyu",
        "已送达",
        "未送达" if "未送达" in text else "服务商拒收",
        "无可用联系方式",
        "【测试】",
        sha256(BODY),
    ):
        assert words in text
    assert text.count("<pre>") == 2  # one for those alone with their phone, one for the shared number
    for code in [one.ref for one in told.phones.sent]:
        assert code in text


def test_a_hostile_title_stays_text_on_the_page(own: World) -> None:
    """What a source or an officer writes is never markup on the page."""
    with writing(own.office.engine) as connection:
        add(connection, Told(own.alert_id, Way.OTHER, own.clock.now(), group="<script>alert(1)</script>"),
            own.office.acting(OFFICER), own.office.keys)  # fmt: skip
    text = printed(own, Actor('<b>"}', OFFICER.role, 9), About(own.alert_id))
    assert "<script>" not in text
    assert "<b>" not in text


def rows_of(world: World) -> list[dict[str, Any]]:
    """Return the flat rows of the alert."""
    return [ledger.line_row(one) for one in proof_of(world, OFFICER, About(world.alert_id))]


def test_the_workbook_has_every_call_and_receipt_once(told: World, tmp_path: Any) -> None:
    """A sheet of people and notices, one of attempts and one of receipts; a shared notice has its attempts once."""
    ledger.write_xlsx(tmp_path / "proof.xlsx", rows_of(told))
    book = openpyxl.load_workbook(tmp_path / "proof.xlsx")
    assert book.sheetnames == ["ledger", "attempts", "receipts"]
    assert [sheet.max_row - 1 for sheet in book] == [6, 4, 1]
    assert book["ledger"].cell(2, ledger.COLUMNS.index("text_holds") + 1).value is True


def test_a_look_without_keys_opens_nothing(own: World) -> None:
    """People are numbers where no key is handed in: what the right of access and older callers get."""
    with writing(own.office.engine) as connection:
        acting: Acting = own.office.acting(OFFICER)
        found = ledger.rows(connection, acting, alert_id=own.alert_id)
    assert {row["name"] for row in found} == {""}
    assert {row["address"] for row in found} <= {"", None}
