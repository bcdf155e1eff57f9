"""The caged entry for own models in TorchScript files; needs PyTorch, which is no dependency of ours."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import torch

from clearance.pictures.embedding import Batch, Embedder, Model


def _load(data: bytes) -> Model:
    torch.set_num_threads(1)
    module: Any = torch.jit.load(io.BytesIO(data), map_location="cpu").eval()

    def run(batch: Batch) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        with torch.inference_mode():
            return np.asarray(module(torch.from_numpy(batch)), np.float32)

    return run


answer = Embedder(_load).answer
"""One worker holds one model; another worker is another process."""
