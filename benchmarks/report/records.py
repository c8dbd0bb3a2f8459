"""Dataclasses to JSON and back: strictly, so that a broken result is told and not half read."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from benchmarks.errors import BenchmarkError

SCHEMA = 4

T = TypeVar("T")


def write(path: Path, record: Any) -> None:
    """Writes a dataclass as JSON, whole or not at all.

    Raises:
        BenchmarkError: The file can't be written.
    """
    data = {"schema": SCHEMA} | asdict(record)
    write_text(path, json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False) + "\n")


def write_text(path: Path, text: str) -> None:
    """Writes a text, whole or not at all; makes its folder.

    Raises:
        BenchmarkError: The file can't be written.
    """
    unfinished = path.with_name(f".unfinished-{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        unfinished.write_text(text, encoding="utf-8", newline="")
        unfinished.replace(path)
    except OSError as error:
        raise BenchmarkError(f"{path}: can't be written ({error.strerror}).") from None


def read(path: Path, kind: type[T]) -> T:
    """Reads what ``write`` wrote.

    Raises:
        BenchmarkError: The file is missing, of another schema, or not such a record.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError:
        raise BenchmarkError(f"{path}: can't be read.") from None
    except ValueError as error:
        raise BenchmarkError(f"{path}: is broken ({error}).") from None
    schema = data.pop("schema", None) if isinstance(data, dict) else None
    if schema != SCHEMA:
        raise BenchmarkError(f"{path}: is broken or of another version (schema {schema}, not {SCHEMA}).")
    try:
        record: T = parse(kind, data)
    except (TypeError, ValueError) as error:
        raise BenchmarkError(f"{path}: is broken ({error}).") from None
    return record


def resume(path: Path, kind: type[T], make: Callable[[], T]) -> T:
    """Reads what an earlier, interrupted call kept under a path; else makes and keeps it.

    Raises:
        BenchmarkError: The file is broken, or can't be written.
    """
    if path.is_file():
        return read(path, kind)
    made = make()
    write(path, made)
    return made


def parse(kind: Any, value: Any) -> Any:
    """Makes a value of a type out of plain JSON.

    Raises:
        TypeError: The JSON doesn't fit; the text says where.
    """
    if is_dataclass(kind):
        return _parse_record(kind, value)
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return None if value is None else parse(arguments[0], value)
    if origin is tuple and isinstance(value, list):
        return tuple(parse(arguments[0], each) for each in value)
    if origin is dict and isinstance(value, dict):
        return {str(name): parse(arguments[1], each) for name, each in value.items()}
    if kind is float and type(value) is int:
        return float(value)
    if origin is not None or type(value) is not kind:
        raise TypeError(f"{value!r:.40} is no {kind}")
    return value


def document(kind: Any) -> str:
    """Describes what ``write`` writes of a dataclass, in JSON Schema."""
    record = json_schema(kind)
    record["properties"] = {"schema": {"const": SCHEMA}} | record["properties"]
    record["required"] = ["schema", *record["required"]]
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps(head | record, indent=1) + "\n"


def json_schema(kind: Any) -> dict[str, Any]:
    """Describes a dataclass in JSON Schema."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        return {
            "type": "object",
            "properties": {name: json_schema(hint) for name, hint in hints.items()},
            "required": list(hints),
            "additionalProperties": False,
        }
    origin, arguments = get_origin(kind), get_args(kind)
    if origin is UnionType:
        return {"anyOf": [json_schema(arguments[0]), {"type": "null"}]}
    if origin is tuple:
        return {"type": "array", "items": json_schema(arguments[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": json_schema(arguments[1])}
    return {"type": {str: "string", int: "integer", float: "number", bool: "boolean"}[kind]}


def _parse_record(kind: Any, value: Any) -> Any:
    names = {field.name for field in fields(kind)}
    if not isinstance(value, Mapping) or set(value) != names:
        found = sorted(value) if isinstance(value, Mapping) else value
        raise TypeError(f"{kind.__name__} needs {', '.join(sorted(names))}; found {found!r:.80}")
    hints = get_type_hints(kind)
    return kind(**{name: parse(hints[name], each) for name, each in value.items()})
