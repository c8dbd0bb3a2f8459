import pytest

from benchmarks.errors import BenchmarkError
from benchmarks.measure import reference
from edge_app.bundle import Bundle


def read(folder):
    return reference.read(Bundle.load(folder))


def test_rows_become_slices_with_kerass_answer(make_bundle, rows):
    answers = [f"p_{label}" for label in ("glioma", "meningioma", "no_tumor", "pituitary")]
    result = read(make_bundle())
    assert [slice_.path for slice_ in result.slices] == [row["path"] for row in rows]
    assert [slice_.group for slice_ in result.slices] == [row["group"] for row in rows]
    assert [f"p_{label}" for label in result.keras] == [max(answers, key=row.__getitem__) for row in rows]


def test_no_reference(make_bundle):
    folder = make_bundle()
    (folder / "reference.csv").unlink()
    with pytest.raises(BenchmarkError, match=r"toy/reference\.csv: is missing"):
        read(folder)


def test_a_folder_in_its_place(make_bundle):
    folder = make_bundle()
    (folder / "reference.csv").unlink()
    (folder / "reference.csv").mkdir()
    with pytest.raises(BenchmarkError, match=r"reference\.csv: can't be read"):
        read(folder)


@pytest.mark.parametrize("keep", [0, 1])
def test_an_empty_reference(make_bundle, keep):
    path = make_bundle() / "reference.csv"
    path.write_text(
        "".join(path.read_text(encoding="utf-8").splitlines(keepends=True)[:keep]), encoding="utf-8"
    )
    with pytest.raises(BenchmarkError, match=r"reference\.csv: (lacks the columns|holds no slices)"):
        read(path.parent)


def test_a_missing_column(make_bundle, rows):
    folder = make_bundle(rows=[{key: row[key] for key in row if key != "p_glioma"} for row in rows])
    with pytest.raises(BenchmarkError, match="lacks the columns p_glioma"):
        read(folder)


@pytest.mark.parametrize(
    "fault",
    [{"label": "unicorn"}, {"group": ""}, {"p_glioma": "much"}, {"p_glioma": "nan"}, {"p_glioma": ""}],
)
def test_a_row_that_makes_no_sense_is_named(make_bundle, rows, fault):
    folder = make_bundle(rows=[rows[0], rows[1] | fault, rows[2]])
    with pytest.raises(BenchmarkError, match=r"reference\.csv: row 2 can't be understood"):
        read(folder)


def test_a_row_that_breaks_off(make_bundle):
    path = make_bundle() / "reference.csv"
    path.write_text(path.read_text(encoding="utf-8").rstrip()[:-150], encoding="utf-8")
    with pytest.raises(BenchmarkError, match=r"row \d+ can't be understood"):
        read(path.parent)


def test_bytes_that_are_no_text(make_bundle):
    path = make_bundle() / "reference.csv"
    path.write_bytes(b"\xff\xfe\x00\x01" * 100)
    with pytest.raises(BenchmarkError, match="can't be understood"):
        read(path.parent)


def test_unchanged_pictures_pass(make_bundle, data):
    reference.verify(read(make_bundle()).slices, data)


def test_a_missing_picture_is_named(make_bundle, data):
    slices = read(make_bundle()).slices
    (data / slices[3].path).unlink()
    with pytest.raises(BenchmarkError, match=rf"{slices[3].path}: is missing"):
        reference.verify(slices, data)


def test_a_changed_picture_is_named(make_bundle, data):
    slices = read(make_bundle()).slices
    with (data / slices[3].path).open("ab") as file:
        file.write(b"\0")
    with pytest.raises(BenchmarkError, match=rf"{slices[3].path}: was changed"):
        reference.verify(slices, data)


def test_a_wrong_hash_is_named(make_bundle, rows, data):
    slices = read(make_bundle(rows=[rows[0] | {"sha256": "0" * 64}])).slices
    with pytest.raises(BenchmarkError, match=rf"{slices[0].path}: was changed"):
        reference.verify(slices, data)


def test_a_data_folder_that_is_none(make_bundle, tmp_path):
    with pytest.raises(BenchmarkError, match="nowhere: is no folder"):
        reference.verify(read(make_bundle()).slices, tmp_path / "nowhere")


def test_the_fingerprint_holds_for_the_pictures_in_any_order(make_bundle):
    slices = read(make_bundle()).slices
    assert reference.fingerprint(slices) == reference.fingerprint(slices[::-1])
    assert reference.fingerprint(slices) != reference.fingerprint(slices[1:])
