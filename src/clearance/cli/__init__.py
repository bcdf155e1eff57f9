"""The command line, one thin module a command group: parse, call the workspace once, print."""

from clearance.cli.app import main

__all__ = ["main"]
