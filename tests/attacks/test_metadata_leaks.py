"""What a picture tells of people, places and devices stays behind; what it says of its rights comes along."""

import io
import json
import struct
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import clearance
from clearance.curating import attribute
from clearance.pictures import ReadBack, read_back
from clearance.pictures.metadata_classes import (
    AUX,
    CORE,
    EXIF,
    EXIF_EX,
    EXT,
    MICROSOFT_REGION,
    MWG_REGIONS,
    PHOTOSHOP,
)
from clearance.policy import MetadataDuty
from clearance.workspace.labelling import labelled
from pictures_made import XMP_HEADER, photograph, pixels
from sites import Site
from workspaces import Tried

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
SECRETS = {
    "person": "Annabella Pictured",
    "second person": "Benedikt Pictured",
    "person of Microsoft": "Carlotta Pictured",
    "trait": "of-some-descent",
    "town": "Hamburgersecret",
    "street": "Sublocationstreet 7",
    "latitude": "53,32.71234N",
    "body": "SN-BODY-4711",
    "lens": "SN-LENS-4712",
    "owner": "Owner Of Camera",
    "computer": "OWNERS-LAPTOP",
    "maker note": "MAKERNOTESECRET",
    "comment": "USERCOMMENTSECRET",
    "telephone": "+49 40 7654321",
    "day": "2024-05-17",
    "history": "did:history-secret",
    "thumbnail": "THUMBNAILSECRET",
    "file comment": "FILECOMMENTSECRET",
    "film": "FILMSECRET",
}
RIGHTS = {
    "creators": ("Jane Doe",),
    "copyright_notice": "© 2024 Jane Doe",
    "credit_line": "Doe / Agency",
    "web_statement": "https://example.org/rights",
    "licensor": "Agency",
    "licensor_email": "licensing@example.org",
    "usage_terms": "Ask first",
    "data_mining": "http://ns.useplus.org/ldf/vocab/DMI-UNSPECIFIED",
    "country": "DEU",
    "taken": "2024-05",
}


def xmp() -> bytes:
    """Rights as an agency writes them, and everything else that software adds."""

    def simple(namespace: str, name: str, value: str) -> str:
        return f'<n:{name} xmlns:n="{namespace}">{value}</n:{name}>'

    plus, core = "http://ns.useplus.org/ldf/xmp/1.0/", CORE
    rights = "http://ns.adobe.com/xap/1.0/rights/"
    parts = [
        *(
            simple("http://purl.org/dc/elements/1.1/", name, value)
            for name, value in (("creator", "Jane Doe"), ("rights", "© 2024 Jane Doe"))
        ),
        simple(PHOTOSHOP, "Credit", "Doe / Agency"),
        simple(rights, "WebStatement", "https://example.org/rights"),
        simple(rights, "UsageTerms", "Ask first"),
        simple(plus, "LicensorName", "Agency"),
        simple(plus, "LicensorEmail", "licensing@example.org"),
        simple(plus, "LicensorTelephone1", SECRETS["telephone"]),
        simple(plus, "DataMining", RIGHTS["data_mining"]),  # type: ignore[arg-type] # text of the table above
        simple(core, "CountryCode", "DEU"),
        simple(core, "Location", SECRETS["street"]),
        simple(PHOTOSHOP, "DateCreated", f"{SECRETS['day']}T09:12:44+02:00"),
        simple(PHOTOSHOP, "City", SECRETS["town"]),
        simple(EXT, "PersonInImage", SECRETS["person"]),
        simple(EXT, "AddlModelInfo", SECRETS["trait"]),
        simple(MWG_REGIONS, "Name", SECRETS["second person"]),
        simple(MICROSOFT_REGION, "PersonDisplayName", SECRETS["person of Microsoft"]),
        simple(EXIF, "GPSLatitude", SECRETS["latitude"]),
        simple(AUX, "SerialNumber", SECRETS["body"]),
        simple(EXIF_EX, "LensSerialNumber", SECRETS["lens"]),
        simple(EXIF_EX, "CameraOwnerName", SECRETS["owner"]),
        simple("http://ns.adobe.com/xap/1.0/mm/", "DocumentID", SECRETS["history"]),
        simple("http://ns.adobe.com/xap/1.0/g/img/", "image", SECRETS["thumbnail"]),
    ]
    return (
        f'<rdf:RDF xmlns:rdf="{RDF}"><rdf:Description>{"".join(parts)}</rdf:Description></rdf:RDF>'.encode()
    )


