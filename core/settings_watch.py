"""Settings of the night watch: whom to call if nobody is on duty, how long to wait, and when something is late."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings


class WatchSettings(BaseSettings):
    """Part of `Settings`: the duty table's fallback and the patience of the watchdog."""

    duty_phone: str = Field(
        "", pattern=r"^(\+[1-9]\d{6,14})?$",
        description="Mobile number as +… that is called if nobody is on duty, or if the database cannot be read; empty: "
        "office_phone, if that is a mobile number.",
    )  # fmt: skip
    duty_wait: float = Field(
        300.0, gt=0, description="An officer who was written to is called, and then the next one, if nobody answers in this time."
    )  # fmt: skip
    duty_bundle: float = Field(
        120.0,
        ge=0,
        description="After a message to an officer, what comes up within this time goes together in one more.",
    )
    watch_night_by: str = Field(
        "05:00", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Hour of the office by which the night must be over."
    )
    watch_home_minutes: int = Field(
        90, ge=1, description="Sources of the home authorities must have been read within so many minutes."
    )
    watch_sweep_minutes: int = Field(5, ge=1, description="The sweep must have run within so many minutes.")
    watch_draft_minutes: int = Field(
        10, ge=0, description="A draft of level 4 may wait for an officer so many minutes before the duty officer is called."
    )  # fmt: skip
    watch_send_minutes: int = Field(
        15, ge=1, description="Minutes beyond the reckoned sending time within which an alert must reach its share."
    )
    watch_share: float = Field(
        0.95, gt=0, le=1, description="Share of an alert's notices that must be at an end, or listed, by then."
    )
    watch_doubt_minutes: int = Field(
        30, ge=1, description="A notice may be in doubt so many minutes before the duty officer is called."
    )
    watch_free_mb: int = Field(
        1024, ge=0, description="Free space on the disk of the home directory, in MB, below which to call."
    )
