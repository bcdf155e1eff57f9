"""Opt-out registries: lists of addresses, hosts and pictures whose holders want them left out.

A registry is asked by address before a picture is fetched, and by content afterwards. One kind is here: a
file, CSV or JSON, that somebody keeps and hands over. A registry that cannot be read whole is refused whole:
taken for empty, or for shorter than it is, it would be a permission that nobody gave.

Source: C1.5, C4.2; for the JSON of one ISCC with `train-ai` and the like: TDM-AI, tdmai.org (November 2025).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from clearance.errors import BadInput, printable
from clearance.identifiers import Host, IsccCode, Malformed, Sha256, WebUrl, parse_url, sha256_of
from clearance.sourcing.registry_files import Entry, read_entries
from clearance.sourcing.sources import parse_host_pattern
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope, merge, stated
from clearance.sourcing.uses import ALL_USES, Use

NAME = "opt-out-registry"
MAX_ENTRIES = 5_000_000
"""As many addresses as a large collection has; more do not fit beside the other work of a machine."""
_MAX_TOLD = 20
"""Bad lines that are named one by one; who mends those sees the next ones at the next try."""
_MAX_HOLDER_CHARS = 120
_SHA256 = re.compile(r"[0-9a-f]{64}")
_ISCC = re.compile(r"ISCC:[A-Z2-7]{10,120}")

Key = str | bytes
"""A host pattern or an ISCC as text; an address as 16 bytes, a SHA-256 as 32: a million take little room."""


class OptOutRegistry(Protocol):
    """A list of what its holders want left out."""

    def of_url(self, url: WebUrl) -> Reading:
        """Return what is denied of an address, or silence."""
        ...

    def of_content(self, *, sha256: Sha256, iscc: IsccCode) -> Reading:
        """Return what is denied of a picture, or silence."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class OptOutList:
    """A registry that was read from a file."""

    name: str
    evidence: Sha256
    """Of the file."""
    lines: Mapping[Key, int]
    """Where each entry stands, counted from 1."""
    named_uses: Mapping[Key, frozenset[Use]] = field(default_factory=dict)
    """Of entries that deny some uses only."""
    holders: Mapping[int, str] = field(default_factory=dict)
    """Who asked, or a note, by line."""

    def __len__(self) -> int:
        return len(self.lines)

    def of_url(self, url: WebUrl) -> Reading:
        """Return what is denied of an address: by itself, or by its host."""
        found = [self._denied(_url_key(url), Scope.ASSET)]
        found += [self._denied(key, Scope.SITE) for key in _host_keys(url.host)]
        return merge(found)

    def of_content(self, *, sha256: Sha256, iscc: IsccCode) -> Reading:
        """Return what is denied of a picture by its bytes or its ISCC; likeness is others' to find."""
        return merge(
            [
                self._denied(bytes.fromhex(sha256), Scope.ASSET),
                self._denied(str(iscc).upper(), Scope.ASSET),
            ]
        )

    def _denied(self, key: Key, scope: Scope) -> Reading:
        line = self.lines.get(key)
        if line is None:
            return SILENCE
        holder = self.holders.get(line)
        return Reading(
            statements=stated(
                self.named_uses.get(key, ALL_USES),
                Answer.DENIED,
                signal=NAME,
                scope=scope,
                where=f"registry {self.name}",
                quote=f"{self.name}, line {line}" + (f": {holder}" if holder else ""),
                evidence=(self.evidence,),
            )
        )


