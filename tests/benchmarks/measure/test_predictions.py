import hashlib
import sys

import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import models, predictions
from edge_app.errors import NotAnImage


@pytest.fixture
def ask(data, tmp_path):
    def ask(*folders, stride=1, done=None):
        subjects = models.load(folders)
        advance = (lambda *step: None) if done is None else lambda *step: done.append(step)
        return predictions.ask_all(subjects, data, tmp_path / "parts", stride, advance)

    return ask


def test_every_file_is_asked_about_every_slice(make_bundle, ask, rows):
    done = []
    part, answers = ask(make_bundle(), make_bundle("other", name="mobilenetv2"), done=done)
    assert len(answers) == len(done) == 6 * len(rows)
    assert {answer.file for answer in answers} == {
        f"{net}@128 toy-{file}"
        for net in ("toy", "mobilenetv2")
        for file in ("float32.tflite", "int8.tflite", "float32.onnx")
    }
    assert (part.protocol, part.images, part.without) == ("grouped", len(rows), {})
    assert part.groups == len({row["group"] for row in rows})
    assert set(part.labels) == {row["label"] for row in rows}


def test_the_file_that_the_reference_was_made_with_agrees_with_it(make_bundle, ask):
    own = [answer for answer in ask(make_bundle())[1] if answer.file.endswith("float32.tflite")]
    assert all(answer.predicted == answer.keras for answer in own)


def test_what_is_finished_is_not_asked_again(make_bundle, ask):
    bundle = make_bundle()
    first, again = ask(bundle)[1], []
    assert ask(bundle, done=again)[1] == first
    assert again == []


def test_a_changed_file_is_asked_again(make_bundle, ask, data, rows):
    ask(make_bundle())
    again = []
    ask(make_bundle("fewer", rows=rows[1:]), done=again)
    assert len(again) == 3 * (len(rows) - 1)


def test_one_slice_in_so_many(make_bundle, ask, rows):
    part, answers = ask(make_bundle(), stride=5)
    assert part.images == len(answers) / 3 == len(rows[::5])


def test_a_refused_slice_still_has_its_most_probable_label(make_bundle, ask, rows):
    _, answers = ask(make_bundle(thresholds={"unsure": 0.1, "refused": 1.1}))
    assert {answer.verdict for answer in answers} == {"refused"}
    assert {answer.predicted for answer in answers} <= {row["label"] for row in rows}


def test_random_weights_are_not_judged(make_bundle, ask):
    random = make_bundle("random", name="other", source={"weights": "random"})
    part, answers = ask(make_bundle(), random)
    assert not any(answer.file.startswith("other") for answer in answers)
    assert set(part.without.values()) == {"random weights"} and len(part.without) == 3
    with pytest.raises(BenchmarkError, match="No bundle has trained weights"):
        ask(random)


def test_a_runtime_that_is_not_installed_leaves_the_others(make_bundle, ask, monkeypatch, rows):
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    part, answers = ask(make_bundle())
    assert part.without == {"toy@128 toy-float32.onnx": "not installed"}
    assert len(answers) == 2 * len(rows)


def test_copies_of_what_was_learnt_are_marked(make_bundle, ask, rows):
    marked = [row | {"copy": int(i == 0)} for i, row in enumerate(rows)]
    _, answers = ask(make_bundle(rows=marked))
    assert {answer.path for answer in answers if answer.copy} == {rows[0]["path"]}


def test_answers_are_kept_as_csv(make_bundle, ask, tmp_path):
    _, answers = ask(make_bundle())
    predictions.write(tmp_path / "answers.csv", answers)
    assert predictions.read(tmp_path / "answers.csv") == answers


@pytest.mark.parametrize("content", ["", "file,path\na\n", "\0", "tumour\nhigh\n"])
def test_broken_answers(tmp_path, content):
    path = tmp_path / "answers.csv"
    path.write_text(content)
    with pytest.raises(BenchmarkError, match=r"answers\.csv: is broken"):
        predictions.read(path)


def test_missing_answers(tmp_path):
    with pytest.raises(BenchmarkError, match="can't be read"):
        predictions.read(tmp_path / "answers.csv")


def test_different_protocols(make_bundle, ask):
    bundles = make_bundle("a"), make_bundle("b", source={"protocol": "paper"})
    with pytest.raises(BenchmarkError, match=r"/a and .*/b: have different protocols, grouped and paper"):
        ask(*bundles)


def test_different_test_parts(make_bundle, ask, rows):
    with pytest.raises(BenchmarkError, match=r"/a and .*/b: have different test parts"):
        ask(make_bundle("a"), make_bundle("b", rows=rows[1:]))


def test_the_same_test_part_in_another_order(make_bundle, ask, rows):
    assert len(ask(make_bundle("a"), make_bundle("b", rows=rows[::-1]))[1]) == 6 * len(rows)


def test_a_file_that_is_no_picture_is_named(make_bundle, ask, data, rows):
    path = data / rows[0]["path"]
    path.write_text("no picture", encoding="utf-8")
    digest = hashlib.sha256(b"no picture").hexdigest()
    spoilt = make_bundle(rows=[rows[0] | {"sha256": digest}, *rows[1:]])
    with pytest.raises(NotAnImage, match=str(path)):
        ask(spoilt)
