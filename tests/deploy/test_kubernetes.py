"""The manifests of Kubernetes: by the schemas of its interface, with commands and settings that exist, locked in, without a secret."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from typing import Any

import kubernetes_validate
import pytest
import yaml  # type: ignore[import-untyped]

from core.settings import Settings
from tests.deploy.said import DEPLOY, command_lines, unknown_settings, wrong_commands

FOLDER = DEPLOY / "kubernetes"
KINDS = {"Deployment", "CronJob", "Job"}


def read() -> Iterator[dict[str, Any]]:
    """Yield every object of the folder."""
    for path in sorted(FOLDER.rglob("*.yaml")):
        yield from (one for one in yaml.safe_load_all(path.read_text(encoding="utf-8")) if one)


OBJECTS = [one for one in read() if one["kind"] != "Kustomization"]


def name_of(one: dict[str, Any]) -> str:
    """Name an object for the output of pytest."""
    return f"{one['kind']}/{one['metadata']['name']}"


def pods() -> list[Any]:
    """Return what runs pods, as parameters."""
    return [pytest.param(one, id=name_of(one)) for one in OBJECTS if one["kind"] in KINDS]


def pod(one: dict[str, Any]) -> dict[str, Any]:
    """Return the specification of the pod that an object runs."""
    spec = one["spec"]["jobTemplate"]["spec"] if one["kind"] == "CronJob" else one["spec"]
    return dict(spec["template"]["spec"])


def container(one: dict[str, Any]) -> dict[str, Any]:
    """Return the only container of an object's pod."""
    [found] = pod(one)["containers"]
    return dict(found)


def called(name: str, kind: str = "Deployment") -> dict[str, Any]:
    """Return one object."""
    return next(one for one in OBJECTS if (one["kind"], one["metadata"]["name"]) == (kind, name))


@pytest.mark.parametrize("one", OBJECTS, ids=name_of)
def test_every_object_is_as_kubernetes_wants(one: dict[str, Any]) -> None:
    """Each object holds to the schema of its kind, with no field that the interface does not know."""
    kubernetes_validate.validate(one, "1.34", strict=True)


@pytest.mark.parametrize("one", pods())
def test_every_pod_runs_what_exists(one: dict[str, Any]) -> None:
    """Each command can be typed, and runs in our image."""
    assert wrong_commands(command_lines(container(one)["command"])) == []
    assert container(one)["image"].startswith("lingbao:")


@pytest.mark.parametrize("one", pods())
def test_no_pod_may_do_more_than_it_needs(one: dict[str, Any]) -> None:
    """Each runs as no root, on a read-only file system, without capabilities or the cluster's token, with bounds."""
    whole, inner = pod(one), container(one)
    assert whole["automountServiceAccountToken"] is False
    assert whole["enableServiceLinks"] is False
    assert whole["securityContext"]["runAsNonRoot"] is True
    assert whole["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert inner["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    assert {"cpu", "memory"} <= set(inner["resources"]["requests"])
    assert inner["resources"]["limits"]["memory"]


@pytest.mark.parametrize("name", ["console", "prefect"])
def test_what_answers_is_asked(name: str) -> None:
    """What has a port has a service, is asked whether it is ready and whether it lives, and has time to start."""
    inner = container(called(name))
    assert {"startupProbe", "readinessProbe", "livenessProbe"} <= set(inner)
    [port] = inner["ports"]
    assert called(name, "Service")["spec"]["ports"][0]["targetPort"] == port["name"]


def test_a_console_without_a_database_is_not_killed_for_it() -> None:
    """Ready asks the database, alive does not: a database that is away must not start all consoles anew, over and over."""
    inner = container(called("console"))
    assert inner["readinessProbe"]["httpGet"]["path"] == "/readyz"
    assert inner["livenessProbe"]["httpGet"]["path"] == "/healthz"


def test_what_must_not_stop_runs_twice() -> None:
    """Consoles and dispatchers are two at least, one of which stays while machines are looked after."""
    for name in ("console", "dispatcher"):
        assert called(name)["spec"]["replicas"] >= 2
        assert called(name, "PodDisruptionBudget")["spec"]["minAvailable"] == 1
        selector = called(name)["spec"]["selector"]["matchLabels"]
        assert called(name, "PodDisruptionBudget")["spec"]["selector"]["matchLabels"] == selector


def test_a_dispatcher_may_write_down_what_it_has_in_hand() -> None:
    """A dispatcher is given longer to end than its longest call may take."""
    settings = Settings.model_fields
    longest = settings["connect_timeout"].default + settings["send_timeout"].default
    assert pod(called("dispatcher"))["terminationGracePeriodSeconds"] > longest


def test_the_watchdog_runs_beside_prefect_by_the_clock_of_the_office() -> None:
    """The watchdog is started by the cluster, one at a time, in the zone of the office."""
    spec = called("watchdog", "CronJob")["spec"]
    assert (spec["timeZone"], spec["concurrencyPolicy"]) == (Settings.model_fields["zone"].default, "Forbid")


def test_no_secret_stands_in_a_manifest() -> None:
    """No object is a Secret, and what is one comes from the Secret `lingbao`; Prefect's server gets three of it, and no other."""
    assert [name_of(one) for one in OBJECTS if one["kind"] == "Secret"] == []
    for one in OBJECTS:
        assert not any("PASSWORD" in name or "SECRET" in name for name in one.get("data", {})), name_of(one)
    for one in (one for one in OBJECTS if one["kind"] in KINDS):
        assert all("value" not in variable for variable in container(one).get("env", [])), name_of(one)
    given = container(called("prefect"))
    assert [list(one) for one in given["envFrom"]] == [["configMapRef"]]


def test_every_variable_is_read_by_somebody() -> None:
    """No pod is given a variable that has no meaning."""
    names = [name for one in OBJECTS if one["kind"] == "ConfigMap" for name in one["data"]]
    names += [variable["name"] for one in OBJECTS if one["kind"] in KINDS for variable in container(one).get("env", [])]
    assert unknown_settings(names) == []


def test_whom_nobody_named_reaches_nothing() -> None:
    """One policy closes everything, in and out, for every pod."""
    spec = called("nobody", "NetworkPolicy")["spec"]
    assert spec == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


def test_the_folder_can_be_applied_as_a_whole() -> None:
    """kubectl puts the folder together, in one namespace, with every object but the jobs that are started by hand."""
    if shutil.which("kubectl") is None:
        pytest.skip("kubectl is not here")
    done = subprocess.run(["kubectl", "kustomize", str(FOLDER)], capture_output=True, text=True, check=True, timeout=60)
    found = {name_of(one): one for one in yaml.safe_load_all(done.stdout)}
    assert set(found) == {name_of(one) for one in OBJECTS if one["kind"] != "Job"}
    assert {one["metadata"].get("namespace") for one in found.values() if one["kind"] != "Namespace"} == {"lingbao"}
