"""A short text sealed under one key, and bound to the place that it stands in: AES-256-GCM.

Source: NIST SP 800-38D (the place as associated data); C5.1.
"""

from __future__ import annotations

import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from clearance.errors import WrongKey

_NONCE_BYTES = 12


def seal_text(key: bytes, text: str, *, place: str) -> bytes:
    """Seal a text."""
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), place.encode())


def open_text(key: bytes, sealed: bytes, *, place: str) -> str:
    """Open a sealed text.

    Raises:
        WrongKey: the key is another one, or what is sealed was changed or belongs elsewhere.
    """
    try:
        plain = AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], place.encode())
    except (InvalidTag, ValueError) as error:
        raise WrongKey(f"{place}: it does not open; the key is another one, or it was changed") from error
    return plain.decode()
