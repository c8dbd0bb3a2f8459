from benchmarks.report.tables import all_tables, document
from tests.benchmarks import reports


def test_every_part_has_its_tables():
    tables = all_tables(reports.make())
    assert list(tables) == [
        *("summary", "parts", "sequences", "planes", "accuracy", "classes", "duels"),
        *("latency", "costs", "mlperf", "browser"),
    ]
    for table in tables.values():
        assert all(len(row) == len(table.columns) for row in table.rows)
        lines = table.markdown().splitlines()
        assert len({line.count("|") for line in lines if line.startswith("|")}) == 1


def test_what_is_missing_says_why():
    tables = all_tables(reports.make())
    assert ("other@9 x.onnx", "not installed") in {row[:2] for row in tables["accuracy"].rows}
    assert "not installed" in tables["latency"].rows[-1]


def test_a_throttled_run_is_marked():
    note = all_tables(reports.make(throttled=True))["latency"].note
    assert "**The machine throttled meanwhile.**" in note and "50 to 70 °C" in note
    assert "No throttling" in all_tables(reports.make(throttled=False))["latency"].note
    assert "thrott" not in all_tables(reports.make())["latency"].note


def test_the_document_tells_how_it_was_measured():
    text = document(reports.make())
    for piece in ("A board", "`python -m benchmarks`", "0" * 64, "1" * 64, "## Latency"):
        assert piece in text
