"""The forms in Prefect's pages: what each parameter of a flow is called there. Pure."""

from __future__ import annotations

from typing import Any

from pydantic import Field


def titled(title: str, **limits: Any) -> Any:
    """Return what makes a parameter's title in a form; without it the form shows the parameter's name.

    Prefect writes its own title over that of a field, but not over what a field adds to the schema.

    Args:
        limits: what else pydantic's `Field` takes, such as `ge`.
    """
    return Field(json_schema_extra={"title": title}, **limits)
