"""`clearance.toml`: what one organisation sets for its workspace, validated, with every setting explained
once.

What decides about pictures is not here but in the policy file; here is who we are and how this machine is
reached.
"""

from __future__ import annotations

import ipaddress
import json
import re
import tomllib
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from clearance.errors import ConfigurationError
from clearance.identifiers import Malformed, parse_url

FILE_NAME = "clearance.toml"
_HEADER = re.compile(r"\s*\[([A-Za-z_.-]+)\]")
_URL_LINE = re.compile(r"\s*url\s*=")
_TOKEN = re.compile(r"[A-Za-z_-]{1,40}")

PositiveNumber = Annotated[float, Field(gt=0)]
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class OrganisationSettings(_Section):
    """Who collects, and where people can reach them."""

    name: Annotated[str, Field(min_length=1, description="The organisation that collects.")]
    contact: Annotated[
        str, Field(description="A page where rights holders reach people; every request names it.")
    ]

    @field_validator("contact")
    @classmethod
    def _is_url(cls, value: str) -> str:
        if isinstance(parsed := parse_url(value), Malformed):
            raise ValueError(f"not an http(s) URL: {parsed.why}")  # noqa: TRY004 - pydantic collects ValueErrors
        return value

    @field_validator("name")
    @classmethod
    def _fits_a_header(cls, value: str) -> str:
        if not value.isprintable():
            raise ValueError("a control character would break the user agent")
        return value


class CrawlerSettings(_Section):
    """How the crawler names itself."""

    token: Annotated[
        str,
        Field(description="The product token that robots.txt files address us by (RFC 9309 section 2.2.1)."),
    ] = "ClearanceBot"  # noqa: S105 - a product token, not a secret

    @field_validator("token")
    @classmethod
    def _is_token(cls, value: str) -> str:
        if not _TOKEN.fullmatch(value):
            raise ValueError("letters, '-' and '_' only (RFC 9309 section 2.2.1)")
        return value


class DatabaseSettings(_Section):
    """Where control data is kept."""

    url: Annotated[str, Field(description="An SQLAlchemy URL; empty means SQLite inside the workspace.")] = ""


class KeySettings(_Section):
    """Who wraps the root key, where a command does (`clearance init --root-key command`)."""

    wrap_command: Annotated[
        tuple[str, ...],
        Field(description="Program and arguments: reads the root key on standard input, writes it wrapped."),
    ] = ()
    unwrap_command: Annotated[
        tuple[str, ...],
        Field(description="Program and arguments: reads the wrapped key on standard input, writes the key."),
    ] = ()
    command_timeout_s: Annotated[
        float, Field(gt=0, le=3600, description="A command that gives no answer is ended after this time.")
    ] = 60.0


class RegisterSettings(_Section):
    """Where the log's newest checkpoint is kept a second time, so that an older log is never signed on."""

    head: Annotated[
        str,
        Field(description="A file outside the workspace; empty: a file in $XDG_STATE_HOME/clearance/heads."),
    ] = ""


class NetworkSettings(_Section):
    """How this machine reaches websites."""

    allow_private_addresses: Annotated[
        tuple[str, ...],
        Field(description="Private networks that may be visited, for trying out; empty in production."),
    ] = ()
    max_connections: Annotated[
        int, Field(ge=1, le=1024, description="Connections open at once, over all hosts.")
    ] = 64
    ca_file: Annotated[
        str,
        Field(description="A PEM file of authorities to trust beside the machine's own; empty: none."),
    ] = ""
    hosts: Annotated[
        dict[str, str],
        Field(description="Host names mapped to addresses, as curl's --resolve does; for trying out."),
    ] = {}

    @field_validator("allow_private_addresses")
    @classmethod
    def _are_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            ipaddress.ip_network(network)
        return value

    @field_validator("hosts")
    @classmethod
    def _are_addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for address in value.values():
            ipaddress.ip_address(address)
        return {name.lower(): address for name, address in value.items()}


class RegistrySettings(_Section):
    """Opt-out registries that are followed beside the signals."""

    files: Annotated[
        tuple[str, ...],
        Field(description="CSV or JSON files of opted-out addresses, hosts, hashes and ISCCs."),
    ] = ()


class WorkSettings(_Section):
    """How this machine shares the work."""

    inspectors: Annotated[
        int, Field(ge=0, le=256, description="Caged decoder processes; 0 means one a core.")
    ] = 0
    reads_text: Annotated[
        bool,
        Field(description="Read text in pictures that are examined, where the extra ocr is there."),
    ] = True
    batch_items: Annotated[int, Field(ge=1, le=20_000, description="Items sealed together at most.")] = 1000
    batch_seconds: Annotated[
        int, Field(ge=1, le=600, description="A batch is sealed after this time at most.")
    ] = 60


class EmbeddingSettings(_Section):
    """A model of your own that proposes pictures to `clearance match`; it never decides."""

    file: Annotated[
        str, Field(description="A file on this machine, .onnx or .pt (TorchScript); empty: none is used.")
    ] = ""
    name: Annotated[str, Field(description="What it is called, with its version.")] = ""
    sha256: Annotated[
        str, Field(pattern="^([0-9a-f]{64})?$", description="Of the file: another one is refused.")
    ] = ""
    size: Annotated[int, Field(ge=16, le=1024, description="Side of the square that it takes, px.")] = 288
    layout: Annotated[Literal["NCHW", "NHWC"], Field(description="Order of its input.")] = "NCHW"
    mean: Annotated[
        tuple[float, float, float], Field(description="Taken off red, green and blue, of values 0 to 1.")
    ] = (0.485, 0.456, 0.406)
    std: Annotated[
        tuple[PositiveNumber, PositiveNumber, PositiveNumber],
        Field(description="What they are then divided by."),
    ] = (0.229, 0.224, 0.225)
    threshold: Annotated[
        float, Field(ge=-1, le=1, description="Cosine from which it proposes, as calibrated.")
    ] = 1.0
    calibration_pairs: Annotated[
        int,
        Field(ge=0, description="Unrelated pairs that the threshold was tried on; 0: it was not calibrated."),
    ] = 0
    calibration_false: Annotated[
        int, Field(ge=0, description="How many of them it took for the same picture.")
    ] = 0

    @model_validator(mode="after")
    def _is_named(self) -> Self:
        if self.file and not (self.name and self.sha256):
            raise ValueError("a model has a name and the SHA-256 of its file")
        if self.file and not self.file.endswith((".onnx", ".pt")):
            raise ValueError("a model is an .onnx file or a TorchScript .pt file")
        if self.calibration_false > self.calibration_pairs:
            raise ValueError("calibration_false is more than calibration_pairs")
        return self


