import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.errors import BadInput, RegisterDamaged
from clearance.register import Checkpoint, Signer, Verifier, open_checkpoint, open_note

pytestmark = pytest.mark.control("C2.1")

# The example of golang.org/x/mod/sumdb/note.
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
SIGNER = Signer("example.org/log", bytes(range(32)))


def test_a_note_signed_by_go_is_opened() -> None:
    """The published example of another implementation verifies, and a changed one does not."""
    text = open_note(GO_NOTE, Verifier.parse(GO_KEY))
    assert text.endswith("what your problem is.\n")
    with pytest.raises(RegisterDamaged, match="does not hold"):
        open_note(GO_NOTE.replace("answer", "Answer"), Verifier.parse(GO_KEY))


def test_a_key_reads_as_it_is_written() -> None:
    """A verifier's vkey parses back to itself; a wrong hash, algorithm or name is refused."""
    vkey = SIGNER.verifier.vkey
    assert Verifier.parse(vkey) == SIGNER.verifier
    assert Verifier.parse(GO_KEY).vkey == GO_KEY
    for broken in (
        "",
        "name",
        vkey.replace("example", "Example"),
        vkey[:-4] + "AAAA",
        "a b+00000000+" + vkey.split("+", 2)[2],
        vkey.split("+")[0] + "+00000000+!!!",
        "n+00000000+" + base64.b64encode(b"\x02" + bytes(32)).decode(),
    ):
        with pytest.raises(BadInput, match="log key"):
            Verifier.parse(broken)
    with pytest.raises(BadInput):
        Signer("with space", bytes(32))


@pytest.mark.parametrize(
    ("note", "why"),
    [
        ("", "not a signed note"),
        ("text\n", "not a signed note"),
        ("text\n\n\u2014 someone.else AAAAAAAAAAAA\n", "not signed by"),
        ("text\n\n- example.org/log AAAAAAAAAAAA\n", "unreadable signature"),
        ("text\n\n\u2014 example.org/log !!!!\n", "unreadable signature"),
        ("text\n\n\u2014 example.org/log AAAA\n", "unreadable signature"),
        ("text\n\n\u2014 example.org/log AAAAAAAAAAAA", "not a signed note"),
    ],
)
def test_a_note_that_nobody_signed_is_refused(note: str, why: str) -> None:
    """Malformed and foreign signatures open nothing."""
    with pytest.raises(RegisterDamaged, match=why):
        open_note(note, SIGNER.verifier)


def test_other_signatures_on_a_note_are_passed_over() -> None:
    """Witnesses may sign the same note; ours must be there and hold."""
    note = SIGNER.sign("text\n") + "\u2014 witness.example AAAAAAAAAAAA\n"
    assert open_note(note, SIGNER.verifier) == "text\n"
    with pytest.raises(ValueError, match="newline"):
        SIGNER.sign("no newline")


@given(st.integers(0, 2**60), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_opens_as_it_was_signed(size: int, top: bytes) -> None:
    """Origin, size and root survive signing and opening."""
    checkpoint = Checkpoint(origin="example.org/log", size=size, root=top)
    assert open_checkpoint(checkpoint.sign(SIGNER), SIGNER.verifier) == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        "example.org/log\n-1\n" + "A" * 43 + "=\n",
        "example.org/log\n01\n" + "A" * 43 + "=\n",
        "example.org/log\n1\n!!\n",
        "example.org/log\n1\nAAAA\n",
        "other.org/log\n1\n" + "A" * 43 + "=\n",
        "example.org/log\n1\n",
    ],
)
def test_a_malformed_checkpoint_is_refused_though_signed(text: str) -> None:
    """A signature does not make a broken text a checkpoint."""
    with pytest.raises(RegisterDamaged):
        open_checkpoint(SIGNER.sign(text), SIGNER.verifier)
