import pytest

from clearance import errors
from clearance.errors import ExitStatus, printable


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    """Every error class stands in the drawing with its exit status, and nothing else does."""
    text = errors.__doc__ or ""
    for name, kind in vars(errors).items():
        if isinstance(kind, type) and issubclass(kind, errors.ClearanceError):
            line = next(
                line
                for line in text.splitlines()
                if f"{name} " in line.replace("├── ", "").replace("└── ", "")
            )
            assert str(int(kind.exit_status)) in line.split(), name


def test_exit_statuses_are_those_promised() -> None:
    """Scripts rely on these numbers."""
    assert {status.name: int(status) for status in ExitStatus} == {
        "DONE": 0,
        "FAULT": 1,
        "USAGE": 2,
        "REFUSED": 3,
        "PARTIAL": 4,
        "INTERRUPTED": 130,
    }


@pytest.mark.control("C5.2")
def test_untrusted_text_cannot_forge_a_line() -> None:
    """Control characters and lone surrogates come out escaped, long text cut."""
    assert printable("a\nb\x1b[31m\ud800") == "a\\nb\\x1b[31m\\ud800"
    assert printable("x" * 500, max_chars=10) == "xxxxxxxxx…"
