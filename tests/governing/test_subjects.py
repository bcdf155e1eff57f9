"""Which subjects a caption names, and how subjects are stated."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.errors import BadInput
from clearance.governing import Subject, SubjectIndex, parse_subject
from clearance.governing.subjects import checked_subjects, subject_facts, subject_from, words_of

OWLS = parse_subject("owls=2:owl,barn owl,Tyto alba")


@pytest.mark.control("C3.1")
@pytest.mark.parametrize(
    ("keyword", "caption", "is_named"),
    [
        ("owl", "An OWL at night.", True),
        ("owl", "a bowl of soup", False),
        ("owl", "owls", False),
        ("owl", "barn-owl", True),
        ("owl", "photo_owl_3.jpg", True),
        ("owl", "the owl's nest", True),
        ("barn owl", "A barn   owl!", True),
        ("barn owl", "A barn-owl", True),
        ("barn owl", "an owl in a barn", False),
        ("barn owl", "barn", False),
        ("Straße", "EINE STRASSE", True),
        ("café", "CAFE\u0301 at noon", True),
        ("cafe", "café", False),
        ("İstanbul", "i̇stanbul", True),
        ("сова", "Ночная СОВА", True),
        ("बाघ", "एक बाघ", True),
        ("बा", "एक बाघ", False),
        ("猫", "黒い猫がいる", True),
        ("黒猫", "黒い猫がいる", False),
        ("แมว", "ภาพแมวดำ", True),
        ("ﬁsh", "two FISH", True),
        ("747", "a 747-400", True),
        ("74", "a 747-400", False),
        ("owl", "", False),
        ("owl", "\x00\ud800 owl\u202e", True),
    ],
)
def test_a_keyword_is_found_as_a_whole_word_in_any_case(keyword: str, caption: str, is_named: bool) -> None:
    """Letters, digits and marks make a word; punctuation, case and composition do not matter, parts do."""
    index = SubjectIndex([parse_subject(f"s=1:{keyword}")])
    assert index.named_in(caption) == (("s",) if is_named else ())


@pytest.mark.control("C3.1")
def test_a_row_names_its_subjects_in_the_order_of_the_project() -> None:
    """Several may be named; a column names one, whatever the case; nothing else is one."""
    index = SubjectIndex([OWLS, parse_subject("night=5"), parse_subject("barns=1:barn")])
    assert index.named_in("Night falls on the barn; an owl") == ("owls", "night", "barns")
    assert index.named_in("a tyto alba") == ("owls",)
    assert index.named_in("day") == ()
    assert (index.named(" OWLS "), index.named("owl"), index.named("")) == (("owls",), (), ())
    assert index.is_needed
    assert not SubjectIndex([parse_subject("owls")]).is_needed
    assert SubjectIndex([]).named_in("an owl") == ()


@pytest.mark.control("C3.1")
@pytest.mark.parametrize(
    ("text", "subject"),
    [
        ("owl", Subject(name="owl", keywords=("owl",))),
        (" barn owl ", Subject(name="barn owl", keywords=("barn owl",))),
        ("owl: the bird", Subject(name="owl: the bird", keywords=("owl: the bird",))),
        ("owl=20", Subject(name="owl", target=20, keywords=("owl",))),
        ("owls=20: owl , Tyto=alba", Subject(name="owls", target=20, keywords=("owl", "Tyto=alba"))),
    ],
)
def test_a_subject_is_stated_in_three_forms(text: str, subject: Subject) -> None:
    """A name; with a target; with keywords too. Stored and read again it is the same."""
    assert parse_subject(text) == subject
    assert subject_from(subject_facts(subject)) == subject


@pytest.mark.control("C3.1")
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "a name of 1 to 100 characters"),
        ("=5", "a name of 1 to 100 characters"),
        ("a\x1b[31m=5", "a name of 1 to 100 characters"),
        ("a" * 101, "a name of 1 to 100 characters"),
        ("owl=", "NAME=TARGET"),
        ("owl=many", "NAME=TARGET"),
        ("owl=-1", "NAME=TARGET"),
        ("owl=1.5", "NAME=TARGET"),
        ("owl=0", "a target from 1"),
        ("owl=2000000001", "a target from 1"),
        ("owl=5:", "holds no letter"),
        ("owl=5:a,,b", "holds no letter"),
        ("!!!", "holds no letter"),
        ("owl=5:" + "a" * 101, "longer than 100"),
        ("owl=5:" + ",".join(["a"] * 101), "101 keywords"),
    ],
)
def test_what_cannot_be_counted_is_refused(text: str, says: str) -> None:
    """Each message says what was wrong, without passing on what a terminal would obey."""
    with pytest.raises(BadInput, match=says) as refused:
        parse_subject(text)
    assert str(refused.value).isprintable()


@pytest.mark.control("C3.1")
def test_subjects_go_together_or_are_refused() -> None:
    """None twice, all with a target or none, and not more than a purpose can have."""
    assert checked_subjects([OWLS]) == (OWLS,)
    for given_, says in (
        (["owl=1", "OWL=2"], "stands twice"),
        (["owl=1", "cat"], "has no target"),
        ([f"s{n}=1" for n in range(1001)], "1000 at most"),
    ):
        with pytest.raises(BadInput, match=says):
            checked_subjects(parse_subject(text) for text in given_)


def test_names_from_before_subjects_had_targets_are_still_read() -> None:
    """A bare name is a subject without a target, whatever it was called."""
    assert subject_from("owl=x") == Subject(name="owl=x", keywords=("owl=x",))
    assert subject_from("???") == Subject(name="???", keywords=())
    assert SubjectIndex([subject_from("???")]).named_in("???") == ()


@given(st.text(max_size=80))
def test_reading_a_subject_never_fails_otherwise(text: str) -> None:
    """Any text is a subject that its own name finds, or is refused."""
    try:
        subject = parse_subject(text)
    except BadInput:
        return
    assert SubjectIndex([subject]).named(subject.name) == (subject.name,)
    assert SubjectIndex([subject]).named_in(f"x {subject.keywords[0]} y") == (subject.name,)


@given(st.text(max_size=200), st.text(max_size=20))
def test_words_are_found_where_they_stand(caption: str, word: str) -> None:
    """Whatever surrounds it, a keyword between spaces is found; taking words apart twice changes nothing."""
    assert words_of(" ".join(words_of(caption))) == words_of(caption)
    if words_of(word):
        index = SubjectIndex([Subject(name="s", target=1, keywords=(word,))])
        assert index.named_in(f"{caption} {word} {caption}") == ("s",)
