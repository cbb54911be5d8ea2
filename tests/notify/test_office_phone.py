"""The office's own number, as its readers abroad can dial it."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import Engine

from core.clock import FixedClock
from core.keys import MasterKeys
from notify.numbers import from_abroad
from tests.notify.sending.house import house


@pytest.mark.parametrize("written, dialled", [
    ("0518-5550100", "+86-518-5550100"), ("010-55550000", "+86-10-55550000"), ("02155550000", "+86-2155550000"),
    ("+86-10-12308", "+86-10-12308"), ("12345", "12345"), ("13800000000", "13800000000"), ("", ""),
    ("0000-12345678", "0000-12345678"), ("0518-5550100转8", "0518-5550100转8"),
])  # fmt: skip
def test_a_number_of_a_chinese_area_can_be_dialled_abroad(written: str, dialled: str) -> None:
    """The zero before an area is for calls within China: a reader abroad needs +86; what is written otherwise stays."""
    assert from_abroad(written) == dialled


def test_notices_bear_the_number_for_abroad(
    engine: Engine, tmp_path: Path, clock: FixedClock, keys: MasterKeys
) -> None:
    """However the setting is written, the office that notices are made with has the number that its readers can dial."""
    made = house(engine, tmp_path, clock, keys, office_phone="0518-5550100")
    assert made.office.name.phone == "+86-518-5550100"
