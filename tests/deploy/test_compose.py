"""The compose file: by its schema, with commands and settings that exist, locked in, and without a secret."""

from __future__ import annotations

import re
from importlib import resources
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from jsonschema import Draft7Validator

from tests.deploy.said import DEPLOY, ROOT, command_lines, unknown_settings, wrong_commands

FILE = DEPLOY / "compose.yaml"
IMAGE = DEPLOY / "Containerfile"


@pytest.fixture(scope="module")
def whole() -> dict[str, Any]:
    """Return the compose file as read."""
    return dict(yaml.safe_load(FILE.read_text(encoding="utf-8")))


@pytest.fixture(scope="module")
def office(whole: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the services that are ours."""
    return {name: one for name, one in whole["services"].items() if one["image"].startswith("lingbao:")}


def test_the_file_is_as_the_specification_wants(whole: dict[str, Any]) -> None:
    """The file holds to the schema of the Compose Specification."""
    builtin = resources.files("check_jsonschema") / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = yaml.safe_load(builtin.read_text(encoding="utf-8"))
    assert [error.message for error in Draft7Validator(schema).iter_errors(whole)] == []


def test_every_service_runs_what_exists(office: dict[str, dict[str, Any]]) -> None:
    """Each command of a container can be typed."""
    assert wrong_commands(line for one in office.values() for line in command_lines(one["command"])) == []
    assert {"prefect", "console", "dispatcher", "worker", "watchdog", "upgrade", "schedules"} == set(office)


def test_every_variable_is_read_by_somebody(office: dict[str, dict[str, Any]]) -> None:
    """No container and no image is given a variable that has no meaning."""
    assert unknown_settings(name for one in office.values() for name in one["environment"]) == []
    [block] = re.findall(r"^ENV (.*?[^\\])\n", IMAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert unknown_settings(one.partition("=")[0] for one in block.replace("\\\n", "").split()) == []


def test_no_container_of_ours_may_do_more_than_it_needs(office: dict[str, dict[str, Any]]) -> None:
    """Each runs on a read-only file system, without capabilities, with a bound on memory, and is no root."""
    for name, one in office.items():
        assert one["read_only"] is True, name
        assert one["cap_drop"] == ["ALL"], name
        assert one["security_opt"] == ["no-new-privileges:true"], name
        assert one["mem_limit"], name
    assert re.search(r"^USER 10001:10001$", IMAGE.read_text(encoding="utf-8"), re.MULTILINE)


def test_no_secret_stands_in_the_file(whole: dict[str, Any]) -> None:
    """What is called a password or a secret comes from the file of secrets; Prefect's server gets two of them, and no other."""
    for one in whole["services"].values():
        for name, value in one.get("environment", {}).items():
            assert "PASSWORD" not in name or str(value).startswith("${"), name
            assert not re.search(r"://[^/]*:[^/]*@", str(value)), name
    assert whole["services"]["prefect"]["env_file"] == []
    assert "/deploy/*.env" in (ROOT / ".gitignore").read_text(encoding="utf-8")


def test_nothing_is_open_beyond_this_machine(whole: dict[str, Any]) -> None:
    """Ports are open to loopback alone, and the database has none."""
    ports = [port for one in whole["services"].values() for port in one.get("ports", [])]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)
    assert whole["services"]["database"]["networks"] == ["inside"]
    assert whole["networks"]["inside"]["internal"] is True


def test_a_console_counts_as_healthy_when_it_is_ready(office: dict[str, dict[str, Any]]) -> None:
    """The console is asked whether it is ready, Prefect whether it lives."""
    assert "/readyz" in office["console"]["healthcheck"]["test"][-1]
    assert "/api/health" in office["prefect"]["healthcheck"]["test"][-1]


def test_the_image_has_every_room() -> None:
    """Each package of the wheel is copied into the image, and the deployments."""
    text = IMAGE.read_text(encoding="utf-8")
    rooms = ["core", "sources", "registry", "notify", "flows", "console", "cli"]
    assert [one for one in rooms if f"COPY {one} {one}\n" not in text] == []
    copied = re.findall(r"^COPY (?!--from)(.+)$", text, re.MULTILINE)
    names = [name for line in copied for name in line.split()[:-1]]
    assert [name for name in names if not (ROOT / name).exists()] == []
    assert {"prefect.yaml", "prefect.toml"} <= set(names)
