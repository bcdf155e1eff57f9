"""Keeping at size: records sealed and proven, one item and one source erased, a million records swept.

The records are generated, not collected: each has its own address, caption, fingerprint and sealed bytes, and
goes through the same batches as a collected one.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import clearance
from clearance.collecting import Batch, utc_now
from clearance.collecting.inspected import Inspected
from clearance.collecting.outcome import Considered
from clearance.collecting.table import Row
from clearance.identifiers import IsccCode, Malformed, Sha256, parse_url
from clearance.keeping import ErasureReason, Selection, choose
from clearance.policy import RuleId
from clearance.sourcing import Embedded, Source
from clearance.workspace import Workspace
from clearance.workspace.retention import Retentions

_BATCH = 20_000
_SMALL, _LARGE = "small", "large"


@dataclass(slots=True, kw_only=True)
class Kept:
    """What was measured, in seconds and bytes."""

    seconds: dict[str, float] = field(default_factory=dict)
    appended: int = 0
    proofs: dict[int, tuple[int, float]] = field(default_factory=dict)
    """Bytes and seconds of one item's proof, by how many items there are."""

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Measure what is done inside."""
        started = time.perf_counter()
        yield
        self.seconds[name] = time.perf_counter() - started


def keep_at_size(work: Path, *, source_items: int = 100_000, swept_items: int = 1_000_000) -> Kept:
    """Fill a workspace, prove and erase from it, and sweep what is left."""
    kept = Kept()
    root = work / "keeping-workspace"
    shutil.rmtree(root, ignore_errors=True)
    Workspace.create(root, organisation="Bench", contact="https://example.org/bot")
    with clearance.open(root) as here:
        here.projects.create(name="p", purpose="speed", use="generative-training", target=10**9)
        for name in (_SMALL, _LARGE):
            here.sources.add(
                name=name,
                hosts=(f"{name}.example",),
                basis="public-domain",
                diligence="made by the benchmark",
            )
        sources = {source.name: source for source in here.sources.all()}
        _fill(here, sources[_SMALL], range(1_000))
        kept.proofs[1_000] = _proof(here)
        with kept.timed("append"):
            _fill(here, sources[_SMALL], range(1_000, source_items))
        kept.appended = source_items - 1_000
        _fill(here, sources[_LARGE], range(swept_items))
        here.holding.stores.items.optimise()
        kept.proofs[source_items + swept_items] = _proof(here)
        item = here.items.list(source=_LARGE, limit=1)[0]["id"]
        with kept.timed("erase one item"):
            here.erasures.erase(items=(item,), reason="request", by="Bench")
        with kept.timed("erase a source"):
            # Past the two-person rule, which is no part of the time.
            chosen = choose(here.holding.stores.items, Selection(source=_SMALL))
            with here.holding.locked():
                here.holding.eraser.erase(
                    chosen, reason=ErasureReason.REQUEST, asked_by="Bench", sources=(_SMALL,)
                )
        later = Retentions(
            here.holding, here.projects, here.licences, clock=lambda: utc_now() + timedelta(days=3_650)
        )
        with kept.timed("retention status"):
            later.status()
        with kept.timed("sweep"):
            later.sweep()
        with kept.timed("verify"):
            verified = here.register.verify()
        if not verified["ok"] or verified["items"] or verified["erased"] != source_items + swept_items:
            raise RuntimeError(f"the register does not hold: {verified}")
    shutil.rmtree(root)
    return kept


def keeping_table(kept: Kept) -> str:
    """Return the section of the results."""
    seconds = kept.seconds
    lines = [
        "",
        "## Keeping",
        "",
        "Generated records with sealed bytes of 256 bytes each, in batches of 20,000, one process.",
        "",
        "| what | measured |",
        "|---|---|",
        f"| records sealed: commitments, bytes, keys, log | {kept.appended / seconds['append']:,.0f}/s |",
        *(
            f"| proof of one item of {items:,} | {size:,} bytes, {took * 1000:.0f} ms |"
            for items, (size, took) in kept.proofs.items()
        ),
        f"| erase one item of {max(kept.proofs):,} | {seconds['erase one item']:.1f} s |",
        f"| erase a source of 100,000, keys included | {seconds['erase a source']:.1f} s |",
        f"| retention status over 1,000,000 | {seconds['retention status']:.1f} s |",
        f"| sweep of 1,000,000 | {seconds['sweep']:.1f} s |",
        f"| verify the register after it, {max(kept.proofs):,} tombstones | {seconds['verify']:.1f} s |",
        "",
    ]
    return "\n".join(lines)


def _fill(here: Workspace, source: Source, numbers: range) -> None:
    """Seal generated pictures, a batch at a time."""
    here.holding.publish_policy()
    policy = here.holding.policy
    allowed = policy.decide([policy.reason(RuleId.BASIS_PUBLIC_DOMAIN)])
    with here.holding.locked():
        for start in range(numbers.start, numbers.stop, _BATCH):
            batch = Batch(here.holding.stores, run="bench", policy=policy.hash, clock=utc_now)
            for number in range(start, min(start + _BATCH, numbers.stop)):
                url = parse_url(f"http://{source.name}.example/{number}.jpg")
                if isinstance(url, Malformed):
                    raise TypeError(url.why)
                considered = Considered(
                    row=Row(
                        number=number,
                        url=url.text,
                        caption=f"picture {number}",
                        licence="",
                        sha256="",
                        page="",
                        subject="",
                        extra=(),
                    ),
                    url=url,
                    decision=allowed,
                    decided_at=utc_now(),
                    source=source,
                    basis="public-domain",
                    inspected=_inspected(),
                )
                batch.add(considered, project="p", use="generative-training")
            batch.seal()


def _inspected() -> Inspected:
    chance = os.urandom(256)
    return Inspected(
        sha256=Sha256(chance[:32].hex()),
        format="JPEG",
        width=640,
        height=480,
        orientation=1,
        iscc=IsccCode("ISCC:" + chance[:20].hex().upper()),
        iscc_units=(),
        pdq=chance[:32],
        pdq_quality=100,
        embedded=Embedded(xmp=(), malformed=(), manifests=None, evidence=()),
        content=chance,
        content_width=512,
        content_height=384,
    )


def _proof(here: Workspace) -> tuple[int, float]:
    item = here.items.list(source=_SMALL, limit=1)[0]["id"]
    started = time.perf_counter()
    proof, _ = here.register.prove(item)
    return len(proof), time.perf_counter() - started
