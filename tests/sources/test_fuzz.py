"""Fuzzing: one target for each parser. Every example keeps the promise of its kind of damage, see `mutations.py`.

`LINGBAO_FUZZ_SECONDS` is the time for all targets together: 60 where `CI` is set, else 15; `make fuzz` takes ten minutes and
new examples. A failure shows the scene, the page, the mutation, whose `repr` is all it takes, and the seed of the round:

    LINGBAO_FUZZ_SEED=<seed> pytest tests/sources/test_fuzz.py -k "<scene>-<page>"
"""

from __future__ import annotations

import os
import time
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, note, seed, settings
from hypothesis import strategies as st

from tests.sources.mutations import (
    BOMBS,
    HIDDEN,
    SEEN,
    Bombed,
    Cut,
    Flipped,
    Inserted,
    Marked,
    Mutation,
    Rearranged,
    Recoded,
    Torn,
)
from tests.sources.promises import keeps
from tests.sources.scenes import page_of, targets

SECONDS = float(os.environ.get("LINGBAO_FUZZ_SECONDS") or (60 if os.environ.get("CI") else 15))
SEED = int(os.environ.get("LINGBAO_FUZZ_SEED") or 0)
EACH_ROUND = 10
"""Examples between two looks at the clock."""
share = st.floats(0, 1, exclude_max=True)
shares = st.lists(share, min_size=1, max_size=6).map(tuple)
number = st.integers(0, 2**16)
mutations: st.SearchStrategy[Mutation] = st.one_of(
    st.builds(Cut, share),
    st.builds(Marked, st.integers(0, 3), st.sampled_from([b"", b" ", b"\r\n\t", b"\n" * 50])),
    st.builds(Recoded, st.sampled_from(["utf-16", "utf-16-be", "utf-32", "cp1252", "cp1251", "shift_jis", "big5", "gb18030"])),
    st.builds(Inserted, st.sampled_from(HIDDEN + SEEN), share),
    st.builds(Rearranged, st.sampled_from(["shuffle", "drop", "repeat"]), share, number),
    st.builds(Flipped, shares),
    st.builds(Torn, shares, st.lists(st.integers(0, 6), min_size=1, max_size=12).map(tuple)),
    st.builds(Bombed, st.sampled_from(BOMBS), shares),
)  # fmt: skip


def tried(scene: str, page: str, turn: int) -> None:
    """Try the examples of one round."""

    @seed(turn)
    @settings(
        max_examples=EACH_ROUND,
        deadline=None,
        database=None,
        phases=[Phase.generate, Phase.shrink],
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.large_base_example],
    )
    @given(mutation=mutations)
    def examples(mutation: Mutation) -> None:
        """Hold one example to its promise."""
        note(f"LINGBAO_FUZZ_SEED={turn}: {scene}/{page}: {mutation!r}")
        keeps(scene, page, mutation(page_of(scene, page)), mutation.promise)

    examples()


@pytest.mark.parametrize(("scene", "page"), targets())
@pytest.mark.timeout(120 + 2 * SECONDS)
def test_a_page_gone_bad_keeps_its_promise(scene: str, page: str) -> None:
    """Whatever happens to a page: a named fault or sound advisories, soon, and no other country or grade than it says."""
    end = time.monotonic() + SECONDS / len(targets())
    for turn in count(SEED):
        tried(scene, page, turn)
        if time.monotonic() > end:
            return
