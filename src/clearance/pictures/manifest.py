"""Read what C2PA manifests in a picture say about mining and training. Runs inside the cage, and asks no
network.

Source: C2PA 2.x; CAWG Training and Data Mining Assertion 1.1 (`cawg.training-mining`); C2PA 1.x
(`c2pa.training-mining`).
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clearance.identifiers import Malformed

LABELS = ("cawg.training-mining", "c2pa.training-mining")
_MAX_MANIFESTS = 200
_MAX_ENTRIES = 100

# The library accepts unknown settings in silence and fetches remote manifests unless told not to: every
# switch that opens a connection is named here.
_SETTINGS = {
    "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_after_reading": True},
    "core": {"allowed_network_hosts": []},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MiningEntry:
    """One line of a training and mining assertion."""

    label: str
    """Of the assertion, without an instance number."""
    key: str
    """Which use, such as `cawg.ai_generative_training`."""
    use: str
    """`allowed`, `notAllowed`, `constrained`, or whatever else stands there."""
    constraint: str
    place: str
    """`active` for the newest manifest, `ingredient` for those of its ingredients."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifests:
    """What the manifests of one picture say."""

    entries: tuple[MiningEntry, ...]
    state: str
    """The library's verdict over the active manifest: `Trusted`, `Valid` or `Invalid`."""
    has_unreadable: bool
    """Whether an assertion of this kind was there but could not be read."""


def read_manifests(data: bytes, media_type: str) -> Manifests | Malformed | None:
    """Read the manifests of a picture; `None` where it has none after all."""
    # Loaded here: its native library is large, and most pictures carry no manifest.
    import c2pa  # noqa: PLC0415

    try:
        with (
            c2pa.Context.from_dict(_SETTINGS) as context,
            c2pa.Reader(media_type, io.BytesIO(data), context=context) as reader,
        ):
            store: dict[str, Any] = json.loads(reader.json())
            state = str(reader.get_validation_state() or "")
    except Exception as error:  # noqa: BLE001 - a native parser on hostile bytes; every failure is an answer
        return _unread(data, error)
    active = store.get("active_manifest", "")
    manifests = store.get("manifests", {})
    entries: list[MiningEntry] = []
    unreadable = len(manifests) > _MAX_MANIFESTS
    for name, manifest in list(manifests.items())[:_MAX_MANIFESTS]:
        place = "active" if name == active else "ingredient"
        for assertion in manifest.get("assertions", []):
            read = read_assertion(assertion, place=place)
            if read is None:
                unreadable = True
            else:
                entries += read
    return Manifests(entries=tuple(entries), state=state, has_unreadable=unreadable)


def read_assertion(assertion: Mapping[str, Any], *, place: str) -> list[MiningEntry] | None:
    """Read one assertion: its entries, none if it is of another kind, or `None` if it cannot be read."""
    label = str(assertion.get("label", "")).partition("__")[0]
    if label not in LABELS:
        return []
    content = assertion.get("data")
    if not isinstance(content, dict):
        return None
    # Early files state the uses without the `entries` map around them.
    stated = content.get("entries", content)
    if not isinstance(stated, dict) or len(stated) > _MAX_ENTRIES:
        return None
    entries: list[MiningEntry] = []
    for key, value in stated.items():
        if key == "metadata":
            continue
        use = value.get("use") if isinstance(value, dict) else value
        if not isinstance(use, str):
            return None
        # The specification's text and its schema name this field differently.
        constraint = (
            value.get("constraint_info") or value.get("constraints_info") if isinstance(value, dict) else ""
        )
        entries.append(
            MiningEntry(
                label=label, key=str(key), use=use, constraint=str(constraint or "")[:500], place=place
            )
        )
    return entries


def _unread(data: bytes, error: Exception) -> Malformed | None:
    if "ManifestNotFound" in type(error).__name__ or "ManifestNotFound" in str(error):
        # JUMBF without a C2PA store, or the two names by chance in the picture data.
        return None
    why = f"the manifest cannot be read: {error}"
    if b"training-mining" in data:
        why = f"a training and mining assertion is there, but {why}"
    return Malformed(where="C2PA", why=why[:500])
