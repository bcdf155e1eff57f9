"""Terms of service: snapshots, what a person found, the passages to read first, and where terms are linked."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.database import migrate, open_database
from clearance.errors import BadInput
from clearance.identifiers import Host, Sha256
from clearance.sourcing import (
    TermsReview,
    TermsSnapshot,
    TermsState,
    TermsStore,
    TermsVerdict,
    Topic,
    changes,
    found,
    pages_to_read,
    passages,
    terms_links,
    without_text,
)
from clearance.sourcing.observed import PageLink
from clearance.sourcing.terms import MAX_TERMS_CHARS, normalised, page_of, text_sha256
from clearance.sourcing.terms_passages import sentences

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAGE = "https://example.org/terms"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[TermsStore]:
    with open_database(f"sqlite:///{tmp_path}/control.sqlite") as database:
        migrate(database)
        yield TermsStore(database)


def seen(text: str = "Be kind.", *, days: float = 0, url: str = PAGE, **more: object) -> TermsSnapshot:
    return found(text, source="archive", url=url, at=NOW + timedelta(days=days), **more)  # type: ignore[arg-type] # its fields


def gone(state: TermsState, *, days: float = 0, url: str = PAGE, why: str = "") -> TermsSnapshot:
    return without_text(state, source="archive", url=url, at=NOW + timedelta(days=days), why=why)


def said(verdict: TermsVerdict, sha256: Sha256, *, url: str = PAGE, by: str = "Ada") -> TermsReview:
    return TermsReview(
        source="archive",
        url=url,
        sha256=sha256,
        verdict=verdict,
        reviewer=by,
        note=" as agreed ",
        reviewed_at=NOW,
    )


# The text and its hash


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(
    "same",
    [
        "Images caf\u00e9 only.",
        "Images cafe\u0301 only.",
        "  Images\n\n\tcaf\u00e9\u00a0only.\r\n",
        "Ima\u00adges caf\u00e9\u200b only.\ufeff",
    ],
)
def test_what_nobody_sees_does_not_change_the_hash(same: str) -> None:
    """White space, composition of accents, soft hyphens and zero-width characters are not the text."""
    assert seen(same).sha256 == text_sha256("Images caf\u00e9 only.")


@pytest.mark.control("C1.4")
def test_every_word_changes_the_hash() -> None:
    """One letter, one full stop, one capital: a person reads again."""
    texts = ("You may copy.", "You may not copy.", "You may copy", "you may copy.")
    assert len({seen(text).sha256 for text in texts}) == len(texts)


@pytest.mark.control("C1.4", "C5.2")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "no text on the page"),
        (" \n\u200b ", "no text on the page"),
        ("\x00\x00", "no text on the page"),
        ("a " * MAX_TERMS_CHARS, f"longer than {MAX_TERMS_CHARS} characters"),
    ],
)
def test_a_page_without_readable_text_is_unreadable_and_not_empty_terms(text: str, why: str) -> None:
    """An empty page says nothing, least of all that everything is allowed."""
    snapshot = seen(text)
    assert (snapshot.state, snapshot.text, snapshot.why) == (TermsState.UNREADABLE, "", why)


@pytest.mark.control("C5.2")
def test_a_wall_of_accents_is_hashed_in_linear_time() -> None:
    """A run of a million combining marks would take a quarter of an hour to compose."""
    wall = "a" + "\u0301\u0323" * 400_000
    assert normalised(wall) == wall


@given(st.text(max_size=300))
def test_normalising_never_raises_and_is_stable(text: str) -> None:
    """Twice is as once, and the result is composed."""
    once = normalised(text)
    assert normalised(once) == once
    assert all(unicodedata.is_normalized("NFC", word) for word in once.split() if len(word) <= 256)


@given(st.text(alphabet=st.characters(codec=None), max_size=200))
def test_any_text_makes_a_snapshot_that_can_be_kept(text: str) -> None:
    """Halves of characters and nulls, which databases refuse, are gone; the hash is that of what was kept."""
    snapshot = seen(text)
    snapshot.text.encode("utf-8")
    assert "\x00" not in snapshot.text
    assert snapshot.sha256 == text_sha256(snapshot.text)
    assert (snapshot.state is TermsState.FOUND) == bool(snapshot.text)


# What is there now


@pytest.mark.control("C1.4")
def test_an_outage_never_replaces_what_was_read_but_is_known() -> None:
    """The last good text stays what there is; the outage is what was seen last."""
    page = page_of([seen("A."), gone(TermsState.UNREACHABLE, days=1, why="timed out")], None)
    assert page.current == seen("A.")
    assert (page.latest.state, page.latest.why, page.sha256) == (
        TermsState.UNREACHABLE,
        "timed out",
        text_sha256("A."),
    )


@pytest.mark.control("C1.4")
def test_a_login_replaces_what_was_fetched_and_not_what_a_person_saved() -> None:
    """Where the fetcher may not read, the text that a person saved stands; what the fetcher read does not."""
    login = gone(TermsState.UNREADABLE, days=1, why="login")
    fetched = page_of([seen("A."), login], None)
    assert (fetched.current, fetched.is_readable, fetched.why) == (login, False, "login")
    by_hand = seen("A.", given_by_hand=True)
    assert page_of([by_hand, login], None).current == by_hand
    newer = seen("B.", days=2)
    assert page_of([by_hand, login, newer], None).current == newer


@pytest.mark.control("C1.4")
def test_a_page_that_never_answered_has_nothing_to_read() -> None:
    """It is known by the outage alone."""
    page = page_of([gone(TermsState.UNREACHABLE, why="timed out")], None)
    assert (page.current, page.is_readable, page.why, page.was_found) == (None, False, "timed out", False)
    assert pages_to_read([page]) == (page,)


@pytest.mark.control("C1.4", "C3.7")
def test_a_page_is_due_when_the_interval_has_passed() -> None:
    """Counted from when it was seen last, an outage included."""
    page = page_of([seen("A."), gone(TermsState.UNREACHABLE, days=1)], None)
    assert not page.is_due(NOW + timedelta(days=1, hours=23), interval_s=86_400)
    assert page.is_due(NOW + timedelta(days=2), interval_s=86_400)


@pytest.mark.control("C1.4")
def test_none_found_is_moot_once_the_same_host_has_terms() -> None:
    """Another host's terms do not answer it, nor does it count for a page that once had a text."""
    none = page_of([gone(TermsState.NONE_FOUND, url="https://example.org/")], None)
    text = page_of([seen("A.")], None)
    elsewhere = page_of([seen("A.", url="https://example.net/terms")], None)
    lost = page_of(
        [seen("A.", url=f"{PAGE}/old"), gone(TermsState.NONE_FOUND, days=1, url=f"{PAGE}/old")], None
    )
    assert pages_to_read([none, text]) == (text,)
    assert pages_to_read([none, elsewhere]) == (none, elsewhere)
    assert pages_to_read([lost, text]) == (lost, text)
    assert page_of([gone(TermsState.NONE_FOUND, url="no address")], None).host == ""


