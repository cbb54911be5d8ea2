"""The web application: the portal and the API of companies, the providers' callbacks, figures for Prometheus, and whether we are well."""

from __future__ import annotations

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse

from console import callbacks, callbacks_cn, feed, health, metrics
from console.api.app import mount
from console.pages import company, resident, safe, stop
from console.pages import office as officers
from console.pages.application import Static
from console.pages.frame import HEADERS, STATIC, Frame
from console.requests import Numbered
from notify.office import Office


def build(office: Office) -> FastAPI:
    """Build the application for an office. No documentation pages: they would load scripts from other hosts."""
    app = FastAPI(title="lingbao", docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(Numbered)
    app.include_router(health.router(office))
    app.include_router(callbacks.router(office))
    app.include_router(callbacks_cn.router(office))
    app.include_router(metrics.router(office))
    app.include_router(feed.router(office))
    mount(app, office)
    frame = Frame(office)
    app.mount("/static", Static(directory=STATIC))
    officers.mount(app, frame)
    company.mount(app, frame)
    resident.mount(app, frame)
    stop.mount(app, frame)
    safe.mount(app, frame)

    @app.get("/")
    def doors(request: Request) -> HTMLResponse:
        """Show the doors, to whoever types the bare address."""
        page = frame.render(request, "doors.html")
        page.headers.update(HEADERS)
        return page

    return app
