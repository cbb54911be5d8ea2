"""Settings of backups: to which key, where to, how many."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings


class BackupSettings(BaseSettings):
    """Part of `Settings`: the nightly backup and the one before an upgrade."""

    backup_recipient: str = Field(
        "", pattern=r"^(age1[02-9ac-hj-np-z]{58})?$",
        description="Public key to which backups are sealed (age1…), from `lingbao db recovery-key`; empty: no backups at night.",
    )  # fmt: skip
    backup_dir: Path | None = Field(
        None,
        description="Directory of the nightly backups, best on another machine's disk; empty: no backups at night.",
    )
    backup_keep: int = Field(14, ge=1, description="So many nightly backups are kept, the newest ones.")
    backup_before_upgrade: bool = Field(
        True, description="Before the schema of a database with data is changed, its rows are written to a file first."
    )

    @field_validator("backup_dir", mode="before")
    @classmethod
    def _no_directory(cls, value: object) -> object:
        return None if value == "" else value

    @field_validator("backup_dir")
    @classmethod
    def _whole_path(cls, value: Path | None) -> Path | None:
        return None if value is None else value.expanduser().resolve()
