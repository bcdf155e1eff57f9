"""What was recorded, and what can be proven of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from clearance.collecting import Verdict, facts_from, is_cut, read_evidence, replay, stored_sha256
from clearance.errors import BadInput, ClearanceError, printable
from clearance.governing import Permission
from clearance.identifiers import ItemId, Sha256, WebUrl, parse_url, sha256_of
from clearance.keeping import NOT_KNOWN
from clearance.policy import RuleId, read_past_policy
from clearance.register import (
    ErasureEntry,
    ItemFilter,
    StoredItem,
    Verifier,
    check_proof,
    prove_item,
    prove_tombstone,
    read_entry,
    verify_register,
)
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.plain import Sentences, item_facts, tombstone_facts
from clearance.workspace.verifying import listed_problems

_NOT_REPLAYED = frozenset(
    {
        RuleId.TERMS_REVIEWED,
        RuleId.TERMS_CHANGED,
        RuleId.TERMS_PROHIBIT,
        RuleId.ACCOUNT_MONITORED,
        RuleId.QUOTA,
        RuleId.SHARE,
        RuleId.NETWORK_ADDRESS,
        RuleId.REDIRECT_OUTSIDE,
        RuleId.FETCH_FAILED,
        RuleId.FETCH_LIMITS,
        RuleId.PICTURE_LIMITS,
        RuleId.PICTURE_UNREADABLE,
        RuleId.CONTENT_MISMATCH,
        RuleId.CONTENT_CHANGED,
        RuleId.NEAR_IDENTICAL_FLOOD,
        RuleId.HOST_CHANGED,
    }
)
"""Reasons that stand on no rights holder's word: there is no signal to read again."""
_COUNTED = ("decision", "source", "host", "basis", "project", "subject")


class Items:
    """The records of a workspace."""

    def __init__(self, holding: Holding, sources: Sources, licences: Licences) -> None:
        self._holding = holding
        self._store = holding.stores.items
        self._tombstones = holding.stores.tombstones
        self._journal = holding.stores.journal
        self._agent = holding.configuration.crawler.token
        self._sources = sources
        self._licences = licences

    def list(
        self,
        *,
        project: str = "",
        subject: str = "",
        source: str = "",
        host: str = "",
        basis: str = "",
        decision: str = "",
        reason: str = "",
        include_superseded: bool = False,
        limit: int = 1000,
    ) -> list[dict[str, Any]]:
        """Return items, with the reasons in the words of the policy that decided."""
        self._holding.require(Permission.READ)
        chosen = ItemFilter(
            project=project,
            subject=subject,
            source=source,
            host=host,
            basis=basis,
            decision=_decision(decision),
            reason=reason,
            include_superseded=include_superseded,
        )
        sentences = Sentences(self._journal)
        found = [item_facts(stored.record, sentences) for stored in self._store.records(chosen, limit=limit)]
        self._holding.note_read(
            "items list",
            items=len(found),
            project=project,
            subject=subject,
            source=source,
            host=host,
            basis=basis,
            decision=decision,
            reason=reason,
        )
        return found

    def show(self, item: str) -> dict[str, Any]:
        """Return one item's whole record, its evidence, and where it stands in the register; of an erased
        one, its tombstone.
        """
        self._holding.require(Permission.READ)
        buried = self._tombstones.find([ItemId(item)]).get(ItemId(item))
        if buried is not None:
            self._holding.note_read("items show", items=1, item=item)
            return {"id": item, "decision": "erased", "tombstone": tombstone_facts(*buried)}
        stored = self._found(item, "items show")
        shown = item_facts(stored.record, Sentences(self._journal))
        return {
            **shown,
            "record": stored.record,
            "evidence": read_evidence(stored.evidence),
            "batch": stored.batch,
            "leaf": stored.position,
            "replay": self.replayed(stored),
        }

    def count(
        self, *, by: str = "decision", include_superseded: bool = False, **chosen: str
    ) -> dict[str, Any]:
        """Count items by one of their properties."""
        self._holding.require(Permission.READ)
        if by not in _COUNTED:
            raise BadInput(f"--by {printable(by)!r}: one of {', '.join(_COUNTED)}")
        chosen["decision"] = _decision(chosen.get("decision", ""))
        meant = ItemFilter(include_superseded=include_superseded, has_bytes=False, **chosen)
        counts = self._store.counts_by(by, meant)
        self._holding.note_read("items count", items=sum(counts.values()), by=by, **chosen)
        return {"items": sum(counts.values()), "by": counts}

    def get(self, item: str) -> StoredItem:
        """Return one record with what is kept beside it.

        Raises:
            BadInput: there is none of that id.
        """
        self._holding.require(Permission.READ)
        return self._found(item, "items get")

    def _found(self, item: str, what: str) -> StoredItem:
        stored = stored_item(self._holding, item)
        self._holding.note_read(what, items=1, item=item)
        return stored

    def replayed(self, stored: StoredItem) -> dict[str, Any] | None:
        """Decide again from the evidence; nothing where there was nothing to decide."""
        self._holding.require(Permission.READ)
        record, evidence = stored.record, read_evidence(stored.evidence)
        # What a person released stands on the evidence that held it.
        released = record.get("released", {})
        reasons = released.get("held_for", record["reasons"])
        content = self._journal.policy(Sha256(released.get("held_under", record["policy"])))
        files = [self._journal.evidence(Sha256(sha256)) for sha256 in record["host_files"]]
        decided = all(reason["rule"] not in _NOT_REPLAYED for reason in reasons)
        url = parse_url(record["url"])
        if not decided or content is None or is_cut(evidence):
            return None
        facts = facts_from(
            record,
            evidence,
            host_files=[file for file in files if file is not None],
            source=next((source for source in self._sources.all() if source.name == record["source"]), None),
            licences=self._licences.index().covering(record["source"], url.target)
            if isinstance(url, WebUrl)
            else (),
            agent=self._agent,
        )
        decision = replay(facts, evidence, read_past_policy(content))
        told = [{"rule": reason.rule.value, "signal": reason.signal} for reason in decision.reasons]
        said = [{"rule": reason["rule"], "signal": reason["signal"]} for reason in reasons]
        return {"reasons": told, "same": told == said}


