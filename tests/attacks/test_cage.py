import asyncio
import errno
import os
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, TypeVar

import pytest

from clearance.errors import ClearanceError
from clearance.pictures import Answer, Cage, CageLimits, Crashed

pytestmark = pytest.mark.control("C5.2")
_T = TypeVar("_T")


@pytest.fixture(autouse=True)
def _entries_can_be_imported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The cage's processes find the entries beside this file."""
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parent))


def limits(**changes: Any) -> CageLimits:
    return CageLimits(**{"memory_bytes": 512 << 20, "timeout_s": 3.0, **changes})


def run(work: Coroutine[Any, Any, _T]) -> _T:
    return asyncio.run(work)


async def tries(*names: str, workers: int = 1, **changes: Any) -> list[Answer | Crashed]:
    async with Cage("caged_entries:attempt", limits(**changes), workers=workers) as cage:
        return await asyncio.gather(*(cage.run({"try": name}, b"payload") for name in names))


@pytest.mark.parametrize(
    "what", ["socket", "connect", "read", "write", "unlink", "fork", "exec", "spawn", "kill"]
)
def test_a_decoder_that_was_taken_over_reaches_nothing(what: str) -> None:
    """No socket, no file, no process, no signal: the kernel answers that it is not permitted."""

    async def attempt() -> Answer | Crashed:
        async with Cage("caged_entries:attempt", limits(), workers=1) as cage:
            answer = await cage.run({"try": what}, b"")
            if not cage.has_seccomp:
                pytest.skip("this kernel or machine has no seccomp")
            return answer

    answer = run(attempt())
    assert isinstance(answer, Answer)
    assert answer.header == {"ok": False, "errno": errno.EPERM}


def test_a_decoder_is_born_without_our_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    """What it is handed of the environment is what Python needs to start, and how many threads it may use."""
    for name in ("CLEARANCE_PASSPHRASE", "CLEARANCE_TOKEN", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "correct horse battery")
    (answer,) = run(tries("environment"))
    assert isinstance(answer, Answer)
    assert "correct horse battery" not in answer.header["environment"].values()
    assert answer.header["environment"]["PYTHONPATH"] == str(Path(__file__).parent)


@pytest.mark.parametrize(
    ("what", "why"), [("crash", "ended without"), ("exit", "ended without"), ("hang", "took longer")]
)
def test_a_crash_or_a_hang_costs_that_one_picture(what: str, why: str) -> None:
    """Those before, behind and beside it are answered."""
    answers = run(tries("echo", "echo", what, "echo", "echo", workers=1))
    assert [isinstance(answer, Answer) for answer in answers] == [True, True, False, True, True]
    assert isinstance(answers[2], Crashed)
    assert why in answers[2].why


def test_a_memory_bomb_ends_within_its_bound() -> None:
    """A worker that wants more than it may have fails, and the others go on."""
    answers = run(tries("memory", "echo", memory_bytes=256 << 20))
    assert isinstance(answers[0], Crashed)
    assert isinstance(answers[1], Answer)


def test_workers_are_replaced_after_their_share() -> None:
    """What leaked or was planted goes with the process."""
    answers = run(tries(*["echo"] * 7, recycle_after=3))
    pids = [answer.header["pid"] for answer in answers if isinstance(answer, Answer)]
    assert len(pids) == 7
    assert len(set(pids)) == 3


def test_payloads_cross_whole_and_no_process_stays_behind() -> None:
    """Megabytes come back as they went, and closing the cage ends its processes."""
    payload = os.urandom(5 << 20)

    async def echo() -> Answer | Crashed:
        async with Cage("caged_entries:attempt", limits(), workers=2) as cage:
            return await cage.run({"try": "echo"}, payload)

    answer = run(echo())
    assert isinstance(answer, Answer)
    assert answer.payload == payload
    with pytest.raises(ProcessLookupError):
        os.kill(answer.header["pid"], 0)


def test_an_entry_that_does_not_exist_is_a_clear_error() -> None:
    """Everyone who waits is told, and nobody waits for ever."""

    async def ask() -> None:
        async with Cage("caged_entries:nothing", limits(), workers=1) as cage:
            first = asyncio.gather(
                *(cage.run({"try": "echo"}, b"") for _ in range(3)), return_exceptions=True
            )
            assert all(isinstance(error, ClearanceError) for error in await first)
            await cage.run({"try": "echo"}, b"")

    with pytest.raises(ClearanceError, match="does not start"):
        run(ask())
