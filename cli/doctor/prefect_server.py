"""The Prefect server: does it answer, is it of our version, are the deployments on it, and does its scheduler really create runs?"""

from __future__ import annotations

import fcntl
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from cli.doctor.model import Finding, Patient, Status, fault, ok, skipped, warning
from cli.up.command import LOCK, PREFECT_PORT
from core.i18n import Message, t
from flows.prepare import prepare
from notify.gate import is_loopback

NAME, DEPLOYED, SCHEDULER = "prefect", "deployments", "scheduler"
SECONDS = 5.0


def address_here(home: Path) -> str:
    """Return the address of the server that `lingbao up` runs for this office now; empty if it runs none, or not at all."""
    lock = home / LOCK
    if not lock.is_file():
        return ""
    with lock.open() as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            written = handle.read().strip()
            port = int(written) if written.isdigit() else PREFECT_PORT
            return f"http://127.0.0.1:{port}/api" if port else ""
    return ""


def check(patient: Patient) -> Iterable[Finding]:
    """Look at the server; with `--fix`, make what it lacks beside the deployments."""
    url = patient.wish.prefect_url.rstrip("/")
    if not url:
        yield skipped(
            NAME,
            t("No Prefect server is known (PREFECT_API_URL is not set, and `lingbao up` does not run here)."),
            t(
                "If one runs the schedules, set PREFECT_API_URL. Without one cron or `lingbao up --no-prefect` must do it."
            ),
        )
        return
    prepare(patient.settings.home)
    try:
        httpx.get(f"{url}/health", timeout=SECONDS, trust_env=False).raise_for_status()
    except httpx.HTTPError as error:
        yield fault(
            NAME,
            t("The Prefect server at {url} does not answer: {reason}", url=url, reason=type(error).__name__),
            t(
                "Start it (`lingbao up`, or its unit). Notices still leave: dispatchers need no Prefect. No night begins."
            ),
        )
        return
    try:
        yield from _look(patient, url)
    except httpx.HTTPStatusError as error:
        yield fault(NAME, t("The Prefect server refuses us (answer {status}).", status=error.response.status_code),
                    t("Give this command the same PREFECT_API_AUTH_STRING as the server's PREFECT_SERVER_API_AUTH_STRING."))  # fmt: skip


def _look(patient: Patient, url: str) -> Iterator[Finding]:
    # Here, because Prefect takes a second to import, and an office without a server needs none of it.
    import prefect
    from prefect.client.orchestration import get_client
    from prefect.settings import PREFECT_API_URL, temporary_settings

    from flows import server

    with temporary_settings({PREFECT_API_URL: url}), get_client(sync_client=True) as api:
        theirs = api.api_version()
        if theirs != prefect.__version__:
            yield fault(NAME, t("The Prefect server is {theirs}, this program works with {ours}.", theirs=theirs, ours=prefect.__version__),
                        t("Give both the same version: what `requirements.lock` names."))  # fmt: skip
        yield from (
            warning(NAME, words, t("Set it in the environment of the server, and start it again."))
            for words in server.server_amiss(api)
        )
        if not is_loopback(urlsplit(url).hostname or "") and _is_open(url):
            yield fault(NAME, t("The Prefect server at {url} asks nobody for a password.", url=url),
                        t("Set PREFECT_SERVER_API_AUTH_STRING for it, or let it listen on loopback only."))  # fmt: skip
        yield ok(NAME, t("The Prefect server {version} answers: {url}", version=theirs, url=url))
        if patient.wish.fix:
            for piece in server.ensure_all(api):
                if piece.outcome is not server.Outcome.UNCHANGED:
                    yield Finding(
                        NAME, Status.OK, t("Made on the Prefect server: {name}.", name=piece.name), mended=True
                    )
        yield from (fault(NAME, words, t("Run `lingbao doctor --fix`.")) for words in server.missing(api))
        yield from _deployed(server.deployments_missing(api))
        yield _scheduler(alive=server.probe_scheduler(api, patient.wish.patience), patience=patient.wish.patience)


def _is_open(url: str) -> bool:
    answer = httpx.get(f"{url}/admin/version", timeout=SECONDS, trust_env=False)
    return answer.status_code == httpx.codes.OK


def _deployed(missing: list[Message]) -> Iterator[Finding]:
    todo = t("By day, run `prefect deploy --all` beside prefect.yaml; under `lingbao up` start it anew.")
    yield from (fault(DEPLOYED, words, todo) for words in missing)
    if not missing:
        yield ok(DEPLOYED, t("Every deployment is there, with its schedule active and as prefect.yaml has it."))


def _scheduler(*, alive: bool, patience: float) -> Finding:
    if alive:
        return ok(SCHEDULER, t("The scheduler creates runs."))
    return fault(SCHEDULER, t("The scheduler created no run within {seconds} seconds: no night would begin.", seconds=round(patience)),
                 t("Look at the log of the Prefect server. Mostly its libraries are not those of `requirements.lock`; until then run "
                   "`lingbao night` by cron."))  # fmt: skip
