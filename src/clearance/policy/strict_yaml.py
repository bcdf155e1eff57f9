"""YAML that people write and machines obey, read without what hides from a reader what the machine does.

No alias, no tag, no key twice, and no key that is more than one value. Pure.

Source: YAML 1.1 sections 3.2.1.3 and 7.1 (keys are unique; aliases); C5.5.
"""

from __future__ import annotations

from typing import Any

import yaml
from typing_extensions import override

from clearance.errors import BadInput, printable


def read_strict_yaml(content: bytes, *, where: str, max_bytes: int) -> Any:
    """Read a YAML file of bounded size into plain values: text, numbers, dates, lists and mappings.

    Raises:
        BadInput: it is larger, no UTF-8, no YAML, or holds what is not allowed; the message says where.
    """
    if len(content) > max_bytes:
        raise BadInput(f"{where}: larger than {max_bytes} bytes")
    try:
        return yaml.load(content.decode("utf-8"), Loader=_StrictLoader)  # noqa: S506 - a SafeLoader, made stricter
    except yaml.MarkedYAMLError as error:
        raise BadInput(f"{where}: not readable as YAML: {_place(error)}") from error
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        # A ValueError comes from what looks like a date or a number and is none, as 2026-02-30.
        raise BadInput(f"{where}: not readable as YAML: {printable(str(error))}") from error


def _place(error: yaml.MarkedYAMLError) -> str:
    what = printable(error.problem or str(error.context))
    mark = error.problem_mark or error.context_mark
    return f"line {mark.line + 1}, column {mark.column + 1}: {what}" if mark is not None else what


class _StrictLoader(yaml.SafeLoader):
    """Refuses what would let the file mean something else to a machine than to its reader."""

    @override
    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        event: Any = self.peek_event()  # type: ignore[no-untyped-call] # the stubs leave it untyped
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.MarkedYAMLError(problem="an alias is not allowed", problem_mark=event.start_mark)
        if event.tag is not None:
            raise yaml.MarkedYAMLError(problem="a tag is not allowed", problem_mark=event.start_mark)
        return super().compose_node(parent, index)

    @override
    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        known = set()
        for key, _ in node.value:
            # A key of several values would not compare, and comparing many would never end.
            if not isinstance(key, yaml.ScalarNode):
                raise yaml.MarkedYAMLError(problem="a key is one value", problem_mark=key.start_mark)
            name = self.construct_object(key, deep=True)
            if name in known:
                raise yaml.MarkedYAMLError(problem=f"key {name!r} twice", problem_mark=key.start_mark)
            known.add(name)
        return super().construct_mapping(node, deep=deep)
