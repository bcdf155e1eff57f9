"""The words by which terms in five languages speak of scraping, mining, AI and automated access: a table.

A cue is a word's beginning (`scrap*`), a whole word, or words in a row; small letters without accents stand
for any writing, capitals for themselves. Where a cue alone is an everyday word, one of `near` must stand in
the same sentence.

Source: C1.4; Directive (EU) 2019/790 article 4; § 44b UrhG; L. 122-5-3 CPI; RDL 24/2021; art. 70-quater LDA.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Topic(StrEnum):
    """What a passage speaks of."""

    SCRAPING = "scraping"
    MINING = "mining"
    AI = "ai"
    AUTOMATED_ACCESS = "automated-access"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """Words that speak of a topic; each with a space before it, and one behind it where the word ends."""

    topic: Topic
    language: str
    """Empty for words that all five languages use."""
    any_of: tuple[str, ...]
    near: tuple[str, ...]
    """One of these must stand in the same sentence; empty where the cue speaks for itself."""


def _cue(topic: Topic, language: str, words: str, near: str = "") -> Cue:
    return Cue(topic=topic, language=language, any_of=_stems(words), near=_stems(near))


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stems(words: str) -> tuple[str, ...]:
    # A star ends a cue: within one it would stand for itself.
    stems = (word.strip() for word in words.split(",") if word.strip())
    return tuple(f" {stem[:-1]}" if stem.endswith("*") else f" {stem} " for stem in stems)


_ANY = (
    _cue(
        Topic.SCRAPING,
        "",
        "scrape*, scraping, scrapen, scrapt, webscrap*, screenscrap*, gescrap*, scrapear*, scrapeo,"
        "scraper*, crawl*, webcrawl*, gecrawl*, spider, spiders, spidering, spidern, webspider*,"
        "harvest*",
    ),
    _cue(
        Topic.MINING,
        "",
        "data mining, datamining, text mining, textmining, text and data, text data mining,"
        "content mining, image mining, web mining, TDM, tdm reservation, tdmrep, 2019 790, 44b, 60d,"
        "122 5 3, 70 quater, 70 ter, ley 24 2021",
    ),
    _cue(
        Topic.AI,
        "",
        "AI, GenAI, genai, machine learning, deep learning, LLM, LLMs, ChatGPT, chatgpt, openai,"
        "gptbot, ccbot, midjourney, stable diffusion, copilot, google extended, chatbot*",
    ),
    _cue(
        Topic.AUTOMATED_ACCESS,
        "",
        "bot, bots, robot, robots, robots txt, crawler*, webcrawler*, spider, spiders, headless, rpa",
    ),
)

_EN = (
    _cue(
        Topic.SCRAPING,
        "en",
        "data extraction, data gathering, data collection tool*, extraction tool*, bulk download*,"
        "mass download*, systematic retrieval, systematically retriev*, page scrap*, web extraction,"
        "database extraction, site downloader*, offline reader*, mirroring",
    ),
    _cue(
        Topic.SCRAPING,
        "en",
        "extract*, download*, collect*, copy*, retriev*, gather*, compil*, aggregat*, index*, cache*,mirror*",
        "systematic*, automated, automatic means, automatically, bulk, en masse, mass, large scale",
    ),
    _cue(
        Topic.MINING,
        "en",
        "mine data, mine any, mine the, mining of, automated analysis, computational analysis,"
        "analytical technique*, data analysis tool*, text and image, mine content, mine or",
    ),
    _cue(
        Topic.AI,
        "en",
        "artificial intelligence, neural network*, language model*, foundation model*,"
        "diffusion model*, generative model*, generative AI, training data*, training set*,"
        "machine learned, computer vision, generative tool*, image generator*, large language",
    ),
    _cue(
        Topic.AI,
        "en",
        "train, trains, trained, training, fine tun*, finetun*, develop*, improv*, ground*, test*",
        "ai model*, learning model*, algorithm*, neural, intelligent system*, generative,"
        "artificial intelligence, training of model*, train model*, train any model*, train a model*,"
        "training model*",
    ),
    _cue(
        Topic.AUTOMATED_ACCESS,
        "en",
        "automated means, automated tool*, automated process*, automated software, automated script*,"
        "automated system*, automated device*, automated program*, automated quer*,"
        "automated request*, automated access*, automated or, automated manner, automated agent*,"
        "automated data, automated retriev*, automated download*, automated service*,"
        "automated method*, automated technolog*, automated collect*, automatic means,"
        "automatic device*, automatic process*, automatic program*, automatic software,"
        "automatic tool*, automatically access*, automatically retriev*, automatically download*,"
        "automatically collect*, automatically extract*, automatically quer*, automatically index*,"
        "automatically copy*, by automation, software agent*, programmatic*, non human, scripted,"
        "script or, user agent, machine readable, other automat*, or automat*",
    ),
)

_FR = (
    _cue(
        Topic.SCRAPING,
        "fr",
        "moissonn*, aspirateur de site*, aspirateurs de site*, aspiration de, aspirer, araignee*,"
        "robot d indexation, robots d indexation, robot d exploration, robots d exploration,"
        "telechargement massif, telechargements massifs, telechargement systematique,"
        "collecte massive, collecte automati*, indexation automati*, copie massive, grattage",
    ),
    _cue(
        Topic.SCRAPING,
        "fr",
        "extraction*, extraire, extrait, extraits, aspirat*, collecte*, collecter, telecharge*,"
        "reutilis*, copie*, indexe*",
        "automatis*, automatique*, automatiquement, massif, massive, massivement, systematique*,"
        "systematiquement, substantielle*, base de donnees, bases de donnees",
    ),
    _cue(
        Topic.MINING,
        "fr",
        "fouille de*, fouilles de*, fouille automati*, fouille d, exploration de texte*,"
        "exploration de donnees, forage de donnees, textes et de donnees, analyse automatis*,"
        "exploration automati*",
    ),
    _cue(
        Topic.AI,
        "fr",
        "intelligence artificielle, intelligences artificielles, IA, apprentissage automatique*,"
        "apprentissage profond, apprentissage machine, apprentissage par, reseau de neurones,"
        "reseaux de neurones, modele de langage, modeles de langage, IA generative*,"
        "modele generatif, modeles generatifs, donnees d entrainement, donnees d apprentissage,"
        "outils generatifs",
    ),
    _cue(
        Topic.AI,
        "fr",
        "entrain*, apprentissage",
        "modele*, algorithm*, systeme*, reseau*, logiciel*, machine*, generati*",
    ),
    _cue(
        Topic.AUTOMATED_ACCESS,
        "fr",
        "automatise*, automatique, automatiques, automatiquement, automatisation",
        "moyen*, outil*, procede*, procedure*, dispositif*, logiciel*, acces, acceder, script*,"
        "requete*, systeme*, processus, consult*, collect*, extra*, telecharg*, programme*,"
        "interrog*, techni*, copie*, index*",
    ),
)

_DE = (
    _cue(
        Topic.SCRAPING,
        "de",
        "auslesen, ausgelesen, auszulesen, ausliest, auslesung, abgreifen, abgegriffen, abzugreifen,"
        "datenbankentnahme, massendownload*, massenabruf*, datenextraktion, webharvest*",
    ),
    _cue(
        Topic.SCRAPING,
        "de",
        "abruf*, abzuruf*, abgeruf*, herunterlad*, herunterzuladen, heruntergeladen, download*,"
        "kopier*, vervielfaltig*, extrah*, extrakt*, entnahme*, entnehm*, entnommen, sammel*,"
        "gesammelt, speicher*, erfass*, indexier*, ubernehm*, ubernahme, durchsuch*",
        "massenhaft*, massenweise, systematisch*, automatisch*, automatisiert*, maschinell*,"
        "wiederholt*, grossem umfang, wesentlichen teil*, wesentlicher teil*, wesentliche teil*",
    ),
    _cue(
        Topic.MINING,
        "de",
        "text und data, text data mining, datenmining, nutzungsvorbehalt*, automatisierte analyse*,"
        "automatisierte auswertung*, automatisierten analyse*, automatisierten auswertung*,"
        "maschinelle auswertung*, datengewinnung, data miner*",
    ),
    _cue(
        Topic.AI,
        "de",
        "kunstliche intelligenz*, kunstlicher intelligenz*, kunstlichen intelligenz*,"
        "kunstlich intelligent*, KI, maschinelles lernen, maschinellen lernen*, maschinellem lernen,"
        "maschinenlernen, sprachmodell*, neuronale*, neuronalen netz*, trainingsdaten*,"
        "generative ki, generativer ki, generativen ki, bildgenerator*, generative modell*,"
        "generativer modell*, generative systeme*, generativer systeme*",
    ),
    _cue(
        Topic.AI,
        "de",
        "train*, anlern*, anzulern*, trainingszweck*, weiterentwickl*",
        "modell*, algorithm*, intelligen*, neuronal*, generativ*, lernend*, selbstlernend*, kis",
    ),
    _cue(
        Topic.AUTOMATED_ACCESS,
        "de",
        "automatisiert*, automatisch*, maschinell*, computergestutzt*, automatisierung*",
        "abfrag*, abruf*, abzuruf*, abgeruf*, zugriff*, zugreif*, zuzugreif*, verfahren, mittel,"
        "mitteln, hilfsmittel*, programm*, skript*, script*, software*, system, systeme, systemen,"
        "prozess*, tool, tools, anfrag*, ausles*, erfass*, download*, herunterlad*, durchsuch*,"
        "auswert*, kopier*, werkzeug*, vorgang*, einrichtung*, nutzung",
    ),
    _cue(
        Topic.AUTOMATED_ACCESS, "de", "roboter*, suchroboter*, webroboter*, maschinenlesbar*, softwareagent*"
    ),
)

_ES = (
    _cue(
        Topic.SCRAPING,
        "es",
        "raspado, raspar, rastreo, rastrear, rastreador*, aranas, cosechar, cosecha de datos,"
        "extraccion masiva, extraccion automati*, extraccion sistematica, extraccion de datos,"
        "descarga masiva, descargas masivas, recopilacion masiva, recoleccion de datos,"
        "recoleccion automati*, volcado masivo",
    ),
    _cue(
        Topic.SCRAPING,
        "es",
        "extraccion*, extraer, extraiga*, recopil*, descarg*, recolec*, copia*, copiar, reutiliz*,"
        "captur*, indexar, indexacion",
        "automati*, masiv*, sistematic*, base de datos, bases de datos, sustancial*",
    ),
    _cue(
        Topic.MINING,
        "es",
        "mineria de, mineria automati*, textos y datos, texto y datos, prospeccion de texto*,"
        "prospeccion de datos, analisis automatizado, analisis computacional, exploracion de datos",
    ),
    _cue(
        Topic.AI,
        "es",
        "inteligencia artificial, inteligencias artificiales, IA, aprendizaje automati*,"
        "aprendizaje profundo, aprendizaje de maquina*, modelo de lenguaje, modelos de lenguaje,"
        "red neuronal, redes neuronales, datos de entrenamiento, ia generativa*, modelos generativos,"
        "modelo generativo, herramientas generativas",
    ),
    _cue(
        Topic.AI,
        "es",
        "entren*",
        "modelo*, algoritm*, sistema*, redes, herramienta*, maquina*, generativ*, software",
    ),
    _cue(
        Topic.AUTOMATED_ACCESS,
        "es",
        "automatiz*, automatic*",
        "medio*, herramienta*, proceso*, procedimiento*, sistema*, mecanismo*, programa*, software,"
        "script*, acceso*, acceder, consulta*, extra*, recop*, descarg*, dispositivo*, forma, manera,"
        "tecnica*, metodo*, peticion*, solicitud*",
    ),
)

_IT = (
    _cue(
        Topic.SCRAPING,
        "it",
        "raschiamento, raschiare, estrazione massiva, estrazioni massive, estrazione sistematica,"
        "estrazione automati*, estrazione di dati, estrazione dei dati, raccolta massiva,"
        "raccolta automati*, scaricamento massivo, download massivo, download sistematico,"
        "estrapolazione di dati, estrapolare dati",
    ),
    _cue(
        Topic.SCRAPING,
        "it",
        "estrazion*, estrarre, estratt*, estrapol*, raccolt*, raccoglier*, scaric*, copia, copiare,"
        "reimpieg*, indicizz*, download, riutilizz*",
        "automati*, massiv*, sistematic*, banca dati, banche dati, banca di dati, banche di dati,"
        "database, sostanzial*",
    ),
    _cue(
        Topic.MINING,
        "it",
        "estrazione di testo, estrazione di testi, estrazione del testo, testo e di dati,"
        "testo e dati, testi e dati, analisi automatizzat*, analisi computazional*,"
        "esplorazione di dati",
    ),
    _cue(
        Topic.AI,
        "it",
        "intelligenza artificiale, intelligenze artificiali, IA, apprendimento automatico,"
        "apprendimento profondo, modello linguistico, modelli linguistici, modelli di linguaggio,"
        "rete neurale, reti neurali, dati di addestramento, ia generativa, modelli generativi,"
        "modello generativo, strumenti generativi",
    ),
    _cue(
        Topic.AI,
        "it",
        "addestr*, allenament*, allenar*",
        "modell*, algoritm*, sistem*, reti, software, macchin*, generativ*, strument*",
    ),
    _cue(
        Topic.AUTOMATED_ACCESS,
        "it",
        "automatizz*, automatic*",
        "mezz*, strument*, process*, procedur*, sistem*, software, programm*, script*, access*,"
        "dispositiv*, metod*, raccolt*, estra*, interrog*, modalita, tecnic*, richiest*, scaric*",
    ),
)

CUES = (*_ANY, *_EN, *_FR, *_DE, *_ES, *_IT)

STOP_WORDS: dict[str, frozenset[str]] = {
    "en": _words("the and of you or any not may this our by with to is that your shall without for"),
    "fr": _words("les des et vous ou du est pas dans une le toute sont aux notre par sur tout sans ce"),
    "de": _words("der die das und nicht sie oder mit von den ist eine zu auf dem durch sind zur des im"),
    "es": _words("el los las y que se en por para una del o con esta la sin su no cualquier al"),
    "it": _words("il di e che non per della gli dei sono con delle sito dal nel la senza o del qualsiasi"),
}
"""Small words by which a sentence shows its language; those of several count for each."""