# What changed


@pytest.mark.control("C1.4")
def test_a_diff_shows_the_sentences_that_changed() -> None:
    """Sentence by sentence, also where the page is one long line."""
    lines = changes(seen("Be kind. Copy freely. Goodbye."), seen("Be kind. Never copy. Goodbye.", days=1))
    told = [line for line in lines.splitlines() if line[:1] in "+-" and line[:3] not in ("+++", "---")]
    assert told == ["-Copy freely.", "+Never copy."]
    assert f"+++ {PAGE} 2026-11-24" in lines
    assert changes(seen("Be  kind."), seen("Be kind.", days=1)) == ""


@pytest.mark.control("C5.2")
def test_a_diff_is_bounded_and_says_so() -> None:
    """Ten thousand sentences each way: the first four thousand are compared."""
    old = " ".join(f"This is sentence {n}." for n in range(10_000))
    told = changes(seen(old), seen(old.replace("sentence 7.", "sentence seven."), days=1))
    assert told.splitlines()[-1] == "(only the first 4000 sentences of each text were compared)"
    assert "+This is sentence seven." in told


# The store


@pytest.mark.control("C1.4")
def test_the_same_text_is_kept_once_and_the_day_it_was_seen_last(store: TermsStore) -> None:
    """Looking daily fills nothing; what the server wants to be asked with follows."""
    assert store.add_snapshot(seen("A.", etag='"1"'))
    assert not store.add_snapshot(seen("A.", days=1, etag='"2"', last_modified="yesterday"))
    (page,) = store.pages("archive")
    assert page.current == replace(
        seen("A."), seen_at=NOW + timedelta(days=1), etag='"2"', last_modified="yesterday"
    )
    assert page.latest == page.current
    assert store.pages("other") == ()


