"""The keys of a workspace: what there is, how old it is, and rotation (C5.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from clearance.errors import BadInput, WorkspaceBusy, printable
from clearance.governing import Permission
from clearance.vault import ROOT, KeyKind, RootKind, create_root, replace_root, root_kind
from clearance.workspace.holding import Holding, one_of
from clearance.workspace.root_key import NEXT_ROOT_KEY, ROOT_KEY, ROTATED, root_access


class Keys:
    """The keys of a workspace."""

    def __init__(self, holding: Holding) -> None:
        self._holding = holding
        self._keyring = holding.keyring

    def list(self) -> list[dict[str, Any]]:
        """Return what may be told of every key, the root key first; never the key itself."""
        self._holding.require(Permission.MANAGE_KEYS, Permission.VERIFY)
        facts = self._keyring.list()
        check = next(key for key in facts if key.kind is KeyKind.CHECK)
        root = {
            "key": ROOT,
            "kind": f"root: {root_kind(self._holding.root / ROOT_KEY).value}",
            "wrapped_by": "",
            "created_at": check.created_at.isoformat(),
            "destroyed_at": None,
            "wraps": sum(1 for key in facts if key.parent == ROOT and key is not check),
        }
        return [
            root,
            *(
                {
                    "key": key.id,
                    "kind": key.kind.value,
                    "wrapped_by": key.parent,
                    "created_at": key.created_at.isoformat(),
                    "destroyed_at": key.destroyed_at.isoformat() if key.destroyed_at else None,
                    "wraps": key.wraps,
                }
                for key in facts
                if key is not check
            ),
        ]

    def rotate_source(self, source: str) -> dict[str, Any]:
        """Make the keys of a source anew; its shards' keys are wrapped again, the shards stay as they are.

        Raises:
            BadInput: the source has no key.
        """
        self._holding.require(Permission.MANAGE_KEYS)
        with self._holding.locked():
            rotated = self._keyring.rotate_source(source)
            if not rotated:
                raise BadInput(
                    f"source {printable(source)!r}: it has no key; `clearance keys list` shows them"
                )
            self._holding.log_event(ROTATED, keys=len(rotated))
            self._holding.database.forget_deleted()
        return {"rotated": list(rotated)}

    def rotate_root(self, kind: str = "", *, passphrase: Callable[[], str] = lambda: "") -> dict[str, Any]:
        """Make the root key anew, of the kind that it has or of another, and wrap again what it wraps.

        Args:
            kind: file, passphrase, keyring or command; empty means as it is.
            passphrase: asked for the new passphrase, where one is needed.

        Raises:
            BadInput: an unknown kind, or a passphrase that is too short.
            ConfigurationError: the keyring or the command is not to be had.
        """
        self._holding.require(Permission.MANAGE_KEYS)
        root = self._holding.root
        wanted = one_of(RootKind, kind, what="--root-key") if kind else root_kind(root / ROOT_KEY)
        with self._holding.locked():
            if (root / NEXT_ROOT_KEY).exists():
                raise WorkspaceBusy(f"{root}: a rotation was cut off just now; run the command again")
            new = create_root(
                root / NEXT_ROOT_KEY, wanted, root_access(self._holding.configuration, passphrase)
            )
            rotated = self._keyring.rotate_root(new)
            self._holding.log_event(ROTATED, keys=len(rotated))
            replace_root(root / ROOT_KEY, root / NEXT_ROOT_KEY)
            self._holding.database.forget_deleted()
        return {"root_key": wanted.value, "rotated": [ROOT], "wrapped_again": list(rotated)}
