"""Two verdicts for every use: what each standard says by its own precedence, and what the policy obeys.

The spec verdict lets a standard's nearer place answer its wider one and gives no force to what the standard
does not know; it is what others can compute too. The policy verdict lets any denial override everything, and
takes what is there and cannot be read for neither yes nor no. Collection obeys the second.

Source: C1.5.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from clearance.sourcing.statements import Answer, Reading, Statement
from clearance.sourcing.uses import ALL_USES, Use


class Standing(StrEnum):
    """How a use stands; `NOT_RESERVED` is never a licence, `UNKNOWN` is not allowed."""

    DENIED = "denied"
    QUARANTINED = "quarantined"
    """Something is stated and cannot be read."""
    NOT_RESERVED = "not-reserved"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class UseVerdict:
    """How one use stands, by the letter of the standards and by our policy."""

    use: Use
    spec: Standing
    policy: Standing
    by_standard: tuple[tuple[str, Standing], ...]
    """The spec verdict of each standard that spoke of this use, in the order of their names."""
    is_for_now: bool
    """The policy denies only because a host could not be asked."""


def verdicts(reading: Reading) -> tuple[UseVerdict, ...]:
    """Return both verdicts for every use, in the order of `Use`."""
    return tuple(_verdict(reading, use) for use in Use if use in ALL_USES)


def _verdict(reading: Reading, use: Use) -> UseVerdict:
    # What may not be requested now can be put to no use now; that is no rights holder's word on the use.
    waiting = any(each.is_temporary for each in reading.statements)
    speaking = [each for each in reading.statements if each.use is use and not each.is_temporary]
    by_standard = tuple(
        (name, _by_the_letter([each for each in speaking if each.signal == name]))
        for name in sorted({each.signal for each in speaking})
    )
    spec = _strictest([standing for _, standing in by_standard])
    denied = any(each.answer is Answer.DENIED for each in speaking)
    if denied or waiting:
        policy = Standing.DENIED
    elif reading.unreadable:
        policy = Standing.QUARANTINED
    else:
        # Nothing denies: the allowances are left, and one that its standard gives no force to is none.
        policy = spec
    return UseVerdict(
        use=use,
        spec=spec,
        policy=policy,
        by_standard=by_standard,
        is_for_now=waiting and not denied,
    )


def _by_the_letter(statements: list[Statement]) -> Standing:
    counting = [each for each in statements if each.is_specified]
    nearest = max((each.level for each in counting), default=0)
    return _strictest(
        [
            Standing.DENIED if each.answer is Answer.DENIED else Standing.NOT_RESERVED
            for each in counting
            if each.level == nearest
        ]
    )


def _strictest(standings: list[Standing]) -> Standing:
    for standing in (Standing.DENIED, Standing.NOT_RESERVED):
        if standing in standings:
            return standing
    return Standing.UNKNOWN
