"""Plain words against training or mining in a notice, in English, French, German, Spanish and Italian. Pure,
bounded, never raises.

A refusal is two things in one sentence, few words apart: what is spoken of (mining, or the training of
machines), and a word that refuses or reserves it. Neither alone says anything: "All rights reserved" names no
use, "AI-generated" refuses none. Doubt widens: a sentence that is read as a refusal by mistake costs one
picture, one that is overlooked costs a rights holder's word.

Source: Directive (EU) 2019/790 Article 4(3) and recital 18; C1.5.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from clearance.sourcing.uses import DATA_USES, Use

MAX_CHARS = 16 << 10
"""Of one text: a notice has a few sentences, and of a hostile one as much is matched in half a second."""
_CONTEXT_CHARS = 160
"""Around what is spoken of: nine words of sixteen letters."""


def _words(most: int) -> str:
    return rf"(?:\w{{1,30}} ){{0,{most}}}"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Language:
    """Patterns over text in lower case, without accents and punctuation."""

    machine: str
    """What is trained."""
    mining: str
    training: str
    use: str
    """A use, and the preposition that leads to the machine."""
    before: str
    """What refuses what follows it."""
    after: str
    """What refuses what it follows."""
    everything: str
    """The usual reservation of all rights, which names no use."""


_NO = r"no(?! (?:restric|limit|condi|objec|probl|attrib|credit))"
"""English, Spanish; "no limits on AI training" refuses nothing."""

_ENGLISH = _Language(
    machine=r"(?:gen(?:erative)? ?)?(?:ai|artificial intelligence|ml|(?:machine|deep) learning|llms?|"
    r"(?:large )?language models?|(?:diffusion|foundation|generative) models?|neural net(?:work)?s?)",
    mining=r"(?:tdm|(?:text |image )?(?:(?:and|or|und|oder|et|ou|y|o|e) )?data ?mining|text ?mining|"
    r"(?:machine|deep) learning)",
    training=r"train(?:ing|ed|s)?",
    use=rf"us(?:e|ed|es|ing|age) {_words(3)}(?:in|with|by|for|to|on|as)",
    before=rf"{_NO}|not|never|nor|cannot|don t|dont|without|except|prohibit\w*|forbid\w*|disallow\w*|"
    rf"ban(?:s|ned)?|"
    rf"exclud\w+|refus\w+|den(?:y|ies|ied)|opt(?:s|ed)? out|oppose\w*|objects? to|reservation(?! (?:0|"
    rf"false))|"
    rf"reserv\w+ {_words(3)}(?:includ\w+|incl|also|for|against|especially|particular|particularly|regarding|"
    rf"respect)|"
    rf"reserv(?:e|es|ing) {_words(3)}rights?|(?:permission|consent|licen[cs]e|authori[sz]ation) {_words(2)}"
    r"(?:required|needed)",
    after=rf"prohibited|forbidden|disallowed|banned|excluded|denied|refused|reserved|reservation(?! (?:0|"
    rf"false)\b)|opt(?:ed)? out|"
    rf"not {_words(2)}(?:permitted|allowed|granted|authori[sz]ed|licen[cs]ed|included|covered|ok|welcome)|"
    rf"(?:without|requires?|only) {_words(6)}(?:permission|consent|licen[cs]e|authori[sz]ation|agreement)",
    everything=rf"all {_words(1)}rights",
)
_FRENCH = _Language(
    machine=r"(?:ia|intelligences? artificielles?|apprentissage (?:automatique|machine|profond)|"
    r"modeles? (?:de langage|generatifs?))",
    mining=r"(?:fouilles? (?:de |des |d )?(?:textes?|donnees|images?)(?: (?:et|ou) (?:de |des |"
    r"d )?(?:textes?|donnees))?|"
    r"extraction (?:automatique |automatisee )?(?:de|des) donnees|"
    r"apprentissage (?:automatique|machine|profond))",
    training=r"(?:entrain\w+|apprentissage)",
    use=rf"(?:utilis\w+|usage|exploit\w+) {_words(4)}(?:par|dans|pour|avec|a)",
    before=rf"pas|aucune?|jamais|ni|sans|sauf|hors|interdi\w+|prohib\w+|refus\w+|oppos\w+|exclu\w*|"
    rf"reserv\w+ {_words(3)}(?:compris|notamment|dont|inclu\w+|particulier|pour|concernant|titre)|"
    rf"reserv\w+ {_words(3)}droits?",
    after=rf"interdi\w+|prohib\w+|reserve\w*|exclu\w*|refuse\w*|(?:pas|non) {_words(1)}(?:autoris\w+|"
    rf"permis\w*|admis\w*)|"
    rf"(?:sans|soumis\w*) {_words(5)}(?:autorisation|accord|licence|consentement)",
    everything=r"tous (?:les )?droits",
)
_GERMAN = _Language(
    machine=r"(?:generative\w? )?(?:ki|k(?:u|ue)nstliche\w? intelligenz(?:en)?|maschinelle\w? lernen\w?|"
    r"sprachmodelle?\w?)",
    mining=rf"(?:datamining|maschinelle\w? lernen\w?|44 ?b {_words(4)}urhg|urheberrechtsgesetz\w? 44 ?b)",
    training=r"(?:\w{0,20}training\w{0,20}|trainier\w+|anlern\w+)",
    use=rf"(?:nutz\w+|verwend\w+|verwert\w+|gebrauch\w*|einsatz\w*) {_words(4)}(?:durch|in|mit|f(?:u|ue)r|"
    rf"zum|zur)",
    before=r"kein\w*|nicht|niemals|ohne|weder|ausser|ausgenommen|untersag\w*|verb(?:o|ie)t\w*|"
    r"widersprech\w*|widerspruch|"
    rf"ausgeschlossen|unzul(?:a|ae)ssig\w*|\w{{0,30}}vorbehalt|vorbehalten\w? {_words(3)}(?:insbesondere|"
    rf"insb|auch|"
    r"einschliesslich|inklusive|inkl|f(?:u|ue)r|bez(?:u|ue)glich|gegen|sinne|gem(?:a|ae)ss|nach)",
    after=rf"untersagt|verboten|unzul(?:a|ae)ssig|ausgeschlossen|ausgenommen|vorbehalten|"
    rf"\w{{0,30}}vorbehalt|widersprochen|"
    rf"nicht {_words(2)}(?:gestattet|erlaubt|zul(?:a|ae)ssig|gew(?:u|ue)nscht|freigegeben|zugelassen|"
    rf"genehmigt)|"
    rf"(?:nur|ohne) {_words(5)}(?:genehmigung|zustimmung|erlaubnis|lizenz|einwilligung)|bed(?:a|u|ue)rf\w*",
    everything=rf"alle {_words(1)}rechte",
)
_SPANISH = _Language(
    machine=r"(?:ia|inteligencias? artificial(?:es)?|aprendizaje (?:automatico|profundo)|"
    r"modelos? (?:de lenguaje|generativos?))",
    mining=r"(?:minerias? (?:de )?(?:textos?|datos|imagenes)(?: (?:y|e|o) (?:de )?(?:textos?|datos|"
    r"imagenes))?|"
    r"extraccion (?:automatizada )?de datos|aprendizaje (?:automatico|profundo))",
    training=r"entren\w+",
    use=rf"(?:uso|usar\w*|utiliz\w+) {_words(4)}(?:por|para|en|con)",
    before=rf"{_NO}|ni|nunca|sin|salvo|excepto|ningun\w*|prohib\w+|exclu\w+|opon\w+|oposicion|rechaz\w+|"
    rf"reserv\w+ {_words(3)}(?:inclu\w+|tambien|particular|especialmente|para|respecto|frente)|"
    rf"reserv\w+ {_words(3)}derechos?",
    after=rf"prohib\w+|reservad\w+|excluid\w+|no {_words(3)}(?:permit\w+|autoriz\w+|admit\w+|consient\w+)|"
    rf"(?:sin|requiere\w?) {_words(5)}(?:permiso|autorizacion|consentimiento|licencia)",
    everything=r"todos (?:los )?derechos",
)
_ITALIAN = _Language(
    machine=r"(?:ia|intelligenz[ae] artificial[ei]|apprendimento (?:automatico|profondo)|"
    r"modelli (?:linguistici|generativi))",
    mining=rf"(?:estrazione {_words(2)}(?:testo|testi|dati)(?: {_words(2)}(?:testo|testi|dati))?|"
    r"apprendimento (?:automatico|profondo))",
    training=r"(?:addestr\w+|allen\w+|training)",
    use=rf"(?:uso|usar\w*|utilizz\w+) {_words(4)}(?:per|da|in|con)",
    before=rf"non|mai|senza|salvo|tranne|eccetto|nessun\w*|divieto|viet\w+|proibi\w+|esclus\w+|oppon\w+|"
    rf"opposizione|"
    rf"riserv\w+ {_words(3)}(?:inclus\w+|compres\w+|anche|particolare|per|relativ\w+)|"
    rf"riserv\w+ {_words(3)}diritt\w+",
    after=rf"vietat\w+|proibit\w+|riservat\w+|esclus\w+|non {_words(2)}(?:consentit\w+|permess\w+|"
    rf"autorizzat\w+|ammess\w+)|"
    rf"(?:senza|richied\w+) {_words(5)}(?:permesso|autorizzazione|consenso|licenza)",
    everything=r"tutti i diritti",
)
_LANGUAGES = (_ENGLISH, _FRENCH, _GERMAN, _SPANISH, _ITALIAN)

_BYWORD = re.compile(
    r"\bno(?:image)?ai\b|\bno(?:aitraining|ml|tdm)\b|"
    r"\bno (?:gen(?:erative)? ?)?ai (?:allowed|permitted|please|usage|scraping|learning|ingestion|"
    r"datasets?)\b"
)
_NO_AI = re.compile(
    r"(?:^|[,;.!(/–—-])[ \t]{0,4}(no (?:gen(?:erative)? ?)?ai)[ \t]{0,4}(?=$|[,;.!)/–—-])", re.MULTILINE
)
"""As a clause of its own: "no AI was used" and "made with no AI" refuse nothing."""
_MENTION = re.compile(
    r"mining|\b(?:gen)?(?:ai|ia|ki)\b|\b(?:ml|tdm|llms?)\b|artifi[cz]i|kunstlich|kuenstlich|learning|lernen|"
    r"language model|"
    r"sprachmodell|neural|diffusion|generati|foundation|apprentissage|apprendimento|aprendizaje|modeles? de|"
    r"modelos? de|modelli|fouille|mineria|estrazione|extrac|44 ?b|\bno(?:image)?ai|\bno(?:ml|tdm)\b"
)
_FIRM = (
    r"(?! (?:ltd|limited|inc|llc|llp|plc|gmbh|ug|kg|sarl|sasu?|srl|spa|sl|bv|corp|corporation|company|"
    r"studios?|academy|"
    r"institute|school|photography|magazine|conference)\b)"
)
"""A name is no use: "Training AI Ltd"."""

_LINK = (
    r"(?:(?:of|for|any|a|an|the|on|to|de|des|d|l|la|les|une?|di|von|mit|fur|fuer|pour|para|per|models?) )"
    r"{0,3}"
)
_TRAIN = r"(?:train\w*|entrain\w+|entren\w+|addestr\w+|trainier\w+)"
_GENERATIVE = re.compile(
    rf"\b(?:(?:text )?(?:and )?data mining {_LINK})?(?:{_TRAIN} {_LINK})?"
    r"(?:gen(?:erati\w{1,4})? (?:ai|ki|artificial intelligence|kunstliche\w? intelligenz)|genai|"
    rf"(?:ia|ai|intelligen\w+ artific\w+) generati\w+)(?: ml)?(?: (?:models? |systems? )?{_TRAIN})?\b"
)
"""What is limited to generative training, as a value of PLUS Data Mining is: with no words between that could
name something else.
"""

_ACCENTS = re.compile("[\u0300-\u036f]+")
_INITIALS = re.compile(r"\b([aik])\.\s?([ai])\b\.?")
_ABBREVIATION = re.compile(r"\b(incl|inkl|insb|insbes|esp|e\.g|i\.e|z\.b|bzw|art|abs|p\.ex)\.")
_SENTENCE_END = re.compile(r"[.;!?](?=\s|$)|\n\s*\n|[|•·]")
_NOT_A_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainRefusal:
    """What a text refuses, and the first words that say so."""

    uses: frozenset[Use]
    words: str


@lru_cache(maxsize=1024)  # the pictures of one site share their notices
def refusal_in(text: str) -> PlainRefusal | None:
    """Find what a text refuses in plain words, or nothing."""
    uses: frozenset[Use] = frozenset()
    words = ""
    for found, said in _refusals(_plain(text[:MAX_CHARS])):
        uses, words = uses | said, words or found
        if uses == DATA_USES:
            break
    return PlainRefusal(uses=uses, words=words) if uses else None


def _refusals(plain: str) -> Iterator[tuple[str, frozenset[Use]]]:
    for clause in _NO_AI.finditer(plain):
        yield clause[1], _uses(clause[1])
    for sentence in _sentences(plain):
        byword = _BYWORD.search(sentence)
        if byword is not None:
            yield _around(sentence, byword), _uses(sentence)
        elif _MENTION.search(sentence) is not None:
            refused = _refused(sentence)
            if refused is not None:
                yield _around(sentence, refused), _uses(sentence)


def _refused(sentence: str) -> re.Match[str] | None:
    """Find what is spoken of and refused."""
    for subject, refusal in _patterns():
        for spoken_of in subject.finditer(sentence):
            if refusal.is_met(sentence, spoken_of):
                return spoken_of
    return None


def _uses(refusing: str) -> frozenset[Use]:
    """Return training and mining, or generative training alone where nothing else is spoken of."""
    rest, times = _GENERATIVE.subn(" ", refusing)
    return DATA_USES if not times or _MENTION.search(rest) else frozenset({Use.GENERATIVE})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    before: re.Pattern[str]
    within: re.Pattern[str]
    after: re.Pattern[str]

    def is_met(self, sentence: str, spoken_of: re.Match[str]) -> bool:
        """Tell whether a refusing word stands before, in or after what is spoken of."""
        start, end = spoken_of.span()
        return (
            self.before.search(sentence[max(0, start - _CONTEXT_CHARS) : start]) is not None
            or self.within.search(spoken_of[0]) is not None
            or self.after.match(sentence[end : end + _CONTEXT_CHARS]) is not None
        )


@lru_cache(maxsize=1)
def _patterns() -> tuple[tuple[re.Pattern[str], _Refusal], ...]:
    """Compile the table, when the first notice speaks of machines: most runs of a command meet none."""
    compiled = []
    everything = "|".join(language.everything for language in _LANGUAGES)
    for language in _LANGUAGES:
        # English terms stand in notices of every language.
        machine = rf"(?:{language.machine}|{_ENGLISH.machine})"
        training = rf"(?:{language.training}|{_ENGLISH.training})"
        subject = (
            rf"\b(?:{language.mining}|{_ENGLISH.mining}|{machine} {_words(3)}{training}|"
            rf"{training} {_words(6)}{machine}|"
            rf"{language.use} {_words(4)}{machine})\b{_FIRM}"
        )
        nothing_else = rf"(?:(?!(?:{everything})\b)\w{{1,30}} ){{0,8}}"
        refusal = _Refusal(
            before=re.compile(rf"\b(?:{language.before}) {_words(8)}$"),
            within=re.compile(rf"\b(?:{language.before}|{language.after})\b"),
            after=re.compile(rf" {nothing_else}(?:{language.after})\b"),
        )
        compiled.append((re.compile(subject), refusal))
    return tuple(compiled)


def _plain(text: str) -> str:
    """Write a text in lower case, without accents, and without points that end no sentence."""
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text)).casefold()
    return _ABBREVIATION.sub(r"\1 ", _INITIALS.sub(r"\1\2", plain))


def _sentences(plain: str) -> Iterator[str]:
    """Cut a text into sentences of words with one space between."""
    for sentence in _SENTENCE_END.split(plain):
        words = _NOT_A_WORD.sub(" ", sentence).strip()
        if words:
            yield words


def _around(sentence: str, match: re.Match[str]) -> str:
    return sentence[max(0, match.start() - 50) : match.end() + 50].strip()
