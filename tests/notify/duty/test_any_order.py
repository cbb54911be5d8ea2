"""Whatever happens in whatever order: one SMS and one call a number and cause at most, and none after somebody knows."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete
from sqlmodel import SQLModel

from core.database import open_engine, writing
from core.tables import table
from notify.duty.tables import DutyCall, DutyCallPage, DutyPage
from tests.notify.duty.desk import ANNA, BERT, NOON, Desk, open_desk

CAUSES = ("help/1", "source/a", "watch/night")
ACTS = st.one_of(
    st.tuples(st.just("page"), st.sampled_from(CAUSES)),
    st.tuples(st.just("sweep"), st.sampled_from(("310", "30", "130"))),
    st.tuples(st.just("sweep"), st.just("310")),
    st.tuples(st.just("word"), st.sampled_from((ANNA, BERT))),
    st.tuples(st.just("lost"), st.just("")),
    st.tuples(st.just("settle"), st.sampled_from(CAUSES)),
)


@pytest.fixture(scope="module")
def watched(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    """Two officers on duty for a week."""
    home = tmp_path_factory.mktemp("order")
    engine = open_engine(f"sqlite:///{home / 'test.db'}")
    SQLModel.metadata.create_all(engine)
    desk = open_desk(engine, home)
    desk.on_duty(ANNA, hours=200)
    desk.on_duty(BERT, hours=200)
    yield desk
    engine.dispose()


def begin_again(desk: Desk) -> None:
    """Forget what was said and done, but not who is on duty."""
    desk.clock.moment = NOON
    desk.sms.sent.clear()
    desk.voice.sent.clear()
    with writing(desk.office.engine) as connection:
        for one in (DutyCallPage, DutyCall, DutyPage):
            connection.execute(delete(table(one)))


def do(desk: Desk, act: tuple[str, str]) -> None:
    """Do one thing."""
    what, detail = act
    if what == "page":
        desk.page(detail)
    elif what == "settle":
        desk.settle(detail)
    elif what == "word":
        desk.word(detail, "1")
    elif what == "lost" and desk.voice.sent:
        desk.hear(desk.voice.sent[-1], "undelivered")
    elif what == "sweep":
        desk.sweep(after=float(detail))


@given(st.lists(ACTS, max_size=14))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_once_for_a_cause(watched: Desk, acts: list[tuple[str, str]]) -> None:
    """Pages, sweeps, answers and lost calls in any order: each page names itself to a number at most once a channel."""
    begin_again(watched)
    known: set[int] = set()
    for act in [("page", CAUSES[0]), ("sweep", "0"), *acts]:
        before = len(watched.sms.sent), len(watched.voice.sent)
        do(watched, act)
        fresh = [*watched.sms.sent[before[0] :], *watched.voice.sent[before[1] :]]
        assert not any(f"#{number} " in notice.body for number in known for notice in fresh)
        known |= {one.id or 0 for one in watched.everything() if one.acked_at or one.settled_at}
    told = Counter(
        (channel, notice.address, page.id)
        for channel, notices in (("sms", watched.sms.sent), ("voice", watched.voice.sent))
        for notice in notices
        for page in watched.everything()
        if f"#{page.id} " in notice.body and notice.address in (ANNA, BERT)
    )
    assert all(count == 1 for count in told.values())
