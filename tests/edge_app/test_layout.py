from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw

from edge_app.bundle import Thresholds
from edge_app.image import decode
from edge_app.layout import aspect, content, gutter, halves, text_lines
from edge_app.preprocessing import InputSpec, preprocess
from edge_app.quality import Quality, measure
from edge_app.verdict import decide
from tests.corpus.quality_cases import WHITE, YELLOW, cases, cast, encoded, screen, sheet, tight
from tests.phantoms import LABELS, phantom

SURE = dict.fromkeys(LABELS, 0.0) | {"glioma": 1.0}
THRESHOLDS = Thresholds(unsure=0.8, no_tumour=0.9, refused=0.5)


def quality(image: Image.Image) -> Quality:
    decoded = decode(image)
    pixels, box = preprocess(decoded, InputSpec())
    return measure(decoded, pixels, box)


def reasons(image: Image.Image) -> tuple[str, ...]:
    return decide(SURE, 1.0, quality(image), THRESHOLDS)[1]


def compressed(image: Image.Image) -> Image.Image:
    return Image.open(io.BytesIO(encoded(image, "JPEG")))


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("turn", [None, Image.Transpose.ROTATE_180])
def test_a_slice_alone_is_answered(label: str, turn: Image.Transpose | None) -> None:
    for seed in range(2):
        image = phantom(label, seed)
        assert reasons(image if turn is None else image.transpose(turn)) == ()
        assert reasons(compressed(image)) == ()


@pytest.mark.parametrize("turn", [Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270])
def test_a_slice_on_its_side_is_noted(turn: Image.Transpose) -> None:
    # Drawn heads are ellipses: here one end is cut, as noses and necks are.
    head = phantom("no_tumor", 1).crop((0, 0, 256, 215))
    assert quality(head).mirror < 100 < quality(head.transpose(turn)).mirror
    assert "turned" not in reasons(head)
    assert "turned" in reasons(head.transpose(turn))


@pytest.mark.parametrize(("rows", "columns"), [(1, 2), (2, 1), (2, 2), (4, 5)])
@pytest.mark.parametrize(("width", "level"), [(0, 0), (1, 255), (12, 90)])
def test_several_slices_are_no_slice(rows: int, columns: int, width: int, level: int) -> None:
    image = sheet(rows, columns, width, level)
    assert reasons(image) == ("several_slices",)
    assert reasons(compressed(image)) == ("several_slices",)


def test_one_slice_four_times_without_a_gutter_repeats_itself() -> None:
    repeated = quality(sheet(2, 2, 0, heads=(tight(),)))
    assert repeated.halves < 10 < quality(tight()).halves
    assert reasons(sheet(2, 2, 0, heads=(tight(),))) == ("several_slices",)


@pytest.mark.parametrize("ink", [WHITE, YELLOW])
@pytest.mark.parametrize("size", [10, 14, 20, 26])
def test_a_screen_with_text_is_no_slice(ink: tuple[int, int, int], size: int) -> None:
    image = screen(ink, size)
    assert reasons(image) == ("screenshot",)
    assert reasons(compressed(image)) == ("screenshot",)


def test_a_bar_along_an_edge_is_a_screen() -> None:
    assert reasons(screen(WHITE, corners=())) == ()
    assert reasons(screen(WHITE, corners=(), bar=40)) == ("screenshot",)
    assert reasons(screen(WHITE, corners=(), bar=40).transpose(Image.Transpose.ROTATE_90)) == ("screenshot",)


def test_a_frame_or_a_letter_is_none() -> None:
    framed = Image.new("L", (270, 270), 255)
    framed.paste(phantom("glioma", 1), (7, 7))
    assert quality(framed).bar == 0
    lettered = phantom("glioma", 1)
    ImageDraw.Draw(lettered).text((6, 236), "A  10:22:31", fill=255)
    assert reasons(lettered) == ()


def test_a_cast_is_no_colour() -> None:
    for seed in range(3):
        image = cast(phantom("glioma", seed))
        assert quality(image).colour == 0
        assert quality(compressed(image)).colour <= 1


def test_a_coloured_mark_is_colour() -> None:
    marked = phantom("glioma", 1).convert("RGB")
    marked.paste((220, 30, 30), (60, 60, 90, 66))
    assert reasons(marked) == ("colour",)


@pytest.mark.parametrize("level", [0, 24, 25, 255])
def test_what_is_even_has_no_layout(level: int) -> None:
    part = content(np.full((32, 32), level, np.int64))
    assert (gutter(part), halves(part), aspect(part)) == (100, 100, 100)


@pytest.mark.parametrize("size", [(1, 1), (1, 900), (900, 1), (5, 5), (513, 30)])
def test_pictures_of_any_proportion_are_searched_for_text(size: tuple[int, int]) -> None:
    assert text_lines(Image.new("RGB", size, (200, 10, 90))) == 0


def test_the_corpus_has_each_case_once() -> None:
    names = [case.name for case in cases()]
    assert len(names) == len(set(names)) >= 16
