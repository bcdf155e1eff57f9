"""The form of a model release or property release, with a word on every line of it. Pure."""

from __future__ import annotations

from clearance.curating.people.consents import (
    AgeEvidence,
    ConsentKind,
    ConsentUse,
    LegalBasis,
    SignatureMethod,
)
from clearance.curating.people.plus_vocabulary import MinorAge


def consent_form() -> str:
    """Return an empty form; its blanks are marked ?, and as it is it cannot be recorded."""
    return f"""\
# A model release or a property release. Write it, then: clearance consent add FILE --document PDF
# Names, places, pay and attributes are sealed when it is recorded; delete this file afterwards.
form: 1
kind: model                      # {", ".join(ConsentKind)}
document:                        # the signed paper; it is not kept here, only its hash and where it lies
  sha256: "?"                    # sha256sum FILE
  reference: "?"                 # where it is kept, under lock
  form: "?"                      # name of the form that was signed
  version: ""
  language: ""
subject:                         # one person, or one owner, a file
  name: "?"
  reference: ""                  # a number, where two people have one name
  age: AG-UNK                    # on the day of the shoot: AG-A25 (25 or over), AG-A24 to AG-A15, AG-U14, or
                                 # {MinorAge.UNKNOWN}
  age_evidence: none             # {", ".join(AgeEvidence)}
  age_checked_by: ""
  age_checked_at: null
guardian: null                   # of a minor: {{name: "?", relation: mother, signed_at: 2026-05-01}}
shoot:
  from: 2026-05-01               # it is for one shoot, never for whatever comes
  to: 2026-05-01
  place: ""
  photographer: ""
signed:
  at: null                       # a day; without one it is not valid
  method: wet                    # {", ".join(SignatureMethod)}
  envelope: ""                   # service and number of an electronic signature
  witness: ""                    # neither the photographer nor the person
grants:
  # Each apart; what is not named is not granted. Forms from before 2022 hardly ever grant ai_training.
  # {", ".join(ConsentUse)}
  uses: []
  territory: worldwide           # or a list of countries, in quotes: ["DE", "NO"]
  expires_at: null               # the first day on which it no longer holds
  exclusions: []                 # in words; a person weighs them
compensation: ""
legal_basis: consent             # {", ".join(LegalBasis)}
notice_version: ""               # which privacy notice the person had
attributes: null                 # what the person declared of themselves, for balance audits only:
                                 # {{is_consented: true, consented_at: 2026-05-01,
                                 #  values: {{monk-scale: "7"}}}}
verified: null                   # {{by: "?", at: 2026-05-02}}
covers:                          # pictures, and which of the people in each
  - item: "?"                    # or sha256: of the picture as received; or release_id: as its metadata says
    person: 1
"""