def planted() -> bytes:
    """A photograph with everything in it that ever leaked from one, wherever software puts it."""
    exif = Image.Exif()
    exif[0x013B] = "Jane Doe"
    exif[0x013C] = SECRETS["computer"]
    exif[0x8825] = {1: "N", 2: (53.0, 32.0, 42.7404), 3: "E", 4: (9.0, 57.0, 3.5)}
    exif[0x8769] = {
        0x9003: "2024:05:17 09:12:44",
        0x927C: SECRETS["maker note"].encode(),
        0x9286: b"ASCII\x00\x00\x00" + SECRETS["comment"].encode(),
        0xA430: SECRETS["owner"],
        0xA431: SECRETS["body"],
        0xA435: SECRETS["lens"],
    }
    iim = b"".join(
        struct.pack(">BBBH", 0x1C, 2, number, len(value)) + value
        for number, value in ((90, SECRETS["town"].encode()), (92, SECRETS["street"].encode()))
    )
    resources = b"8BIM\x04\x04\x00\x00" + struct.pack(">I", len(iim)) + iim + b"\x00" * (len(iim) % 2)
    resources += b"8BIM\x04\x0c\x00\x00" + struct.pack(">I", 16) + SECRETS["thumbnail"].encode().ljust(16)
    # Beyond what Pillow writes: a thumbnail that shows another picture, in Exif's second directory.
    other = io.BytesIO()
    Image.fromarray(pixels(seed=99, width=64, height=48)).save(other, "JPEG")
    block = bytearray(exif.tobytes())
    pointer = 6 + 8 + 2 + 12 * struct.unpack_from("<H" if block[6:8] == b"II" else ">H", block, 14)[0]
    order = "<" if block[6:8] == b"II" else ">"
    at = len(block) - 6
    struct.pack_into(f"{order}I", block, pointer, at)
    block += struct.pack(f"{order}H", 2)
    for tag, value in ((0x0201, at + 2 + 24 + 4), (0x0202, len(other.getvalue()))):
        block += struct.pack(f"{order}HHII", tag, 4, 1, value)
    block += bytes(4) + other.getvalue()
    segments = (
        (0xE1, bytes(block)),
        (0xE1, XMP_HEADER + xmp()),
        (0xED, b"Photoshop 3.0\x00" + resources),
        (0xFE, SECRETS["file comment"].encode()),
    )
    head = b"".join(struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body for marker, body in segments)
    picture = photograph(seed=1)
    return picture[:2] + head + picture[2:] + SECRETS["film"].encode()


@pytest.mark.control("C4.1", "C1.1")
def test_nothing_private_passes_from_a_picture_into_record_vault_or_copy(tried: Tried, site: Site) -> None:
    """GPS, serial numbers, names, towns, days, MakerNote, thumbnails: noted as there, and searched for in vain
    in the record, its evidence, the kept picture and the copy that leaves, which has all of its rights.
    """
    data = planted()
    for what, secret in SECRETS.items():
        assert secret.encode() in data, what
    tried.source("s", site.host)
    report = tried.collect([site.serve("/planted.jpg", data)])
    assert report["kept"] == 1, report
    with clearance.open(tried.root) as here:
        item = here.items.list()[0]["id"]
        stored = here.items.get(item)
        kept = here.holding.stores.vault.read(stored.shard, stored.shard_entry)
        record, evidence = stored.record, here.items.show(item)["evidence"]
        duty = here.holding.policy.parameters(MetadataDuty)
        line = attribute(record, None, organisation="Test")
        copy = labelled(kept, record, line, duty)
        sparing = duty.model_copy(update={"keeps_country": False, "date_precision": "none"})
        bare = read_back(labelled(kept, record, line, sparing))
        assert isinstance(bare, ReadBack)
        assert (bare.rights.country, bare.rights.taken) == ("", "")
    assert record["described"]["traces"] == [
        *("gps", "place", "persons", "person-details", "contact", "serial-number", "owner"),
        *("maker-note", "thumbnail", "history"),
    ]
    assert record["described"]["persons_named"] == 3
    searched = {
        "record": json.dumps(record, ensure_ascii=False).encode(),
        "evidence": json.dumps(evidence, ensure_ascii=False).encode(),
        "kept picture": kept,
        "copy": copy,
    }
    found = {
        (where, what)
        for where, content in searched.items()
        for what, secret in SECRETS.items()
        if secret.encode() in content
    }
    assert found == set()
    read = read_back(copy)
    assert isinstance(read, ReadBack)
    assert read.leaks == ()
    assert {name: getattr(read.rights, name) for name in RIGHTS} == RIGHTS
    assert read.rights.item == item


@pytest.mark.control("C4.1")
def test_the_thumbnail_of_another_picture_is_gone(tmp_path: Path) -> None:
    """A thumbnail may show what was cut off or covered: no copy holds a second picture."""
    from clearance.pictures.labelled import with_rights
    from clearance.pictures.rights_packet import RightsMetadata

    data = planted()
    assert data.count(b"\xff\xd8\xff") == 2
    out = with_rights(data, RightsMetadata(item="i"))
    assert out.count(b"\xff\xd8\xff") == 1
    assert np.array_equal(
        np.asarray(Image.open(io.BytesIO(out))), np.asarray(Image.open(io.BytesIO(photograph(seed=1))))
    )
