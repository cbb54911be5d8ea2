"""An answer is written down once, for whom it holds, and who needs help has an officer called."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.database import reading, writing
from core.errors import BadInput, NotAllowed, NotFound
from core.keys import unseal
from core.tables import Audit, Mode, table
from notify.erasure import erase_people
from notify.safety.model import PERSON, Answer, Means, Said, Voice
from notify.safety.take import WORDS_CONTEXT, take_answer
from notify.safety.tally import State
from notify.store.alerts import ALERTS
from notify.store.safety import SAFE_WORDS
from notify.tables import DeliveryState, Recipient
from registry import scope
from registry.actors import SYSTEM, Actor
from registry.rights.model import RequestKind
from registry.tables import Role
from tests.notify.alerts.scene import OFFICER, person
from tests.notify.made import draft
from tests.notify.safety.call import Call, contact

SAFE, HELP, UNCLEAR = Answer.SAFE, Answer.HELP, Answer.UNCLEAR


def test_the_same_message_counts_once(call: Call) -> None:
    """A callback that comes three times is one row; the same words in another message are another."""
    one = call.people[0]
    for turn in range(3):
        counted = call.say(SAFE, one, ref="SM1", after=turn)
        assert (counted.written, counted.repeated) == ((1, 0) if turn == 0 else (0, 1))
    assert call.say(SAFE, one, ref="SM2").written == 1
    assert call.say(HELP, one, ref="SM1").written == 1, "another digit in the same call"
    assert call.say(SAFE, one, words="平安").written == 1
    assert call.say(SAFE, one, words="平安").repeated == 1


def test_one_digit_makes_no_crew_safe(call: Call) -> None:
    """Safe from a shared telephone is unclear for each behind it; help counts for all, and one page is written."""
    crew = call.people[9:]
    counted = call.say(SAFE, *crew, ref="SM1")
    assert (counted.answer, counted.written, counted.shared) == (UNCLEAR, 3, True)
    assert call.states(crew) == [State.UNCLEAR] * 3
    assert call.say(HELP, *crew, ref="SM2", after=1).paged
    assert call.states(crew) == [State.HELP] * 3
    assert call.pages() == [f"help/{call.alert_id}/{crew[0]}"]


def test_who_only_plans_to_go_is_not_on_the_roll(call: Call) -> None:
    """The text for planned travellers does not ask, so they are not waited for; what they say all the same is kept."""
    one, recipients = call.people[0], table(Recipient)
    with writing(call.scene.engine) as connection:
        connection.execute(update(recipients).where(recipients.c.registrant_id == one).values(planned=True))
    total = call.board().total
    assert (total.asked, total.silent, total.unasked) == (11, 11, 0)
    call.say(HELP, one)
    assert (call.board().total.unasked, call.of(one).state) == (1, State.HELP)


def test_the_call_of_a_crew_is_over_when_an_officer_says_so(call: Call) -> None:
    """The one in whose name the page of a crew is open may be safe: the page stays, until an officer has spoken."""
    crew = call.people[9:]
    call.say(HELP, *crew)
    call.say(SAFE, crew[0], means=Means.LINK, after=1)
    assert call.states(crew) == [State.SAFE, State.HELP, State.HELP]
    assert call.pages() == [f"help/{call.alert_id}/{crew[0]}"]
    call.mark(OFFICER, SAFE, *crew, after=2)
    assert (call.states(crew), call.pages()) == ([State.SAFE] * 3, [])


def test_who_alone_was_asked_behind_a_number_is_safe(call: Call) -> None:
    """Somebody behind the same number whom nobody asked neither takes the safety of the one asked, nor gets it."""
    scene = call.scene
    [other] = scene.enrol(person(sms=("+260970000000",), name="路人"))
    counted = call.say(SAFE, call.people[0], other)
    assert (counted.answer, counted.written, counted.shared, counted.unasked) == (SAFE, 1, False, 0)
    counted = call.say(HELP, call.people[0], other, after=1)
    assert (counted.written, counted.unasked) == (2, 1), "help is never lost"
    assert call.board().total.unasked == 1


def test_help_pages_once_and_again_after_it_was_over(call: Call) -> None:
    """A second call for help changes nothing while the page is open; after safe it opens a new one."""
    one = call.people[0]
    assert call.say(HELP, one, ref="1").paged
    assert not call.say(HELP, one, ref="2", after=1).paged
    call.say(UNCLEAR, one, ref="3", after=2)
    assert (call.states([one]), len(call.pages())) == ([State.HELP], 1)
    call.say(SAFE, one, ref="4", after=3)
    assert (call.states([one]), call.pages()) == ([State.SAFE], [])
    assert call.say(HELP, one, ref="5", after=4).paged
    assert call.states([one]) == [State.HELP]


def test_a_late_answer_counts_and_is_marked(call: Call) -> None:
    """After the alert was closed, or its force had ended, an answer is late; before that moment it is not."""
    one, two, three = call.people[:3]
    with writing(call.scene.engine) as connection:
        connection.execute(update(ALERTS).values(closed_at=call.now + timedelta(seconds=10)))
    assert not call.say(SAFE, one, after=9).late
    assert call.say(SAFE, two, after=10).late
    with writing(call.scene.engine) as connection:
        connection.execute(update(ALERTS).values(closed_at=None, in_force_until=call.now + timedelta(seconds=20)))
    assert call.say(HELP, three, after=20).late
    total = call.board().total
    assert (total.safe, total.help, total.late) == (2, 1, 2)


def test_who_was_not_written_to_is_not_asked(call: Call) -> None:
    """Whose only notice was suppressed is not on the roll; who has no address at all is, and is silent."""
    scene = call.scene
    [nowhere] = scene.enrol(person(name="无号码"))
    version = scene.by_rule(draft(native_id="other", origin_key="o/2", channels=("sms",), countries=("KE", "ZM")))
    scene.set_state(version, DeliveryState.SUPPRESSED)
    call.alert_id = scene.alert_of(version)
    assert [(one.place.registrant_id, one.state) for one in call.board().entries] == [(nowhere, State.SILENT)]
    quiet = scene.by_rule(draft(native_id="third", origin_key="o/3", channels=("sms",), ask_safe=False))
    call.alert_id = scene.alert_of(quiet)
    assert call.board().entries == ()


def test_officers_and_companies_answer_for_others(call: Call) -> None:
    """Whose word it was is kept beside, by name, and the audit has it; a company reaches its own people only."""
    own, foreign = call.people[0], call.people[6]
    call.say(HELP, own)
    call.mark(contact(call.a), SAFE, own, note="已联系上", after=1)
    entry = call.of(own)
    assert entry.stands is not None
    assert (entry.stands.answer, entry.stands.means, entry.stands.by) == (SAFE, Means.COMPANY, f"contact/{call.a}")
    assert {voice: word.answer for voice, word in entry.beside.items()} == {Voice.PERSON: HELP, Voice.COMPANY: SAFE}
    for people in ([foreign], [own, foreign]):
        with pytest.raises(NotFound):
            call.mark(contact(call.a), SAFE, *people)
    call.mark(OFFICER, SAFE, foreign)
    with reading(call.scene.engine) as connection:
        rows = connection.execute(select(table(Audit)).where(table(Audit).c.action == "safe.mark")).all()
    assert [(row.actor, row.object, row.detail) for row in rows] == [
        (f"contact/{call.a}", f"alert/{call.alert_id}", f"company safe registrant/{own}"),
        (OFFICER.name, f"alert/{call.alert_id}", f"officer safe registrant/{foreign}"),
    ]


def test_who_may_not_answer_for_others(call: Call) -> None:
    """An auditor and a resident may not; nobody may for nobody, for a stranger to the alert, or at any length."""
    one = call.people[0]
    for actor in (Actor("ji", Role.AUDITOR), Actor("resident", None, own=frozenset({one}))):
        with pytest.raises(NotAllowed):
            call.mark(actor, SAFE, one)
    [stranger] = call.scene.enrol(person(name="路人"))
    with pytest.raises(NotFound):
        call.mark(OFFICER, SAFE, stranger)
    with pytest.raises(BadInput):
        call.mark(OFFICER, SAFE)
    with pytest.raises(BadInput):
        call.mark(OFFICER, SAFE, one, note="长" * 1001)
    call.alert_id += 7
    with pytest.raises(NotFound):
        call.mark(OFFICER, SAFE, one)
    with pytest.raises(NotFound):
        call.say(SAFE, one)
    with pytest.raises(NotFound):
        call.board()


def test_words_are_sealed_and_die_with_the_key(call: Call) -> None:
    """What somebody wrote opens under their key alone; when they are erased it is gone, and the count stays."""
    one = call.people[0]
    call.say(HELP, one, words="被困在酒店三楼")
    with reading(call.scene.engine) as connection:
        [row] = connection.execute(select(SAFE_WORDS)).all()
        wrapped = scope.person_key(connection, one)
    place = WORDS_CONTEXT.format(alert=call.alert_id, person=one)
    assert unseal(call.scene.keys.unwrap(wrapped), row.words_sealed, place) == "被困在酒店三楼"
    with writing(call.scene.engine) as connection:
        connection.execute(update(ALERTS).values(closed_at=call.now))
        gone = erase_people(connection, SYSTEM, [one], kind=RequestKind.ERASURE, now=call.now)
        assert gone.erased == (one,)
        assert scope.person_key(connection, one) is None
    assert call.states([one]) == [State.HELP]
    call.say(SAFE, one, words="平安", after=5)
    with reading(call.scene.engine) as connection:
        assert connection.execute(
            select(SAFE_WORDS.c.words_sealed).where(SAFE_WORDS.c.answer == SAFE)
        ).scalars().all() == [None]
    assert all(one.place.registrant_id != call.people[0] for one in call.board(contact(call.a)).entries)


def test_an_answer_and_its_page_stand_or_fall_together(call: Call) -> None:
    """If the transaction is lost neither the word nor the page is there."""
    said = Said(HELP, Means.SMS, PERSON, "", call.now)
    with suppress(RuntimeError), writing(call.scene.engine) as connection:
        assert take_answer(connection, call.alert_id, call.people[:1], said, call.scene.keys).paged
        raise RuntimeError
    assert (call.states(call.people[:1]), call.pages()) == ([State.SILENT], [])


def test_a_drill_says_so(call: Call) -> None:
    """The page and the board of a drill carry its mark."""
    with writing(call.scene.engine) as connection:
        connection.execute(update(ALERTS).values(mode=Mode.DRILL))
    call.say(HELP, call.people[0])
    assert call.board().drill
    assert call.words()[0].render("zh").startswith("演练：有人求助")
