import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clearance.errors import BadInput, ClearanceError, ConfigurationError, StorageError
from clearance.vault import (
    RootAccess,
    RootKind,
    create_root,
    load_root,
    remove_root,
    replace_root,
    root_kind,
    write_private,
)

pytestmark = pytest.mark.control("C5.1")

# A small key management system: it wraps by adding a secret of its own, and unwraps only what it wrapped.
KMS = """
import hashlib, hmac, sys
what, secret = sys.argv[1], b"the secret of the system"
given = sys.stdin.buffer.read()
def stream(nonce): return hashlib.sha256(secret + nonce).digest()
if what == "wrap":
    nonce = hashlib.sha256(given + secret).digest()[:16]
    hidden = bytes(a ^ b for a, b in zip(given, stream(nonce)))
    tag = hmac.new(secret, nonce + hidden, "sha256").digest()
    sys.stdout.buffer.write(nonce + hidden + tag)
else:
    nonce, hidden, tag = given[:16], given[16:-32], given[-32:]
    if not hmac.compare_digest(tag, hmac.new(secret, nonce + hidden, "sha256").digest()):
        sys.exit("access\\x1b[31m denied")
    sys.stdout.buffer.write(bytes(a ^ b for a, b in zip(hidden, stream(nonce))))
"""


def command(script: str, *arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-c", script, *arguments)


def kms(**changes: object) -> RootAccess:
    values = {
        "wrap_command": command(KMS, "wrap"),
        "unwrap_command": command(KMS, "unwrap"),
        "timeout_s": 60,
        **changes,
    }
    return RootAccess(**values)  # type: ignore[arg-type]


def asked(*answers: str) -> RootAccess:
    waiting = list(answers)
    return RootAccess(passphrase=lambda: waiting.pop(0))


def test_the_file_is_for_its_owner_only(tmp_path: Path) -> None:
    """A file that others may read is refused, and so is one that is no key."""
    path = tmp_path / "root.key"
    key = create_root(path, RootKind.FILE, RootAccess())
    assert path.stat().st_mode & 0o777 == 0o600
    assert load_root(path, RootAccess()) == key
    assert len(key) == 32
    with pytest.raises(StorageError, match="exists"):
        create_root(path, RootKind.FILE, RootAccess())
    path.chmod(0o640)
    with pytest.raises(ConfigurationError, match="0640"):
        load_root(path, RootAccess())
    with pytest.raises(ConfigurationError, match="cannot be read"):
        load_root(tmp_path / "none", RootAccess())


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{}",
        "[]",
        '{"kind":"other"}',
        '{"kind":[]}',
        '{"kind":"file"}',
        '{"kind":"file","key":"AAAA"}',
        '{"kind":"file","key":7}',
        '{"kind":"passphrase","salt":"AAAA"}',
        '{"kind":"passphrase","salt":"AAAA","n":65535,"r":8,"p":1}',
        '{"kind":"passphrase","salt":"AAAA","n":1073741824,"r":8,"p":1}',
        '{"kind":"passphrase","salt":"AAAA","n":65536,"r":-8,"p":-1}',
        '{"kind":"passphrase","salt":"!","n":65536,"r":8,"p":1}',
        '{"kind":"command","wrapped":"!"}',
        "[" * 100_000,
        '{"kind":"file","key":"' + "A" * 400_000 + '"}',
        "é",
    ],
)
def test_a_file_that_is_no_root_key_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    """Whatever stands there, the answer is an error of ours that names the file."""
    path = tmp_path / "root.key"
    write_private(path, content.encode())
    with pytest.raises(ConfigurationError, match=r"root\.key"):
        load_root(path, RootAccess(passphrase=lambda: "x"))


@settings(max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=80))
def test_reading_a_root_key_file_never_raises_anything_else(tmp_path: Path, content: bytes) -> None:
    """Any bytes are a key or an error of ours."""
    path = tmp_path / "any.key"
    path.unlink(missing_ok=True)
    write_private(path, content)
    for read in (lambda: load_root(path, RootAccess()), lambda: root_kind(path)):
        with pytest.raises(ClearanceError):
            read()


def test_a_passphrase_gives_the_same_key_each_time(tmp_path: Path) -> None:
    """The file holds a salt only; another passphrase gives another key, a short one is refused."""
    path = tmp_path / "root.key"
    with pytest.raises(BadInput, match="12 characters"):
        create_root(path, RootKind.PASSPHRASE, asked("short"))
    with pytest.raises(BadInput, match="UTF-8"):
        create_root(path, RootKind.PASSPHRASE, asked("correct horse \udcff"))
    assert not path.exists()
    key = create_root(path, RootKind.PASSPHRASE, asked("correct horse bättery"))
    assert set(json.loads(path.read_text())) == {"kind", "salt", "n", "r", "p"}
    assert load_root(path, asked("correct horse bättery")) == key
    assert load_root(path, asked("another horse bättery")) != key


