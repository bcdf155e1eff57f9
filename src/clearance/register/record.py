"""Canonical records and their commitments.

A record is JSON without floats; its canonical form is that of RFC 8785, so that anyone can compute it again. What the
register commits to is SHA-256 over a random nonce and the canonical record: with record and nonce erased, the commitment
tells nothing.

Source: RFC 8785; DESIGN section 6; C2.1.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

NONCE_BYTES = 16
_MAX_INTEGER = 2**53 - 1


def canonical(record: Mapping[str, Any]) -> bytes:
    """Return the canonical bytes of a record.

    Raises:
        ValueError: it holds a float, an integer beyond 2**53 - 1, a lone surrogate, or a type that JSON has not.
    """
    return _encode(record).encode("utf-8")


def commitment(nonce: bytes, canonical_record: bytes) -> bytes:
    """Return the 32 bytes that the register keeps of a record for ever."""
    if len(nonce) != NONCE_BYTES:
        raise ValueError(f"a nonce has {NONCE_BYTES} bytes")
    return hashlib.sha256(nonce + canonical_record).digest()


def _encode(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int():
            if abs(value) > _MAX_INTEGER:
                raise ValueError(f"{value}: JSON numbers are exact up to 2**53 - 1 only")
            return str(value)
        case str():
            # json escapes as RFC 8785 section 3.2.2.2 asks when ASCII is not forced.
            return json.dumps(value, ensure_ascii=False)
        case list() | tuple():
            return "[" + ",".join([_encode(item) for item in value]) + "]"
        case Mapping():
            if not all(isinstance(name, str) for name in value):
                raise ValueError("a JSON object's names are text")
            # RFC 8785 section 3.2.3 sorts by UTF-16 code units.
            names = sorted(value) if all(map(str.isascii, value)) else sorted(value, key=_utf16)
            return (
                "{"
                + ",".join(
                    [f"{json.dumps(name, ensure_ascii=False)}:{_encode(value[name])}" for name in names]
                )
                + "}"
            )
        case _:
            raise ValueError(f"{type(value).__name__} has no canonical form here")


def _utf16(name: str) -> bytes:
    return name.encode("utf-16-be", "surrogatepass")
