"""No teacher may have seen what its student is judged by."""

from __future__ import annotations

import csv
import importlib.util
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

from edge_app.bundle import sha256
from edge_app.preprocessing import InputSpec
from evaluation.predictions import fingerprint
from tests.train.commands import run
from tests.train.conftest import write_table
from tests.train.runs import make_run
from train import teacher
from train.__main__ import main
from train.config import Teacher
from train.data.dataset import Slice, read_dataset
from train.data.protocols import Split, split, write_split
from train.errors import DataError
from train.model import networks
from train.run import GroupsFile, Run

MakeTeacher = Callable[..., Path]


def slices(*names: str) -> list[Slice]:
    return [Slice(f"{name}.png", "glioma", name * 64, name) for name in names]


PARTS = Split(slices("1", "2"), slices("3"), slices("4"), slices("5"))


@pytest.fixture
def make_teacher(tmp_path: Path) -> MakeTeacher:
    """Writes a run that may teach ``make_run``'s, but for what is changed."""

    def make(parts: Split = PARTS, state: str = "finished", **changes: Any) -> Path:
        made = make_run(tmp_path / "teacher", "efficientnet_lite0")
        config = replace(made.config, weights="/somewhere/lite0.weights.h5", **changes)
        replace(made, config=config, state=state).save()  # type: ignore[arg-type]
        write_split(made.folder / "split.csv", parts)
        made.model.write_bytes(b"a net")
        return made.folder

    return make


def check(folder: Path) -> Teacher:
    student = make_run(Path("student"))
    return teacher.check(folder, student.config, student.data, PARTS)


def test_a_teacher_of_the_same_split_is_told_by_its_hash(make_teacher: MakeTeacher) -> None:
    folder = make_teacher()
    expected = Teacher(
        arch="efficientnet_lite0", weights="lite0.weights.h5", fold=0, sha256=sha256(folder / "model.keras")
    )
    assert check(folder) == expected
    assert check(make_teacher(input=InputSpec(128, channels=3))) == expected


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"state": "interrupted"}, "is not finished"),
        ({"fold": 1}, r"another split \(grouped, fold 1, withheld 0\) than its student \(grouped, fold 0"),
        ({"withheld_fold": None}, "another split"),
        ({"protocol": "official"}, r"another split \(official\)"),
        ({"input": InputSpec(224)}, "sees slices at 224 pixels .* train it with --size 128"),
        ({"input": InputSpec(128, crop="none")}, "or cut otherwise"),
    ],
)
def test_another_teacher_is_refused(make_teacher: MakeTeacher, changes: dict[str, Any], message: str) -> None:
    with pytest.raises(DataError, match=message):
        check(make_teacher(**changes))


def test_a_teacher_of_other_data_or_groups_is_refused(make_teacher: MakeTeacher) -> None:
    known = Run.load(make_teacher())
    for data in (
        replace(known.data, sha256="cd" * 32),
        replace(known.data, groups=GroupsFile(name="g.csv", sha256="cd" * 32)),
    ):
        replace(known, data=data).save()
        with pytest.raises(DataError, match="other data, or from other groups"):
            check(known.folder)


@pytest.mark.parametrize(
    "parts",
    [
        replace(PARTS, train=slices("1", "4")),
        replace(PARTS, validation=slices("4"), test=slices("9")),
        replace(PARTS, train=slices("1", "5")),
        replace(PARTS, train=slices("1", "3"), validation=slices("2")),
    ],
    ids=["trained on test", "watched test", "trained on mixed", "trained on validation"],
)
def test_one_hash_of_what_the_student_is_judged_by_is_too_many(
    make_teacher: MakeTeacher, parts: Split
) -> None:
    """Whatever its configuration says."""
    with pytest.raises(DataError, match="has seen 1 slices that its student is judged by"):
        check(make_teacher(parts))


def test_a_folder_that_is_no_run_and_one_without_its_split(make_teacher: MakeTeacher, tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"holds no run\.json"):
        check(tmp_path)
    folder = make_teacher()
    (folder / "split.csv").write_text("path\na\n")
    with pytest.raises(DataError, match=r"split\.csv: is no table of a split"):
        check(folder)
    (folder / "split.csv").unlink()
    with pytest.raises(DataError, match=r"split\.csv: can't be read"):
        check(folder)


