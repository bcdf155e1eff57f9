"""Is this picture in the vault? What was found, by which methods, and how many items each of them covered.

Source: docs/match.md; C1.2, C4.1.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any, assert_never

import pyarrow as pa
import pyarrow.compute as pc
import uvloop

from clearance.collecting import Verdict
from clearance.errors import BadInput, IntegrityError, Refused, printable
from clearance.fingerprints import (
    WHOLE,
    Code,
    Match,
    Method,
    Query,
    Region,
    Strength,
    View,
    coverage,
    has_too_little,
    search,
)
from clearance.governing import Permission, ProjectStore
from clearance.identifiers import ItemId, sha256_of
from clearance.pictures import Answer, Crashed, QueryFeatures, read_query
from clearance.policy import FetchLimits, MatchLimits, PictureLimits, Policy
from clearance.register import ItemFilter
from clearance.workspace.embedding import Embeddings
from clearance.workspace.holding import Holding
from clearance.workspace.visiting import open_cage

QUERY = "clearance.pictures.query:describe"
NONE_FOUND = "no match found with these methods"
TOO_LITTLE = "quality too low to match"
_COLUMNS = ("item_id", "project", "url", "source", "decision", "shard", "superseded")
_CODES_AT_ONCE = 10_000
_RECORDS_AT_ONCE = 1000


class Matches:
    """Looks for pictures among those of a workspace."""

    def __init__(self, holding: Holding, embeddings: Embeddings) -> None:
        self._holding = holding
        self._embeddings = embeddings
        self._items = holding.stores.items

    def match(self, picture: Path, *, project: str = "") -> dict[str, Any]:
        """Say whether a picture is in the vault, whole or in part, and by which methods it was looked for.

        Steps: 1 the picture is described, in the cage; 2 codes that the index lacks are added, where nobody
        else holds the workspace; 3 near codes and local features; 4 the same bytes, and what is still in the
        vault of what was found; 5 how many items each method covered.

        Args:
            picture: a file, of any format that is collected.
            project: only items of this project are meant.

        Raises:
            BadInput: the file cannot be read, is no picture within the policy's limits, or there is no such
                project.
        """
        self._holding.require(Permission.READ)
        if project:
            ProjectStore(self._holding.database).get(project)
        policy = self._holding.policy
        limits = policy.parameters(MatchLimits)
        # 1
        data = _read(picture, max_bytes=policy.parameters(FetchLimits).max_picture_bytes)
        features = self._described(picture, data, policy)
        query = _query(features)
        # 2
        items = self._in_vault(project)
        self._add_codes(self._in_vault("") if project else items)
        # 3
        too_little = has_too_little(query, limits)
        near = self._embeddings.near(picture, data)
        found = () if too_little else search(self._holding.fingerprints, query, limits, near=near)
        sha256 = sha256_of(data)
        # 4
        matches = self._shown(found, sha256=sha256, project=project)
        # 5
        model = self._holding.configuration.embedding.sha256
        covered = coverage(self._holding.fingerprints, items, limits, model=model)
        # In the clear it would outlive the erasure of the picture that it is of (C3.4).
        asked = self._holding.keeping.suppression.hash_of_query(sha256)
        self._holding.note_read("match", items=len(matches), picture=asked, project=project)
        return {
            "answer": _answer(matches, too_little=too_little),
            "matches": matches,
            "methods": [
                {"method": method.value, "covered": count, "of": len(items)}
                for method, count in covered.items()
            ],
            "hint": _hint(covered, of=len(items)),
            "picture": {
                "sha256": sha256,
                "width": features.shown_width,
                "height": features.shown_height,
                "quality": features.quality,
                "local_features": len(features.points),
            },
        }

    def _described(self, picture: Path, data: bytes, policy: Policy) -> QueryFeatures:
        limits = policy.parameters(PictureLimits)
        job = {
            "formats": list(limits.formats),
            "max_pixels": limits.max_pixels,
            "min_side_px": limits.min_side_px,
        }
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            answer = runner.run(self._ask(job, data, policy))
        if isinstance(answer, Crashed):
            raise BadInput(f"{picture}: cannot be read as a picture: the decoder {printable(answer.why)}")
        if "why" in answer.header:
            why = printable(str(answer.header["why"]))
            raise BadInput(f"{picture}: cannot be read as a picture: {why}")
        try:
            return read_query(answer.header, answer.payload)
        except (ValueError, KeyError, TypeError) as error:
            raise BadInput(f"{picture}: the decoder gave no answer that can be read") from error

    async def _ask(self, job: Mapping[str, Any], data: bytes, policy: Policy) -> Answer | Crashed:
        async with open_cage(self._holding, policy=policy, workers=1, entry=QUERY) as cage:
            return await cage.run(job, data)

    def _in_vault(self, project: str) -> pa.Array:
        """Return the ids of the items whose picture is in the vault."""
        found = [
            rows.column("item_id")
            for verdict in (Verdict.KEPT, Verdict.HELD)
            for rows in self._items.scan(
                ["item_id"], ItemFilter(project=project, decision=verdict.value, has_bytes=True)
            )
        ]
        return pa.chunked_array(found, pa.string()).combine_chunks()

    def _add_codes(self, items: pa.Array) -> None:
        """Add the codes that the index lacks; where somebody holds the workspace, the answer covers less."""
        fingerprints = self._holding.fingerprints
        missing = items.filter(pc.invert(pc.is_in(items, value_set=fingerprints.items())))
        if not len(missing):
            return
        try:
            with self._holding.locked():
                for start in range(0, len(missing), _CODES_AT_ONCE):
                    fingerprints.add_codes(self._codes(missing.slice(start, _CODES_AT_ONCE)))
        except (Refused, IntegrityError):
            # Busy, rolled back, or something that a crash left cannot be finished: reading goes on, and the
            # answer says how many items its methods covered.
            return

    def _codes(self, items: pa.Array) -> list[Code]:
        codes = []
        for start in range(0, len(items), _RECORDS_AT_ONCE):
            part = items.slice(start, _RECORDS_AT_ONCE)
            # An item that was erased since it was listed has no record any more, and gets no code.
            rows = self._items.rows(["item_id", "pdq", "record"], key="item_id", values=part)
            codes += [_code(row) for row in rows.to_pylist() if row["pdq"] is not None]
        return codes

    def _shown(self, found: tuple[Match, ...], *, sha256: str, project: str) -> list[dict[str, Any]]:
        """Return what is still in the vault of what was found, with where it came from."""
        same = self._rows("sha256", [sha256], project)
        shown = [_match_facts(_same_bytes(item), row) for item, row in sorted(same.items())]
        near = self._rows("item_id", [match.item for match in found], project)
        return shown + [
            _match_facts(match, near[match.item])
            for match in found
            if match.item in near and match.item not in same
        ]

    def _rows(self, key: str, values: list[str], project: str) -> dict[str, dict[str, Any]]:
        columns = list(dict.fromkeys([*_COLUMNS, key]))
        rows = self._items.rows(columns, key=key, values=pa.array(values, pa.string()))
        return {
            row["item_id"]: row
            for row in rows.to_pylist()
            if row["shard"] and not row["superseded"] and (not project or row["project"] == project)
        }


def _read(picture: Path, *, max_bytes: int) -> bytes:
    try:
        with picture.open("rb") as file:
            data = file.read(max_bytes + 1)
    except OSError as error:
        raise BadInput(f"{picture}: {error.strerror}") from error
    if len(data) > max_bytes:
        raise BadInput(
            f"{picture}: larger than {max_bytes} bytes (policy rule fetch-limits, max_picture_bytes)"
        )
    return data


def _query(features: QueryFeatures) -> Query:
    left, top, width, height = features.inner
    return Query(
        codes=features.codes,
        quality=features.quality,
        trimmed_codes=features.trimmed_codes,
        trimmed_quality=features.trimmed_quality,
        inner=Region(x=left, y=top, width=width, height=height),
        iscc=features.iscc,
        width=features.width,
        height=features.height,
        views=(
            View(points=features.points, descriptors=features.descriptors, is_mirrored=False),
            View(
                points=features.mirrored_points,
                descriptors=features.mirrored_descriptors,
                is_mirrored=True,
            ),
        ),
    )


def _code(row: Mapping[str, Any]) -> Code:
    return Code(
        item=ItemId(row["item_id"]),
        pdq=row["pdq"],
        pdq_quality=int(json.loads(row["record"])["picture"]["pdq_quality"]),
    )


def _same_bytes(item: str) -> Match:
    return Match(
        item=ItemId(item),
        strength=Strength.MATCH,
        method=Method.BYTES,
        pdq_bits=None,
        iscc_bits=None,
        inliers=None,
        embedding=None,
        region=WHOLE,
    )


def _match_facts(match: Match, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a match as plain values; a region is in shares of the query's width and height."""
    return {
        "item": match.item,
        "verdict": match.strength.value,
        "method": match.method.value,
        "distance": _distance(match),
        "inliers": match.inliers,
        "pdq_bits": match.pdq_bits,
        "iscc_bits": match.iscc_bits,
        "cosine": None if match.embedding is None else round(match.embedding, 4),
        "region": {name: round(share, 4) for name, share in asdict(match.region).items()},
        "url": row["url"],
        "source": row["source"],
        "project": row["project"],
        "decision": row["decision"],
    }


def _distance(match: Match) -> int | None:
    """Return the bits between two codes, where the verdict stands on codes; 0 for the same bytes."""
    match match.method:
        case Method.BYTES:
            return 0
        case Method.PDQ:
            return match.pdq_bits
        case Method.ISCC:
            return match.iscc_bits
        case Method.LOCAL | Method.EMBEDDING:
            return None
        case _ as never:
            assert_never(never)


def _answer(matches: list[dict[str, Any]], *, too_little: bool) -> str:
    if matches:
        verdicts = {match["verdict"] for match in matches}
        return (Strength.MATCH if Strength.MATCH.value in verdicts else Strength.POSSIBLE).value
    return TOO_LITTLE if too_little else NONE_FOUND


def _hint(covered: Mapping[Method, int], *, of: int) -> str | None:
    """Say what to do where local features could not be looked at."""
    left = of - covered[Method.LOCAL]
    if not left:
        return None
    return (
        f"{left} of {of} items have no local features: parts and copies with other borders of these are not"
        " found; `clearance items examine` reads them"
    )
