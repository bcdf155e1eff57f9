"""Runs the command line as a user would: shows each command, then runs it."""

from __future__ import annotations

import asyncio
import shlex
import sys
from asyncio.subprocess import PIPE, Process
from pathlib import Path

from rich.console import Console
from rich.text import Text

DONE = 0
SOME_FAILED = 4


class CommandFailed(Exception):
    """A command of the demo ended with a status that the demo does not expect."""


class Terminal:
    """One person's terminal: the folder they are in, and what they were told already."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self._folder = Path()
        self._told: set[str] = set()

    def heading(self, text: str) -> None:
        """Say what comes next."""
        self.console.print()
        self.console.print(Text(text, style="bold"))

    def shows(self, line: str) -> None:
        """Print a line as it would be typed; long ones break at the width of the terminal."""
        self.console.print(Text.assemble(("$ ", "green"), (line, "cyan")))

    def enters(self, folder: Path) -> None:
        """Change the folder that commands run in."""
        self.shows(f"cd {folder}")
        self._folder = folder

    async def watches(self, *arguments: str, expected: tuple[int, ...] = (DONE,)) -> None:
        """Run a command that talks to the terminal itself, such as long work with its progress.

        Raises:
            CommandFailed: it ended with another status than expected.
        """
        self.console.file.flush()
        process = await self._start(arguments, pipe=None)
        await process.wait()
        _check(process, arguments, expected)

    async def runs(self, *arguments: str) -> None:
        """Run a command and print what it says; what every command says on standard error, only once.

        Raises:
            CommandFailed: it failed.
        """
        self.console.print(Text(await self._answer(arguments, expected=(DONE,))), end="")

    async def asks(self, *arguments: str, expected: tuple[int, ...] = (DONE,)) -> str:
        """Run a command with `--json` and return its answer.

        Raises:
            CommandFailed: it ended with another status than expected.
        """
        return await self._answer((*arguments, "--json"), expected=expected)

    async def _answer(self, arguments: tuple[str, ...], *, expected: tuple[int, ...]) -> str:
        process = await self._start(arguments, pipe=PIPE)
        output, errors = await process.communicate()
        for line in errors.decode(errors="replace").splitlines():
            if line not in self._told:
                self.console.print(Text(line), soft_wrap=True)
            self._told.add(line)
        _check(process, arguments, expected)
        return output.decode()

    async def _start(self, arguments: tuple[str, ...], *, pipe: int | None) -> Process:
        self.shows(shlex.join(("clearance", *arguments)))
        # The command of this environment, whatever stands first on the path.
        command = Path(sys.executable).with_name("clearance")
        return await asyncio.create_subprocess_exec(
            command, *arguments, cwd=self._folder, stdout=pipe, stderr=pipe
        )


def _check(process: Process, arguments: tuple[str, ...], expected: tuple[int, ...]) -> None:
    if process.returncode not in expected:
        raise CommandFailed(f"clearance {arguments[0]} ended with status {process.returncode}")
