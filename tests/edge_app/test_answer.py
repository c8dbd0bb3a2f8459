"""What programs are told, beyond what the server's tests send."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import replace
from typing import Any

import jsonschema
import numpy as np
import pytest
from PIL import Image

from edge_app.answer import (
    answer_of,
    document,
    error_code,
    error_json,
    picture_of,
    plain,
)
from edge_app.classifier import Classifier, Prediction
from edge_app.errors import BundleError, NotAnImage, OtakError, RuntimeMissing
from edge_app.reading import SHOWN_SIDE
from edge_app.records import RecordError


def said(prediction: Prediction, classifier: Classifier) -> dict[str, Any]:
    """What a program reads, after a journey as JSON."""
    answer: dict[str, Any] = json.loads(json.dumps(plain(answer_of("a.jpg", prediction, classifier))))
    jsonschema.validate(answer, json.loads(document()))
    return answer


def test_a_map_is_bytes_row_by_row(prediction: Prediction, classifier: Classifier) -> None:
    values = np.array([[0.0, 1.0, 0.5], [-0.1, 1.2, 0.0021]], np.float32)
    heatmap = said(replace(prediction, map=values), classifier)["heatmap"]
    assert (heatmap["rows"], heatmap["columns"]) == (2, 3)
    # An interpreter's rounding may leave 0 to 1 by a little; that is no reason to wrap around.
    assert list(base64.b64decode(heatmap["values"])) == [0, 255, 128, 0, 255, 1]


def test_a_refused_picture_has_no_label(prediction: Prediction, classifier: Classifier) -> None:
    refused = replace(prediction, verdict="refused", label=None, reasons=("colour",), map=None)
    answer = said(refused, classifier)
    assert (answer["verdict"], answer["label"], answer["heatmap"]) == ("refused", None, None)
    assert answer["reasons"] == ["colour"] and sum(answer["probabilities"].values()) == pytest.approx(1)


def test_times_are_rounded_to_microseconds(prediction: Prediction, classifier: Classifier) -> None:
    times = {"decode": 1.23456, "preprocess": 0.0004, "infer": 2.0}
    answer = said(replace(prediction, milliseconds=times), classifier)
    assert answer["milliseconds"] == {"decode": 1.235, "preprocess": 0.0, "infer": 2.0}


def test_a_step_that_nobody_knows_is_an_error(prediction: Prediction, classifier: Classifier) -> None:
    with pytest.raises(TypeError, match="upload"):
        answer_of("a.jpg", replace(prediction, milliseconds={"upload": 1.0}), classifier)


@pytest.mark.parametrize(
    ("size", "sent"),
    [
        ((300, 200), (300, 200)),
        ((2 * SHOWN_SIDE, SHOWN_SIDE), (SHOWN_SIDE, SHOWN_SIDE // 2)),
        ((4 * SHOWN_SIDE, 1), (SHOWN_SIDE, 1)),
    ],
)
def test_a_picture_is_made_smaller_never_larger(
    prediction: Prediction, size: tuple[int, int], sent: tuple[int, int]
) -> None:
    data = base64.b64decode(picture_of(replace(prediction, image=Image.new("RGB", size))))
    with Image.open(io.BytesIO(data)) as image:
        assert (image.format, image.size) == ("JPEG", sent)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"verdict": "maybe"}, "maybe"),
        ({"probabilities": {"glioma": 1.5}}, "1.5"),
        ({"in_distribution": -0.1}, "-0.1"),
        ({"reasons": "colour"}, "colour"),
        ({"extra": 1}, "extra"),
    ],
)
def test_the_schema_refuses_what_is_no_answer(
    prediction: Prediction, classifier: Classifier, change: dict[str, object], fault: str
) -> None:
    answer = said(prediction, classifier) | change
    with pytest.raises(jsonschema.ValidationError, match=fault):
        jsonschema.validate(answer, json.loads(document()))


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NotAnImage("no_image", name="a.jpg"), "no_image"),
        (BundleError("bundle.json: is broken."), "bundle"),
        (RuntimeMissing("a.tflite: can't be run."), "bundle"),
        (RecordError("a.json: is broken."), "internal"),
    ],
)
def test_every_error_has_a_code(error: OtakError, code: str) -> None:
    assert error_code(error) == code


def test_an_error_names_the_picture_where_one_is_to_blame() -> None:
    error = {"code": "empty", "message": "a.jpg: the file is empty."}
    assert error_json(**error) == {"error": error}
    assert error_json(**error, name="a.jpg") == {"name": "a.jpg", "error": error}
    assert error_json(**error, name="")["name"] == "", "a name may be empty"