@pytest.mark.control("C1.4")
def test_every_state_comes_back_and_outages_are_counted_once(store: TermsStore) -> None:
    """A text, an outage of two days, the text again, another one, and the first anew."""
    steps = [
        (seen("A."), True, "A."),
        (gone(TermsState.UNREACHABLE, days=1, why="x"), True, "A."),
        (gone(TermsState.UNREACHABLE, days=2, why="y"), False, "A."),
        (seen("A.", days=3), False, "A."),
        (seen("B.", days=4), True, "B."),
        (seen("A.", days=5), True, "A."),
        (gone(TermsState.NONE_FOUND, days=6), True, ""),
        (gone(TermsState.UNREADABLE, days=7), True, ""),
    ]
    for snapshot, is_new, text in steps:
        assert store.add_snapshot(snapshot) is is_new
        page = store.page("archive", PAGE)
        assert page.current is not None
        assert (page.current.text, page.latest.seen_at) == (text, snapshot.seen_at)
        assert page.was_found


@pytest.mark.control("C1.4")
def test_what_the_fetcher_can_read_too_no_longer_counts_as_given_by_hand(store: TermsStore) -> None:
    """The same text, once saved and once fetched: from then on a login is a change."""
    store.add_snapshot(seen("A.", given_by_hand=True))
    assert not store.add_snapshot(seen("A.", days=1))
    store.add_snapshot(gone(TermsState.UNREADABLE, days=2))
    assert not store.page("archive", PAGE).is_readable


@pytest.mark.control("C1.4")
def test_a_review_belongs_to_a_named_person_and_to_the_text_that_stands_there(store: TermsStore) -> None:
    """Nobody, a text of yesterday, and a page that was never looked for are refused."""
    with pytest.raises(BadInput, match="clearance terms fetch archive"):
        store.add_review(said(TermsVerdict.PERMITS, text_sha256("A.")))
    store.add_snapshot(seen("A."))
    with pytest.raises(BadInput, match="names the person"):
        store.add_review(said(TermsVerdict.PERMITS, text_sha256("A."), by=" "))
    store.add_snapshot(seen("B.", days=1))
    with pytest.raises(BadInput, match="clearance terms diff archive"):
        store.add_review(said(TermsVerdict.PERMITS, text_sha256("A.")))
    with pytest.raises(BadInput, match="characters at most"):
        store.add_review(said(TermsVerdict.PERMITS, text_sha256("B."), by="x" * 201))
    store.add_review(said(TermsVerdict.UNCLEAR, text_sha256("B.")))
    store.add_review(said(TermsVerdict.PERMITS, text_sha256("B.")))
    review = store.page("archive", PAGE).review
    assert review == replace(said(TermsVerdict.PERMITS, text_sha256("B.")), note="as agreed")
    assert [each.verdict for each in store.reviews("archive")] == [TermsVerdict.UNCLEAR, TermsVerdict.PERMITS]


