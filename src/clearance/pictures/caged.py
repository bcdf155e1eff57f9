"""Inside the cage: import everything, lock the door, then answer jobs until the other side closes.

Run as `python -m clearance.pictures.caged MODULE:FUNCTION FD MEMORY_BYTES`. After the lock-down this process
can neither open a file nor a socket, start a program, nor grow beyond its memory; what it still can is read
and write the one pipe it was born with.

Source: C5.2; seccomp(2), setrlimit(2).
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import importlib
import os
import resource
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from clearance.pictures.frames import LENGTHS, lengths, pack, unpack_header

_CLONE_THREAD = 0x00010000
_PR_SET_PDEATHSIG = 1
_PR_SET_NO_NEW_PRIVS = 38

# Denied by name, so that a library that needs something harmless goes on working on the next kernel; what can
# open, create, connect, start, trace or escape is all here. `read` and `write` on the one open pipe stay.
_DENIED = (
    *("socket", "socketpair", "connect", "bind", "listen", "accept", "accept4"),
    *("sendto", "sendmsg", "sendmmsg", "recvmsg", "recvmmsg", "recvfrom"),
    *("open", "openat", "openat2", "creat", "open_by_handle_at", "name_to_handle_at", "memfd_create"),
    *("unlink", "unlinkat", "rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat"),
    *("mkdir", "mkdirat", "rmdir", "mknod", "mknodat", "truncate", "ftruncate"),
    *("chmod", "fchmod", "fchmodat", "chown", "fchown", "fchownat", "lchown", "chroot", "pivot_root"),
    *("mount", "umount2", "move_mount", "open_tree", "fsopen", "fsmount"),
    *("setxattr", "lsetxattr", "fsetxattr", "utimensat"),
    *(
        "execve",
        "execveat",
        "fork",
        "vfork",
        "unshare",
        "setns",
        "ptrace",
        "process_vm_readv",
        "process_vm_writev",
    ),
    *("kill", "tkill", "pidfd_open", "pidfd_getfd", "pidfd_send_signal"),
    *("bpf", "perf_event_open", "userfaultfd", "keyctl", "add_key", "request_key"),
    *("io_uring_setup", "io_uring_enter", "io_uring_register"),
    *(
        "init_module",
        "finit_module",
        "delete_module",
        "kexec_load",
        "reboot",
        "swapon",
        "swapoff",
        "acct",
        "syslog",
    ),
    *(
        "prlimit64",
        "setrlimit",
        "personality",
        "iopl",
        "ioperm",
        "quotactl",
        "fanotify_init",
        "inotify_init1",
    ),
)


def main() -> None:
    """Take the place of `python -m`: argument order as in the module's docstring."""
    entry, descriptor, memory_bytes = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    _die_with_parent()
    module_name, _, function_name = entry.partition(":")
    module = importlib.import_module(module_name)
    answer: Callable[[dict[str, Any], bytes], tuple[dict[str, Any], bytes]] = getattr(module, function_name)
    warm_up: Callable[[], None] | None = getattr(module, "warm_up", None)
    if warm_up is not None:
        warm_up()
    _limit(memory_bytes)
    sealed = _seal()
    with os.fdopen(descriptor, "r+b", buffering=0) as pipe:
        _write(pipe, {"ready": True, "seccomp": sealed}, b"")
        while True:
            frame = _read(pipe, LENGTHS.size)
            if frame is None:
                return
            header_length, payload_length = lengths(frame)
            header, payload = _read(pipe, header_length), _read(pipe, payload_length)
            if header is None or payload is None:
                return
            _write(pipe, *answer(unpack_header(header), payload))


def _die_with_parent() -> None:
    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)


def _limit(memory_bytes: int) -> None:
    """Bound memory on top of what the libraries took, and forbid files and core dumps."""
    pages = (
        int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0]) if sys.platform == "linux" else 0
    )
    bound = pages * resource.getpagesize() + memory_bytes
    resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
    for limit in (resource.RLIMIT_FSIZE, resource.RLIMIT_CORE):
        resource.setrlimit(limit, (0, 0))


def _seal() -> bool:
    """Deny the system calls that could reach outside; returns whether the kernel and the library can."""
    try:
        import pyseccomp  # noqa: PLC0415 - Linux with libseccomp only
    except (ImportError, RuntimeError, OSError):
        return False
    try:
        ctypes.CDLL(None).prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
        wall = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
        for name in _DENIED:
            # A call that this architecture or library does not know cannot be made either.
            with contextlib.suppress(ValueError, RuntimeError, OSError):
                wall.add_rule(pyseccomp.ERRNO(errno.EPERM), name)
        # Threads of the native libraries may start, processes may not. clone3 hides its flags behind a
        # pointer: ENOSYS makes the C library fall back to clone.
        wall.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "clone3")
        wall.add_rule(
            pyseccomp.ERRNO(errno.EPERM), "clone", pyseccomp.Arg(0, pyseccomp.MASKED_EQ, _CLONE_THREAD, 0)
        )
        wall.load()
    except (ValueError, RuntimeError, OSError):
        return False
    return True


def _read(pipe: Any, size: int) -> bytes | None:
    """Read exactly so many bytes, or `None` at the end."""
    buffer = bytearray(size)
    view = memoryview(buffer)
    filled = 0
    while filled < size:
        count = pipe.readinto(view[filled:])
        if not count:
            return None
        filled += count
    return bytes(buffer)


def _write(pipe: Any, header: dict[str, Any], payload: bytes) -> None:
    for part in (pack(header, payload), payload):
        view = memoryview(part)
        while view:
            view = view[pipe.write(view) :]


if __name__ == "__main__":
    main()
