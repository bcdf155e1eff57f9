"""Signed notes: a text and the Ed25519 signatures of those who vouch for it.

Source: C2SP signed-note (c2sp.org/signed-note).
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from clearance.errors import BadInput, RegisterDamaged

_ED25519 = b"\x01"
_DASH = "\u2014 "
_MAX_NOTE_CHARS = 1_000_000
_MAX_SIGNATURES = 100


@dataclass(frozen=True, slots=True)
class Verifier:
    """A key that notes are checked against."""

    name: str
    public: bytes

    @property
    def key_hash(self) -> bytes:
        """The four bytes by which a signature names its key."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """The key in the form that verifiers exchange: name, hash, key."""
        return f"{self.name}+{self.key_hash.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def parse(cls, vkey: str) -> Verifier:
        """Read a vkey.

        Raises:
            BadInput: it is none, or of another algorithm than Ed25519.
        """
        name, _, rest = vkey.strip().partition("+")
        key_hash, _, encoded = rest.partition("+")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise BadInput("log key: not base64") from error
        if not is_key_name(name) or len(raw) != 33 or raw[:1] != _ED25519:
            raise BadInput("log key: not an Ed25519 vkey (name+hash+key)")
        verifier = cls(name, raw[1:])
        if verifier.key_hash.hex() != key_hash.lower():
            raise BadInput("log key: its hash does not fit its name and key")
        return verifier

    def is_signature(self, text: str, signature: bytes) -> bool:
        """Tell whether a signature over a note's text is this key's."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A key that signs notes."""

    def __init__(self, name: str, seed: bytes) -> None:
        if not is_key_name(name):
            raise BadInput(f"a log's name holds no space and no plus sign: {name!r}")
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, text: str) -> str:
        """Return the signed note of a text that ends in a newline."""
        if not text.endswith("\n"):
            raise ValueError("a note's text ends in a newline")
        signature = self.verifier.key_hash + self._key.sign(text.encode())
        return f"{text}\n{_DASH}{self.verifier.name} {base64.b64encode(signature).decode()}\n"


def open_note(note: str, verifier: Verifier) -> str:
    """Return the text of a note that carries a valid signature of this key.

    Signatures of other keys are passed over, as the specification asks.

    Raises:
        RegisterDamaged: the note is malformed, unsigned by this key, or the signature does not hold.
    """
    text, divider, signatures = note.rpartition("\n\n")
    if not divider or len(note) > _MAX_NOTE_CHARS or not signatures.endswith("\n"):
        raise RegisterDamaged("the checkpoint is not a signed note")
    text += "\n"
    found = False
    for line in signatures[:-1].split("\n")[:_MAX_SIGNATURES]:
        name, _, encoded = line.removeprefix(_DASH).partition(" ")
        try:
            raw = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise RegisterDamaged("the checkpoint has an unreadable signature line") from error
        if not line.startswith(_DASH) or not is_key_name(name) or len(raw) < 5:
            raise RegisterDamaged("the checkpoint has an unreadable signature line")
        if name != verifier.name or raw[:4] != verifier.key_hash:
            continue
        if not verifier.is_signature(text, raw[4:]):
            raise RegisterDamaged(f"the checkpoint's signature by {name} does not hold")
        found = True
    if not found:
        raise RegisterDamaged(f"the checkpoint is not signed by {verifier.name}")
    return text


def is_key_name(name: str) -> bool:
    """Tell whether a key may have this name: not empty, no space of any kind, no plus sign."""
    return bool(name) and "+" not in name and not any(char.isspace() for char in name)