def test_a_command_wraps_and_unwraps(tmp_path: Path) -> None:
    """The file holds what the command made of the key, and nothing of the key itself."""
    path = tmp_path / "root.key"
    key = create_root(path, RootKind.COMMAND, kms())
    assert root_kind(path) is RootKind.COMMAND
    assert load_root(path, kms()) == key
    stored = json.loads(path.read_text())
    assert set(stored) == {"kind", "wrapped"}
    assert key not in base64.b64decode(stored["wrapped"])


def test_openssl_can_be_the_command(tmp_path: Path) -> None:
    """A public key wraps, its private key unwraps: a tool of others, as it is installed."""
    if subprocess.run(["which", "openssl"], capture_output=True).returncode:
        pytest.skip("openssl is not installed")
    private, public = str(tmp_path / "private.pem"), str(tmp_path / "public.pem")
    subprocess.run(["openssl", "genrsa", "-out", private, "2048"], check=True, capture_output=True)
    subprocess.run(
        ["openssl", "rsa", "-in", private, "-pubout", "-out", public], check=True, capture_output=True
    )
    oaep = ("-pkeyopt", "rsa_padding_mode:oaep")
    access = RootAccess(
        wrap_command=("openssl", "pkeyutl", "-encrypt", "-pubin", "-inkey", public, *oaep),
        unwrap_command=("openssl", "pkeyutl", "-decrypt", "-inkey", private, *oaep),
    )
    key = create_root(tmp_path / "root.key", RootKind.COMMAND, access)
    assert load_root(tmp_path / "root.key", access) == key


@pytest.mark.parametrize(
    ("changes", "finding"),
    [
        ({"unwrap_command": ()}, "unwrap_command: empty"),
        ({"wrap_command": ()}, "wrap_command: empty"),
        ({"wrap_command": ("/no/such/program",)}, "cannot be run"),
        ({"wrap_command": ("nul\0in it",)}, "cannot be run"),
        ({"wrap_command": command("import sys; sys.exit('no\\x1b[2J')")}, "exit status 1"),
        ({"wrap_command": command("pass")}, "0 bytes"),
        ({"wrap_command": command("print('x' * 70000)")}, "70001 bytes"),
        ({"unwrap_command": command("print('x' * 31)")}, "does not give back"),
        ({"wrap_command": command("import signal; signal.pause()"), "timeout_s": 0.1}, "no answer within"),
    ],
)
def test_a_command_that_fails_makes_no_key(tmp_path: Path, changes: dict[str, object], finding: str) -> None:
    """Nothing is kept under a key that could not be had again; the message says which setting."""
    with pytest.raises(ConfigurationError, match=finding) as caught:
        create_root(tmp_path / "root.key", RootKind.COMMAND, kms(**changes))
    assert "\x1b" not in str(caught.value)
    assert not (tmp_path / "root.key").exists()


def test_a_command_that_answers_something_else_opens_nothing(tmp_path: Path) -> None:
    """A wrong length and a refusal are told apart, and neither shows what was answered."""
    path = tmp_path / "root.key"
    create_root(path, RootKind.COMMAND, kms())
    with pytest.raises(ConfigurationError, match="5 bytes long, not 32") as caught:
        load_root(path, kms(unwrap_command=command("import sys; sys.stdout.write('ABCDE')")))
    assert "ABCDE" not in str(caught.value)
    stored = json.loads(path.read_text())
    stored["wrapped"] = "AAAA" * 20
    path.write_text(json.dumps(stored))
    with pytest.raises(ConfigurationError, match="access"):
        load_root(path, kms())


def test_what_a_command_started_ends_with_it(tmp_path: Path) -> None:
    """A helper that keeps the pipe open cannot hold us: it is ended with the command."""
    helper = f"{sys.executable} -c 'import signal; signal.pause()'"
    script = f"import subprocess; subprocess.Popen({helper!r}, shell=True); import signal; signal.pause()"
    with pytest.raises(ConfigurationError, match="no answer within"):
        create_root(tmp_path / "root.key", RootKind.COMMAND, kms(wrap_command=command(script), timeout_s=0.5))


