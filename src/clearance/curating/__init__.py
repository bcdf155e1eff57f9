"""Is it fit to train? Copies, people, balance, the train gate, dataset versions and their exports."""

from clearance.curating.audit.audit import audit_items
from clearance.curating.audit.charts import charts_of
from clearance.curating.audit.facts import (
    audit_facts,
    audit_json,
    comparison_facts,
    without_words_of_pictures,
)
from clearance.curating.audit.outputs import compare_outputs, count_outcomes
from clearance.curating.audit.page import render_audit
from clearance.curating.audit.prompts import MAX_PROMPTS_BYTES, Prompted, read_prompts
from clearance.curating.audit.targets import NO_TARGETS, Targets
from clearance.curating.audit.targets_reading import MAX_TARGETS_BYTES, read_targets, targets_template
from clearance.curating.audit_rows import Attributes, audit_rows
from clearance.curating.audit_target_store import StatedTargets, TargetStore
from clearance.curating.consent_store import ConsentStore, new_consent_id
from clearance.curating.copies import CopyOf, CopyStore, best_copy, joined
from clearance.curating.examined import Examined, ExaminedStore
from clearance.curating.examining import (
    ExaminationTally,
    Examiner,
    examination_entry,
    limits_method,
    marks_method,
)
from clearance.curating.handing_on.attribution import (
    Attribution,
    CreditState,
    attribute,
    creators_of,
    credit_of,
)
from clearance.curating.handing_on.card import dataset_card
from clearance.curating.handing_on.credit_files import CreditFiles
from clearance.curating.handing_on.croissant import Exported, croissant
from clearance.curating.handing_on.croissant_terms import croissant_findings
from clearance.curating.handing_on.index import Export, ExportIndex
from clearance.curating.handing_on.writers import Sample
from clearance.curating.handing_on.writing import (
    ExportedFile,
    ExportFormat,
    check_target,
    write_samples,
    written,
)
from clearance.curating.manifest import Manifest, Member
from clearance.curating.output_folder import (
    OUTPUT_EXAMINATION,
    Cages,
    Output,
    files_of,
    look_at,
    outcome_facts,
    output_rows,
)
from clearance.curating.people.comparing import require_effect
from clearance.curating.people.consent_form import consent_form
from clearance.curating.people.consent_reading import MAX_CONSENT_BYTES, read_consent
from clearance.curating.people.consents import (
    Consent,
    ConsentIndex,
    ConsentKind,
    ConsentState,
    Cover,
    CoverKind,
    Withdrawal,
    withdrawn_among,
)
from clearance.curating.people.declared import declared_in, pictured_of
from clearance.curating.people.face_counts import count_faces
from clearance.curating.people.people_gate import PeopleFacts, SetKind, against_people
from clearance.curating.people.plus_vocabulary import plus_uri
from clearance.curating.review_store import ReviewStore
from clearance.curating.reviews import (
    RECORD_CHECKS,
    Finding,
    Review,
    ReviewReason,
    ReviewVerdict,
    checked_review,
    reviewed_subject,
    speaking_of,
    standing,
)
from clearance.curating.train_gate import TrainFacts, clear_to_leave, clear_to_train
from clearance.curating.versions import (
    FROZEN_EVENT,
    LOST_EVENT,
    Version,
    VersionStore,
    lost_versions,
    versions_in,
)

__all__ = [
    "FROZEN_EVENT",
    "LOST_EVENT",
    "MAX_CONSENT_BYTES",
    "MAX_PROMPTS_BYTES",
    "MAX_TARGETS_BYTES",
    "NO_TARGETS",
    "OUTPUT_EXAMINATION",
    "RECORD_CHECKS",
    "Attributes",
    "Attribution",
    "Cages",
    "Consent",
    "ConsentIndex",
    "ConsentKind",
    "ConsentState",
    "ConsentStore",
    "CopyOf",
    "CopyStore",
    "Cover",
    "CoverKind",
    "CreditFiles",
    "CreditState",
    "ExaminationTally",
    "Examined",
    "ExaminedStore",
    "Examiner",
    "Export",
    "ExportFormat",
    "ExportIndex",
    "Exported",
    "ExportedFile",
    "Finding",
    "Manifest",
    "Member",
    "Output",
    "PeopleFacts",
    "Prompted",
    "Review",
    "ReviewReason",
    "ReviewStore",
    "ReviewVerdict",
    "Sample",
    "SetKind",
    "StatedTargets",
    "TargetStore",
    "Targets",
    "TrainFacts",
    "Version",
    "VersionStore",
    "Withdrawal",
    "against_people",
    "attribute",
    "audit_facts",
    "audit_items",
    "audit_json",
    "audit_rows",
    "best_copy",
    "charts_of",
    "check_target",
    "checked_review",
    "clear_to_leave",
    "clear_to_train",
    "compare_outputs",
    "comparison_facts",
    "consent_form",
    "count_faces",
    "count_outcomes",
    "creators_of",
    "credit_of",
    "croissant",
    "croissant_findings",
    "dataset_card",
    "declared_in",
    "examination_entry",
    "files_of",
    "joined",
    "limits_method",
    "look_at",
    "lost_versions",
    "marks_method",
    "new_consent_id",
    "outcome_facts",
    "output_rows",
    "pictured_of",
    "plus_uri",
    "read_consent",
    "read_prompts",
    "read_targets",
    "render_audit",
    "require_effect",
    "reviewed_subject",
    "speaking_of",
    "standing",
    "targets_template",
    "versions_in",
    "withdrawn_among",
    "without_words_of_pictures",
    "write_samples",
    "written",
]
