"""JSON to dataclasses and back, strictly: what is read is either exactly what was promised, or refused.

Every JSON file that Otak reads goes through here. A dataclass says what it holds by its types: ``str``,
``int``, ``float`` (finite), ``bool``, ``Literal``, ``X | None``, ``tuple[X, ...]``, ``tuple[X, Y]``,
``dict[str, X]``, other dataclasses, and ``Annotated`` with a ``Range`` or a ``Pattern``.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from functools import lru_cache
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Literal, NoReturn, TypeVar, Union, get_args, get_origin, get_type_hints

from edge_app.errors import OtakError

MAX_BYTES = 50_000_000
SHOWN = 40  # characters of a refused value

T = TypeVar("T")


class RecordError(OtakError):
    """A JSON file that is missing, broken or of another schema; the text names the file."""


class SchemaError(RecordError):
    """A JSON file of another schema.

    Attributes:
        found: The version that it names; None where it names none.
    """

    def __init__(self, text: str, found: int | None) -> None:
        super().__init__(text)
        self.found = found


@dataclass(frozen=True)
class Range:
    """The numbers that an ``Annotated[float, Range(...)]`` may hold, both ends included."""

    low: float
    high: float


@dataclass(frozen=True)
class Pattern:
    """What an ``Annotated[str, Pattern(...)]`` must match as a whole."""

    regex: str


Share = Annotated[float, Range(0, 1)]
Sha256 = Annotated[str, Pattern("[0-9a-f]{64}")]
FileName = Annotated[str, Pattern(r"[A-Za-z0-9_][A-Za-z0-9._-]*")]


def read(path: Path, kind: type[T], schema: int) -> T:
    """Reads what ``write`` wrote.

    Args:
        path: A JSON file.
        kind: The dataclass that it holds.
        schema: The version that the file must name.

    Raises:
        RecordError: The file is missing, too large, no JSON, of another schema, or not such a record.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise RecordError(f"{path}: is larger than any file that Otak writes.")
        data = path.read_bytes()
    except OSError as error:
        raise RecordError(f"{path}: can't be read ({error.strerror}).") from None
    return parse(data, kind, schema, str(path))


def parse(data: bytes, kind: type[T], schema: int, name: str) -> T:
    """Makes a record of the bytes of a JSON file.

    Raises:
        RecordError: As ``read``; ``name`` stands for the file in its text.
    """
    try:
        plain = json.loads(data, parse_constant=_refuse, object_pairs_hook=_unique)
        found = plain.pop("schema", None) if isinstance(plain, dict) else None
        if type(found) is not int or found != schema:
            text = f"{name}: schema {_shown(found)} is unknown; this version of Otak reads {schema}."
            raise SchemaError(text, found if type(found) is int else None)
        record: T = build(kind, plain)
    # An integer may be too large for a float.
    except (TypeError, ValueError, OverflowError) as error:
        raise RecordError(f"{name}: is broken ({error}).") from None
    except RecursionError:
        raise RecordError(f"{name}: is broken (nested too deeply).") from None
    return record


def write(path: Path, record: Any, schema: int) -> None:
    """Writes a dataclass as JSON, whole or not at all; makes its folder.

    Raises:
        RecordError: The file can't be written.
    """
    write_text(path, dumps({"schema": schema} | asdict(record)))


