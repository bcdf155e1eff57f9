"""The pictures of a dataset version for training code: decrypted one at a time, where they are used.

`ClearedPictures` is what PyTorch calls a map-style dataset; it needs no PyTorch. Pictures are decoded in the
process that trains: the bytes in the vault are no strangers' any more, they were decoded in the cage and
encoded anew by us.

Source: C1.3, C5.1, C5.4.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import simplejpeg
from typing_extensions import override

from clearance.workspace import PictureReader, Workspace, open_pictures

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
"""Height by width by three, red first."""


def _no_passphrase() -> str:
    """Answer where no passphrase is asked for; a lambda could not be sent to another process."""
    return ""


class ClearedPictures:
    """A dataset version as a map-style dataset: `dataset[n]` is a picture and its facts.

    It is weighed when it is made: what was erased, or may not be used for training today, is not in it, and
    its length says so. Each process that reads (a DataLoader's workers, forked or spawned) opens the vault
    for itself, when it reads its first picture. It stops at whatever is decided meanwhile that may stand
    against one of its pictures (an erasure, a withdrawal, a refusal, a smaller version): make it anew, and go
    on.

    Args:
        workspace: its folder.
        dataset: `NAME@2`, or `NAME` for the newest version.
        transform: what is done to the pixels of each picture; it is sent to spawned workers, too.
        token: who reads, where that is not the operating-system user; as the variable CLEARANCE_TOKEN.
        passphrase: asked where the root key is protected by one; spawned workers ask again.
        why: what the pictures are read for; it is recorded with the read.

    Raises:
        BadInput: there is no such version.
        IntegrityError: the version is not what was frozen.
        Refused: a newer version followed; the permission to export is missing; or so many pictures take two
            persons, and nobody else has agreed so far.
    """

    def __init__(
        self,
        workspace: Path | str,
        dataset: str,
        *,
        transform: Callable[[Pixels], Any] | None = None,
        token: str | None = None,
        passphrase: Callable[[], str] = _no_passphrase,
        why: str = "",
    ) -> None:
        self._root = Path(workspace)
        self._transform = transform
        self._token = token if token is not None else os.environ.get("CLEARANCE_TOKEN")
        self._passphrase = passphrase
        self._opened: tuple[int, PictureReader, ExitStack] | None = None
        with Workspace.open(self._root, passphrase=passphrase, token=self._token, why=why) as here:
            self.version = here.training.open(dataset)

    def __len__(self) -> int:
        return len(self.version.items)

    def __getitem__(self, index: int) -> tuple[Any, dict[str, Any]]:
        """Return a picture and its facts.

        Raises:
            Refused: it was erased since, or something was decided that may stand against it: open the dataset
                again.
            IndexError: there is none of that number.
        """
        jpeg = self._reader().read(*self.version.places[index])
        pixels: Pixels = simplejpeg.decode_jpeg(jpeg, colorspace="RGB")
        return pixels if self._transform is None else self._transform(pixels), self.version.facts(index)

    def close(self) -> None:
        """Close the vault in this process; the next picture opens it again."""
        if self._opened is not None:
            pid, _, stack = self._opened
            self._opened = None
            if pid == os.getpid():
                stack.close()

    @override
    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_opened": None}

    def _reader(self) -> PictureReader:
        """Return the vault as this process opened it: what a parent opened is not shared with a fork."""
        if self._opened is None or self._opened[0] != os.getpid():
            stack = ExitStack()
            opened = open_pictures(self._root, self.version, token=self._token, passphrase=self._passphrase)
            self._opened = (os.getpid(), stack.enter_context(opened), stack)
        return self._opened[1]
