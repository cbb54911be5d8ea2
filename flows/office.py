"""The office as a flow opens it. A run started by a worker never makes a new office."""

from __future__ import annotations

import structlog
from prefect.runtime import deployment, flow_run

from core import logs
from core.database import open_engine, schema_version
from core.errors import WrongSetting
from core.i18n import t
from core.settings import load
from notify.office import Office, open_office


def open_here() -> Office:
    """Open the office that the settings of this process name.

    Raises:
        WrongSetting: a worker runs this, and there is no office where its settings point. A worker started without
            LINGBAO_HOME would otherwise make an empty register in a directory of its own and warn nobody, every night.
    """
    settings = load()
    if not structlog.is_configured():  # a command has done so already, perhaps with --verbose
        logs.set_up(form=settings.log_format)
    # For the rest of this process: a worker gives each run one of its own.
    structlog.contextvars.bind_contextvars(flow_run=flow_run.id, deployment=deployment.name)
    if deployment.id is not None:
        refuse_if_empty(settings.database, str(settings.home))
    return open_office(settings)


def refuse_if_empty(database: str, home: str) -> None:
    """Raise WrongSetting if the database at this URL has no tables yet."""
    engine = open_engine(database)
    empty = schema_version(engine) is None
    engine.dispose()
    if empty:
        raise WrongSetting(
            t(
                "There is no office in {home} yet. Give the worker LINGBAO_HOME, or make the office with `lingbao db init`.",
                home=home,
            )
        )
