"""Run the `lingbao` command as a module."""

from cli.app import run

run()
