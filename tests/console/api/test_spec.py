"""The description of the API holds: hostile requests made from it find no fault of ours and no answer it does not describe."""

from __future__ import annotations

import os
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.schemas import APIOperation

from tests.console.api.test_people import named, read
from tests.console.api.world import A_ROWS, BASE, World, roster

EXAMPLES = int(os.environ.get("API_EXAMPLES", "40"))
"""Examples of each kind for each route: well-formed ones and others."""
# Not asked here: a made-up id and the second of two persons are refused on purpose, and tokens and states of their own are
# needed for the rest. What these would find is proven in `test_apart` and `test_door`.
NOT_ASKED = (
    "positive_data_acceptance", "use_after_free", "ensure_resource_availability", "object_level_authorization",
    "ignored_auth",
)  # fmt: skip


def checks(*, made_up: bool) -> list[Any]:
    """Return what is checked of an answer: no 5xx, status, media type, schema, headers; of one to a request that is wholly
    made up also whether it was refused where it had to be.
    """
    load_all_checks()
    not_asked = {*NOT_ASKED, *(() if made_up else ("negative_data_rejection",))}
    return [CHECKS.get_one(name) for name in CHECKS.get_all_names() if name not in not_asked]


@pytest.mark.timeout(600)
def test_no_request_finds_a_fault(light: World) -> None:
    """For every route, well-formed and hostile requests, with real rows and made-up ones: no 5xx, nothing undescribed."""
    schema = schemathesis.openapi.from_asgi(f"{BASE}/openapi.json", light.a.app)
    schema.config.update(headers={"Authorization": f"Bearer {light.a.token}", "Accept-Language": "zh"})
    statuses: dict[str, set[int]] = {}
    for found in schema.get_all_operations():
        operation = found.ok()
        # An id may be any text: without anything else there is nothing that could be wrong by the description.
        given_headers = [one for one in operation.headers if one.name != "Authorization"]
        wrongs = any(len(part) for part in (operation.query, given_headers, operation.body))
        for mode in GenerationMode if wrongs else (GenerationMode.POSITIVE,):
            seen = _probe(light, operation, mode)
            statuses.setdefault(operation.label, set()).update(seen)
    assert len(statuses) == 12
    assert {label: seen for label, seen in statuses.items() if not {200, 201} & seen} == {}


def _probe(world: World, operation: APIOperation[Any, Any, Any], mode: Any) -> set[int]:
    """Try a route with many requests; return which statuses came back."""
    seen: set[int] = set()

    @settings(max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
    def probe(case: Any, real: bool) -> None:
        if real:
            _make_real(world, operation, case, well_formed=mode is GenerationMode.POSITIVE)
        seen.add(case.call_and_validate(checks=checks(made_up=not real)).status_code)

    probe()
    return seen


def _make_real(world: World, operation: APIOperation[Any, Any, Any], case: Any, *, well_formed: bool) -> None:
    """Let a request name what is there: a person and the state they are in, or a roster, so that it gets past the door.

    What is wrong in a request that is not well formed stays wrong.
    """
    if "id" in case.path_parameters:
        people = operation.path.startswith("/people")
        case.path_parameters["id"] = named(world.a, "孙悟空")["id"] if people else world.a.apply(A_ROWS)["id"]
        if operation.method == "patch" and well_formed:
            case.headers["If-Match"] = read(world.a, case.path_parameters["id"])[1]
    if operation.path.endswith("/postings") and well_formed:
        # Whether a made-up country and days make sense depends on chance: with real ones something is registered.
        case.body = {**case.body, "country": "KE", "status": "abroad", "date_from": None, "date_to": None}
    if operation.path == "/rosters" and well_formed:
        case.body, case.media_type = roster(A_ROWS), "text/csv"
