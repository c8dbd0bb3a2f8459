import pytest

from benchmarks import candidates
from benchmarks.accuracy import Answer, ask, judge
from benchmarks.reference import Reference, Slice
from edge_app.errors import NotAnImage


def answer(label, verdict="answer"):
    return Answer(label, verdict, {label: 1.0})


def reference(truth, keras):
    slices = tuple(Slice(f"{i}.jpg", "", label, str(i)) for i, label in enumerate(truth))
    return Reference(slices, tuple(keras))


def test_answers_are_compared_with_the_truth_and_with_keras():
    result = judge([answer(label) for label in "aaab"], reference("aabb", "abbb"))
    assert result.accuracy.value == 0.75
    assert result.keras == 0.75
    assert result.lost.value == 0
    assert result.flipped == 2, "one gained and one lost slice are two flips, though no accuracy is lost"


def test_accuracy_lost_counts_from_keras_down():
    result = judge([answer(label) for label in "abbb"], reference("aaab", "aaab"))
    assert result.lost.value == 0.5
    assert result.lost.low <= 0.5 <= result.lost.high


def test_equal_answers_lose_nothing_for_certain():
    lost = judge([answer(label) for label in "abab"], reference("aabb", "abab")).lost
    assert (lost.value, lost.low, lost.high) == (0, 0, 0)


def test_verdicts_are_counted():
    answers = [answer("a"), answer("a", "unsure"), answer("a", "refused"), answer("a")]
    verdicts = judge(answers, reference("aaaa", "aaaa")).verdicts
    assert verdicts == {"answer": 2, "unsure": 1, "refused": 1}


def test_the_file_that_the_reference_was_made_with_agrees_with_it(make_bundle, data):
    candidate = candidates.load([make_bundle()])[0]
    done = []
    answers = ask(candidate, data, lambda: done.append(1))
    result = judge(answers, candidate.reference)
    assert len(done) == len(answers) == len(candidate.reference.slices)
    assert result.flipped == 0
    assert result.accuracy.value == result.keras


def test_a_refused_slice_still_has_its_most_probable_label(make_bundle, data):
    folder = make_bundle(thresholds={"unsure": 0.1, "refused": 1.1})
    answers = ask(candidates.load([folder])[0], data, lambda: None)
    assert {answer.verdict for answer in answers} == {"refused"}
    assert all(answer.predicted in answer.probabilities for answer in answers)


def test_a_file_that_is_no_picture_is_named(make_bundle, data):
    candidate = candidates.load([make_bundle()])[0]
    path = data / candidate.reference.slices[0].path
    path.write_text("no picture", encoding="utf-8")
    with pytest.raises(NotAnImage, match=str(path)):
        ask(candidate, data, lambda: None)


def test_tumours_of_all_sequences_are_judged_apart_at_95_percent_specificity():
    def scored(tumour):
        return Answer("a", "answer", {"a": tumour, "no_tumor": 1 - tumour})

    slices = tuple(
        Slice(f"{i}.jpg", "", label, str(i)) for i, label in enumerate(["no_tumor"] * 20 + ["a"] * 2)
    )
    mixed = tuple(Slice(f"m{i}.jpg", "", "tumour", f"m{i}") for i in range(4))
    subject = Reference(slices, ("a",) * 22, mixed)
    answers = [scored(i / 20) for i in range(20)] + [scored(0.99), scored(0.2)]
    result = judge([*answers, *map(scored, (1.0, 0.99, 0.98, 0.5))], subject)
    assert (result.tumour, result.mixed) == (0.5, 0.75)
    assert result.accuracy.value == pytest.approx(2 / 22)
    assert sum(result.verdicts.values()) == 22


def test_without_slices_that_hold_no_tumour_there_is_no_threshold():
    result = judge([answer("a")], reference("a", "a"))
    assert (result.tumour, result.mixed) == (None, None)
