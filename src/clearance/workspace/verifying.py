"""Compute a dataset version again: its rows, its root in the log, its audit, its members in the vault.

Source: C2.1, C1.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from clearance.curating import FROZEN_EVENT, Version, lost_versions, versions_in
from clearance.errors import ClearanceError, IntegrityError, RegisterDamaged
from clearance.identifiers import ItemId, Sha256, VersionId, sha256_of
from clearance.parts import in_parts
from clearance.register import Event, read_entry
from clearance.workspace.holding import Holding

_MAX_PROBLEMS = 100
_AT_ONCE = 1000


def verified(holding: Holding, version: Version, *, pictures: bool) -> dict[str, Any]:
    """Return what does not hold of a version.

    Steps: 1 its rows give its leaves, and its leaves the root in the log, which knows of no version that
    followed and is gone; 2 its head is what the control database says, and its audit the one that was
    attached; 3 whoever was taken out has a tombstone; 4 every member has its record, and with `pictures` its
    bytes.
    """
    manifest = holding.versions.manifest(version)
    # 1
    problems = [*manifest.problems(), *_log_problems(holding, version, manifest.root().hex())]
    # 2
    problems += _head_problems(holding, version)
    opened = 0
    if not problems:
        # Rows that are not the frozen ones say nothing about the vault.
        opened, found = _member_problems(holding, version, pictures=pictures)
        problems += found
    return {
        "ok": not problems,
        "version": version.reference,
        "items": version.items,
        "erased": len(manifest.erased()),
        "pictures_opened": opened,
        "root": version.root,
        "log_index": version.log_index,
        "problems": problems[:_MAX_PROBLEMS],
    }


def unknown_followers(holding: Holding, version: Version) -> frozenset[VersionId]:
    """Return versions that followed by the log, and that the control database has not in that place.

    Raises:
        RegisterDamaged: the log cannot be read.
    """
    followed = {
        id_
        for id_, (_, event) in versions_in(holding.stores.log).items()
        if event.facts.get("parent") == version.id
    }
    known = {
        each.id
        for each in holding.versions.list()
        if (each.parent, each.name) == (version.id, version.name) and each.number > version.number
    }
    return frozenset(followed - known)


def listed_problems(holding: Holding) -> Iterator[str]:
    """Compare the list of dataset versions with the log: each has its entry, and each entry its version.

    What a restore lost is no problem: the log says so.
    """
    try:
        logged, lost = versions_in(holding.stores.log), lost_versions(holding.stores.log)
    except RegisterDamaged:
        # Whoever verifies the log itself names what cannot be read.
        return
    listed = {each.id: each for each in holding.versions.list()}
    for id_ in sorted(logged.keys() - listed.keys() - lost):
        yield f"dataset version {id_}: the log has it, and the control database does not know it"
    for id_, version in listed.items():
        index, event = logged.get(id_, (None, None))
        if event is None or index != version.log_index:
            yield f"dataset {version.reference}: it is not where the log is said to have it"
        else:
            yield from (f"dataset {version.reference}: {each}" for each in _entry_problems(event, version))


def _log_problems(holding: Holding, version: Version, root: str) -> list[str]:
    log = holding.stores.log
    if version.log_index is None or version.log_index >= log.size:
        return ["the log does not know it"]
    try:
        entry = read_entry(log.entry(version.log_index))
        unknown = unknown_followers(holding, version)
    except ClearanceError as error:
        return [str(error)]
    if (
        not isinstance(entry, Event)
        or entry.kind != FROZEN_EVENT
        or entry.facts.get("dataset_version") != version.id
    ):
        return ["the log has something else in its place"]
    found = [*log.problems(), *_entry_problems(entry, version)]
    if root != version.root:
        found.append("its leaves do not give its root")
    if unknown:
        found.append("a smaller version followed it, and the control database does not know that one")
    return found


def _entry_problems(entry: Event, version: Version) -> Iterator[str]:
    """Compare what the control database says of a version with its entry in the log."""
    facts = entry.facts
    if facts.get("root") != version.root:
        yield "its root is not the one in the log"
    if facts.get("items") != version.items:
        yield "the log says another number of items"
    if facts.get("parent") != version.parent:
        yield "the log says another parent"
    if facts.get("policy") != version.policy:
        yield "the log says another policy"
    if entry.time != version.frozen_at:
        yield "the log says another time"


def _head_problems(holding: Holding, version: Version) -> list[str]:
    manifest = holding.versions.manifest(version)
    head = manifest.head()
    stated: Mapping[str, Any] = {
        "name": version.name,
        "number": version.number,
        "parent": version.parent,
        "project": version.project,
        "kind": version.kind.value,
        "policy": version.policy,
        "frozen_by": version.frozen_by,
        "facts": {
            name: value for name, value in version.facts.items() if name not in ("items", "kind", "policy")
        },
    }
    found = [
        f"{name}: the control database says another one than the head"
        for name, value in stated.items()
        if head.get(name) != value
    ]
    if head.get("audit_sha256") != sha256_of(holding.versions.audit_bytes(version)):
        found.append("its audit is not the one that was attached")
    return found


def _member_problems(holding: Holding, version: Version, *, pictures: bool) -> tuple[int, list[str]]:
    found: list[str] = []
    gone = holding.versions.manifest(version).erased()
    buried = holding.stores.tombstones.find([ItemId(item) for item in gone.to_pylist()])
    found += [
        f"item {item}: taken out, and no tombstone says why"
        for item in gone.to_pylist()
        if ItemId(item) not in buried
    ]
    opened = 0
    for few in in_parts(holding.versions.members(version), _AT_ONCE):
        records = {
            ItemId(stored.record["item_id"]): stored
            for stored in holding.stores.items.by_ids([member.item_id for member in few])
        }
        for member in few:
            stored = records.get(member.item_id)
            if stored is None:
                found.append(f"item {member.item_id}: there is no record of it")
                continue
            if stored.record["picture"]["kept"]["sha256"] != member.content_sha256:
                found.append(f"item {member.item_id}: its record speaks of other bytes")
                continue
            if pictures:
                opened += 1
                found += _picture_problems(
                    holding, member.item_id, member.content_sha256, stored.shard, stored.shard_entry
                )
        if len(found) >= _MAX_PROBLEMS:
            break
    return opened, found


def _picture_problems(holding: Holding, item: ItemId, sha256: str, shard: str, entry: int) -> Iterable[str]:
    try:
        content = holding.stores.vault.read(shard, entry)
    except IntegrityError as error:
        return [f"item {item}: {error}"]
    if sha256_of(content) != Sha256(sha256):
        return [f"item {item}: its bytes in the vault are other ones"]
    return []
