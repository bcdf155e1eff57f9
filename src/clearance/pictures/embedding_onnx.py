"""The caged entry for own models in ONNX files; needs the extra `onnx`."""

from __future__ import annotations

import numpy as np
import onnxruntime

from clearance.pictures.embedding import Batch, Embedder, Model


def _load(data: bytes) -> Model:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 4
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(batch: Batch) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        return np.asarray(session.run(None, {name: batch})[0], np.float32)

    return run


answer = Embedder(_load).answer
"""One worker holds one model; another worker is another process."""