@pytest.mark.control("C1.4")
@pytest.mark.parametrize("state", [TermsState.UNREADABLE, TermsState.UNREACHABLE])
def test_what_could_not_be_read_may_be_found_to_prohibit_only(store: TermsStore, state: TermsState) -> None:
    """A no needs no text; a yes does, and the message says how to get one."""
    store.add_snapshot(gone(state, why="login"))
    for verdict in (TermsVerdict.PERMITS, TermsVerdict.UNCLEAR):
        with pytest.raises(BadInput, match=r"login.*--file FILE"):
            store.add_review(said(verdict, text_sha256("")))
    store.add_review(said(TermsVerdict.PROHIBITS, text_sha256("")))
    assert len(store.reviews("archive")) == 1


@pytest.mark.control("C1.4")
def test_that_there_are_none_may_be_confirmed(store: TermsStore) -> None:
    """A person says that they looked, too."""
    store.add_snapshot(gone(TermsState.NONE_FOUND))
    store.add_review(said(TermsVerdict.PERMITS, text_sha256("")))
    assert store.page("archive", PAGE).review is not None


@pytest.mark.control("C1.4")
def test_the_text_before_is_the_one_reviewed_or_else_another_one(store: TermsStore) -> None:
    """What a diff starts from; nothing where no other text was seen."""
    store.add_snapshot(gone(TermsState.UNREACHABLE))
    assert store.text_before(store.page("archive", PAGE)) is None
    store.add_snapshot(seen("A.", days=1))
    assert store.text_before(store.page("archive", PAGE)) is None
    store.add_snapshot(seen("B.", days=2))
    before = store.text_before(store.page("archive", PAGE))
    assert before is not None
    assert before.text == "A."
    store.add_review(said(TermsVerdict.PERMITS, text_sha256("B.")))
    store.add_snapshot(seen("C.", days=3))
    before = store.text_before(store.page("archive", PAGE))
    assert before is not None
    assert before.text == "B."


# The passages


SPEAKING = [
    ("en", "You must not scrape, crawl or harvest any part of the site.", {"scraping"}),
    ("en", "Robots, spiders and other automated means need our consent.", {"scraping", "automated-access"}),
    ("en", "You may not use our images to train, fine-tune or develop any machine learning model.", {"ai"}),
    ("en", "We reserve text and data mining under Article 4 of Directive (EU) 2019/790.", {"mining"}),
    ("en", "No content may be systematically downloaded to build a database.", {"scraping"}),
    ("en", "The material is not an input for generative AI or large language models.", {"ai"}),
    ("en", "Access by programmatic or non-human means is not allowed.", {"automated-access"}),
    (
        "fr",
        "Toute extraction systématique du contenu au moyen de robots est interdite.",
        {"scraping", "automated-access"},
    ),
    ("fr", "La fouille de textes et de données (art. L. 122-5-3) est expressément refusée.", {"mining"}),
    ("fr", "Il est interdit d'utiliser les images pour entraîner une intelligence artificielle.", {"ai"}),
    ("fr", "L'accès au site par des procédés automatisés n'est pas autorisé.", {"automated-access"}),
    ("fr", "Le moissonnage des données du site est prohibé.", {"scraping"}),
    (
        "de",
        "Das automatisierte Auslesen der Inhalte durch Crawler ist untersagt.",
        {"scraping", "automated-access"},
    ),
    ("de", "Die Nutzung für Text- und Data-Mining im Sinne von § 44b UrhG behalten wir uns vor.", {"mining"}),
    ("de", "Die Bilder dürfen nicht zum Training von KI-Systemen verwendet werden.", {"ai"}),
    ("de", "Es ist nicht gestattet, die Datenbank systematisch herunterzuladen.", {"scraping"}),
    (
        "de",
        "Zugriffe mittels automatisierter Verfahren sind von der Erlaubnis ausgenommen.",
        {"automated-access"},
    ),
    (
        "es",
        "Queda prohibida la extracción masiva de los contenidos mediante robots.",
        {"scraping", "automated-access"},
    ),
    ("es", "El titular se reserva los derechos de minería de textos y datos.", {"mining"}),
    ("es", "No se permite entrenar con las fotografías sistemas de inteligencia artificial.", {"ai"}),
    ("es", "Se prohíbe el acceso al sitio por medios automatizados.", {"automated-access"}),
    ("it", "È vietata l'estrazione sistematica dei contenuti della banca dati.", {"scraping"}),
    ("it", "Il titolare si riserva i diritti di estrazione di testo e di dati.", {"mining"}),
    ("it", "È vietato addestrare con le immagini del sito sistemi di intelligenza artificiale.", {"ai"}),
    ("it", "L'accesso al sito con mezzi automatizzati non è consentito.", {"automated-access"}),
]
SILENT = [
    "These terms are governed by the laws of England.",
    "Your subscription renews automatically unless you cancel it.",
    "We train our staff in customer care.",
    "We collect your personal data as our privacy policy describes.",
    "You may download one copy of a picture for personal use.",
    "L'abonnement est reconduit automatiquement chaque année.",
    "Les photographies sont protégées par le droit d'auteur.",
    "Der Vertrag verlängert sich automatisch um ein Jahr.",
    "Wir speichern Ihre Daten nur zur Abwicklung der Bestellung.",
    "La suscripción se renueva automáticamente por un año.",
    "L'abbonamento si rinnova automaticamente.",
    "AI SENSI DELLA LEGGE E DEL CONTRATTO IL SITO NON RISPONDE.",
    "Ai sensi di legge le immagini del sito sono protette.",
]


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(("language", "sentence", "topics"), SPEAKING)
def test_a_sentence_that_speaks_of_our_doings_is_marked(
    language: str, sentence: str, topics: set[str]
) -> None:
    """In five languages, with its topics and its language, in the midst of others."""
    text = f"{SILENT[0]}\n{sentence}\n{SILENT[2]}"
    marked = passages(text)
    assert {passage.topic for passage in marked} == topics
    assert {(passage.sentence, passage.language) for passage in marked} == {(sentence, language)}
    assert {text[passage.start : passage.end] for passage in marked} == {sentence}


