"""Plain words against training and mining: what is a refusal in five languages, and what is none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.sourcing.signals.plain_refusals import MAX_CHARS, refusal_in
from clearance.sourcing.uses import DATA_USES, Use

REFUSALS = {
    "en": [
        "No AI training",
        "NO AI.",
        "Editorial use only, no AI",
        "#NoAI",
        "No AI scraping",
        "TDM reserved",
        "tdm-reserved",
        "All rights reserved, including those for text and data mining, AI training, and similar technologies.",
        "All rights are reserved incl. AI training.",
        "Text & data mining is prohibited",
        "Use of this image for training artificial intelligence is strictly forbidden.",
        "This image may not be used to train AI models",
        "May not be used for machine learning",
        "No machine learning",
        "Do not use for A.I. training",
        "The use for AI/ML training, copying or redistribution is not permitted",
        "AI training requires a licence",
        "AI training only with written permission",
        "AI training without prior written consent is not allowed",
        "Permission required for AI training",
        "We reserve the right of text and data mining under Article 4",
        "TDM opt-out",
        "Not for use in any AI system",
        "All uses allowed except AI training",
        "Training is not permitted for AI.",
        "https://example.org/no-ai-training",
        "https://example.org/tdm-reservation",
        "\u2460 \uff2e\uff2f \uff21\uff29 training",
    ],
    "fr": [
        "Fouille de textes et de données réservée",
        "Fouille de textes et de donnees interdite",
        "Interdiction d'utiliser cette image pour l'entraînement d'une intelligence artificielle",
        "L'entraînement d'IA est interdit",
        "Tous droits réservés, y compris pour la fouille de textes et de données",
        "Ne pas utiliser pour entraîner des IA",
        "Utilisation par une IA non autorisée",
        "Je m'oppose à la fouille de données",
        "Data mining interdit",
    ],
    "de": [
        "Nutzung für KI-Training untersagt",
        "Nutzung fuer KI-Training untersagt",
        "Die Nutzung für Text- und Data-Mining ist vorbehalten.",
        "Text und Data Mining im Sinne von § 44b UrhG vorbehalten",
        "Alle Rechte vorbehalten, insbesondere für Text- und Data-Mining gemäß § 44b UrhG",
        "Nutzungsvorbehalt nach § 44b Abs. 3 UrhG",
        "Kein KI-Training",
        "Keine Verwendung zum Training von künstlicher Intelligenz",
        "Das Trainieren von KI-Modellen mit diesem Bild ist nicht gestattet",
        "KI-Training nur mit Genehmigung",
        "Verwendung durch KI verboten",
        "AI training verboten",
    ],
    "es": [
        "prohibida la minería de textos y datos",
        "Queda prohibida la mineria de textos y datos",
        "Prohibido el uso para entrenar inteligencia artificial",
        "No se permite el entrenamiento de IA",
        "Todos los derechos reservados, incluida la minería de textos y datos",
        "Minería de datos reservada",
        "Entrenamiento de modelos de IA sin autorización",
    ],
    "it": [
        "Vietato l'addestramento di intelligenza artificiale",
        "È vietata l'estrazione di testo e di dati",
        "Estrazione di testo e dati riservata",
        "Non utilizzare per addestrare l'IA",
        "Tutti i diritti riservati, inclusi quelli per text and data mining",
        "L'uso per l'addestramento di IA non è consentito",
    ],
}
ORDINARY = {
    "en": [
        "",
        "All rights reserved",
        "© 2024 A. Person. All rights reserved.",
        "AI-generated",
        "AI-generated image. All rights reserved. No reproduction without permission.",
        "Training AI Ltd",
        "© 2024 Training AI Ltd. All rights reserved.",
        "© 2024 Training AI Ltd, all rights reserved",
        "© 2024 AI Training, all rights reserved",
        "(c) AI Training Academy, no reproduction without permission",
        "Data Mining Inc. All rights reserved",
        "Not for resale",
        "No part may be reproduced without permission",
        "Made with AI. Not for commercial use.",
        "Made with no AI",
        "No AI was used in the making of this photograph",
        "Not an AI-generated image",
        "AI training is welcome",
        "Text and data mining permitted",
        "No restrictions on AI training",
        "tdm-reservation: 0",
        "Contact us for AI training licences",
        "Coal mining prohibited",
        "For editorial use only. No model release.",
        "https://example.org/ai-training-policy",
        "https://creativecommons.org/licenses/by-nc/4.0/",
    ],
    "fr": [
        "Tous droits réservés",
        "Image générée par IA. Reproduction interdite.",
        "Fouille archéologique interdite au public",
        "Entraînement de football, reproduction interdite",
        "Fouille de textes et de données autorisée",
    ],
    "de": [
        "Alle Rechte vorbehalten",
        "Alle Rechte vorbehalten. Bild: KI-generiert",
        "Nutzung nur mit Genehmigung",
        "© KI Training GmbH, alle Rechte vorbehalten",
        "KI-Training erlaubt",
        "Mit KI erstellt. Keine Bearbeitung erlaubt.",
    ],
    "es": [
        "Todos los derechos reservados",
        "Prohibida la reproducción",
        "Generado con IA. Prohibida su venta.",
        "Minería de oro, prohibida la entrada",
        "Entrenamiento de fútbol. No se permite la reproducción",
        "Se permite la minería de textos y datos",
    ],
    "it": [
        "Tutti i diritti riservati",
        "Vietata la riproduzione",
        "Generata con IA. Vietata la vendita.",
        "Addestramento cani, vietato l'ingresso",
        "Addestramento di IA consentito",
    ],
}


def refused(text: str) -> frozenset[Use]:
    found = refusal_in(text)
    return found.uses if found is not None else frozenset()


@pytest.mark.control("C1.5")
@pytest.mark.parametrize("text", [text for texts in REFUSALS.values() for text in texts])
def test_a_plain_refusal_is_heard(text: str) -> None:
    """In five languages, with and without accents, before or after what it speaks of."""
    assert refused(text) == DATA_USES


@pytest.mark.control("C1.5")
@pytest.mark.parametrize("text", [text for texts in ORDINARY.values() for text in texts])
def test_an_ordinary_notice_is_no_refusal(text: str) -> None:
    """Reserved rights, firms, provenance, permissions: none of them speaks against training."""
    assert refusal_in(text) is None


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("text", "is_generative_only"),
    [
        ("No generative AI training", True),
        ("No GenAI", True),
        ("Data Mining for Generative AI/ML training is definitely prohibited", True),
        ("Training of generative AI is not permitted", True),
        ("Generative KI-Training untersagt", True),
        ("Entraînement d'IA générative interdit", True),
        ("No AI training or generative AI", False),
        ("Training of AI or generative AI prohibited", False),
        ("No text and data mining, no generative AI training", False),
        ("No generative AI training. No data mining.", False),
        ("No generative AI, no AI", False),
        ("No GenAI training, no machine learning", False),
    ],
)
def test_a_refusal_that_speaks_of_generation_alone_refuses_that(text: str, is_generative_only: bool) -> None:
    """As a value of PLUS Data Mining does; where anything else is spoken of, the refusal widens."""
    assert refused(text) == (frozenset({Use.GENERATIVE}) if is_generative_only else DATA_USES)


@pytest.mark.control("C1.5")
def test_the_words_that_refuse_are_told() -> None:
    """A person who looks finds the place in a long notice."""
    found = refusal_in("Call us first. " * 50 + "No AI training, ever. " + "Thank you. " * 50)
    assert found is not None
    assert found.words == "no ai training ever"


@pytest.mark.control("C5.2")
@given(st.text(max_size=300))
def test_reading_any_text_never_raises(text: str) -> None:
    """Whatever stands in a notice, there is an answer."""
    found = refusal_in(text)
    assert found is None or (found.uses <= DATA_USES and found.words)


@pytest.mark.control("C1.5", "C5.2")
@given(
    st.sampled_from([text for texts in REFUSALS.values() for text in texts]),
    st.text(max_size=80),
    st.text(max_size=80),
    st.sampled_from(["\n\n", ". "]),
)
def test_no_other_sentence_hides_a_refusal(refusal: str, before: str, after: str, end: str) -> None:
    """Whatever is said in other sentences: a refusal stays one."""
    text = f"{before}{end}{refusal.removesuffix('.')}{end}{after}"
    assert refused(text) == DATA_USES


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    "piece", ["tdm ", "ai a a a train ", "use a a a in ", "\n", "no ai ", "\ufdfa", "data mining for ", "A."]
)
def test_hostile_repetition_is_read_up_to_a_bound(piece: str) -> None:
    """What is beyond the bound is not searched; the caller reports it."""
    assert refusal_in(piece * (MAX_CHARS // len(piece)) + " no tdm") is None
