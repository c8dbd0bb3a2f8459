from __future__ import annotations

import argparse
import re

import numpy as np
import pytest

from convert.errors import ConversionError
from convert.foreign.contract import Layout, Ports, Shape, layout_of, parse_labels, parse_scale


@pytest.mark.parametrize(
    ("text", "black", "white"),
    [("0..255", 0, 255), ("0..1", 0, 1), ("-1..1", -1, 1), ("1..0", 1, 0), ("-128..127", -128, 127)],
)
def test_a_scale_says_what_black_and_white_become(text: str, black: float, white: float) -> None:
    scale = parse_scale(text)
    assert scale.offset == pytest.approx([black])
    assert 255 * scale.factor + scale.offset == pytest.approx([white], rel=1e-5, abs=1e-5)
    assert scale.keeps_levels == (text == "0..255")


def test_imagenet_is_a_mean_and_a_deviation_a_channel() -> None:
    scale = parse_scale("imagenet")
    levels = np.array([[0.0], [100.0], [255.0]])
    wanted = (levels / 255 - [0.485, 0.456, 0.406]) / [0.229, 0.224, 0.225]
    assert levels * scale.factor + scale.offset == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize("text", ["", "1", "0..0", "a..b", "0..1..2", "0..inf", "nan..1", "Imagenet"])
def test_no_scale(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=re.escape(text) + ": "):
        parse_scale(text)


def test_labels_keep_the_order_of_the_file_and_are_known_by_other_names() -> None:
    for text in ("pituitary,no_tumor,glioma,meningioma", "pituitary_tumor, NoTumor,Glioma-Tumour,meningioma"):
        assert [each.name for each in parse_labels(text)] == ["pituitary", "no_tumor", "glioma", "meningioma"]
    assert parse_labels("glioma,meningioma,no,pituitary")[2].id == "Tidak ada tumor"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "glioma,meningioma,pituitary",
        "glioma,glioma,no,pituitary",
        "glioma,meningioma,no,stroke",
        "glioma,meningioma,tumor,pituitary",
        "glioma,meningioma,no,pituitary,other",
    ],
)
def test_labels_that_are_not_the_four(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="expected each of glioma, meningioma, no_tumor"):
        parse_labels(text)


@pytest.mark.parametrize(
    ("shape", "layout"),
    [
        ((1, 64, 64, 3), Layout(64, 3, channels_first=False)),
        ((None, 64, 64, 1), Layout(64, 1, channels_first=False)),
        ((None, None, None, 3), Layout(64, 3, channels_first=False)),
        ((None, 3, 64, 64), Layout(64, 3, channels_first=True)),
    ],
)
def test_a_layout_is_seen_by_the_shape(shape: Shape, layout: Layout) -> None:
    for given in ((1, 4), (None, 4), ()):
        assert layout_of("a.onnx", Ports((shape,), (given,)), 64, 4) == layout


@pytest.mark.parametrize(
    ("shape", "shown"),
    [
        ((1, 128, 128, 3), "1 x 128 x 128 x 3"),
        ((8, 64, 64, 3), "8 x 64 x 64 x 3"),
        ((None, 64, 64, 4), "any x 64 x 64 x 4"),
        ((1, 64, 64, None), "1 x 64 x 64 x any"),
        ((1, 64, 32, 3), "1 x 64 x 32 x 3"),
        ((1, 64, 64), "1 x 64 x 64"),
        ((1, 4096), "1 x 4096"),
        ((), "a number"),
    ],
)
def test_what_takes_no_picture_of_that_size(shape: Shape, shown: str) -> None:
    with pytest.raises(ConversionError, match=f"a.onnx: takes {shown}; expected one picture of 64 x 64"):
        layout_of("a.onnx", Ports((shape,), ((1, 4),)), 64, 4)


@pytest.mark.parametrize("given", [(1, 3), (1, 1000), (2, 4), (1, 4, 1), (1, 25, 4), (4,)])
def test_what_gives_no_number_a_label(given: Shape) -> None:
    with pytest.raises(ConversionError, match="--labels names 4"):
        layout_of("a.onnx", Ports(((1, 64, 64, 3),), (given,)), 64, 4)


@pytest.mark.parametrize("count", [(1, 4), (2, 1), (1, 0)])
def test_a_classifier_has_one_input_and_one_output(count: tuple[int, int]) -> None:
    ports = Ports(((1, 64, 64, 3),) * count[0], ((1, 4),) * count[1])
    with pytest.raises(ConversionError, match=f"has inputs: {count[0]}, outputs: {count[1]}"):
        layout_of("a.onnx", ports, 64, 4)