def read_registry(content: bytes, *, name: str, form: str, max_entries: int = MAX_ENTRIES) -> OptOutList:
    """Read an opt-out list.

    Args:
        content: The file.
        name: What the registry is called in reasons.
        form: `csv`, with a heading line and any of the columns `url`, `host`, `sha256`, `iscc`, `uses`,
            `note`, `holder`; or `json`, a list of objects with these names, or lists `urls`, `hosts`,
            `hashes`, `isccs`.
        max_entries: More are refused.

    Raises:
        BadInput: it cannot be read whole; the message names every bad line, up to a bound.
    """
    shown = printable(name, max_chars=80)
    lines: dict[Key, int] = {}
    named_uses: dict[Key, frozenset[Use]] = {}
    holders: dict[int, str] = {}
    known_holders: dict[str, str] = {}
    bad: list[str] = []
    count = 0
    for entry in read_entries(content, name=shown, form=form, max_entries=max_entries):
        keys = _keys(entry)
        if isinstance(keys, Malformed):
            count += 1
            if len(bad) < _MAX_TOLD:
                bad.append(f"line {entry.line}: {keys.where}: {keys.why}")
            continue
        for key in keys:
            _add(key, entry, lines=lines, named_uses=named_uses)
        if entry.holder:
            # Thousands of lines name the same holder: one text serves them all.
            short = entry.holder[:_MAX_HOLDER_CHARS]
            if short not in known_holders:
                known_holders[short] = printable(short, max_chars=_MAX_HOLDER_CHARS)
            holders[entry.line] = known_holders[short]
    if bad:
        more = f"; and {count - len(bad)} more" if count > len(bad) else ""
        raise BadInput(f"registry {shown}: {count} entries cannot be read: {'; '.join(bad)}{more}")
    if not lines:
        # Nobody keeps a list of nobody: most likely it is the wrong file, or was cut off.
        raise BadInput(f"registry {shown}: no entry in it; is it the right file?")
    return OptOutList(
        name=shown, evidence=sha256_of(content), lines=lines, named_uses=named_uses, holders=holders
    )


def _add(key: Key, entry: Entry, *, lines: dict[Key, int], named_uses: dict[Key, frozenset[Use]]) -> None:
    """Add one entry; of two for the same thing, both deny."""
    before = frozenset[Use]() if key not in lines else named_uses.get(key, ALL_USES)
    together = before | entry.uses
    lines.setdefault(key, entry.line)
    if together == ALL_USES:
        named_uses.pop(key, None)
    else:
        named_uses[key] = together


def _keys(entry: Entry) -> list[Key] | Malformed:
    if entry.problem:
        return Malformed(where="entry", why=entry.problem)
    found: list[Key] = []
    for kind, value in entry.values:
        key = _KEYS[kind](value)
        if isinstance(key, Malformed):
            return key
        found.append(key)
    return found


def _of_url(value: str) -> Key | Malformed:
    url = parse_url(value)
    return url if isinstance(url, Malformed) else _url_key(url)


def _of_host(value: str) -> Key | Malformed:
    try:
        return parse_host_pattern(value).text
    except BadInput as error:
        return Malformed(where="host", why=str(error))


def _of_sha256(value: str) -> Key | Malformed:
    lower = value.lower()
    if _SHA256.fullmatch(lower) is None:
        return Malformed(
            where="sha256", why=f"{printable(value, max_chars=70)!r} is no SHA-256 in hexadecimal"
        )
    return bytes.fromhex(lower)


def _of_iscc(value: str) -> Key | Malformed:
    upper = value.upper()
    code = upper if upper.startswith("ISCC:") else f"ISCC:{upper}"
    if _ISCC.fullmatch(code) is None:
        return Malformed(where="iscc", why=f"{printable(value, max_chars=70)!r} is no ISCC")
    return code


_KEYS = {"url": _of_url, "host": _of_host, "sha256": _of_sha256, "iscc": _of_iscc}


def _url_key(url: WebUrl) -> bytes:
    return hashlib.blake2b(url.text.encode(), digest_size=16).digest()


def _host_keys(host: Host) -> Iterable[str]:
    """Return every pattern that means a host, itself first; without a port, a pattern means all of them."""
    name, colon, port = host.rpartition(":")
    if not colon or not port.isdigit() or host.endswith("]"):
        name, port = host, ""
    labels = name.split(".")
    names = [name, *(f"*.{'.'.join(labels[n:])}" for n in range(1, len(labels))), "*"]
    yield from names
    if port:
        yield from (f"{each}:{port}" for each in names)
