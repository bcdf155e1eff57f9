"""One key wrapped by another: AES-256-GCM, bound to the place that the wrapped key has.

Source: NIST SP 800-38D (AES-GCM, the key's own name as associated data); C5.1.
"""

from __future__ import annotations

import json
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clearance.errors import WrongKey
from clearance.identifiers import KeyId

_NONCE_BYTES = 12


def wrap_key(above: bytes, plain: bytes, *, key: KeyId, kind: str, parent: KeyId) -> bytes:
    """Wrap a key by the one above it."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(above).encrypt(nonce, plain, _place(key, kind, parent))


def unwrap_key(above: bytes, wrapped: bytes, *, key: KeyId, kind: str, parent: KeyId) -> bytes:
    """Unwrap a key by the one above it.

    Raises:
        WrongKey: the key above is another one, or what is wrapped was changed or belongs elsewhere.
    """
    try:
        return AESGCM(above).decrypt(
            wrapped[:_NONCE_BYTES], wrapped[_NONCE_BYTES:], _place(key, kind, parent)
        )
    except (InvalidTag, ValueError) as error:
        raise WrongKey(
            f"key {key}: it does not unwrap; the key above it is another one, or it was changed. Where keys"
            " were rotated this very moment, run the command again"
        ) from error


def _place(key: KeyId, kind: str, parent: KeyId) -> bytes:
    """Bind a wrapped key to its place, so that rows of the table cannot be swapped."""
    return json.dumps([key, kind, parent]).encode()
