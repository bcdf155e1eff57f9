"""The keyring of the operating system, as the `keyring` library reaches it: on Linux the Secret Service.

Source: freedesktop.org Secret Service API; C5.1.
"""

from __future__ import annotations

import contextlib
import os
from importlib.util import find_spec
from types import ModuleType

from clearance.errors import ConfigurationError, printable

_SERVICE = "clearance"
_CHOSEN_BY = "PYTHON_KEYRING_BACKEND"


def put(entry: str, secret: str) -> None:
    """Put a secret into the keyring, and see that it is there.

    Raises:
        ConfigurationError: there is no keyring, or it does not keep what it is given.
    """
    keyring = _keyring()
    _insist_on_a_meant_one(keyring)
    try:
        keyring.set_password(_SERVICE, entry, secret)
        found = keyring.get_password(_SERVICE, entry)
    except keyring.errors.KeyringError as error:
        raise _does_not_answer(error) from error
    if found != secret:
        raise ConfigurationError("the keyring does not give back what was put into it; nothing was made")


def get(entry: str) -> str:
    """Return a secret.

    Raises:
        ConfigurationError: there is no keyring, or it has no such entry.
    """
    keyring = _keyring()
    try:
        found: str | None = keyring.get_password(_SERVICE, entry)
    except keyring.errors.KeyringError as error:
        raise _does_not_answer(error) from error
    if found is None:
        raise ConfigurationError(
            f"the keyring has no entry {printable(entry)!r} of the service {_SERVICE!r}; open the workspace"
            " as the user who made it"
        )
    return found


def forget(entry: str) -> None:
    """Remove a secret that opens nothing any more; a keyring that does not answer is passed over."""
    with contextlib.suppress(ConfigurationError):
        keyring = _keyring()
        with contextlib.suppress(keyring.errors.KeyringError):
            keyring.delete_password(_SERVICE, entry)


def _keyring() -> ModuleType:
    try:
        import keyring  # noqa: PLC0415 - an extra, and slow to load
        import keyring.errors  # noqa: PLC0415

        keyring.get_keyring()
    except (ImportError, ValueError, AttributeError, TypeError) as error:
        # The library loads what the environment names, and lets whatever goes wrong there out.
        if os.environ.get(_CHOSEN_BY) is not None and find_spec("keyring"):
            raise ConfigurationError(f"{_CHOSEN_BY} names no keyring: {printable(str(error))}") from error
        raise ConfigurationError(
            "the root key is kept in the operating system's keyring: pip install 'clearance[keyring]'"
        ) from error
    return keyring


def _insist_on_a_meant_one(keyring: ModuleType) -> None:
    """Refuse a backend that the library does not recommend, as a plain file, unless one chose it by name."""
    backend = keyring.get_keyring()
    # Without any backend the library answers by an error of its own.
    if 0 < backend.priority < 1 and not os.environ.get(_CHOSEN_BY):
        raise ConfigurationError(
            f"the only keyring here is {backend.name}, which keeps no secret well; start a Secret Service, or"
            f" choose it by name in {_CHOSEN_BY}"
        )


def _does_not_answer(error: Exception) -> ConfigurationError:
    why = printable(str(error).partition("\n")[0]) or type(error).__name__
    return ConfigurationError(f"the operating system's keyring does not answer: {why}")
