"""Both verdicts: by the letter of each standard, and by our policy."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.sourcing.statements import Answer, Reading, Scope, Statement, Unreadable, merge
from clearance.sourcing.uses import ALL_USES, Use
from clearance.sourcing.verdicts import Standing, UseVerdict, verdicts

NO, YES = Answer.DENIED, Answer.NOT_RESERVED
FILE, HEADER, META, EMBEDDED = range(4)
"""TDMRep's places, from the wide to the near."""
PERMISSION = [Standing.DENIED, Standing.QUARANTINED, Standing.UNKNOWN, Standing.NOT_RESERVED]


def statement(
    answer: Answer,
    use: Use = Use.GENERATIVE,
    *,
    signal: str = "tdmrep",
    level: int = 0,
    is_specified: bool = True,
    is_temporary: bool = False,
) -> Statement:
    return Statement(
        signal=signal,
        use=use,
        answer=answer,
        scope=Scope.ASSET,
        where="somewhere",
        level=level,
        is_specified=is_specified,
        is_temporary=is_temporary,
    )


UNREAD = Unreadable(signal="rsl", scope=Scope.SITE, where="somewhere", why="odd")


def verdict(
    *statements: Statement, unreadable: tuple[Unreadable, ...] = (), use: Use = Use.GENERATIVE
) -> UseVerdict:
    read = {each.use: each for each in verdicts(Reading(statements=statements, unreadable=unreadable))}
    return read[use]


@pytest.mark.control("C1.5")
def test_every_use_has_a_verdict_and_the_request_itself_has_none() -> None:
    """In the order of the uses; nothing said is unknown, by the letter and by policy."""
    read = verdicts(Reading())
    assert [each.use for each in read] == [use for use in Use if use is not Use.FETCH]
    assert {(each.spec, each.policy, each.by_standard, each.is_for_now) for each in read} == {
        (Standing.UNKNOWN, Standing.UNKNOWN, (), False)
    }


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("said", "spec"),
    [
        ([(NO, FILE)], Standing.DENIED),
        ([(NO, FILE), (YES, HEADER)], Standing.NOT_RESERVED),
        ([(YES, FILE), (NO, HEADER)], Standing.DENIED),
        ([(NO, FILE), (NO, HEADER), (YES, META)], Standing.NOT_RESERVED),
        ([(NO, FILE), (YES, META), (NO, EMBEDDED)], Standing.DENIED),
        ([(YES, EMBEDDED), (NO, META), (NO, FILE)], Standing.NOT_RESERVED),
        ([(NO, META), (YES, META)], Standing.DENIED),
    ],
)
def test_by_the_letter_the_nearer_place_of_tdmrep_answers_the_wider(
    said: list[tuple[Answer, int]], spec: Standing
) -> None:
    """File, header, meta, embedded; at one place a reservation wins. The policy obeys any of them."""
    read = verdict(*(statement(answer, level=level) for answer, level in said))
    assert (read.spec, read.policy) == (spec, Standing.DENIED)
    assert read.by_standard == (("tdmrep", spec),)


@pytest.mark.control("C1.5")
def test_no_standard_answers_another() -> None:
    """A nearer place counts within its own standard only; over all of them a denial wins."""
    read = verdict(statement(NO, signal="aipref"), statement(YES, level=EMBEDDED))
    assert (read.spec, read.policy) == (Standing.DENIED, Standing.DENIED)
    assert read.by_standard == (("aipref", Standing.DENIED), ("tdmrep", Standing.NOT_RESERVED))


@pytest.mark.control("C1.5")
def test_only_allowances_leave_a_use_unreserved() -> None:
    """For the use that they speak of, and no other."""
    read = verdict(statement(YES), statement(YES, signal="aipref"))
    assert (read.spec, read.policy) == (Standing.NOT_RESERVED, Standing.NOT_RESERVED)
    other = verdict(statement(YES), use=Use.MINING)
    assert (other.spec, other.policy) == (Standing.UNKNOWN, Standing.UNKNOWN)


@pytest.mark.control("C1.5")
def test_a_word_without_force_denies_by_policy_and_allows_nothing() -> None:
    """An older word is obeyed where it denies; it answers no standard's nearer or wider place."""
    read = verdict(statement(NO, is_specified=False))
    assert (read.spec, read.policy) == (Standing.UNKNOWN, Standing.DENIED)
    assert read.by_standard == (("tdmrep", Standing.UNKNOWN),)
    allowed = verdict(statement(YES, is_specified=False))
    assert (allowed.spec, allowed.policy) == (Standing.UNKNOWN, Standing.UNKNOWN)
    beside = verdict(statement(NO, level=FILE), statement(YES, level=META, is_specified=False))
    assert (beside.spec, beside.policy) == (Standing.DENIED, Standing.DENIED)


