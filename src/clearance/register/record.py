"""Canonical records and their commitments.

A record is JSON without floats; its canonical form is that of RFC 8785, so that anyone can compute it again.
What the register commits to is SHA-256 over a random nonce and the canonical record: with record and nonce
erased, the commitment tells nothing.

Source: RFC 8785; docs/architecture.md, Stores; C2.1.
"""

from __future__ import annotations

import hashlib
import json
from typing import Any

NONCE_BYTES = 16
_MAX_INTEGER = 2**53 - 1


def canonical(record: dict[str, Any]) -> bytes:
    """Return the canonical bytes of a record.

    Raises:
        ValueError: it holds a float, an integer beyond 2**53 - 1, a lone surrogate, or a type that JSON has
        not.
    """
    if _check(record):
        return _ENCODER.encode(record).encode("utf-8")
    return _UNSORTED.encode(_sorted(record)).encode("utf-8")


def commitment(nonce: bytes, canonical_record: bytes) -> bytes:
    """Return the 32 bytes that the register keeps of a record for ever."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    return hashlib.sha256(nonce + canonical_record).digest()


# With ASCII names, sorting by code point is sorting by UTF-16 code unit (RFC 8785 section 3.2.3), and without
# forced ASCII the C encoder escapes as section 3.2.2.2 asks.
_ENCODER = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), check_circular=False)

_UNSORTED = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), check_circular=False)


def _check(value: object) -> bool:
    """Refuse what has no canonical form here; returns whether all names are ASCII."""
    match value:
        case str() | bool() | None:
            return True
        case int():
            if abs(value) > _MAX_INTEGER:
                raise ValueError(f"{value}: JSON numbers are exact up to 2**53 - 1 only")
            return True
        case dict():
            return all(isinstance(name, str) and name.isascii() and _check(value[name]) for name in value)
        case list() | tuple():
            return all(map(_check, value))
        case _:
            raise ValueError(f"{type(value).__name__} has no canonical form here")


def _sorted(value: Any) -> Any:
    """Order names by UTF-16 code units, where code points would order them otherwise."""
    match value:
        case dict():
            if not all(isinstance(name, str) for name in value):
                raise ValueError("a JSON object's names are text")
            return {name: _sorted(value[name]) for name in sorted(value, key=_utf16)}
        case list() | tuple():
            return [_sorted(item) for item in value]
        case _:
            _check(value)
            return value


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")