@pytest.mark.control("C1.4")
@pytest.mark.parametrize("sentence", SILENT)
def test_a_sentence_of_other_matters_is_not_marked(sentence: str) -> None:
    """Renewals, staff, privacy, and the Italian preposition."""
    assert passages(sentence) == ()


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("SCRAPING PROHIBITED", "en"),
        ("USE FOR AI IS NOT ALLOWED BY THE OWNER", "en"),
        ("Fouille de textes interdite", "fr"),
        ("IA interdite", "en"),
        ("Scraping verboten. Das ist die Regel, und sie gilt.", "de"),
    ],
)
def test_short_and_loud_sentences_are_marked_too(text: str, language: str) -> None:
    """Where a sentence does not show its language, the cue or the whole text does."""
    assert passages(text)[0].language == language


@pytest.mark.control("C1.4")
def test_a_wrapped_sentence_is_one_and_an_abbreviation_ends_none() -> None:
    """Lines that go on in a small letter, "Art. 4", an initial; a blank line and a capital do end."""
    text = "See Art. 4 of the\nrules by J. Doe. Then\n\nanother. (Yes.) Go!\n• one\n• two"
    assert [text[start:end] for start, end in sentences(text)] == [
        "See Art. 4 of the\nrules by J. Doe.",
        "Then",
        "another.",
        "(Yes.)",
        "Go!",
        "• one",
        "• two",
    ]


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    "piece",
    ["word ", "word; ", "x", "AI.\n", " ", "\n ", ".", "a. ", "scraping ", "autx intx. ", "a\u0301\u0323"],
)
def test_a_megabyte_of_anything_is_marked_within_bounds(piece: str) -> None:
    """At most 500 passages, none longer than 800 characters, and no construction that takes long."""
    marked = passages(piece * ((1 << 20) // len(piece)) + "scraping")
    assert len(marked) <= 500
    assert all(len(passage.sentence) <= 800 for passage in marked)


@given(
    st.lists(
        st.sampled_from(
            [*SILENT, *(sentence for _, sentence, _ in SPEAKING), "\n", ". ", ";", "x" * 900, "AI", "\ud800"]
        )
        | st.text(max_size=20),
        max_size=12,
    )
)
def test_passages_point_into_the_text_in_order(parts: list[str]) -> None:
    """Never raises; each passage is where it says, and sentences cover all that is not space, once."""
    text = " ".join(parts)
    for passage in passages(text):
        assert text[passage.start : passage.end] == passage.sentence
        assert passage.topic in Topic
    spans = list(sentences(text))
    assert all(a_end <= b_start for (_, a_end), (b_start, _) in pairwise(spans))
    assert "".join("".join(text[a:b].split()) for a, b in spans) == "".join(text.split())


# The links


def link(href: str, text: str = "", *rel: str) -> PageLink:
    return PageLink(href=href, rel=rel, type="", text=text)


SITE = "https://www.example.org"
HOST = Host("www.example.org")


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(
    ("href", "text"),
    [
        ("/a1", "Terms of Service"),
        ("/a2", "Terms & Conditions"),
        ("/a3", "Conditions générales d’utilisation"),
        ("/a4", "Mentions légales"),
        ("/a5", "Nutzungsbedingungen"),
        ("/a6", "AGB"),
        ("/a7", "Términos y condiciones"),
        ("/a8", "Aviso legal"),
        ("/a9", "Condizioni d'uso"),
        ("/b1", "Note legali"),
        ("/legal/termsOfUse.html", ""),
        ("/fr/cgu", "En savoir plus"),
        ("/agb.php?x=1", ""),
        ("/t%C3%A9rminos-de-uso", ""),
    ],
)
def test_a_footer_link_to_terms_is_found(href: str, text: str) -> None:
    """By its words or by its path, in five languages; other links are not."""
    links = [link(f"{SITE}/about", "About us"), link(SITE + href, text), link(f"{SITE}/", "Terms")]
    assert terms_links(links, HOST) == (SITE + href,)


@pytest.mark.control("C1.4")
def test_the_likeliest_link_comes_first() -> None:
    """What is declared, then what is plainly named, on the site before elsewhere; no terms of others."""
    links = [
        link(f"{SITE}/legal", "Legal"),
        link("https://owner.example/user-agreement", "User Agreement"),
        link(f"{SITE}/terms-of-sale", "Terms of Sale"),
        link("https://policies.google.com/terms", "Terms of Service"),
        link("https://elsewhere.example/legal", "Legal"),
        link("https://shop.example.org/terms", "Terms"),
        link(f"{SITE}/terms", "More"),
        link(f"{SITE}/terms", "Terms of Use"),
        link(f"{SITE}/privacy", "Privacy and legal"),
        link("mailto:a@example.org", "Terms of Use"),
        link("https://contracts.example/x", "", "terms-of-service"),
    ]
    assert terms_links(links, HOST) == (
        "https://contracts.example/x",
        f"{SITE}/terms",
        "https://shop.example.org/terms",
        f"{SITE}/terms-of-sale",
        f"{SITE}/legal",
        "https://owner.example/user-agreement",
        f"{SITE}/privacy",
    )


@pytest.mark.parametrize(
    ("host", "is_same_site"),
    [
        ("photos.example.co.uk", True),
        ("other.co.uk", False),
        ("example.co.uk:8080", True),
        ("localhost", False),
    ],
)
def test_a_site_is_told_from_its_neighbours_under_a_country(host: str, is_same_site: bool) -> None:
    """A second level such as co.uk belongs to nobody; weak words count on the site itself only."""
    found_links = terms_links([link(f"https://{host}/x", "Legal")], Host("www.example.co.uk"))
    assert bool(found_links) is is_same_site


@given(
    st.lists(st.builds(link, st.text(max_size=60), st.text(max_size=40)), max_size=30), st.text(max_size=30)
)
def test_any_links_are_ranked_within_bounds(links: list[PageLink], host: str) -> None:
    """Never raises, never more than eight, each once."""
    many = [*links, *(link(f"{SITE}/terms/{n}", "Terms") for n in range(20))]
    ranked = terms_links(many, Host(host))
    assert len(ranked) == len(set(ranked)) <= 8
