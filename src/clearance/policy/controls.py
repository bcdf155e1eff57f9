"""The CEPIC guidelines as numbered controls: the ids that rules, records, reports and tests cite.

Source: CEPIC, "AI Ethical Guidelines for Responsible Re-Use and Production of Visual Content".
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import NewType

ControlId = NewType("ControlId", str)


class Process(StrEnum):
    """The two processes that the guidelines speak of."""

    COLLECTION = "collection"
    PRODUCTION = "production"


class Principle(StrEnum):
    """The five principles that the guidelines stand on."""

    LAWFULNESS = "lawfulness"
    TRANSPARENCY = "transparency"
    NECESSITY = "necessity"
    ACCURACY = "accuracy"
    SECURITY = "security"


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One demand of the guidelines."""

    id: ControlId
    title: str

    @property
    def process(self) -> Process:
        """The process it belongs to, from the first letter of its id."""
        return Process.COLLECTION if self.id.startswith("C") else Process.PRODUCTION

    @property
    def principle(self) -> Principle:
        """The principle it belongs to, from the first digit of its id."""
        return tuple(Principle)[int(self.id[1]) - 1]


def _control(control: str, title: str) -> Control:
    return Control(id=ControlId(control), title=title)


CONTROLS: tuple[Control, ...] = (
    _control("C1.1", "Nothing is collected or used without the authorisation it needs"),
    _control("C1.2", "Collection is open to inspection, so that others can exercise their rights"),
    _control("C1.3", "Only from sites that lawfully hold the pictures; uses only as granted"),
    _control("C1.4", "Terms of service are respected"),
    _control("C1.5", "Machine-readable reservations are obeyed"),
    _control("C2.1", "Every item collected is recorded, with its website and a content ID"),
    _control("C2.2", "E-mail accounts made for collection are monitored"),
    _control("C2.3", "Providers, bandwidth and addresses used are recorded"),
    _control("C3.1", "Only what a specific project needs"),
    _control("C3.2", "Kept only as long as the purpose needs and the licence runs"),
    _control("C3.3", "A risk analysis comes before collection"),
    _control("C3.4", "What training does not need is deleted; a record of its source stays"),
    _control("C3.5", "Stored data is deleted once its analysis is over"),
    _control("C3.6", "The amount taken from one source stays minimal and insubstantial"),
    _control("C3.7", "Visits do not materially raise a website's traffic"),
    _control("C4.1", "Personal data obeys privacy law and is accurate"),
    _control("C4.2", "Selection avoids bias, in good faith"),
    _control("C4.3", "Licensing is preferred"),
    _control("C5.1", "Personal and proprietary data is protected against unauthorised access"),
    _control("C5.2", "Measures against attacks and against planted bias"),
    _control("C5.3", "Websites' integrity is never violated: no circumvention, no disguise"),
    _control("C5.4", "Every request to remove, and to cease to use, is complied with"),
    _control("C5.5", "Public policies, trained employees, regular reviews"),
    _control("P1.1", "No deception that harms, no defamation"),
    _control("P1.2", "No fake news"),
    _control("P2.1", "Informed consent of the people pictured"),
    _control("P2.2", "Users are told of capabilities, limits and risks"),
    _control("P2.3", "Synthetic content is labelled or cryptographically marked"),
    _control("P2.4", "Authentication initiatives are supported"),
    _control("P2.5", "The creation process and its human part are documented"),
    _control("P3.1", "Production stays in the scope of a project, with rights obtained"),
    _control("P3.2", "Only data collected under these rules is used"),
    _control("P3.3", "Only necessary data; unused picture files are deleted"),
    _control("P4.1", "Data is selected properly and accurately"),
    _control("P4.2", "No training on suspicious data; obtained legally; licensing preferred"),
    _control("P4.3", "Best effort against bias: many and diverse persons and contexts"),
    _control("P5.1", "Collected data is protected in production too"),
    _control("P5.2", "Outputs do not reveal single training pictures"),
    _control("P5.3", "Complaints lead to prompt action"),
    _control("P5.4", "Public policies with strict use restrictions"),
    _control("P5.5", "Employees educated, policies reviewed and enforced companywide"),
)