class _File(_Section):
    organisation: OrganisationSettings
    crawler: CrawlerSettings = CrawlerSettings()
    database: DatabaseSettings = DatabaseSettings()
    keys: KeySettings = KeySettings()
    # Pydantic's models have a method of that name already.
    register_: Annotated[RegisterSettings, Field(alias="register")] = RegisterSettings()
    network: NetworkSettings = NetworkSettings()
    registries: RegistrySettings = RegistrySettings()
    work: WorkSettings = WorkSettings()
    embedding: EmbeddingSettings = EmbeddingSettings()


SECTIONS: dict[str, type[BaseModel]] = {
    "organisation": OrganisationSettings,
    "crawler": CrawlerSettings,
    "database": DatabaseSettings,
    "keys": KeySettings,
    "register": RegisterSettings,
    "network": NetworkSettings,
    "registries": RegistrySettings,
    "work": WorkSettings,
    "embedding": EmbeddingSettings,
}
"""Every section, for the reference."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Configuration:
    """A checked `clearance.toml`."""

    organisation: OrganisationSettings
    crawler: CrawlerSettings
    database: DatabaseSettings
    keys: KeySettings
    register: RegisterSettings
    network: NetworkSettings
    registries: RegistrySettings
    work: WorkSettings
    embedding: EmbeddingSettings

    @property
    def user_agent(self) -> str:
        """Who we are, on every request: token, version, contact page, organisation (C5.3)."""
        # Header values are Latin-1 on the wire; what does not fit is written as "?" rather than refused.
        name = self.organisation.name.encode("ascii", "replace").decode("ascii")
        return f"{self.crawler.token}/{version('clearance')} (+{self.organisation.contact}; {name})"

    @property
    def allowed_networks(self) -> tuple[Network, ...]:
        """The private networks that may be visited."""
        return tuple(ipaddress.ip_network(network) for network in self.network.allow_private_addresses)


def read_configuration(path: Path) -> Configuration:
    """Read `clearance.toml` and check it whole.

    Raises:
        ConfigurationError: naming the file, and every setting that does not hold.
    """
    try:
        loaded = _File.model_validate(tomllib.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ConfigurationError(f"{path}: not found; `clearance init` makes a workspace") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc'])}: {item['msg']}" for item in error.errors()
        )
        raise ConfigurationError(f"{path}: {problems}") from error
    return Configuration(
        organisation=loaded.organisation,
        crawler=loaded.crawler,
        database=loaded.database,
        keys=loaded.keys,
        register=loaded.register_,
        network=loaded.network,
        registries=loaded.registries,
        work=loaded.work,
        embedding=loaded.embedding,
    )


def write_configuration(
    path: Path, *, organisation: str, contact: str, keys: KeySettings | None = None, database: str = ""
) -> None:
    """Write a new `clearance.toml` in which every setting stands with its default and its meaning."""
    try:
        given = _File(
            organisation=OrganisationSettings(name=organisation, contact=contact),
            keys=keys or KeySettings(),
            database=DatabaseSettings(url=database),
        )
    except ValidationError as error:
        problems = "; ".join(f"{item['loc'][-1]}: {item['msg']}" for item in error.errors())
        raise ConfigurationError(problems) from error
    lines = ["# One workspace of Clearance. What decides about pictures stands in policy.yaml, not here.", ""]
    for attribute, of_file in _File.model_fields.items():
        section = of_file.alias or attribute
        settings: BaseModel = getattr(given, attribute)
        lines += [f"[{section}]  # {(settings.__doc__ or '').strip()}"]
        tables: list[str] = []
        for name, field in type(settings).model_fields.items():
            value = getattr(settings, name)
            if isinstance(value, dict):
                tables += ["", f"[{section}.{name}]  # {field.description}"]
            else:
                lines += [f"# {field.description}", f"{name} = {_toml(value)}"]
        lines += [*tables, ""]
    # Its owner's eyes only: a database's address may hold a password.
    path.touch(mode=0o600)
    path.write_text("\n".join(lines), encoding="utf-8")


def set_database_url(path: Path, url: str) -> None:
    """Change where a `clearance.toml` says that control data is kept; everything else in it stays as it is.

    Raises:
        ConfigurationError: the file cannot be read or written, or has no such line to change.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        section = ""
        for index, line in enumerate(lines):
            if header := _HEADER.match(line):
                section = header[1]
            elif section == "database" and _URL_LINE.match(line):
                lines[index] = f"url = {_toml(url)}\n"
                path.write_text("".join(lines), encoding="utf-8")
                return
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: {error}") from error
    raise ConfigurationError(f"{path}: [database] has no line `url = ...` to change")


def _toml(value: object) -> str:
    # JSON's strings, integers and arrays of strings are TOML's too.
    return json.dumps(list(value) if isinstance(value, tuple) else value, ensure_ascii=False)
