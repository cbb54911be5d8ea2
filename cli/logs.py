"""Logs of a command: as the settings say, and with the command's name and a number of this run in every line."""

from __future__ import annotations

import logging
import secrets

import typer

from core import logs
from core.errors import LingbaoError
from core.settings import load


def begin(context: typer.Context, *, verbose: bool) -> None:
    """Send logs to stderr until the command ends; with `verbose`, everything from `info` up."""
    logs.set_up(level=logging.INFO if verbose else logging.WARNING, form=_form())
    # A name drawn for this process: two dispatchers that write into one collection of logs are told apart by it.
    context.with_resource(logs.about(command=context.invoked_subcommand, process=secrets.token_hex(4)))


def _form() -> logs.Form:
    try:
        return load().log_format
    except LingbaoError:
        return ""  # the command itself says what is wrong with the settings; `--help` needs none
