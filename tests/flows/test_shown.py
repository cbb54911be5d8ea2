"""What a run shows never stops it, and its readings wait for nobody who is away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from structlog.testing import capture_logs

from core.i18n import t
from flows.pace import Pace
from flows.shown import Board
from sources.read import SourceReport, SourceStatus
from tests.flows.running import free_port


@pytest.fixture
def nobody() -> Iterator[None]:
    """Point Prefect at a port where nobody listens."""
    url = f"http://127.0.0.1:{free_port()}/api"
    with temporary_settings({PREFECT_API_URL: url, PREFECT_CLIENT_MAX_RETRIES: 0}):
        yield


@pytest.mark.filterwarnings("ignore:Artifact creation outside:FutureWarning")  # no run is needed to be refused
@pytest.mark.usefixtures("nobody")
def test_a_server_that_is_away_is_asked_once() -> None:
    """If the server does not answer, that is logged once, nothing more is shown, and nothing is raised."""
    board = Board("night", "zh")
    with capture_logs() as logs:
        board.begin(t("Sources being read"))
        board.move(1, 2)
        board.sources([SourceReport("cn-mfa", SourceStatus.READ, age=timedelta(hours=1))])
        board.link("http://127.0.0.1:8430/office/", t("Console"))
        board.text("brief", "# 晨报")
    assert [one["event"] for one in logs] == ["nothing more is shown in Prefect's pages"]


def test_a_run_of_no_server_waits_for_no_turn() -> None:
    """`lingbao night` without a server of the office's own reads at once."""
    with capture_logs() as logs:
        for _ in range(100):
            Pace().take_turn()
    assert logs == []
