"""Read the file of a project's targets, and say everything that is wrong with it, and where. Pure.

Source: C4.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Set
from importlib import resources
from itertools import pairwise
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from clearance.curating.audit.targets import (
    FIXED,
    MAX_CELL_DIMENSIONS,
    RESERVED,
    Category,
    Dimension,
    DimensionTargets,
    Quantity,
    QuantityTarget,
    Question,
    Targets,
    Years,
    read_dimension,
)
from clearance.errors import BadInput, printable
from clearance.policy import read_strict_yaml

MAX_TARGETS_BYTES = 1 << 20
"""Lists of countries and keywords fit in a hundredth of it."""
MAX_CELLS = 1000
"""Of one crossing: more is no table that anybody reads."""
ROUNDING = 0.005
"""Shares are written with two decimals: three thirds of 0.33 are meant to be a whole."""
_MAX_PROBLEMS = 50
_LIMITED = (Question.SOURCE, Question.HOST, Question.CREATOR, Question.LICENCE)

_Name = Annotated[str, Field(min_length=1, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
_Share = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]


class _Category(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    share: _Share | None = None
    values: list[_Name] = []
    first: int | None = Field(default=None, alias="from")
    last: int | None = Field(default=None, alias="until")


class _Quantity(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    quantiles: Annotated[
        dict[_Share, Annotated[float, Field(allow_inf_nan=False)]], Field(min_length=2, max_length=100)
    ]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)
    form: Literal[1]
    dimensions: dict[_Name, Annotated[dict[_Name, _Category], Field(min_length=1, max_length=MAX_CELLS)]] = {}
    cells: Annotated[list[list[_Name]], Field(max_length=50)] = []
    max_share: dict[_Name, Annotated[float, Field(gt=0, le=1)]] = {}
    quantities: dict[_Name, _Quantity] = {}


def targets_template() -> str:
    """Return an example with every part of the form explained."""
    return (
        resources.files("clearance.curating.audit")
        .joinpath("targets.example.yaml")
        .read_text(encoding="utf-8")
    )


def read_targets(content: bytes, *, where: str) -> Targets:
    """Read stated targets.

    Raises:
        BadInput: the file cannot be read, or something in it cannot be meant; the message says all of it.
    """
    loaded = read_strict_yaml(content, where=where, max_bytes=MAX_TARGETS_BYTES)
    if not isinstance(loaded, dict):
        raise BadInput(f"{where}: no targets; `clearance audit --template` prints an example")
    read, problems = _validated(_widened(loaded))
    problems += _problems(read)
    if problems:
        raise BadInput(f"{where}: {_all(problems)}")
    return _targets(read)


def _validated(loaded: Mapping[Any, Any]) -> tuple[_File, list[str]]:
    """Return what of a file has the right form, and what is wrong with the form of the rest."""
    try:
        return _File.model_validate(loaded), []
    except ValidationError as error:
        problems = _structural(error)
        broken = {tuple(map(str, each["loc"][:2])) for each in error.errors(include_input=False)}
    return _File.model_validate({"form": 1, **_sound(loaded, broken)}), problems


def _sound(loaded: Mapping[Any, Any], broken: Set[tuple[str, ...]]) -> dict[str, Any]:
    """Leave out every entry in which something is broken, so that the others can be judged, too.

    Crossings speak of dimensions: where one of those is left out, so are they.
    """
    parts = {name: loaded[name] for name in ("dimensions", "max_share", "quantities") if name in loaded}
    sound = {
        name: {
            key: value for key, value in part.items() if isinstance(key, str) and (name, key) not in broken
        }
        for name, part in parts.items()
        if isinstance(part, dict) and (name,) not in broken
    }
    if any(place[0] in ("dimensions", "cells") for place in broken):
        return sound
    return {**sound, "cells": loaded.get("cells", [])}


def _widened(loaded: Mapping[Any, Any]) -> dict[Any, Any]:
    """Write short forms out: a list of names declares categories, a bare number is a category's share."""
    dimensions = loaded.get("dimensions", {})
    if not isinstance(dimensions, dict):
        return dict(loaded)
    wide: dict[Any, Any] = {}
    for name, stated in dimensions.items():
        if isinstance(stated, list) and all(isinstance(each, str) for each in stated):
            wide[name] = {each: {} for each in stated}
        elif isinstance(stated, dict):
            wide[name] = {key: _widened_share(value) for key, value in stated.items()}
        else:
            wide[name] = stated
    return {**loaded, "dimensions": wide}


def _widened_share(value: object) -> object:
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return {"share": value} if is_number else value


def _structural(error: ValidationError) -> list[str]:
    found = []
    for each in error.errors(include_url=False, include_input=False):
        place = ".".join(printable(str(part)) for part in each["loc"] if part != "[key]")
        # YAML takes NO and other bare words for truth values; Norway must be quoted.
        hint = ' (put it in quotes: "NO")' if each["type"] == "string_type" else ""
        found.append(f"{place}: {printable(each['msg'])}{hint}")
    return found


def _all(problems: list[str]) -> str:
    more = f"; and {len(problems) - _MAX_PROBLEMS} more" if len(problems) > _MAX_PROBLEMS else ""
    return "; ".join(problems[:_MAX_PROBLEMS]) + more


