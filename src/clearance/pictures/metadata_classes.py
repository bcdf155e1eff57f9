"""What becomes of each kind of metadata that a picture carries: kept, coarsened, restricted or left behind.

One table, read by everything that touches metadata: the cage leaves out of the evidence what is only noted as
there, exports write rights back and nothing else, and what was exported is read again against it.

Never "strip all": taking a creator's name off a picture harms the right that it stands for, and removing
rights-management information is unlawful in many places.

Source: IPTC Photo Metadata Standard 2025.1; PLUS LDF 1.2.1; Exif 3.0; Directive 2001/29/EC article 7 (rights-
management information); C4.1, C1.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from clearance.pictures.xmp import Name

DC = "http://purl.org/dc/elements/1.1/"
PHOTOSHOP = "http://ns.adobe.com/photoshop/1.0/"
XMP = "http://ns.adobe.com/xap/1.0/"
RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
CORE = "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"
EXT = "http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
CC = "http://creativecommons.org/ns#"
EXIF = "http://ns.adobe.com/exif/1.0/"
EXIF_EX = "http://cipa.jp/exif/1.0/"
AUX = "http://ns.adobe.com/exif/1.0/aux/"
TIFF = "http://ns.adobe.com/tiff/1.0/"
MANAGEMENT = "http://ns.adobe.com/xap/1.0/mm/"
MWG_REGIONS = "http://www.metadataworkinggroup.com/schemas/regions/"
MICROSOFT = "http://ns.microsoft.com/photo/1.2/"
MICROSOFT_REGION = "http://ns.microsoft.com/photo/1.2/t/Region#"
_TYPES = "http://ns.adobe.com/xap/1.0/sType/"
_AREA = "http://ns.adobe.com/xmp/sType/Area#"
_THUMBNAIL = "http://ns.adobe.com/xap/1.0/g/img/"
_LIGHTROOM = "http://ns.adobe.com/lightroom/1.0/"
_DIGIKAM = "http://www.digikam.org/ns/1.0/"


class MetadataClass(StrEnum):
    """What a field speaks of."""

    RIGHTS = "rights"
    CONTACT = "creator contact"
    SUBJECTS = "subjects"
    PLACE = "place"
    DEVICE = "device and owner"
    TIME = "time"


class Action(StrEnum):
    """What becomes of a field."""

    KEEP = "keep"
    """In the record, and back into every picture that is handed on."""
    RESTRICT = "restrict"
    """In the record, which only people with a role read; never in a picture that is handed on."""
    COARSEN = "coarsen"
    """Only its coarse part goes into the record and on: the country, the month."""
    NOTE = "note"
    """Its value is not kept at all, only that it was there."""


class Trace(StrEnum):
    """What was in a picture as received and was noted instead of kept."""

    GPS = "gps"
    PLACE = "place"
    PERSONS = "persons"
    PERSON_DETAILS = "person-details"
    CONTACT = "contact"
    SERIAL_NUMBER = "serial-number"
    OWNER = "owner"
    MAKER_NOTE = "maker-note"
    THUMBNAIL = "thumbnail"
    HISTORY = "history"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldGroup:
    """Fields that are treated alike."""

    metadata_class: MetadataClass
    action: Action
    title: str
    """As documents name them."""
    trace: Trace | None = None
    """What is noted of fields whose action is `note`."""
    xmp: frozenset[Name] = frozenset()
    """Names of XMP properties; `*` for all of a namespace, a trailing `*` for all that begin so."""
    iim: frozenset[int] = frozenset()
    """Data sets of IPTC IIM, record 2."""
    exif: frozenset[int] = frozenset()
    """Exif tags."""


def _names(namespace: str, *names: str) -> frozenset[Name]:
    return frozenset((namespace, name) for name in names)


FIELD_GROUPS: tuple[FieldGroup, ...] = (
    FieldGroup(
        metadata_class=MetadataClass.RIGHTS,
        action=Action.KEEP,
        title="Creator, Copyright Notice, Credit Line, Source, Web Statement of Rights, Licensor, Copyright "
        "Owner, Rights Usage Terms, Image Supplier and its ID, Data Mining, Other Constraints, Digital "
        "Source Type, Job ID, licence",
        xmp=_names(DC, "creator", "rights")
        | _names(PHOTOSHOP, "Credit", "Source", "TransmissionReference")
        | _names(RIGHTS, "Marked", "Owner", "UsageTerms", "WebStatement")
        | _names(PLUS, "Licensor", "LicensorName", "LicensorURL", "LicensorEmail", "LicensorID")
        | _names(PLUS, "CopyrightOwner", "CopyrightOwnerName", "CopyrightOwnerID")
        | _names(PLUS, "ImageSupplier", "ImageSupplierName", "ImageSupplierID", "ImageSupplierImageID")
        | _names(PLUS, "ImageCreator", "ImageCreatorName", "DataMining", "OtherConstraints", "Version")
        | _names(EXT, "DigitalSourceType")
        | _names(CC, "license", "attributionName", "attributionURL"),
        iim=frozenset({80, 103, 110, 115, 116}),
        exif=frozenset({0x013B, 0x8298}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.RIGHTS,
        action=Action.RESTRICT,
        title="Model and property release status and IDs, ages of models, instructions",
        xmp=_names(PLUS, "ModelReleaseStatus", "ModelReleaseID", "MinorModelAgeDisclosure")
        | _names(PLUS, "PropertyReleaseStatus", "PropertyReleaseID")
        | _names(PHOTOSHOP, "Instructions")
        | _names(EXT, "ModelAge"),
        iim=frozenset({40}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.CONTACT,
        action=Action.NOTE,
        trace=Trace.CONTACT,
        title="Street, postcode, town and telephone of creator and licensor; who wrote the caption",
        xmp=_names(CORE, "CiAdrExtadr", "CiAdrCity", "CiAdrRegion", "CiAdrPcode", "CiAdrCtry", "CiTelWork")
        | _names(PLUS, "LicensorStreetAddress", "LicensorExtendedAddress", "LicensorCity")
        | _names(PLUS, "LicensorRegion", "LicensorPostalCode", "LicensorCountry", "LicensorTelephone*")
        | _names(PHOTOSHOP, "CaptionWriter", "AuthorsPosition"),
        iim=frozenset({118}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.CONTACT,
        action=Action.RESTRICT,
        title="The creator's e-mail and web address",
        xmp=_names(CORE, "CiEmailWork", "CiUrlWork", "CreatorContactInfo"),
    ),
    FieldGroup(
        metadata_class=MetadataClass.SUBJECTS,
        action=Action.NOTE,
        trace=Trace.PERSONS,
        title="Names of people pictured, and regions that name them; how many is counted",
        xmp=_names(EXT, "PersonInImage", "PersonInImageWDetails", "PersonName", "PersonId")
        | _names(MWG_REGIONS, "*")
        | _names(MICROSOFT, "RegionInfo", "Regions")
        | _names(MICROSOFT_REGION, "*")
        | _names(_AREA, "*")
        | _names(_DIGIKAM, "*")
        | _names(_LIGHTROOM, "hierarchicalSubject")
        | _names(EXT, "ImageRegion", "RegionBoundary", "rId", "Name", "rCtype", "rRole", "rb*"),
    ),
    FieldGroup(
        metadata_class=MetadataClass.SUBJECTS,
        action=Action.NOTE,
        trace=Trace.PERSON_DETAILS,
        title="Additional Model Information (ethnicity and other traits), characteristics of persons",
        xmp=_names(EXT, "AddlModelInfo", "PersonCharacteristic", "PersonDescription"),
    ),
    FieldGroup(
        metadata_class=MetadataClass.SUBJECTS,
        action=Action.RESTRICT,
        title="Headline, title, caption, keywords",
        xmp=_names(DC, "description", "subject", "title") | _names(PHOTOSHOP, "Headline"),
        iim=frozenset({5, 25, 105, 120}),
        exif=frozenset({0x010E}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.PLACE,
        action=Action.COARSEN,
        title="Country, by code and name",
        xmp=_names(CORE, "CountryCode")
        | _names(EXT, "CountryCode", "CountryName")
        | _names(PHOTOSHOP, "Country"),
        iim=frozenset({100, 101}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.PLACE,
        action=Action.NOTE,
        trace=Trace.GPS,
        title="GPS, all of it",
        xmp=_names(EXIF, "GPS*") | _names(EXT, "GPS*"),
        exif=frozenset({0x8825}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.PLACE,
        action=Action.NOTE,
        trace=Trace.PLACE,
        title="City, province, sublocation, location created and shown",
        xmp=_names(PHOTOSHOP, "City", "State")
        | _names(CORE, "Location")
        | _names(EXT, "City", "ProvinceState", "Sublocation", "LocationName", "LocationId", "WorldRegion")
        | _names(EXT, "LocationCreated", "LocationShown"),
        iim=frozenset({26, 27, 90, 92, 95}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.DEVICE,
        action=Action.NOTE,
        trace=Trace.SERIAL_NUMBER,
        title="Serial numbers of body and lens, image unique ID",
        xmp=_names(AUX, "SerialNumber", "LensSerialNumber", "ImageNumber")
        | _names(EXIF_EX, "BodySerialNumber", "SerialNumber", "LensSerialNumber")
        | _names(EXIF, "BodySerialNumber", "LensSerialNumber", "ImageUniqueID"),
        exif=frozenset({0xA420, 0xA431, 0xA435, 0xC62F}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.DEVICE,
        action=Action.NOTE,
        trace=Trace.OWNER,
        title="Owner's name, host computer",
        xmp=_names(AUX, "OwnerName")
        | _names(EXIF_EX, "CameraOwnerName", "OwnerName", "Photographer", "ImageEditor")
        | _names(EXIF, "CameraOwnerName", "OwnerName")
        | _names(TIFF, "HostComputer"),
        exif=frozenset({0x013C, 0xA430}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.DEVICE,
        action=Action.NOTE,
        trace=Trace.MAKER_NOTE,
        title="MakerNote and UserComment",
        xmp=_names(EXIF, "MakerNote", "UserComment"),
        exif=frozenset({0x927C, 0x9286}),
    ),
    FieldGroup(
        metadata_class=MetadataClass.DEVICE,
        action=Action.NOTE,
        trace=Trace.THUMBNAIL,
        title="Embedded thumbnails, which may show what was cut off or covered",
        xmp=_names(XMP, "Thumbnails") | _names(_THUMBNAIL, "*"),
    ),
    FieldGroup(
        metadata_class=MetadataClass.DEVICE,
        action=Action.NOTE,
        trace=Trace.HISTORY,
        title="Document IDs and editing history",
        xmp=_names(MANAGEMENT, "*")
        | _names(f"{_TYPES}ResourceEvent#", "*")
        | _names(f"{_TYPES}ResourceRef#", "*")
        | _names(PHOTOSHOP, "DocumentAncestors", "History"),
    ),
    FieldGroup(
        metadata_class=MetadataClass.TIME,
        action=Action.COARSEN,
        title="When it was taken, to the month",
        xmp=_names(PHOTOSHOP, "DateCreated") | _names(EXIF, "DateTimeOriginal") | _names(XMP, "CreateDate"),
        iim=frozenset({55}),
        exif=frozenset({0x9003}),
    ),
)
"""Every field that is known to concern somebody; others describe the picture's technique.

What is in no group is not kept in the record and not handed on either: an export holds what is named here,
not what is not.
"""


def _wildcards() -> tuple[dict[str, FieldGroup], dict[str, tuple[tuple[str, FieldGroup], ...]]]:
    whole: dict[str, FieldGroup] = {}
    begun: dict[str, tuple[tuple[str, FieldGroup], ...]] = {}
    for group in FIELD_GROUPS:
        for namespace, name in group.xmp:
            if name == "*":
                whole[namespace] = group
            elif name.endswith("*"):
                begun[namespace] = (*begun.get(namespace, ()), (name.removesuffix("*"), group))
    return whole, begun


_EXACT = {name: group for group in FIELD_GROUPS for name in group.xmp}
_WHOLE, _BEGUN = _wildcards()


def group_of(name: Name) -> FieldGroup | None:
    """Return the group of an XMP property; nothing where no group names it."""
    found = _EXACT.get(name) or _WHOLE.get(name[0])
    if found is not None:
        return found
    for start, group in _BEGUN.get(name[0], ()):
        if name[1].startswith(start):
            return group
    return None
