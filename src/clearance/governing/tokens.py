"""Tokens: 256 random bits that stand for a person, for stated purposes and a stated time (C5.1).

Only the SHA-256 of a token is kept, so a copy of the database opens nothing. What was shown once cannot be
shown again.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import RowMapping, insert, select, update

from clearance.database import Database
from clearance.errors import BadInput, printable
from clearance.governing.access import Permission, read_scopes
from clearance.governing.tables import tokens
from clearance.identifiers import Malformed, Sha256

SECRET_BYTES = 32
MAX_LABEL_CHARS = 100
_TEXT = re.compile(r"clearance_([0-9a-f]{12})_([A-Za-z0-9_-]{43})", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token as it is kept: everything but itself."""

    id: str
    person: str
    label: str
    """What it is for, in the words of who issued it."""
    scopes: frozenset[Permission]
    issued_by: str
    created_at: datetime
    expires_at: datetime
    revoked_at: datetime | None

    def has_expired(self, now: datetime) -> bool:
        """Tell whether its time is over."""
        return now >= self.expires_at


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenToken:
    """What somebody showed: which token it says it is, and the hash of what only its owner knows."""

    id: str
    secret_sha256: Sha256


def parse_token(text: str) -> GivenToken | Malformed:
    """Read what was shown as a token; takes all input."""
    match = _TEXT.fullmatch(text)
    if match is None:
        return Malformed(where="token", why="not of the form that tokens have")
    return GivenToken(id=match[1], secret_sha256=_hash(match[2]))


class TokenStore:
    """The tokens of one workspace."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def issue(
        self,
        *,
        person: str,
        label: str,
        scopes: frozenset[Permission],
        issued_by: str,
        now: datetime,
        expires_at: datetime,
    ) -> tuple[Token, str]:
        """Make a token; returns it as it is kept, and its text, which is not.

        Raises:
            BadInput: it has no label or no scope.
        """
        if not label.strip() or len(label) > MAX_LABEL_CHARS or not label.isprintable():
            raise BadInput(
                f"--label {printable(label)!r}: what the token is for, in 1 to {MAX_LABEL_CHARS} characters"
            )
        if not scopes:
            raise BadInput("a token needs at least one --scope: what it is for, and nothing else")
        token = Token(
            id=secrets.token_hex(6),
            person=person,
            label=label.strip(),
            scopes=scopes,
            issued_by=issued_by,
            created_at=now,
            expires_at=expires_at,
            revoked_at=None,
        )
        secret = secrets.token_urlsafe(SECRET_BYTES)
        with self._database.begin() as connection:
            connection.execute(
                insert(tokens).values(
                    id=token.id,
                    person=person,
                    label=token.label,
                    secret_sha256=_hash(secret),
                    scopes=sorted(scope.value for scope in scopes),
                    issued_by=issued_by,
                    created_at=now,
                    expires_at=expires_at,
                )
            )
        return token, f"clearance_{token.id}_{secret}"

    def find(self, given: GivenToken) -> Token | None:
        """Return the token that was shown, expired or not; nothing where it is unknown or was revoked."""
        with self._database.begin() as connection:
            row = connection.execute(select(tokens).where(tokens.c.id == given.id)).mappings().first()
        # Compared in any case and in constant time: how long it takes must not tell what is known.
        kept = row["secret_sha256"] if row is not None else _hash("")
        is_same = hmac.compare_digest(kept, given.secret_sha256)
        return _token(row) if row is not None and is_same and row["revoked_at"] is None else None

    def list(self) -> tuple[Token, ...]:
        """Return all tokens, oldest first."""
        with self._database.begin() as connection:
            rows = connection.execute(select(tokens).order_by(tokens.c.created_at, tokens.c.id)).mappings()
            return tuple(_token(row) for row in rows)

    def get(self, token: str) -> Token:
        """Return one token by its id.

        Raises:
            BadInput: there is none of that id.
        """
        found = next((known for known in self.list() if known.id == token), None)
        if found is None:
            raise BadInput(f"no token {printable(token)!r}; `clearance people token list` shows them")
        return found

    def revoke(self, token: str, *, now: datetime) -> None:
        """Make a token worthless at once."""
        with self._database.begin() as connection:
            connection.execute(
                update(tokens)
                .where(tokens.c.id == token, tokens.c.revoked_at.is_(None))
                .values(revoked_at=now)
            )


def _hash(secret: str) -> Sha256:
    return Sha256(hashlib.sha256(secret.encode()).hexdigest())


def _token(row: RowMapping) -> Token:
    return Token(
        id=row["id"],
        person=row["person"],
        label=row["label"],
        scopes=read_scopes(row["scopes"]),
        issued_by=row["issued_by"],
        created_at=row["created_at"],
        expires_at=row["expires_at"],
        revoked_at=row["revoked_at"],
    )
