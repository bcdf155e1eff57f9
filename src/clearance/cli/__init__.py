"""The command line: one thin module a command group. A command parses, calls the workspace once, and prints."""

from clearance.cli.app import main

__all__ = ["main"]
