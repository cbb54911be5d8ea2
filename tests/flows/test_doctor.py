"""The doctor at a real Prefect server: what it lacks is made, and its scheduler is seen to create a run."""

from __future__ import annotations

from pathlib import Path

from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, temporary_settings

from cli.doctor import prefect_server
from cli.doctor.model import Status, Wish
from flows.zombies import NAME
from tests.cli.doctor.house import by_name, patient
from tests.flows.running import Server


def test_a_server_that_lacks_its_automation(server: Server, tmp_path: Path) -> None:
    """It answers, is of our version, gets the automation, and a schedule of the doctor's own gets a run; nothing of that stays."""
    url = server.variables["PREFECT_API_URL"]
    with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as api:
        for one in api.read_automations_by_name(NAME):
            api.delete_automation(one.id)
        found = list(prefect_server.check(patient(tmp_path, wish=Wish(fix=True, prefect_url=url, patience=90))))
        assert [str(one.words) for one in found if one.mended and NAME in str(one.words)]
        assert by_name(found, Status.FAULT).get("prefect") is None
        assert by_name(found, Status.OK)["scheduler"] == ["The scheduler creates runs."]
        assert "deployments" in by_name(found)
        assert api.read_automations_by_name(NAME)
        assert not [one for one in api.read_deployments() if one.name.startswith("probe-")]
