"""Settings of what the office writes to be read: roll-ups to companies, the morning brief, bulletins and digests."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, NoDecode


class ReadingSettings(BaseSettings):
    """Mixed into `core.settings.Settings`."""

    rollup_after_minutes: int = Field(
        30, ge=1, le=24 * 60,
        description="Companies are told what came of an alert this many minutes after its release, or before if all is settled.",
    )  # fmt: skip
    rollup_names: Literal["none", "masked", "full"] = Field(
        "masked",
        description="How roll-ups to companies name people who were not reached: `none` counts only, `masked` the first "
        "character, `full` the whole name. The portal always shows the names.",
    )
    brief_to: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="Mail addresses of officers who get the morning brief; empty: it is only a file and a page."
    )

    @field_validator("brief_to", mode="before")
    @classmethod
    def _brief_to_by_commas(cls, value: object) -> object:
        return [part.strip() for part in value.split(",") if part.strip()] if isinstance(value, str) else value