def _problems(read: _File) -> Iterator[str]:
    for name, stated in read.dimensions.items():
        place = f"dimensions.{printable(name)}"
        dimension = read_dimension(name)
        if dimension is None:
            yield f"{place}: no dimension; known are {_known()}"
            continue
        yield from _share_problems(place, stated)
        yield from _name_problems(place, dimension, stated)
        yield from _year_problems(place, dimension, stated)
    yield from _cell_problems(read)
    for name in read.max_share:
        dimension = read_dimension(name)
        if dimension is None or dimension.question not in _LIMITED:
            known = ", ".join(question.value for question in _LIMITED)
            yield f"max_share.{printable(name)}: one of {known}"
    for name, quantity in read.quantities.items():
        yield from _quantity_problems(f"quantities.{printable(name)}", name, quantity)


def _known() -> str:
    plain = ", ".join(question.value for question in Question if question is not Question.ATTRIBUTE)
    return f"{plain}, attribute:NAME"


def _share_problems(place: str, stated: Mapping[str, _Category]) -> Iterator[str]:
    missing = [printable(name) for name, category in stated.items() if category.share is None]
    if missing and len(missing) < len(stated):
        yield f"{place}: no share for {', '.join(missing)}; state one for each category or for none"
    if missing:
        return
    total = math.fsum(category.share or 0.0 for category in stated.values())
    if abs(total - 1) > ROUNDING:
        yield f"{place}: targets that do not sum up: the shares make {total:.4g}, not 1"


def _name_problems(place: str, dimension: Dimension, stated: Mapping[str, _Category]) -> Iterator[str]:
    for name in stated:
        if name in RESERVED - ({"several"} if dimension.is_about_people else set()):
            yield f"{place}.{name}: this name is taken for what falls in no category"
    fixed = FIXED.get(dimension.question)
    if fixed is not None:
        for name, category in stated.items():
            if name not in fixed or category.values:
                yield f"{place}.{printable(name)}: the categories are given: {', '.join(fixed)}"
        return
    if dimension.question is Question.YEAR:
        return
    owner: dict[str, str] = {}
    for name, category in stated.items():
        for value in category.values or [name]:
            other = owner.setdefault(value.casefold(), name)
            if other != name:
                yield f"{place}.{printable(name)}: {printable(value)} is in {printable(other)} already"


def _year_problems(place: str, dimension: Dimension, stated: Mapping[str, _Category]) -> Iterator[str]:
    if dimension.question is not Question.YEAR:
        for name, category in stated.items():
            if (category.first, category.last) != (None, None):
                yield f"{place}.{printable(name)}: from and until are for years"
        return
    ranges = []
    for name, category in stated.items():
        first, last = category.first, category.last
        if category.values or (first is None and last is None):
            yield f"{place}.{printable(name)}: years are stated with from, until or both"
        elif first is not None and last is not None and last < first:
            yield f"{place}.{printable(name)}: until {last} lies before from {first}"
        else:
            ranges.append((-math.inf if first is None else first, math.inf if last is None else last, name))
    ranges.sort()
    for (_, last_year, name), (first_year, _, later) in pairwise(ranges):
        if first_year <= last_year:
            yield f"{place}.{printable(later)}: its years overlap those of {printable(name)}"


def _cell_problems(read: _File) -> Iterator[str]:
    for number, names in enumerate(read.cells, 1):
        place = f"cells.{number}"
        if not 2 <= len(set(names)) == len(names) <= MAX_CELL_DIMENSIONS:
            yield f"{place}: two or three different dimensions are crossed"
            continue
        sizes = [_declared(read, name) for name in names]
        for name, size in zip(names, sizes, strict=True):
            if not size:
                yield f"{place}: {printable(name)} has no declared categories; state them under dimensions"
        if math.prod(sizes) > MAX_CELLS:
            yield f"{place}: {math.prod(sizes)} cells are more than {MAX_CELLS}"


def _declared(read: _File, name: str) -> int:
    dimension = read_dimension(name)
    if dimension is None:
        return 0
    return len(read.dimensions.get(name) or FIXED.get(dimension.question, ()))


def _quantity_problems(place: str, name: str, stated: _Quantity) -> Iterator[str]:
    if name not in {each.value for each in Quantity}:
        yield f"{place}: one of {', '.join(Quantity)}"
    pairs = sorted(stated.quantiles.items())
    if any(later < earlier for (_, earlier), (_, later) in pairwise(pairs)):
        yield f"{place}: a larger part cannot lie below a smaller value"


def _targets(read: _File) -> Targets:
    return Targets(
        dimensions=tuple(_dimension(name, stated) for name, stated in read.dimensions.items()),
        cells=tuple(tuple(_named(name) for name in names) for names in read.cells),
        max_shares={_named(name): share for name, share in read.max_share.items()},
        quantities=tuple(
            QuantityTarget(quantity=Quantity(name), quantiles=tuple(sorted(stated.quantiles.items())))
            for name, stated in read.quantities.items()
        ),
    )


def _dimension(name: str, stated: Mapping[str, _Category]) -> DimensionTargets:
    shares = [category.share for category in stated.values() if category.share is not None]
    total = math.fsum(shares)
    return DimensionTargets(
        dimension=_named(name),
        categories=tuple(
            Category(
                name=key,
                values=tuple(category.values) or (key,),
                years=None
                if (category.first, category.last) == (None, None)
                else Years(first=category.first, last=category.last),
            )
            for key, category in stated.items()
        ),
        shares=tuple(share / total for share in shares),
    )


def _named(name: str) -> Dimension:
    dimension = read_dimension(name)
    if dimension is None:  # pragma: no cover - it was checked before
        raise ValueError(name)
    return dimension
