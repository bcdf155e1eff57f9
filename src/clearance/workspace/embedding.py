"""An own embedding model, wired: pictures of the vault to vectors, and a query's nearest ones.

It proposes and never decides. Without a calibration on record, what it finds is only looked at by geometry.

Source: docs/match.md, A model of your own; C1.2.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import uvloop
from numpy.typing import NDArray

from clearance.collecting import Verdict
from clearance.configuration import EmbeddingSettings
from clearance.errors import BadInput, ConfigurationError, IntegrityError, printable
from clearance.fingerprints import NONE_NEARBY, Nearby, nearest
from clearance.governing import Permission
from clearance.identifiers import ItemId, Malformed, sha256_of
from clearance.pictures import Answer, Cage, CageLimits, Crashed
from clearance.policy import MatchLimits, PictureLimits
from clearance.register import ItemFilter
from clearance.workspace.holding import Holding

Vector = NDArray[np.float32]
T = TypeVar("T")

_ENTRIES = {
    ".onnx": ("onnxruntime", "clearance.pictures.embedding_onnx:answer", "pip install 'clearance[onnx]'"),
    ".pt": ("torch", "clearance.pictures.embedding_torchscript:answer", "pip install torch"),
}
_KEPT_AT_ONCE = 256
_MAX_MODEL_BYTES = 500_000_000
"""What fits through the cage's wall."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnModel:
    """The model that is set, its file read and found to be the one that was named."""

    settings: EmbeddingSettings
    content: bytes
    entry: str

    async def vector(self, cage: Cage, data: bytes, limits: PictureLimits) -> Vector | Malformed:
        """Return the vector of a picture, or why there is none; a new worker is given the model first."""
        job = {
            "do": "embed",
            "model": self.settings.sha256,
            "size": self.settings.size,
            "layout": self.settings.layout,
            "mean": self.settings.mean,
            "std": self.settings.std,
            "longest_side_px": limits.longest_side_px,
            "max_pixels": limits.max_pixels,
        }
        answer = await cage.run(job, data)
        if isinstance(answer, Answer) and "needs_model" in answer.header:
            loaded = await cage.run({"do": "load"}, self.content)
            if isinstance(loaded, Crashed) or "failure" in loaded.header:
                return _failed(loaded)
            answer = await cage.run(job, data)
        if isinstance(answer, Crashed) or "dimensions" not in answer.header:
            return _failed(answer)
        vector = np.frombuffer(answer.payload, "<f4").astype(np.float32)
        if len(vector) != answer.header["dimensions"] or not np.isfinite(vector).all():
            return Malformed(where="vector", why="not what was announced")
        return vector


