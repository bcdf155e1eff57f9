"""The record of one item: the facts that its leaf in the register commits to, and the evidence kept beside
it.

Pure: an outcome in, JSON-able values out. Numbers are integers, times are RFC 3339 in UTC, hashes are
hexadecimal.

Source: C2.1 (one record an item, with website and content ID); CEPIC guidelines, Transparency.
"""

from __future__ import annotations

import base64
import json
import secrets
import zlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from clearance.collecting.client import Response
from clearance.collecting.inspected import Inspected
from clearance.collecting.outcome import Considered, Recheck, Rechecked, Released, Verdict
from clearance.identifiers import ItemId, Sha256, sha256_of
from clearance.pictures import record_form
from clearance.policy import Reason

RECORD_VERSION = 1
_MAX_EVIDENCE_BYTES = 256 << 10
"""What is kept of one picture's evidence; more is cut, and the cut is noted."""
_MAX_NOTES = 64


def new_item_id() -> ItemId:
    """Make the id of a new item: random, so that it tells nothing."""
    return ItemId(secrets.token_hex(8))


def packed_evidence(responses: Sequence[Response], said: Mapping[str, object]) -> bytes:
    """Pack what a decision stands on: every response head, and what picture, page and registries say."""
    evidence: dict[str, object] = {
        "responses": [
            {
                "url": answer.url.text,
                "status": answer.status,
                "headers": [list(line) for line in answer.headers],
            }
            for answer in responses
        ],
        **said,
    }
    packed = _packed(evidence)
    if len(packed) > _MAX_EVIDENCE_BYTES and "page" in evidence:
        # The largest part goes first: what a page says must not push out what everything else says.
        page = _packed(evidence["page"])
        evidence["page"] = {
            "cut": f"{len(page)} bytes of a page, kept is its hash",
            "sha256": sha256_of(page),
        }
        packed = _packed(evidence)
    if len(packed) > _MAX_EVIDENCE_BYTES:
        cut = f"{len(packed)} bytes of evidence, kept is its hash"
        packed = _packed({"cut": cut, "sha256": sha256_of(packed)})
    return zlib.compress(packed, level=1)


def _packed(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":")).encode()


def is_cut(evidence: Mapping[str, Any]) -> bool:
    """Tell whether something of an item's evidence is missing, so that its decision cannot be made again."""
    return "cut" in evidence or "cut" in evidence.get("page", {})


def read_evidence(packed: bytes) -> dict[str, Any]:
    """Unpack the evidence of one item."""
    loaded = json.loads(zlib.decompress(packed)) if packed else {}
    return dict(loaded)


def record_of(
    considered: Considered, *, item: ItemId, project: str, use: str, evidence: bytes, run: str
) -> dict[str, Any]:
    """Build the record of one item, in the form that its commitment is made over."""
    row = considered.row
    answer = considered.responses[-1] if considered.responses else None
    record: dict[str, Any] = {
        "version": RECORD_VERSION,
        "item_id": item,
        "project": project,
        "use": use,
        "run": run,
        "url": considered.url.text if considered.url is not None else _readable(row.url[:2048]),
        "host": considered.host,
        "source": considered.source.name if considered.source is not None else "",
        "basis": considered.basis,
        "licence": considered.licence,
        "decision": considered.verdict.value,
        "reasons": [_reason(reason) for reason in considered.decision.reasons],
        "policy": considered.decision.policy,
        "collected_at": timestamp(considered.decided_at),
        "row": _row(considered),
        "host_files": list(considered.host_files),
        "evidence_sha256": sha256_of(evidence),
    }
    if considered.subject:
        record["subject"] = considered.subject
    if considered.replaces is not None:
        record["replaces"] = considered.replaces
    if answer is not None:
        record["response"] = _response(answer)
    if considered.reading is not None and considered.reading.notes:
        record["rights"] = [
            [_readable(name), _readable(value)] for name, value in considered.reading.notes[:_MAX_NOTES]
        ]
    if considered.verdict in (Verdict.KEPT, Verdict.HELD) and considered.inspected is not None:
        record["picture"] = _picture(considered.inspected)
        described = record_form(considered.inspected.described)
        if described:
            record["described"] = described
        record["sha256"] = considered.inspected.sha256
        record["iscc"] = considered.inspected.iscc
    else:
        # Of a refused picture only its hash stays: enough to know it again, nothing to look at.
        record["sha256"] = considered.received_sha256 or ""
        record["iscc"] = ""
    return record


