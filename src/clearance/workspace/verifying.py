"""Compute a dataset version again: its rows, its root in the log, its audit, its members in the vault.

Source: C2.1, C1.3.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from clearance.curating import Member, Version
from clearance.errors import ClearanceError, IntegrityError
from clearance.identifiers import ItemId, Sha256, sha256_of
from clearance.register import Event, read_entry
from clearance.workspace.holding import Holding

_MAX_PROBLEMS = 100


def verified(holding: Holding, version: Version, *, pictures: bool) -> dict[str, Any]:
    """Return what does not hold of a version.

    Steps: 1 its rows give its leaves, and its leaves the root in the log; 2 its head is what the control
    database says, and its audit the one that was attached; 3 whoever was taken out has a tombstone; 4 every
    member has its record, and with `pictures` its bytes.
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


def _log_problems(holding: Holding, version: Version, root: str) -> list[str]:
    log = holding.stores.log
    if version.log_index is None or version.log_index >= log.size:
        return ["the log does not know it"]
    try:
        entry = read_entry(log.entry(version.log_index))
    except ClearanceError as error:
        return [str(error)]
    if not isinstance(entry, Event) or entry.facts.get("dataset_version") != version.id:
        return ["the log has something else in its place"]
    found = [*log.problems()]
    if entry.facts.get("root") != root or root != version.root:
        found.append("its root is not the one in the log")
    if entry.facts.get("items") != version.items:
        found.append("the log says another number of items")
    return found


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
    for few in _parts(holding.versions.members(version)):
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


def _parts(members: Iterable[Member], size: int = 1000) -> Iterable[list[Member]]:
    part: list[Member] = []
    for member in members:
        part.append(member)
        if len(part) == size:
            yield part
            part = []
    if part:
        yield part
