from dataclasses import replace

import pytest

from benchmarks import candidates
from benchmarks.latency import Latency, measure, ratios
from benchmarks.statistics import Percentiles
from edge_app.classifier import Classifier


@pytest.mark.parametrize("queries", [1, 8, 19])
def test_every_file_answers_every_query(make_bundle, data, queries):
    subjects = candidates.load([make_bundle()])
    done = []
    latencies = measure(subjects, data, queries, done.append)
    assert sum(done) == queries
    assert len(latencies) == len(subjects)
    for latency in latencies:
        assert 0 < latency.model.p50 <= latency.model.p90
        assert latency.model.p50 < latency.whole.p50
        assert latency.whole.p50 <= latency.whole.p90


def test_one_picture_is_enough(make_bundle, data, rows):
    (subject, *_) = candidates.load([make_bundle(rows=rows[:1])])
    assert len(measure([subject], data, 3, lambda done: None)) == 1


def posing_as(candidate, name, size):
    """The same file under another net's name and size, which is never run."""
    classifier = candidate.classifier
    bundle = replace(classifier.bundle, name=name, input=replace(classifier.bundle.input, size=size))
    return replace(candidate, classifier=Classifier(bundle, classifier.file, classifier.runtime))


def latencies(*p50):
    return [Latency(Percentiles(value, value), Percentiles(9, 9)) for value in p50]


def test_ratios_are_to_mobilenetv2_at_224_in_int8_on_tflite(make_bundle):
    toy = candidates.load([make_bundle()])
    mobilenet = [posing_as(candidate, "mobilenetv2", 224) for candidate in toy]
    assert [candidate.classifier.file.path for candidate in mobilenet][1] == "toy-int8.tflite"
    found = ratios(toy + mobilenet, latencies(1, 2, 3, 10, 4, 2))
    assert found == [0.25, 0.5, 0.75, 2.5, 1.0, 0.5]


@pytest.mark.parametrize(("name", "size"), [("mobilenetv2", 128), ("edge", 224)])
def test_without_that_file_there_are_no_ratios(make_bundle, name, size):
    subjects = [posing_as(candidate, name, size) for candidate in candidates.load([make_bundle()])]
    assert ratios(subjects, latencies(1, 2, 3)) == [None, None, None]