def rechecked_record(rechecked: Rechecked, *, item: ItemId, evidence: bytes, run: str) -> dict[str, Any]:
    """Build the record of a picture whose standing a re-check changed: the old one with the reasons of today,
    held where its rights holder refuses now, kept where it was held and nobody refuses any more; the bytes
    and their content IDs are the same.
    """
    old = rechecked.item.record
    return {
        **{name: value for name, value in old.items() if name != "released"},
        "item_id": item,
        "replaces": old["item_id"],
        "run": run,
        "decision": (Verdict.HELD if rechecked.outcome is Recheck.QUARANTINED else Verdict.KEPT).value,
        "reasons": [_reason(reason) for reason in rechecked.decision.reasons],
        "policy": rechecked.decision.policy,
        "rechecked_at": timestamp(rechecked.at),
        "host_files": list(rechecked.host_files),
        "evidence_sha256": sha256_of(evidence),
    }


def released_record(released: Released, *, item: ItemId, run: str) -> dict[str, Any]:
    """Build the record of a held picture that a person released: the old one, kept, with who said why.

    What held it stays in the record, to be decided again from the same evidence.
    """
    old = released.item.record
    return {
        **old,
        "item_id": item,
        "replaces": old["item_id"],
        "run": run,
        "decision": Verdict.KEPT.value,
        "reasons": [_reason(reason) for reason in released.decision.reasons],
        "policy": released.decision.policy,
        "released": {
            "by": _readable(released.by),
            "at": timestamp(released.at),
            "reason": _readable(released.reason),
            "note": _readable(released.note),
            "held_for": old["reasons"],
            "held_under": old["policy"],
        },
    }


def timestamp(moment: datetime) -> str:
    """Write a time as RFC 3339 in UTC, to the microsecond."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _row(considered: Considered) -> dict[str, Any]:
    row = considered.row
    return {
        "number": row.number,
        "caption": _readable(row.caption),
        "licence": _readable(row.licence),
        "sha256": _readable(row.sha256),
        **({"page": _readable(row.page[:2048])} if row.page else {}),
        "extra": {_readable(name): _readable(value) for name, value in row.extra},
    }


def _reason(reason: Reason) -> dict[str, Any]:
    return {
        "rule": reason.rule.value,
        "control": reason.control,
        "outcome": reason.outcome.value,
        "signal": reason.signal,
        "detail": _readable(reason.detail),
        "evidence": list(reason.evidence),
    }


def _response(answer: Response) -> dict[str, Any]:
    return {
        "url": answer.url.text,
        "status": answer.status,
        "bytes": len(answer.content),
        "content_type": _readable(answer.header("content-type")),
        "etag": _readable(answer.header("etag")),
        "last_modified": _readable(answer.header("last-modified")),
        "egress": answer.egress,
    }


def _picture(inspected: Inspected) -> dict[str, Any]:
    return {
        "format": inspected.format,
        "width": inspected.width,
        "height": inspected.height,
        "orientation": inspected.orientation,
        "iscc_units": list(inspected.iscc_units),
        "pdq": base64.b64encode(inspected.pdq).decode(),
        "pdq_quality": inspected.pdq_quality,
        "kept": {
            "format": "JPEG",
            "width": inspected.content_width,
            "height": inspected.content_height,
            "bytes": len(inspected.content),
            "sha256": sha256_of(inspected.content),
        },
    }


def _readable(text: str) -> str:
    """Replace what canonical JSON cannot carry (lone surrogates) in text from outside."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def validators(record: Mapping[str, Any]) -> dict[str, str]:
    """Return the request headers that ask a host for a change only (RFC 9110 section 13)."""
    response = record.get("response", {})
    found = {
        "If-None-Match": response.get("etag", ""),
        "If-Modified-Since": response.get("last_modified", ""),
    }
    return {name: value for name, value in found.items() if value and value.isascii() and value.isprintable()}


def stored_sha256(record: Mapping[str, Any]) -> Sha256:
    """Return the hash of the bytes in the vault that a record speaks of."""
    return Sha256(record["picture"]["kept"]["sha256"])