def test_a_net_with_other_answers_or_none_at_all(make_teacher: MakeTeacher) -> None:
    folder = make_teacher()
    with pytest.raises(DataError, match=r"model\.keras: can't be read"):
        teacher.load(folder)
    keras.Sequential([keras.Input((8, 8, 1)), layers.Flatten(), layers.Dense(3)]).save(folder / "model.keras")
    with pytest.raises(DataError, match=r"model\.keras: gives 3 answers; expected 4"):
        teacher.load(folder)


def test_a_teacher_computes_as_its_student_does_and_does_not_learn(make_teacher: MakeTeacher) -> None:
    folder = make_teacher()
    networks.build("edge", InputSpec(32)).save(folder / "model.keras")
    pixels = np.random.default_rng(0).integers(0, 256, (2, 32, 32, 1)).astype("float32")
    answers = {}
    for mixed, dtype in ((False, "float32"), (True, "bfloat16")):
        net = teacher.load(folder, mixed)
        assert not net.trainable_variables and net.layers[0].compute_dtype == dtype
        assert net.layers[-1].compute_dtype == "float32"
        answers[mixed] = net.predict(pixels, verbose=0)
    assert answers[True] == pytest.approx(answers[False], abs=0.02)


def fit(data: Path, out: Path, *arguments: str | Path) -> int:
    words = ("--size", "32", "--epochs", "1", "--out", out, *arguments)
    return main(["fit", str(data), *map(str, words)])


def taught_by(*runs: Path) -> list[str | Path]:
    return [word for run in runs for word in ("--teacher", run)]


@pytest.fixture
def grouped(table: list[dict[str, str]], tmp_path: Path) -> Path:
    return write_table(table, tmp_path / "manifest.csv")


def write_untrained(folder: Path, data: Path, leaks: bool = False, withheld: int | None = 0) -> Path:
    """Writes a run of that data that could teach, as far as can be told before its net is loaded."""
    found = read_dataset(data)
    parts = split(found, "grouped", seed=42, fold=0, withheld=withheld)
    made = make_run(folder)
    config = replace(made.config, input=InputSpec(32), withheld_fold=withheld)
    replace(made, config=config, data=replace(made.data, sha256=fingerprint(found))).save()
    write_split(folder / "split.csv", replace(parts, train=parts.train + parts.test[: int(leaks)]))
    made.model.write_bytes(b"a net")
    return folder


@pytest.mark.parametrize(
    ("leaks", "named", "fault"),
    [
        ((True, False), "0", "has seen 1 slices that its student is judged by"),
        ((False, True), "1", "has seen 1 slices that its student is judged by"),
        ((False, False), "0/model.keras", "can't be read"),
    ],
)
def test_every_one_of_several_teachers_is_looked_at(
    grouped: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    leaks: tuple[bool, ...],
    named: str,
    fault: str,
) -> None:
    teachers = [write_untrained(tmp_path / str(i), grouped, leak) for i, leak in enumerate(leaks)]
    assert fit(grouped, tmp_path / "student", *taught_by(*teachers)) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"{tmp_path / named}: ") and fault in said
    assert not (tmp_path / "student").exists()