def in_a_keyring(tmp_path: Path, script: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a script in a process of its own, whose keyring is a file: the library keeps its choice for good."""
    return subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "root.key")],
        env={
            **os.environ,
            "XDG_DATA_HOME": str(tmp_path / "data"),
            "PYTHON_KEYRING_BACKEND": "keyrings.alt.file.PlaintextKeyring",
            **environment,
        },
        capture_output=True,
        text=True,
    )


KEYRING = """
import sys
from pathlib import Path
from clearance.errors import ClearanceError
from clearance.vault import RootAccess, RootKind, create_root, load_root, remove_root, replace_root
path, access = Path(sys.argv[1]), RootAccess()
try:
    {what}
except ClearanceError as error:
    sys.exit(f"{{type(error).__name__}}: {{error}}")
"""


def test_the_keyring_of_the_system_keeps_the_key(tmp_path: Path) -> None:
    """The file names an entry; with the entry gone it opens nothing, and the message says whose keyring it is."""
    what = (
        "key = create_root(path, RootKind.KEYRING, access); print(key == load_root(path, access), key.hex())"
    )
    made = in_a_keyring(tmp_path, KEYRING.format(what=what))
    said, _, key = made.stdout.strip().partition(" ")
    assert (said, made.stderr) == ("True", "")
    assert set(json.loads((tmp_path / "root.key").read_text())) == {"kind", "entry"}
    again = in_a_keyring(tmp_path, KEYRING.format(what="print(load_root(path, access).hex())"))
    assert again.stdout.strip() == key
    gone = in_a_keyring(
        tmp_path,
        KEYRING.format(what="load_root(path, access)"),
        XDG_DATA_HOME=str(tmp_path / "of another user"),
    )
    assert "ConfigurationError: the keyring has no entry" in gone.stderr


def test_replacing_and_removing_clean_the_keyring(tmp_path: Path) -> None:
    """An entry whose file went opens nothing any more and does not stay behind."""
    entries = tmp_path / "data" / "python_keyring" / "keyring_pass.cfg"
    what = (
        "create_root(path, RootKind.KEYRING, access);"
        " create_root(path.with_name('next'), RootKind.KEYRING, access);"
        " replace_root(path, path.with_name('next'))"
    )
    assert in_a_keyring(tmp_path, KEYRING.format(what=what)).stderr == ""
    kept = json.loads((tmp_path / "root.key").read_text())["entry"]
    assert [line.split(" =")[0] for line in entries.read_text().splitlines() if " =" in line] == [kept]
    loaded = in_a_keyring(tmp_path, KEYRING.format(what="print(len(load_root(path, access)))"))
    assert loaded.stdout.strip() == "32"
    assert in_a_keyring(tmp_path, KEYRING.format(what="remove_root(path); remove_root(path)")).stderr == ""
    assert not (tmp_path / "root.key").exists()
    assert kept not in entries.read_text()


@pytest.mark.parametrize(
    ("environment", "finding"),
    [
        ({"PYTHON_KEYRING_BACKEND": ""}, "names no keyring"),
        ({"PYTHON_KEYRING_BACKEND": "no.such.Keyring"}, "names no keyring"),
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}, "does not answer"),
        ({"PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring"}, "does not give back"),
    ],
)
def test_a_keyring_that_keeps_nothing_well_is_refused(
    tmp_path: Path, environment: dict[str, str], finding: str
) -> None:
    """None at all, one that does not exist, and one that forgets."""
    made = in_a_keyring(
        tmp_path, KEYRING.format(what="create_root(path, RootKind.KEYRING, access)"), **environment
    )
    assert made.stderr.startswith("ConfigurationError: ")
    assert finding in made.stderr
    assert not (tmp_path / "root.key").exists()


def test_a_plain_file_is_no_keyring_unless_a_person_names_it(tmp_path: Path) -> None:
    """Where nothing better is installed the library falls back to a file in clear; we do not."""
    unset = "import os; del os.environ['PYTHON_KEYRING_BACKEND']\n"
    made = in_a_keyring(tmp_path, unset + KEYRING.format(what="create_root(path, RootKind.KEYRING, access)"))
    assert "keeps no secret well" in made.stderr or "does not answer" in made.stderr
    assert not (tmp_path / "root.key").exists()


def test_without_the_library_the_message_says_what_to_install(tmp_path: Path) -> None:
    """The keyring is an extra of the package."""
    hidden = "import os, sys; sys.modules['keyring'] = None; del os.environ['PYTHON_KEYRING_BACKEND']\n"
    made = in_a_keyring(tmp_path, hidden + KEYRING.format(what="create_root(path, RootKind.KEYRING, access)"))
    assert "pip install 'clearance[keyring]'" in made.stderr


def test_a_root_key_takes_the_place_of_another(tmp_path: Path) -> None:
    """Whatever stood there before, even a file that is no key."""
    path, following = tmp_path / "root.key", tmp_path / "root.key.next"
    write_private(path, b"broken")
    key = create_root(following, RootKind.FILE, RootAccess())
    replace_root(path, following)
    assert load_root(path, RootAccess()) == key
    with pytest.raises(StorageError, match="No such file"):
        replace_root(path, following)
    remove_root(path)
    remove_root(path)
    assert list(tmp_path.iterdir()) == []
