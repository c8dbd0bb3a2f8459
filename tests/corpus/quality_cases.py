"""Pictures that hold more than one slice, or a slice on a screen, or a slice in a cast; all drawn."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from tests.corpus.case import Case
from tests.phantoms import LABELS, phantom

LINES = ("NOBODY, AT ALL", "ID 000000", "T1 TSE AX +C", "SE 5 IM 12/24")
WHITE, YELLOW = (255, 255, 255), (255, 230, 0)


def cases() -> list[Case]:
    """Draws them; grey PNGs with the levels that they show. Of all others the two readers must agree."""
    pictures = {
        "two_beside": sheet(1, 2, gutter=6),
        "two_above_tight": sheet(2, 1, gutter=0),
        "four_white_gutter": sheet(2, 2, gutter=5, level=255),
        "four_repeated_tight": sheet(2, 2, gutter=0, heads=(tight(),)),
        "film_grey": sheet(4, 5, gutter=8, level=90, size=96),
        "screen_white": screen(WHITE),
        "screen_yellow": screen(YELLOW),
        "screen_large_letters": screen(WHITE, size=26),
        "screen_bar": screen(WHITE, corners=(), bar=40),
        "cast_of_a_monitor": cast(phantom("glioma", 1)),
        "turned_90": phantom("glioma", 1).transpose(Image.Transpose.ROTATE_90),
        "upside_down": phantom("glioma", 1).transpose(Image.Transpose.ROTATE_180),
    }
    return [
        Case(
            name=f"quality-{name}.png",
            data=encoded(image, "PNG"),
            levels=np.asarray(image) if image.mode == "L" else None,
        )
        for name, image in pictures.items()
    ] + [
        Case(name=f"quality-{name}.jpg", data=encoded(pictures[name], "JPEG"))
        for name in ("two_beside", "four_white_gutter", "film_grey", "screen_yellow")
    ]


def encoded(image: Image.Image, kind: str) -> bytes:
    """Returns a picture's file; a JPEG of quality 80."""
    buffer = io.BytesIO()
    image.save(buffer, kind, quality=80)
    return buffer.getvalue()


def tight(label: str = "glioma") -> Image.Image:
    """Draws a head that reaches all four edges."""
    head = phantom(label, 3)
    return head.crop(head.point(lambda level: 255 * (level > 40)).getbbox())


def sheet(
    rows: int,
    columns: int,
    gutter: int,
    level: int = 0,
    size: int = 192,
    heads: Sequence[Image.Image] = (),
) -> Image.Image:
    """Draws slices beside and above each other.

    Args:
        rows: Of slices.
        columns: Of slices.
        gutter: Pixels between them and around.
        level: Grey level of the gutter.
        size: Of a slice.
        heads: Shown one after the other; different ones where not given.
    """
    shown = heads or [phantom(label, seed) for seed in range(2) for label in LABELS]
    step = size + gutter
    out = Image.new("L", (columns * step + gutter, rows * step + gutter), level)
    for index in range(rows * columns):
        place = (gutter + index % columns * step, gutter + index // columns * step)
        out.paste(shown[index % len(shown)].resize((size, size), Image.Resampling.BILINEAR), place)
    return out


def screen(
    ink: tuple[int, int, int],
    size: int = 14,
    corners: Sequence[tuple[int, int]] = ((0, 0), (1, 0), (0, 1), (1, 1)),
    bar: int = 0,
) -> Image.Image:
    """Draws a viewer's screen of 800 x 700 with a slice in the middle.

    Args:
        ink: Of the text.
        size: Of the letters.
        corners: That hold text; 0 is left or above, 1 right or below.
        bar: Height of a bar of buttons along the upper edge; 0 for none.
    """
    out = Image.new("RGB", (800, 700))
    out.paste(phantom("glioma", 1, 500), (150, 100))
    draw = ImageDraw.Draw(out)
    font = ImageFont.load_default(size)
    for right, below in corners:
        for index, line in enumerate(LINES):
            x = 792 - draw.textlength(line, font=font) if right else 8
            y = 8 + 1.3 * size * index + (below * (684 - 1.3 * size * len(LINES)))
            draw.text((x, y), line, fill=ink, font=font)
    if bar:
        draw.rectangle((0, 0, 800, bar), fill=(58, 62, 70))
        for x in range(10, 400, 45):
            draw.rectangle((x, 8, x + 30, bar - 8), fill=(120, 120, 120))
    return out


def cast(slice_: Image.Image) -> Image.Image:
    """Shows a slice as a monitor does in a photograph: tinted, hazy, and bluish where it is dark."""
    levels = np.asarray(slice_.convert("L"))[..., None] / 255
    tint, haze, gamma = np.array([1, 0.9, 0.75]), np.array([0.02, 0.04, 0.1]), np.array([1.1, 1, 0.9])
    return Image.fromarray((255 * (haze + (1 - haze) * tint * levels**gamma)).astype(np.uint8))