def test_a_teacher_of_another_seed_has_learnt_from_what_its_student_watches(
    grouped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ("--seed", "7", "--teacher", write_untrained(tmp_path / "teacher", grouped))
    assert fit(grouped, tmp_path / "student", *words) == 2
    assert "slices that its student is judged by" in capsys.readouterr().err


def test_a_fold_of_a_cross_validation_is_taught_by_that_fold_of_others(
    grouped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write_untrained(tmp_path / "first" / "fold-0", grouped, withheld=None)
    words = ("--cross-validate", *taught_by(tmp_path / "first", tmp_path / "second"))
    assert fit(grouped, tmp_path / "student", *words) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path / 'second' / 'fold-0'}: holds no run.json")


@pytest.mark.slow
def test_a_student_says_whose_it_is_and_shares_no_tested_slice_with_its_teachers(
    grouped: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    taught, student = (tmp_path / "taught", tmp_path / "other"), tmp_path / "student"
    for folder, batch in zip(taught, ("8", "16"), strict=True):
        assert fit(grouped, folder, "--batch", batch) == 0
    assert fit(grouped, student, *taught_by(*taught), "--recipe", "temperature=3") == 0
    found = Run.load(student)
    assert found.teacher_folders == tuple(map(str, taught))
    assert found.config.teachers == tuple(
        Teacher(arch="edge", weights=None, fold=0, sha256=sha256(folder / "model.keras")) for folder in taught
    )
    assert (found.recipe.teacher_weight, found.recipe.temperature) == (0.7, 3.0)
    hashes = {}
    for folder in (*taught, student):
        with (folder / "split.csv").open(newline="") as file:
            rows = list(csv.DictReader(file))
        for role in ("train", "validation", "test"):
            hashes[folder, role] = {row["sha256"] for row in rows if row["role"] == role}
    tested = hashes[student, "test"]
    assert tested and all(
        not tested & hashes[folder, role] for folder in (*taught, student) for role in ("train", "validation")
    )

    # A run that goes on must change none of its teachers.
    plain = json.loads((student / "run.json").read_text())
    (student / "run.json").write_text(json.dumps(plain | {"state": "interrupted"}))
    changed = {"state": "interrupted", "teacher_folders": plain["teacher_folders"][:1]}
    (student / "run.json").write_text(json.dumps(plain | changed))
    assert fit(grouped, student, "--resume") == 2
    assert "does not name a folder for each teacher" in capsys.readouterr().err
    (student / "run.json").write_text(json.dumps(plain | {"state": "interrupted"}))
    (taught[1] / "model.keras").write_bytes(b"another")
    assert fit(grouped, student, "--resume") == 2
    assert f"{taught[1]}: is not the teacher that this run began with" in capsys.readouterr().err


@pytest.mark.slow
def test_a_student_may_begin_as_the_teacher_of_its_kind(grouped: Path, tmp_path: Path) -> None:
    first, own, student = (tmp_path / name for name in ("first", "own", "student"))
    assert fit(grouped, first, "--arch", "efficientnet_lite0", "--fine-tune") == 0
    assert fit(grouped, own) == 0
    # No step is large enough to leave what it began as.
    words = ("--recipe", "from_teacher=true", "--recipe", "learning_rate=1e-12")
    assert fit(grouped, student, *taught_by(first, own), *words) == 0
    kernels, begun = (
        [w for w in networks.load(run / "model.keras").get_weights() if w.ndim == 4] for run in (student, own)
    )
    assert all(np.allclose(a, b, atol=1e-6) for a, b in zip(kernels, begun, strict=True))


@pytest.mark.slow
@pytest.mark.skipif(importlib.util.find_spec("jax") is None, reason="jax is not installed")
def test_a_student_learns_under_jax_from_a_net_that_tensorflow_trained(
    paper_layout: Path, tmp_path: Path
) -> None:
    # JAX compiles the augmentation for a minute.
    plain = ("--protocol", "official", "--recipe", "augment=false", "--recipe", "map_weight=0")
    taught, student = tmp_path / "taught", tmp_path / "student"
    assert fit(paper_layout, taught, *plain) == 0
    words = (*plain, "--size", "32", "--epochs", "1", "--teacher", taught, "--out", student)
    done = run("fit", paper_layout, *words, KERAS_BACKEND="jax", JAX_PLATFORMS="cpu")
    assert done.code == 0, done.err
    assert len(Run.load(student).config.teachers) == 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--teacher", "{tmp}"), "holds no run.json"),
        (("--recipe", "teacher_weight=0.5"), "A teacher and a teacher_weight above 0 need each other."),
        (("--teacher", "{tmp}", "--recipe", "teacher_weight=0"), "need each other"),
        (("--recipe", "from_teacher=true"), "no teacher is of the architecture edge"),
        (("--arch", "mobilenetv2", "--teacher", "{tmp}"), "features of a frozen mobilenetv2"),
        (("--arch", "mobilenetv2", "--recipe", "mix_sequences=0.5"), "features of a frozen mobilenetv2"),
        (("--arch", "efficientnet_lite0", "--weights", "{tmp}/absent.h5"), "there is no such weights file"),
        (("--arch", "efficientnet_lite0", "--weights", "imagenet"), "Keras has no ImageNet weights"),
    ],
)
def test_what_cannot_be_is_said_before_a_training(
    grouped: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    given = [argument.format(tmp=tmp_path) for argument in arguments]
    assert fit(grouped, tmp_path / "run", *given) == 2
    assert message in capsys.readouterr().err
    assert not (tmp_path / "run").exists()
