from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import jsonschema
import pytest

from edge_app import records
from edge_app.records import Pattern, Range, RecordError, SchemaError, Share


@dataclass(frozen=True)
class Inner:
    number: Annotated[int, Range(0, 10)]
    share: Share | None


@dataclass(frozen=True)
class Record:
    name: Annotated[str, Pattern("[a-z]+")]
    kind: Literal["a", "b"] | None
    inner: Inner
    list: tuple[float, ...]
    pair: tuple[int, str]
    named: dict[str, bool]


RECORD = Record("abc", None, Inner(3, 0.5), (1.5, 2.0), (1, "x"), {"yes": True})
TEXT = (
    '{"schema": 4, "name": "abc", "kind": null, "inner": {"number": 3, "share": 0.5}, '
    '"list": [1.5, 2], "pair": [1, "x"], "named": {"yes": true}}'
)


def parse(text: str) -> Record:
    return records.parse(text.encode(), Record, 4, "a.json")


def test_a_record_comes_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.json"
    records.write(path, RECORD, 4)
    assert records.read(path, Record, 4) == RECORD == parse(TEXT)
    assert list(path.parent.iterdir()) == [path]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"abc"', '"ABC"'),
        ('"abc"', '"abc\\n"'),
        ('"abc"', "3"),
        ('"kind": null', '"kind": "c"'),
        ('"kind": null', '"kind": 0'),
        ('"number": 3', '"number": 11'),
        ('"number": 3', '"number": 3.0'),
        ('"number": 3', '"number": true'),
        ('"share": 0.5', '"share": -5'),
        ('"share": 0.5', '"share": "0.5"'),
        ('"share": 0.5', '"share": NaN'),
        ('"share": 0.5', '"share": -Infinity'),
        ('"share": 0.5', '"share": 1e999'),
        ('"share": 0.5', f'"share": 1{"0" * 400}'),
        ('"number": 3', f'"number": {"9" * 5000}'),
        ("[1.5, 2]", "{}"),
        ("[1.5, 2]", "[1.5, null]"),
        ('[1, "x"]', "[1]"),
        ('[1, "x"]', '[1, "x", "y"]'),
        ('{"yes": true}', '{"yes": 1}'),
        ('{"yes": true}', "[]"),
        ('"kind": null, ', ""),
        ('"kind": null', '"kind": null, "other": 1'),
        ('"kind": null', '"kind": null, "kind": "a"'),
        ('{"number": 3, "share": 0.5}', "[" * 100_000),
        ('{"number": 3, "share": 0.5}', '{"a":' * 100_000),
        ("}}", "}"),
    ],
)
def test_whatever_is_not_as_promised_is_refused(old: str, new: str) -> None:
    assert old in TEXT
    with pytest.raises(RecordError, match=r"^a\.json: is broken \(.*\)\.$") as caught:
        parse(TEXT.replace(old, new))
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize("text", ["", "\x00", "{", "nul"])
def test_what_is_no_json(text: str) -> None:
    with pytest.raises(RecordError, match="is broken"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("[]", None), ("3", None), ("{}", None), ('{"schema": "4"}', None), ('{"schema": 3}', 3)],
)
def test_another_schema(text: str, found: int | None) -> None:
    with pytest.raises(SchemaError, match="this version of Otak reads 4") as caught:
        parse(text)
    assert caught.value.found == found


def test_files_that_are_missing_or_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(RecordError, match=r"a\.json: can't be read"):
        records.read(path, Record, 4)
    path.write_text(TEXT)
    monkeypatch.setattr(records, "MAX_BYTES", 10)
    with pytest.raises(RecordError, match="is larger"):
        records.read(path, Record, 4)


def test_a_file_that_can_t_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordError, match="can't be written"):
        records.write(tmp_path / "file" / "a.json", RECORD, 4)


def test_the_json_schema_says_the_same(tmp_path: Path) -> None:

    schema = json.loads(records.document(Record, 4))
    jsonschema.validate(json.loads(TEXT), schema)
    for old, new in (('"abc"', '"ABC"'), ('"number": 3', '"number": 11'), ('[1, "x"]', "[1]")):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(json.loads(TEXT.replace(old, new)), schema)
