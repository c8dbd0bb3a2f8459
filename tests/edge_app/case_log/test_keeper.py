from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from edge_app import Classifier
from edge_app.answer import Fault, answer_of, study_answer_of
from edge_app.case_log.cases import MAX_NOTE, MAX_PATIENT, Change, checked
from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.keeper import SIDE, Keeper, thumbnail
from edge_app.case_log.log import CaseLog
from tests.edge_app.case_log.examples import code_of, damage
from tests.phantoms import phantom, png


@pytest.fixture(scope="module")
def classifier(toy_bundle: Path) -> Classifier:
    return Classifier.load(toy_bundle)


@pytest.mark.parametrize("names", [False, True])
def test_a_slice(path: Path, classifier: Classifier, glioma: Path, names: bool) -> None:
    keeper = Keeper(CaseLog(path), names)
    prediction = classifier.predict(glioma)
    answer = answer_of("ibu-ani.jpg", prediction, classifier)
    kept = keeper.keep(answer, prediction.image, "K-1", "en")
    assert kept.error is None and kept.id is not None
    case = keeper.log.get(kept.id)
    assert (case.verdict, case.label, case.probabilities) == ("answer", "glioma", prediction.probabilities)
    assert case.model.sha256 == classifier.file.sha256
    assert case.name == ("ibu-ani.jpg" if names else "")
    picture = keeper.log.thumbnail(kept.id)
    assert picture is not None and len(picture) < 6_000
    with Image.open(io.BytesIO(picture)) as image:
        assert (image.format, image.size) == ("JPEG", (SIDE, SIDE))


@pytest.mark.parametrize("names", [False, True])
def test_a_study(path: Path, classifier: Classifier, names: bool) -> None:
    keeper = Keeper(CaseLog(path), names)
    files = [
        ("ibu-ani.png", png(phantom("glioma", 1))),
        ("ani-empty.png", b""),
        ("ani-letter.png", b"a letter"),
    ]
    answer = study_answer_of(classifier.predict_study(files), classifier, "en")
    kept = keeper.keep_study(answer, "", "en")
    assert kept.id is not None
    slices = keeper.log.slices(kept.id)
    assert [each.error and each.error.code for each in slices] == [None, "empty", "no_image"]
    everything = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert (b"ani" in everything) == names
    if not names:
        assert [each.name for each in slices] == ["1", "2", "3"]
        assert slices[1].error and slices[1].error.message.startswith("the file is empty")
    # Where a name stands in the midst of a sentence, the sentence goes.
    odd = replace(slices[1], name="x", error=Fault(code="empty", message="see x again"))
    kept = keeper.keep_study(replace(answer, slices=(odd,)), "", "en")
    assert kept.id is not None
    assert keeper.log.slices(kept.id)[0].error == Fault(code="empty", message="see x again" if names else "")


def test_of_what_was_refused_no_picture_is_kept(path: Path, classifier: Classifier, glioma: Path) -> None:
    keeper = Keeper(CaseLog(path), names=False)
    prediction = classifier.predict(glioma)
    answer = replace(answer_of("a", prediction, classifier), verdict="refused", label=None)
    kept = keeper.keep(answer, prediction.image, "", "en")
    assert kept.id is not None
    assert keeper.log.thumbnail(kept.id) is None and not keeper.log.get(kept.id).thumbnail


def test_what_can_t_be_kept_is_told(path: Path, classifier: Classifier, glioma: Path) -> None:
    keeper = Keeper(CaseLog(path), names=False)
    prediction = classifier.predict(glioma)
    answer = answer_of("a", prediction, classifier)
    keeper.keep(answer, prediction.image, "", "en")
    keeper.log.close()
    before = path.read_bytes()
    damage(path)
    for language, word in (("en", "damaged"), ("id", "rusak")):
        kept = keeper.keep(answer, prediction.image, "", language)
        assert kept.id is None and kept.error is not None
        assert kept.error.code == keeper.fault == "cases_damaged" and word in kept.error.message
    path.write_bytes(before)
    assert keeper.keep(answer, prediction.image, "", "en").id is not None
    assert keeper.fault is None


@pytest.mark.parametrize(
    ("size", "small"), [((1024, 512), (128, 64)), ((40, 60), (40, 60)), ((3000, 10), (128, 1))]
)
def test_thumbnails(size: tuple[int, int], small: tuple[int, int]) -> None:
    for mode in ("L", "RGB"):
        with Image.open(io.BytesIO(thumbnail(Image.new(mode, size)))) as image:
            assert image.size == small
            assert not image.getexif()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (Change(patient="x" * (MAX_PATIENT + 1)), "cases_patient"),
        (Change(patient="a\nb"), "cases_patient"),
        (Change(patient="\ud800"), "cases_patient"),
        (Change(note="x" * (MAX_NOTE + 1)), "cases_note"),
        (Change(note="\x1b[2J"), "cases_note"),
        (Change(note="\x00"), "cases_note"),
        (Change(note="\ud800"), "cases_note"),
        (Change(diagnosis="headache"), "cases_diagnosis"),
        (Change(diagnosis="none"), "cases_diagnosis"),
    ],
)
def test_what_is_refused(change: Change, code: str) -> None:
    with pytest.raises(CaseLogError) as error:
        checked(change, ("glioma", "no_tumor"))
    assert code_of(error) == code


def test_what_is_taken() -> None:
    for change in (
        Change(),
        Change(patient="", note="", diagnosis=""),
        Change(patient="x" * MAX_PATIENT, note="lines\r\nand\ttabs, ünï 👩‍⚕️", diagnosis="glioma"),
        Change(diagnosis="other"),
    ):
        assert checked(change, ("glioma", "no_tumor")) == change