@pytest.mark.control("C1.5")
def test_what_cannot_be_read_is_neither_yes_nor_no() -> None:
    """It quarantines every use that nothing denies; by the letter it says nothing."""
    assert verdict(unreadable=(UNREAD,)).policy is Standing.QUARANTINED
    allowed = verdict(statement(YES), unreadable=(UNREAD,))
    assert (allowed.spec, allowed.policy) == (Standing.NOT_RESERVED, Standing.QUARANTINED)
    assert verdict(statement(NO), unreadable=(UNREAD,)).policy is Standing.DENIED


@pytest.mark.control("C1.5", "C5.3")
@pytest.mark.parametrize("use", [Use.FETCH, Use.GENERATIVE])
def test_a_host_that_cannot_be_asked_denies_for_now(use: Use) -> None:
    """Every use, until it answers; that is no rights holder's word, and a word of theirs is not for now."""
    waiting = statement(NO, use, is_temporary=True)
    read = verdict(waiting)
    assert (read.spec, read.policy, read.is_for_now) == (Standing.UNKNOWN, Standing.DENIED, True)
    assert read.by_standard == ()
    both = verdict(waiting, statement(NO))
    assert (both.spec, both.policy, both.is_for_now) == (Standing.DENIED, Standing.DENIED, False)
    allowed = verdict(waiting, statement(YES))
    assert (allowed.spec, allowed.policy, allowed.is_for_now) == (
        Standing.NOT_RESERVED,
        Standing.DENIED,
        True,
    )


@pytest.mark.control("C1.5")
def test_a_refused_request_says_nothing_of_uses() -> None:
    """robots.txt speaks of fetching; the gate obeys it there."""
    read = verdict(statement(NO, Use.FETCH))
    assert (read.spec, read.policy) == (Standing.UNKNOWN, Standing.UNKNOWN)


statements = st.builds(
    statement,
    st.sampled_from(Answer),
    st.sampled_from([Use.FETCH, Use.GENERATIVE, Use.SEARCH]),
    signal=st.sampled_from(["tdmrep", "aipref"]),
    level=st.integers(0, 3),
    is_specified=st.booleans(),
    is_temporary=st.booleans(),
)
denials = st.builds(
    statement,
    st.just(NO),
    st.sampled_from([Use.FETCH, Use.GENERATIVE, Use.SEARCH]),
    signal=st.sampled_from(["tdmrep", "aipref", "rsl"]),
    level=st.integers(0, 3),
    is_specified=st.booleans(),
    is_temporary=st.booleans(),
)
unread = st.sampled_from([(), (UNREAD,)])


@pytest.mark.control("C1.5")
@given(st.lists(statements, max_size=6), denials, unread)
def test_more_denial_never_makes_a_standing_more_permissive(
    said: list[Statement], denial: Statement, unreadable: tuple[Unreadable, ...]
) -> None:
    """By the letter and by policy, whatever place or force it has."""
    fewer = verdicts(Reading(statements=tuple(said), unreadable=unreadable))
    more = verdicts(Reading(statements=(*said, denial), unreadable=unreadable))
    for before, after in zip(fewer, more, strict=True):
        assert PERMISSION.index(after.policy) <= PERMISSION.index(before.policy)
        assert PERMISSION.index(after.spec) <= PERMISSION.index(before.spec)


@pytest.mark.control("C1.5")
@given(st.lists(statements, max_size=6), unread)
def test_the_policy_is_never_more_permissive_than_any_standard(
    said: list[Statement], unreadable: tuple[Unreadable, ...]
) -> None:
    """Whatever a standard leaves free by its own precedence."""
    for read in verdicts(Reading(statements=tuple(said), unreadable=unreadable)):
        assert PERMISSION.index(read.policy) <= PERMISSION.index(read.spec)


@pytest.mark.control("C1.5")
@given(st.lists(statements, max_size=6).flatmap(lambda said: st.tuples(st.just(said), st.permutations(said))))
def test_order_never_matters(both: tuple[list[Statement], list[Statement]]) -> None:
    """Nor in how many readings the statements came."""
    said, shuffled = both
    assert verdicts(Reading(statements=tuple(said))) == verdicts(Reading(statements=tuple(shuffled)))
    merged = merge(Reading(statements=(each,)) for each in shuffled)
    assert verdicts(merged) == verdicts(Reading(statements=tuple(said)))
    assert {each.use for each in verdicts(merged)} == ALL_USES