def dumps(plain: Mapping[str, Any]) -> str:
    """Returns JSON as all files of the project have it."""
    return json.dumps(plain, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def write_text(path: Path, text: str) -> None:
    """Writes a text, whole or not at all; makes its folder.

    Raises:
        RecordError: The file can't be written.
    """
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8", newline="")
        unfinished.replace(path)
    except OSError as error:
        raise RecordError(f"{path}: can't be written ({error.strerror}).") from None


def build(kind: Any, value: Any, where: str = "") -> Any:
    """Makes a value of a type out of plain JSON.

    Raises:
        TypeError: The JSON doesn't fit; the text says where.
        ValueError: A number or a text is not allowed there.
    """
    if is_dataclass(kind):
        return _build_record(kind, value, where)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return None if value is None else build(arguments[0], value, where)
    if origin is Annotated:
        return _within(build(arguments[0], value, where), arguments[1], where)
    if origin is Literal:
        if any(type(value) is type(choice) and value == choice for choice in arguments):
            return value
        raise ValueError(f"{where}: {_shown(value)} is none of {', '.join(map(str, arguments))}")
    if origin is tuple and isinstance(value, list):
        return _build_tuple(arguments, value, where)
    if origin is dict and isinstance(value, dict):
        return {name: build(arguments[1], each, f"{where}.{name}") for name, each in value.items()}
    if kind is float and type(value) is int:
        value = float(value)
    if origin is not None or type(value) is not kind:
        raise TypeError(f"{where}: {_shown(value)} is no {getattr(origin or kind, '__name__', kind)}")
    if kind is float and not math.isfinite(value):
        raise ValueError(f"{where}: {value} is no finite number")
    return value


def document(kind: Any, schema: int) -> str:
    """Describes what ``write`` writes of a dataclass, in JSON Schema."""
    record = json_schema(kind)
    record["properties"] = {"schema": {"const": schema}} | record["properties"]
    record["required"] = ["schema", *record["required"]]
    return dumps({"$schema": "https://json-schema.org/draft/2020-12/schema"} | record)


def json_schema(kind: Any) -> dict[str, Any]:
    """Describes a type in JSON Schema."""
    if is_dataclass(kind):
        return _record_schema(kind)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin in (UnionType, Union):
        return {"anyOf": [json_schema(arguments[0]), {"type": "null"}]}
    if origin is Annotated:
        return json_schema(arguments[0]) | _limits(arguments[1])
    if origin is Literal:
        return {"enum": list(arguments)}
    if origin is tuple:
        if arguments[1:] == (...,):
            return {"type": "array", "items": json_schema(arguments[0])}
        items = [json_schema(argument) for argument in arguments]
        return {"type": "array", "prefixItems": items, "minItems": len(items), "maxItems": len(items)}
    if origin is dict:
        return {"type": "object", "additionalProperties": json_schema(arguments[1])}
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean"}[kind]}


def _record_schema(kind: Any) -> dict[str, Any]:
    hints = _hints(kind)
    names = [field.name for field in fields(kind)]
    return {
        "type": "object",
        "properties": {name: json_schema(hints[name]) for name in names},
        "required": names,
        "additionalProperties": False,
    }


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    return get_type_hints(kind, include_extras=True)


def _build_record(kind: Any, value: Any, where: str) -> Any:
    names = {field.name for field in fields(kind)}
    if not isinstance(value, Mapping):
        raise TypeError(f"{where or kind.__name__}: {_shown(value)} is no object")
    if missing := names - set(value):
        raise TypeError(f"{where or kind.__name__}: lacks {', '.join(sorted(missing))}")
    if unknown := set(value) - names:
        raise TypeError(f"{where or kind.__name__}: has the unknown {_shown(', '.join(sorted(unknown)))}")
    hints = _hints(kind)
    prefix = f"{where}." if where else ""
    return kind(**{name: build(hints[name], each, prefix + name) for name, each in value.items()})


def _build_tuple(arguments: tuple[Any, ...], value: list[Any], where: str) -> tuple[Any, ...]:
    if arguments[1:] == (...,):
        arguments = (arguments[0],) * len(value)
    if len(arguments) != len(value):
        raise TypeError(f"{where}: has {len(value)} values, not {len(arguments)}")
    return tuple(
        build(argument, each, f"{where}[{i}]")
        for i, (argument, each) in enumerate(zip(arguments, value, strict=True))
    )


def _within(value: Any, limit: Range | Pattern, where: str) -> Any:
    if isinstance(limit, Pattern):
        if not re.fullmatch(limit.regex, value):
            raise ValueError(f"{where}: {_shown(value)} is not allowed")
    elif not limit.low <= value <= limit.high:
        raise ValueError(f"{where}: {_shown(value)} is not within {limit.low:g} to {limit.high:g}")
    return value


def _limits(limit: Range | Pattern) -> dict[str, Any]:
    if isinstance(limit, Pattern):
        return {"pattern": f"^{limit.regex}$"}
    return {"minimum": limit.low, "maximum": limit.high}


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}..."


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no number")


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = [name for name, _ in pairs]
    if len(set(names)) != len(names):
        raise ValueError("a name stands twice")
    return dict(pairs)
