"""What is not collected again: keyed hashes of addresses and pictures that were erased for good.

Only a hash under a key of the workspace is kept, so that the list does not hold what was to be forgotten;
with the key destroyed it tells nothing.

Source: C5.4 (never collected again), C3.4; EDPB guidelines 02/2025 (keyed hashes).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from datetime import datetime
from enum import StrEnum

from sqlalchemy import func, insert, select

from clearance.database import Database
from clearance.keeping.tables import suppressed

_AT_ONCE = 500


class Kind(StrEnum):
    """What a hash was made of."""

    URL = "url"
    PICTURE = "sha256"
    QUERY = "query"
    """A picture that somebody asked about: on no list, and told apart from those that are."""


class Suppression:
    """The suppression list of one workspace; `key` returns 32 bytes, and is asked when first needed."""

    def __init__(self, database: Database, key: Callable[[], bytes]) -> None:
        self._database = database
        self._key = key

    def add(self, kind: Kind, values: Iterable[tuple[str, str]], *, reason: str, now: datetime) -> None:
        """Add values, each with the project that it is not collected for again; an empty one means all."""
        key = self._key()
        wanted = sorted({(_digest(key, kind, value), project) for value, project in values if value})
        with self._database.begin() as connection:
            for start in range(0, len(wanted), _AT_ONCE):
                part = wanted[start : start + _AT_ONCE]
                query = select(suppressed.c.digest, suppressed.c.project).where(
                    suppressed.c.digest.in_([digest for digest, _ in part])
                )
                known = {(digest, project) for digest, project in connection.execute(query)}
                new = [pair for pair in part if pair not in known]
                if new:
                    rows = [
                        {"digest": digest, "project": project, "reason": reason, "since": now}
                        for digest, project in new
                    ]
                    connection.execute(insert(suppressed), rows)

    def of(self, project: str) -> Suppressed:
        """Return what is not collected again for a project."""
        query = select(suppressed.c.digest).where(suppressed.c.project.in_(["", project]))
        with self._database.begin() as connection:
            return Suppressed(self._key(), frozenset(digest for (digest,) in connection.execute(query)))

    def hash_of_query(self, sha256: str) -> str:
        """Name a picture that somebody asked about so that only who holds the key knows it again (C3.4)."""
        return _digest(self._key(), Kind.QUERY, sha256)

    def __len__(self) -> int:
        with self._database.begin() as connection:
            return int(connection.execute(select(func.count()).select_from(suppressed)).scalar_one())


class Suppressed:
    """What is not collected again for one project; read once, asked often."""

    def __init__(self, key: bytes, digests: frozenset[str]) -> None:
        self._key = key
        self._digests = digests

    def has_url(self, url: str) -> bool:
        """Tell whether an address, normalised, was erased for good."""
        return bool(self._digests) and _digest(self._key, Kind.URL, url) in self._digests

    def has_picture(self, sha256: str) -> bool:
        """Tell whether a picture, by the hash of its bytes as received, was erased for good."""
        return bool(self._digests) and _digest(self._key, Kind.PICTURE, sha256) in self._digests


def _digest(key: bytes, kind: Kind, value: str) -> str:
    return hmac.new(key, f"{kind.value}\x00{value}".encode(), hashlib.sha256).hexdigest()
