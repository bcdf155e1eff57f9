"""The keys of a workspace: a root key outside the database, and all others wrapped by the one above, inside
it.

Root wraps the key of each source and licence, which wraps the key of each shard. Destroying one wrapped
source key makes everything that came from that source unreadable, in every copy.

Rotating a key makes it anew and wraps again what it wraps; pictures are not sealed again. The log's signing
key is never rotated: it is the log's name.

Source: NIST SP 800-88 (cryptographic erase); NIST SP 800-57 part 1 section 5.3 (cryptoperiods); C5.1.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, func, insert, select, update

from clearance.database import Database
from clearance.errors import WrongKey
from clearance.identifiers import KeyId
from clearance.vault.sealing import KEY_BYTES
from clearance.vault.tables import keys
from clearance.vault.wrapping import unwrap_key, wrap_key

ROOT = KeyId("root")
_CHECK = KeyId("root-check")
_LOG = KeyId("log")
_SUPPRESSION = KeyId("suppression")
_CONSENTS = KeyId("consents")


class KeyKind(StrEnum):
    """What a wrapped key opens."""

    CHECK = "root-check"
    SOURCE = "source"
    SHARD = "shard"
    LOG = "log"
    SUPPRESSION = "suppression"
    CONSENTS = "consents"
    BACKUP = "backup"
    """Not in the table: it stands beside the backup that it opens."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFacts:
    """What may be told of a key: never what it is."""

    id: KeyId
    kind: KeyKind
    parent: KeyId
    created_at: datetime
    """When it was made, or made anew by a rotation."""
    destroyed_at: datetime | None
    wraps: int
    """How many keys stand under it."""


