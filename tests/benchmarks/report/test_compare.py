import pytest

from benchmarks import __main__ as command
from benchmarks.measure import predictions
from benchmarks.report import records
from benchmarks.report.compare import compare
from tests.benchmarks import reports


@pytest.fixture
def write(tmp_path):
    def write(name, answers=True, **figures):
        path = tmp_path / name / "report.json"
        records.write(path, reports.make(**figures))
        if answers:
            predictions.write(path.parent / "answers.csv", reports.answers(figures.get("right", 0.9)))
        return path

    return write


def main(*words):
    return command.main(["compare", *map(str, words)])


def clear(old, new):
    return {(one.measure, "worse" if one.worse > 0 else "better") for one in compare(old, new) if one.clear}


def test_a_report_does_not_differ_from_itself(write, capsys):
    path = write("one")
    assert clear(path, path) == set()
    assert main(path, path, "--fail-if", "accuracy=0", "p50=0", "bytes=0") == 0
    assert "Beyond noise: 0 of" in capsys.readouterr().out


def test_fewer_right_answers_to_the_same_slices_are_worse(write, capsys):
    old, new = write("old", right=0.9), write("new", right=0.75)
    assert ("accuracy", "worse") in clear(old, new)
    assert ("accuracy", "better") in clear(new, old)
    assert main(old, new) == 0
    assert main(old, new, "--fail-if", "accuracy=0.05") == 1
    assert "accuracy went from 0.9 to 0.75, past its limit" in capsys.readouterr().out
    assert main(old, new, "--fail-if", "accuracy=0.2", "p50=10%") == 0
    assert main(new, old, "--fail-if", "accuracy=0.05") == 0


def test_without_the_answers_intervals_must_part(write):
    old = write("old", answers=False, right=0.9)
    assert not any(measure == "accuracy" for measure, _ in clear(old, write("new", right=0.75)))
    assert ("accuracy", "worse") in clear(old, write("bad", right=0.3))


def test_one_flipped_answer_is_noise(write):
    old, new = write("old", right=0.9), write("new", right=0.875)
    assert clear(old, new) == set()
    assert main(old, new, "--fail-if", "accuracy=0.01") == 0


def test_slower_is_worse_beyond_what_clocks_vary(write):
    old = write("old", p50=1.0)
    assert clear(old, write("near", p50=1.05)) == set()
    assert clear(old, write("slow", p50=1.5)) == {("p50", "worse"), ("p90", "worse"), ("ratio", "worse")}
    assert main(old, write("slower", p50=1.5), "--fail-if", "p50=40%") == 1
    assert main(old, write("as_slow", p50=1.5), "--fail-if", "p50=60%", "ratio=0.6") == 0


def test_milliseconds_of_different_machines_are_not_compared(write):
    old, new = write("old", p50=1.0), write("new", p50=5.0, cpu="Another board")
    assert clear(old, new) == {("ratio", "worse")}
    assert main(old, new, "--fail-if", "p50=1") == 2


@pytest.mark.parametrize("limit", ["cakes=1", "accuracy", "accuracy=", "p50=fast", "p50=%"])
def test_a_limit_that_is_none(write, limit, capsys):
    path = write("one")
    with pytest.raises(SystemExit) as stop:
        main(path, path, "--fail-if", limit)
    assert stop.value.code == 2
    assert limit.split("=")[0] in capsys.readouterr().err


def test_broken_reports(write, tmp_path, capsys):
    path, broken = write("one"), tmp_path / "broken.json"
    assert main(path, broken) == 2
    broken.write_text("{}")
    assert main(broken, path) == 2
    (path.parent / "answers.csv").write_text("nothing")
    assert main(path, path) == 2
    assert capsys.readouterr().err.count("\n") == 3