class Register:
    """The register of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._stores = holding.stores

    def verify(self, *, pictures: bool = True) -> dict[str, Any]:
        """Compute the register again and, unless left out, open every picture in the vault."""
        self._holding.require(Permission.VERIFY)
        found = verify_register(
            self._stores.log, self._stores.leaves, self._stores.items, self._stores.tombstones
        )
        problems = [*found.problems, *self._changed_beside()]
        opened = 0
        if pictures:
            opened, damaged = self._check_pictures()
            problems += damaged
        return {
            "ok": not problems,
            "entries": found.entries,
            "items": found.items,
            "erased": found.erased,
            "pictures": opened,
            "checkpoint": found.checkpoint,
            "problems": problems,
        }

    def _changed_beside(self) -> Iterator[str]:
        """Compare certificates and dataset versions with the log, and what decisions stand on with the names
        it is kept under.
        """
        for erasure in self._holding.keeping.journal.list():
            if erasure.log_index is None or not 0 <= erasure.log_index < self._stores.log.size:
                continue
            entry = read_entry(self._stores.log.entry(erasure.log_index))
            path = self._holding.keeping.certificates / f"{erasure.id}.json"
            is_logged = isinstance(entry, ErasureEntry) and entry.erasure == erasure.id
            if not is_logged:
                yield f"erasure {erasure.id}: it is not where the log is said to have it"
            elif not path.exists():
                # After a restore those of erasures that the backup missed are not there.
                if erasure.recorded_by != NOT_KNOWN:
                    yield f"erasure {erasure.id}: its certificate is missing"
            elif isinstance(entry, ErasureEntry) and sha256_of(path.read_bytes()) != entry.certificate:
                yield f"erasure {erasure.id}: its certificate is not the one that the log names"
        yield from self._stores.journal.changed()
        yield from listed_problems(self._holding)

    def prove(self, item: str) -> tuple[str, str]:
        """Return a proof that an item's record, or its tombstone, is in the log, and the key that it verifies
        against.
        """
        self._holding.require(Permission.READ)
        key = self._stores.log.verifier.vkey
        erased = prove_tombstone(self._stores.log, self._stores.tombstones, ItemId(item))
        if erased is not None:
            self._holding.note_read("register prove", items=1, item=item)
            return erased, key
        stored = stored_item(self._holding, item)
        self._holding.note_read("register prove", items=1, item=item)
        return prove_item(self._stores.log, self._stores.leaves, stored), key

    def _check_pictures(self) -> tuple[int, list[str]]:
        """Open every picture that a record says is in the vault and compare it with the record's hash."""
        opened = 0
        problems: list[str] = []
        for stored in self._stores.items.records(ItemFilter(include_superseded=True)):
            if not stored.shard:
                continue
            try:
                content = self._stores.vault.read(stored.shard, stored.shard_entry)
            except ClearanceError as error:
                problems.append(f"item {stored.record['item_id']}: {error}")
                continue
            opened += 1
            if sha256_of(content) != stored_sha256(stored.record):
                problems.append(
                    f"item {stored.record['item_id']}: the vault holds other bytes than were recorded"
                )
        return opened, problems


def stored_item(holding: Holding, item: str) -> StoredItem:
    """Return one record with what is kept beside it; whoever hands it on notes the read.

    Raises:
        BadInput: there is none of that id.
    """
    found = holding.stores.items.by_ids([ItemId(item)])
    if found:
        return found[0]
    if holding.stores.tombstones.find([ItemId(item)]):
        raise BadInput(
            f"item {printable(item)} was erased; `clearance items show {printable(item)}` tells when"
        )
    raise BadInput(f"no item {printable(item)!r}; `clearance items list` shows them")


def check_proof_file(file: Path, *, key: str) -> dict[str, Any]:
    """Check a proof offline against a log key."""
    try:
        text = file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"{file}: {error}") from error
    proven = check_proof(text, Verifier.parse(key))
    return {"ok": True, "log_index": proven.log_index, "log_size": proven.log_size, "record": proven.record}


def _decision(value: str) -> str:
    return one_of(Verdict, value, what="--decision").value if value else ""