class KeyRing:
    """The keys of one workspace, opened by its root key."""

    def __init__(self, database: Database, root: bytes, *, clock: Callable[[], datetime]) -> None:
        """Open the ring, and make its check value where the workspace is new.

        Raises:
            WrongKey: the root key is not this workspace's, or what it would be checked by is gone.
        """
        self._database = database
        self._clock = clock
        self._open: dict[KeyId, bytes] = {ROOT: root}
        with database.begin() as connection:
            known, checks = connection.execute(
                select(func.count(), func.count().filter(keys.c.id == _CHECK)).select_from(keys)
            ).one()
        if known and not checks:
            # A new check value would let any root key in, and new keys would be wrapped by the wrong one.
            raise WrongKey("the key table lost the value that the root key is checked by; restore a backup")
        self._of(_CHECK, KeyKind.CHECK, parent=ROOT)

    def source_key(self, source: str, licence: str) -> KeyId:
        """Return the key under which everything from one source and licence is wrapped; made when first asked
        for, and made anew, under a name of its own, after it was destroyed.
        """
        first = f"source:{source}:{licence}"
        with self._database.begin() as connection:
            # Its numbers follow a '#', which neither a source's name nor a licence's id can hold.
            known = connection.execute(
                select(keys.c.id, keys.c.destroyed_at).where(
                    (keys.c.id == first) | keys.c.id.startswith(f"{first}#", autoescape=True)
                )
            ).all()
        alive = [id_ for id_, destroyed_at in known if destroyed_at is None]
        key = KeyId(alive[0] if alive else f"{first}#{len(known) + 1}" if known else first)
        self._of(key, KeyKind.SOURCE, parent=ROOT)
        return key

    def source_keys(self, source: str) -> tuple[KeyId, ...]:
        """Return the keys of a source, for all its licences, that were not destroyed."""
        with self._database.begin() as connection:
            rows = connection.execute(
                select(keys.c.id)
                .where(keys.c.id.startswith(f"source:{source}:", autoescape=True))
                .where(keys.c.destroyed_at.is_(None))
                .order_by(keys.c.id)
            )
            return tuple(KeyId(id_) for (id_,) in rows)

    def destroy_source_keys(self, source: str) -> tuple[KeyId, ...]:
        """Destroy every key of a source: what is wrapped by them cannot be opened any more, in any copy of
        the shards (cryptographic erase). Their names stay, with the time; returns those destroyed now.

        Source: NIST SP 800-88; C5.1.
        """
        doomed = self.source_keys(source)
        with self._database.begin() as connection:
            connection.execute(
                update(keys).where(keys.c.id.in_(doomed)).values(wrapped=None, destroyed_at=self._clock())
            )
        for key in doomed:
            self._open.pop(key, None)
        return doomed

    def new_shard_key(self, name: str, *, parent: KeyId) -> tuple[KeyId, bytes]:
        """Make the key of one shard, wrapped by its source's key."""
        key = KeyId(f"shard:{name}")
        return key, self._of(key, KeyKind.SHARD, parent=parent)

    def shard_key(self, key: KeyId) -> bytes:
        """Unwrap the key of one shard.

        Raises:
            WrongKey: it, or the source's key above it, was destroyed or does not unwrap.
        """
        with self._database.begin() as connection:
            row = connection.execute(select(keys.c.parent, keys.c.wrapped).where(keys.c.id == key)).first()
            if row is None or row[1] is None:
                raise WrongKey(f"key {key}: there is none, or it was destroyed")
            parent = KeyId(row[0])
            above = connection.execute(
                select(keys.c.parent, keys.c.wrapped).where(keys.c.id == parent)
            ).first()
        if above is None or above[1] is None:
            raise WrongKey(f"key {parent}: there is none, or it was destroyed")
        # Never from memory: another process may have rotated or destroyed it.
        source = unwrap_key(
            self._open[ROOT], bytes(above[1]), key=parent, kind=KeyKind.SOURCE, parent=KeyId(above[0])
        )
        return unwrap_key(source, bytes(row[1]), key=key, kind=KeyKind.SHARD, parent=parent)

    def suppression_key(self) -> bytes:
        """Return the 32-byte key that hashes of what is not collected again are made with."""
        return self._of(_SUPPRESSION, KeyKind.SUPPRESSION, parent=ROOT)

    def consents_key(self) -> bytes:
        """Return the 32-byte key that the personal parts of model releases are sealed under."""
        return self._of(_CONSENTS, KeyKind.CONSENTS, parent=ROOT)

    def log_seed(self) -> bytes:
        """Return the 32-byte seed of the log's Ed25519 key; made when first asked for."""
        return self._of(_LOG, KeyKind.LOG, parent=ROOT)

    def list(self) -> tuple[KeyFacts, ...]:
        """Return what may be told of every key but those of shards, destroyed ones too, oldest first."""
        children = keys.alias()
        wraps = select(func.count()).where(children.c.parent == keys.c.id).scalar_subquery()
        columns = (keys.c.id, keys.c.kind, keys.c.parent, keys.c.created_at, keys.c.destroyed_at)
        query = (
            select(*columns, wraps.label("wraps"))
            .where(keys.c.kind != KeyKind.SHARD.value)
            .order_by(keys.c.created_at, keys.c.id)
        )
        with self._database.begin() as connection:
            return tuple(
                KeyFacts(**{**row, "kind": KeyKind(row["kind"])})
                for row in connection.execute(query).mappings()
            )

    def rotate_root(self, root: bytes) -> tuple[KeyId, ...]:
        """Put another root key in the place of this one: everything that stands under it is wrapped again, in
        one transaction; returns those keys.

        The caller keeps the new root key before, and lets go of the old one after.
        """
        now = self._clock()
        with self._database.begin() as connection:
            rows = connection.execute(
                select(keys.c.id, keys.c.kind, keys.c.wrapped)
                .where(keys.c.parent == ROOT, keys.c.wrapped.is_not(None))
                .order_by(keys.c.id)
            ).all()
            for name, kind, wrapped in rows:
                plain = self._unwrap(name, kind, bytes(wrapped), parent=ROOT)
                again = wrap_key(root, plain, key=name, kind=kind, parent=ROOT)
                connection.execute(update(keys).where(keys.c.id == name).values(wrapped=again))
            # Its age is the root key's, which has no row of its own.
            connection.execute(update(keys).where(keys.c.id == _CHECK).values(created_at=now))
        self._open = {ROOT: root}
        return tuple(KeyId(name) for name, _, _ in rows)

    def rotate_source(self, source: str) -> tuple[KeyId, ...]:
        """Make the keys of a source anew, for all its licences, and wrap the keys of its shards again, in one
        transaction; returns the source's keys.
        """
        rotated = self.source_keys(source)
        with self._database.begin() as connection:
            for key in rotated:
                old = self._above(connection, key)
                new = secrets.token_bytes(KEY_BYTES)
                of_shards = select(keys.c.id, keys.c.wrapped).where(
                    keys.c.parent == key, keys.c.wrapped.is_not(None)
                )
                for name, wrapped in connection.execute(of_shards).all():
                    place = {"key": name, "kind": KeyKind.SHARD.value, "parent": key}
                    again = wrap_key(new, unwrap_key(old, bytes(wrapped), **place), **place)
                    connection.execute(update(keys).where(keys.c.id == name).values(wrapped=again))
                wrapped = wrap_key(self._open[ROOT], new, key=key, kind=KeyKind.SOURCE.value, parent=ROOT)
                connection.execute(
                    update(keys).where(keys.c.id == key).values(wrapped=wrapped, created_at=self._clock())
                )
        for key in rotated:
            self._open.pop(key, None)
        return rotated

    def new_backup_key(self, backup: str) -> tuple[bytes, bytes]:
        """Make the key of a backup; returns it, and as the root key wraps it."""
        plain = secrets.token_bytes(KEY_BYTES)
        name = KeyId(f"backup:{backup}")
        return plain, wrap_key(self._open[ROOT], plain, key=name, kind=KeyKind.BACKUP.value, parent=ROOT)

    def _of(self, key: KeyId, kind: KeyKind, *, parent: KeyId) -> bytes:
        if kind is not KeyKind.SHARD and key in self._open:
            return self._open[key]
        with self._database.begin() as connection:
            row = connection.execute(select(keys.c.wrapped).where(keys.c.id == key)).first()
            if row is not None:
                if row[0] is None:
                    raise WrongKey(f"key {key}: it was destroyed")
                above = self._above(connection, parent) if parent != ROOT else self._open[ROOT]
                plain = self._unwrap(key, kind, bytes(row[0]), parent=parent, above=above)
            else:
                plain = secrets.token_bytes(KEY_BYTES)
                above = self._above(connection, parent)
                connection.execute(
                    insert(keys).values(
                        id=key,
                        kind=kind.value,
                        parent=parent,
                        wrapped=wrap_key(above, plain, key=key, kind=kind.value, parent=parent),
                        created_at=self._clock(),
                    )
                )
        if kind is not KeyKind.SHARD:
            self._open[key] = plain
        return plain

    def _above(self, connection: Connection, key: KeyId) -> bytes:
        """Return a key that others are wrapped by, as the table has it now and not as it was last read.

        Nothing may be wrapped by a key that another process rotated or destroyed meanwhile.
        """
        of = _CHECK if key == ROOT else key
        row = connection.execute(select(keys.c.kind, keys.c.wrapped).where(keys.c.id == of)).first()
        if key == ROOT:
            if row is not None:
                self._unwrap(_CHECK, row[0], bytes(row[1]), parent=ROOT)
            return self._open[ROOT]
        if row is None or row[1] is None:
            raise WrongKey(f"key {key}: there is none, or it was destroyed")
        return self._unwrap(key, row[0], bytes(row[1]), parent=ROOT)

    def _unwrap(
        self, key: KeyId, kind: str, wrapped: bytes, *, parent: KeyId, above: bytes | None = None
    ) -> bytes:
        try:
            return unwrap_key(above or self._open[parent], wrapped, key=key, kind=kind, parent=parent)
        except WrongKey as error:
            if key == _CHECK:
                raise WrongKey("the root key (or passphrase) is not this workspace's") from error
            raise


def is_root_key(database: Database, root: bytes) -> bool:
    """Tell whether a root key is the one that this workspace's keys are wrapped by; any is, where there are
    none yet.
    """
    with database.begin() as connection:
        wrapped = connection.execute(select(keys.c.wrapped).where(keys.c.id == _CHECK)).scalar()
    if wrapped is None:
        return True
    try:
        unwrap_key(root, bytes(wrapped), key=_CHECK, kind=KeyKind.CHECK.value, parent=ROOT)
    except WrongKey:
        return False
    return True
