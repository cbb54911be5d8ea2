"""All publishers, found by looking into the folder: a new source is one new file there and nothing else."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache
from typing import cast

import sources.publishers
from sources.model import Publisher


@cache
def publishers() -> dict[str, Publisher]:
    """Return every publisher by its id, in order of ids."""
    names = (module.name for module in pkgutil.iter_modules(sources.publishers.__path__))
    # A module with CARD, parse and read is a Publisher; the contract test holds every file in the folder to it.
    found = [cast(Publisher, importlib.import_module(f"sources.publishers.{name}")) for name in names]
    return {publisher.CARD.id: publisher for publisher in sorted(found, key=lambda one: one.CARD.id)}
