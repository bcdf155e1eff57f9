"""The card of an export: what people read first, and what `datasets.load_dataset` finds the samples by. Pure.

Source: Hugging Face Hub, dataset cards (YAML metadata: `configs`, `license`).
"""

from __future__ import annotations

import json

from clearance.curating.handing_on.croissant import Exported, licence_terms
from clearance.curating.handing_on.writing import DATA_FOLDER
from clearance.errors import printable
from clearance.governing.documents import DatasetFacts

_MAX_CHARS = 1000


def dataset_card(facts: DatasetFacts, exported: Exported) -> str:
    """Return the card of an export, in Markdown under its YAML."""
    terms = "\n".join(f"- {_plain(term)}" for term in licence_terms(facts))
    maker = f"{_plain(facts.organisation)}, {_plain(facts.contact)}"
    return f"""---
pretty_name: {json.dumps(facts.reference)}
license: other
license_name: {json.dumps("each picture has its own")}
configs:
- config_name: default
  data_files:
  - split: train
    path: "{DATA_FOLDER}/*{exported.form.suffix}"
---

# {_plain(facts.reference)}

{exported.items:,} pictures, exported to {exported.use} on {exported.published} by {maker}.
Collected for: {_plain(facts.project.purpose)}

Used under:

{terms}

Each picture has its own licence. `attribution.csv` and `attribution.txt` name whom to credit, and how;
`croissant.json` says what is recorded about collection, people and balance. What must go is taken out by a
new version: ask there whether this one still is the newest.

Root of the members in the transparency log: `{facts.root}`
"""


def _plain(text: str) -> str:
    """Write text from outside so that it stays text: no markup of Markdown or HTML in it works."""
    escaped = printable(" ".join(text.split()), max_chars=_MAX_CHARS)
    for mark in "\\`*_[]<>#|!":
        escaped = escaped.replace(mark, f"\\{mark}")
    return escaped