class Embeddings:
    """The vectors of a workspace's own model."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._settings = holding.configuration.embedding

    def embed(
        self, *, limit: int | None = None, watch: Callable[[int, int], None] = lambda _done, _planned: None
    ) -> dict[str, Any]:
        """Have the own model look at every picture of the vault that it has not seen.

        Raises:
            ConfigurationError: none is set, its file is another one, or its library is not installed.
            WorkspaceBusy: another process is changing the workspace.
        """
        self._holding.require(Permission.CURATE)
        if not self._settings.file:
            raise ConfigurationError("clearance.toml, [embedding] file: no model is set")
        model = own_model(self._settings)
        with self._holding.locked():
            self._holding.publish_policy()
            waiting = self._waiting()
            chosen = waiting.slice(0, limit)
            done = self._run(model, lambda cage: self._embed(cage, model, chosen, watch))
        return {"embedded": done, "failed": len(chosen) - done, "left": len(waiting) - len(chosen)}

    def near(self, picture: Path, data: bytes) -> Nearby:
        """Return the items that the own model finds nearest to a picture; none where no model is set.

        Raises:
            BadInput: the model has no vector for the picture.
            ConfigurationError: the model's file is another one, or its library is not installed.
        """
        self._holding.require(Permission.READ)
        if not self._settings.file:
            return NONE_NEARBY
        model = own_model(self._settings)
        limits = self._holding.policy.parameters(PictureLimits)
        vector = self._run(model, lambda cage: model.vector(cage, data, limits))
        if isinstance(vector, Malformed):
            name = printable(self._settings.name)
            raise BadInput(f"{picture}: the model {name} has no vector for it: {vector.where}: {vector.why}")
        return nearest(
            self._holding.fingerprints,
            vector,
            model=self._settings.sha256,
            threshold=self._settings.threshold if self._settings.calibration_pairs else None,
            most=self._holding.policy.parameters(MatchLimits).candidates,
        )

    async def _embed(
        self, cage: Cage, model: OwnModel, chosen: pa.Array, watch: Callable[[int, int], None]
    ) -> int:
        """Keep the vectors of pictures, a part at a time; returns how many have one."""
        limits = self._holding.policy.parameters(PictureLimits)
        kept = dimensions = 0
        for start in range(0, len(chosen), _KEPT_AT_ONCE):
            part = chosen.slice(start, _KEPT_AT_ONCE).to_pylist()
            found: dict[ItemId, Vector] = {}
            for stored in self._holding.stores.items.by_ids(part):
                try:
                    content = self._holding.stores.vault.read(stored.shard, stored.shard_entry)
                except IntegrityError:
                    # `register verify` tells; the others have vectors none the less.
                    continue
                vector = await model.vector(cage, content, limits)
                if isinstance(vector, Malformed):
                    continue
                dimensions = dimensions or len(vector)
                if len(vector) == dimensions:
                    found[ItemId(stored.record["item_id"])] = vector
            self._holding.fingerprints.add_vectors(model.settings.sha256, found)
            kept += len(found)
            watch(start + len(part), len(chosen))
        return kept

    def _run(self, model: OwnModel, work: Callable[[Cage], Coroutine[Any, Any, T]]) -> T:
        limits = self._holding.policy.parameters(PictureLimits)

        async def caged() -> T:
            # One worker: each would have to be given the model.
            bounds = CageLimits(memory_bytes=limits.max_memory_bytes, timeout_s=limits.timeout_s)
            async with Cage(model.entry, bounds, workers=1) as cage:
                return await work(cage)

        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(caged())

    def _waiting(self) -> pa.Array:
        """Return the ids of pictures in the vault that have no vector of this model."""
        known = self._holding.fingerprints.items_with_vectors(self._settings.sha256)
        found = [
            rows.filter(pc.invert(pc.is_in(rows.column("item_id"), value_set=known))).column("item_id")
            for verdict in (Verdict.KEPT, Verdict.HELD)
            for rows in self._holding.stores.items.scan(
                ["item_id"], ItemFilter(decision=verdict.value, has_bytes=True)
            )
        ]
        return pa.chunked_array(found, pa.string()).combine_chunks()


def own_model(settings: EmbeddingSettings) -> OwnModel:
    """Read the model that is set, and check that it is the one that was named.

    Raises:
        ConfigurationError: it cannot be read, is another one, or its library is not installed.
    """
    where = f"clearance.toml, [embedding] file: {printable(settings.file)}"
    library, entry, how = _ENTRIES[Path(settings.file).suffix]
    if find_spec(library) is None:
        raise ConfigurationError(f"{where}: needs {library}: {how}")
    try:
        with Path(settings.file).open("rb") as file:
            content = file.read(_MAX_MODEL_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{where}: {error.strerror}") from error
    if len(content) > _MAX_MODEL_BYTES:
        raise ConfigurationError(f"{where}: larger than {_MAX_MODEL_BYTES} bytes")
    found = sha256_of(content)
    if found != settings.sha256:
        raise ConfigurationError(f"{where}: its SHA-256 is {found}, not the one that is set")
    return OwnModel(settings=settings, content=content, entry=entry)


def _failed(answer: Answer | Crashed) -> Malformed:
    why = answer.why if isinstance(answer, Crashed) else str(answer.header.get("failure", "no answer"))
    return Malformed(where="model", why=printable(why))
