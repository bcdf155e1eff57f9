"""Write docs/reference.md from the code: commands, settings, rules and parameters, signals, controls."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from clearance.cli.app import app
from clearance.configuration import SECTIONS
from clearance.governing import GRANTS, Permission, with_implied
from clearance.policy import CONTROLS, default_policy_bytes, read_policy
from clearance.sourcing import SIGNALS


def reference() -> str:
    """Return the whole reference as Markdown."""
    lines = [
        "# Reference",
        "",
        "Made from the code by `python docs/make_reference.py`; a test compares the two.",
        "",
        "A command that works on a workspace has `--workspace PATH`; default: the nearest `clearance.toml`.",
        "Every command has `--json`: one JSON object on standard output, nothing else.",
        "",
        "## Commands",
        "",
        *_commands(),
        "## Settings: `clearance.toml`",
        "",
        *_settings(),
        "## Roles and permissions",
        "",
        "A person may do what their roles give; a token's scopes are permissions of its person.",
        "",
        *_roles(),
        "## Rules: `policy.yaml`",
        "",
        "A policy may make a rule stricter, never weaker than the floor that the code knows. The default:",
        "",
        *_rules(),
        "## Signals",
        "",
        *_signals(),
        "## Controls",
        "",
        *_controls(),
    ]
    return "\n".join(lines) + "\n"


def _commands() -> Iterator[str]:
    top: Any = typer.main.get_command(app)
    for name, command in top.commands.items():
        for path, each in _leaves(name, command):
            yield f"### `clearance {path}`"
            yield ""
            yield str(each.help or "").strip().splitlines()[0]
            yield ""
            for parameter in each.params:
                shown = " ".join(f"`{option}`" for option in parameter.opts)
                help_text = getattr(parameter, "help", "") or ""
                required = " (required)" if parameter.required else ""
                if shown not in ("`--json`", "`--workspace`", "`--help`"):
                    yield f"- {shown}{required}: {help_text}".rstrip(": ")
            yield ""


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    """Walk down groups to the commands that do something."""
    inner: dict[str, Any] = getattr(command, "commands", {})
    if not inner:
        yield path, command
    for name, each in inner.items():
        yield from _leaves(f"{path} {name}", each)


def _roles() -> Iterator[str]:
    for role, granted in GRANTS.items():
        permissions = with_implied(granted)
        shown = ", ".join(f"`{permission.value}`" for permission in Permission if permission in permissions)
        yield f"- `{role.value}`: {shown}"
    yield ""


def _settings() -> Iterator[str]:
    for name, section in SECTIONS.items():
        yield f"### `[{name}]`"
        yield ""
        yield (section.__doc__ or "").strip()
        yield ""
        for setting, field in section.model_fields.items():
            default = "" if field.is_required() else f" Default: `{field.default!r}`."
            yield f"- `{setting}`: {field.description}{default}"
        yield ""


def _rules() -> Iterator[str]:
    for rule in read_policy(default_policy_bytes()).rules.values():
        yield f"- `{rule.id}` ({', '.join(rule.controls)}; {rule.stage}; {rule.effect}): {rule.sentence}"
        for name, value in (rule.parameters.model_dump(mode="json") if rule.parameters else {}).items():
            yield f"    - `{name}`: `{value}`"
    yield ""


def _signals() -> Iterator[str]:
    for signal in SIGNALS:
        places = [
            *(f"`{path}`" for paths in signal.host_files for path in paths),
            *(["the documents that host files lead to"] if signal.host_leads else []),
            *(["response headers"] if signal.read_response else []),
            *(["the page that shows the picture"] if signal.read_page else []),
            *(["the picture's own metadata"] if signal.read_embedded else []),
        ]
        yield f"- `{signal.name}`: {', '.join(places)}"
    yield ""


def _controls() -> Iterator[str]:
    for control in CONTROLS:
        yield f"- **{control.id}** ({control.process}, {control.principle}): {control.title}"


if __name__ == "__main__":
    target = Path(__file__).with_name("reference.md")
    target.write_text(reference(), encoding="utf-8")
    sys.stdout.write(f"{target} written\n")
