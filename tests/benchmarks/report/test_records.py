import json
from dataclasses import dataclass

import jsonschema
import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.report import records, results
from tests.conftest import ROOT


@dataclass(frozen=True)
class Inner:
    value: float
    name: str | None


@dataclass(frozen=True)
class Outer:
    inner: Inner
    many: tuple[Inner, ...]
    named: dict[str, int]
    grid: tuple[tuple[int, ...], ...]


RECORD = Outer(Inner(1.5, None), (Inner(2.0, "a"),), {"x": 1}, ((1, 2), (3,)))


def test_what_is_written_is_read(tmp_path):
    records.write(tmp_path / "deep" / "record.json", RECORD)
    assert records.read(tmp_path / "deep" / "record.json", Outer) == RECORD
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["record.json"]


def test_whole_numbers_are_numbers(tmp_path):
    assert records.parse(Inner, {"value": 2, "name": "a"}) == Inner(2.0, "a")


def without(key):
    return lambda data: data.pop(key)


SPOILS = {
    "missing": without("inner"),
    "schema": without("schema"),
    "other schema": lambda data: data.update(schema=1),
    "unknown": lambda data: data.update(more=1),
    "word for a number": lambda data: data["inner"].update(value="high"),
    "number for a word": lambda data: data["inner"].update(name=3),
    "no list": lambda data: data.update(many={}),
    "no object": lambda data: data.update(named=[]),
    "true for a number": lambda data: data["named"].update(x=True),
}


@pytest.mark.parametrize("spoil", SPOILS.values(), ids=SPOILS)
def test_a_broken_record(tmp_path, spoil):
    path = tmp_path / "record.json"
    records.write(path, RECORD)
    data = json.loads(path.read_text())
    spoil(data)
    path.write_text(json.dumps(data))
    with pytest.raises(BenchmarkError, match=r"record\.json: is broken"):
        records.read(path, Outer)


@pytest.mark.parametrize("content", ["{", "[]", "3", ""])
def test_no_record(tmp_path, content):
    path = tmp_path / "record.json"
    path.write_text(content)
    with pytest.raises(BenchmarkError, match=r"record\.json: is broken"):
        records.read(path, Outer)


def test_no_file_and_no_folder(tmp_path):
    with pytest.raises(BenchmarkError, match="can't be read"):
        records.read(tmp_path / "none.json", Outer)
    (tmp_path / "file").touch()
    with pytest.raises(BenchmarkError, match="can't be written"):
        records.write(tmp_path / "file" / "record.json", RECORD)


def test_the_schema_of_a_record():
    document = json.loads(records.document(Outer))
    assert document["properties"]["schema"] == {"const": records.SCHEMA}
    assert document["required"] == ["schema", "inner", "many", "named", "grid"]
    schema = records.json_schema(Outer)
    assert schema["required"] == ["inner", "many", "named", "grid"]
    assert schema["properties"]["many"]["items"]["properties"]["name"] == {
        "anyOf": [{"type": "string"}, {"type": "null"}]
    }


@pytest.mark.parametrize(
    "path", sorted(ROOT.glob("benchmarks/results/*/report.json")), ids=lambda path: path.parent.name
)
def test_committed_reports_fit_their_schemas(path):
    schema = json.loads(path.with_name("report.schema.json").read_text())
    assert schema == json.loads(records.document(results.Report))
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(path.read_text()), schema)
