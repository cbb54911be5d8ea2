"""`/metrics` for Prometheus: the few figures that matter. Nothing of people; counts, ages and ids of channels and sources only."""

from __future__ import annotations

import hmac
from collections.abc import Iterable

from fastapi import APIRouter, Request
from fastapi.responses import PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from console import metrics_house, metrics_notices, metrics_sources
from core.database import reading
from core.errors import LingbaoError
from notify.gate import is_loopback
from notify.office import Office
from notify.readiness import look

FORWARDED = ("x-forwarded-for", "forwarded", "x-real-ip")
"""What a proxy adds: then the caller is not on this machine, though the connection comes from it."""


def router(office: Office) -> APIRouter:
    """Return the page of figures for an office. They are read from the database at each call: any process can answer."""
    routes = APIRouter()

    @routes.get("/metrics", response_class=Response)
    def metrics(request: Request) -> Response:
        """Return the figures in the text format of Prometheus, to whoever may have them."""
        if not _may_read(request, office):
            return PlainTextResponse("metrics_token\n", status_code=401, headers={"WWW-Authenticate": "Bearer"})
        registry = CollectorRegistry()
        registry.register(_Figures(office))
        return Response(generate_latest(registry), headers={"Content-Type": CONTENT_TYPE_LATEST})

    return routes


def _may_read(request: Request, office: Office) -> bool:
    """Tell whether a caller has the token of the settings; without one, whether it is on this machine."""
    token = office.settings.metrics_token.get_secret_value()
    if token:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {token}".encode())
    here = request.client is not None and is_loopback(request.client.host)
    return here and not any(name in request.headers for name in FORWARDED)


class _Figures(Collector):
    """All figures, from one picture of the database. Without a database what is known without one, and that it is away."""

    def __init__(self, office: Office) -> None:
        self._office = office

    def collect(self) -> Iterable[Metric]:
        ready = look(self._office)
        yield from metrics_house.families(self._office, ready)
        if ready.mode is None:
            return
        try:
            found: list[Metric] = []
            with reading(self._office.engine) as connection:
                found += metrics_sources.families(connection, self._office)
                found += metrics_notices.families(connection, self._office)
        except (LingbaoError, SQLAlchemyError):
            return  # it went away between the two looks; the next call says so
        yield from found
