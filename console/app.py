"""The web application: the API of companies, the providers' callbacks, figures for Prometheus, and whether we are well."""

from __future__ import annotations

from fastapi import FastAPI
from fastapi.responses import JSONResponse

from console import callbacks, metrics
from console.api.app import mount
from core.database import at_head
from core.errors import StoreBusy
from notify.office import Office


def build(office: Office) -> FastAPI:
    """Build the application for an office. No documentation pages: they would load scripts from other hosts."""
    app = FastAPI(title="lingbao", docs_url=None, redoc_url=None, openapi_url=None)
    app.include_router(callbacks.router(office))
    app.include_router(metrics.router(office))
    mount(app, office)

    @app.get("/healthz")
    def healthz() -> JSONResponse:
        """Say whether the database answers and is of this version."""
        try:
            ready = at_head(office.engine)
        except StoreBusy:
            ready = False
        return JSONResponse({"ok": ready}, status_code=200 if ready else 503)

    return app
