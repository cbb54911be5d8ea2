"""Settings of what is seen from outside: the figures for Prometheus and the form of the logs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings


class SeeingSettings(BaseSettings):
    """Part of `Settings`: who may read the figures, and how logs are written."""

    metrics_token: SecretStr = Field(
        SecretStr(""),
        description="Whoever reads /metrics must send it as `Authorization: Bearer …`; empty: only callers on this machine may.",
    )
    log_format: Literal["", "json", "text"] = Field(
        "", description="Form of log lines: `json` or `text`; empty: text on a terminal, else JSON."
    )
