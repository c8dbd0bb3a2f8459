"""PNG files: every habit of those who write them, and every fault that was met."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

import numpy as np
from PIL import Image

from tests.corpus.case import Case
from tests.corpus.image_files import SIGNATURE, chunk, encode, exif, interlaced, png, rows, xmp
from tests.corpus.image_phantom import (
    ALPHA,
    COLOUR,
    GREY,
    HEIGHT,
    HOT,
    LEVELS,
    PACKED,
    RAMP,
    SIZE,
    WIDTH,
    damaged,
    exact,
    plain_png,
    profile,
    read,
)

SPOTS = 8  # pixels by far the brightest


def pngs() -> Iterator[Case]:
    colour = np.asarray(COLOUR)
    yield exact("plain.png", plain_png())
    yield exact("filters.png", png(SIZE, zlib.compress(rows(LEVELS, lambda row: row % 5))))
    yield exact("interlaced.png", png(SIZE, zlib.compress(interlaced(LEVELS)), modes=(0, 0, 1)))
    yield exact(
        "palette_grey.png", plain_png(colour=3, before=[chunk(b"PLTE", RAMP.astype(np.uint8).tobytes())])
    )
    yield read("colour.png", encode(COLOUR, "PNG"))
    packed = zlib.compress(interlaced(colour, 3))
    yield read("colour_interlaced.png", png(SIZE, packed, colour=2, modes=(0, 0, 1)))
    hot = HOT.astype(np.uint8).tobytes()
    yield read("palette.png", plain_png(colour=3, before=[chunk(b"PLTE", hot)]))
    yield read("palette_short.png", plain_png(colour=3, before=[chunk(b"PLTE", hot[:99])]))
    for number in (255, 256, 257):
        see_through = chunk(b"tRNS", bytes(reversed(range(255))) + bytes(number - 255))
        yield read(
            f"palette_transparent_{number}.png",
            plain_png(colour=3, before=[chunk(b"PLTE", hot), see_through]),
        )
    for mode in ("LA", "RGBA"):
        picture = COLOUR.convert(mode)
        picture.putalpha(Image.fromarray(ALPHA))
        yield read(f"alpha_{mode}.png", encode(picture, "PNG"))
    level = int(LEVELS[60, 60])
    hidden = np.where(level == LEVELS, 0, LEVELS).astype(np.uint8)
    for name, body, shown in (
        ("right", struct.pack(">H", level), hidden),
        ("short", b"\0", LEVELS),
        ("long", struct.pack(">HH", level, 0), LEVELS),
        ("too_large", struct.pack(">H", 256 + level), LEVELS),
    ):
        yield read(f"transparent_{name}.png", plain_png(before=[chunk(b"tRNS", body)]), shown)
    yield exact("transparent_too_late.png", plain_png(after=[chunk(b"tRNS", struct.pack(">H", level))]))
    first = struct.pack(">3H", *colour[60, 60].tolist())
    packed = zlib.compress(rows(colour))
    yield read("transparent_colour.png", png(SIZE, packed, colour=2, before=[chunk(b"tRNS", first)]))
    bits = np.packbits(LEVELS > 100, axis=1)
    for name, kept in (
        ("", []),
        ("_transparent", [chunk(b"tRNS", b"\0\1")]),
        ("_odd", [chunk(b"tRNS", b"\0\3")]),
    ):
        shown = np.where((LEVELS > 100) & (name != "_transparent"), 255, 0).astype(np.uint8)
        yield read(f"one_bit{name}.png", png(SIZE, zlib.compress(rows(bits)), 1, before=kept), shown)
    for depth in (2, 4):
        spread = np.unpackbits((LEVELS >> (8 - depth)).astype(np.uint8)[..., None], axis=2)[..., 8 - depth :]
        lines = np.packbits(spread.reshape(HEIGHT, -1), axis=1)
        yield read(f"{depth}_bits.png", png(SIZE, zlib.compress(rows(lines)), depth))
    # What Otak ignores, and browsers don't.
    colours = b"a\0\0" + zlib.compress(profile())
    for name, kind, body in (
        ("gamma", b"gAMA", struct.pack(">I", 100_000)),
        ("significant_bits", b"sBIT", b"\4"),
        ("cicp", b"cICP", bytes([9, 16, 0, 1])),
        ("profile", b"iCCP", colours),
        ("text", b"tEXt", b"Comment\0hello"),
        ("xmp", b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6)),
        ("raw_profile", b"tEXt", b"Raw profile type exif\0\nexif\n      32\n" + exif(6).hex().encode()),
        ("text_bomb", b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000))),
    ):
        yield exact(f"{name}.png", plain_png(before=[chunk(kind, body)]))
    still = Image.fromarray(np.full_like(LEVELS, 200))
    frames = encode(GREY, "PNG", save_all=True, append_images=[still], duration=100)
    yield exact("animated.png", frames)
    hidden_first = encode(GREY, "PNG", save_all=True, append_images=[still], default_image=True, duration=100)
    yield exact("animated_hidden_first.png", hidden_first)
    yield exact("trailing_junk.png", plain_png() + b"junk" * 50)
    halves = [PACKED[:500], PACKED[500:]]
    yield exact("rows_in_two.png", png(SIZE, halves[0], after=[chunk(b"IDAT", halves[1])]))
    between = [chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", halves[1])]
    yield exact("rows_interrupted.png", png(SIZE, halves[0], after=between))
    yield exact("rows_empty_first.png", plain_png(before=[chunk(b"IDAT")]))
    yield exact("unknown_chunk.png", plain_png(before=[chunk(b"ABCD", b"?")]))


def deep_pngs() -> Iterator[Case]:
    """PNG of 16 bits, of which many use fewer."""
    wide = LEVELS.astype(np.uint16)
    wide[0, 0] = 255
    shown = wide.astype(np.uint8)
    for name, values in (
        ("full", wide * 257),
        ("ten_bits", wide * 4),
        ("twelve_bits", wide * 16),
        ("fifteen_bits", wide * 128),
    ):
        yield read(f"deep_{name}.png", png(SIZE, zlib.compress(rows(values)), 16), shown)
    ten = wide * 4
    filtered = zlib.compress(rows(ten, lambda row: row % 5, 2))
    yield read("deep_filters.png", png(SIZE, filtered, 16), shown)
    packed = zlib.compress(interlaced(ten, 2))
    yield read("deep_interlaced.png", png(SIZE, packed, 16, modes=(0, 0, 1)), shown)
    narrow = ten[:, :33]
    packed = zlib.compress(interlaced(narrow, 2))
    yield read("deep_interlaced_narrow.png", png((33, HEIGHT), packed, 16, modes=(0, 0, 1)), shown[:, :33])
    odd = wide * 5 + 3
    yield read("deep_odd.png", png(SIZE, zlib.compress(rows(odd)), 16))
    spots = ten.copy()
    spots.flat[:SPOTS] = 65_535
    bright = shown.copy()
    bright.flat[:SPOTS] = 255
    bright = np.minimum(spots.astype(int) * 255 // int(np.sort(spots, axis=None)[-SPOTS - 1]), 255)
    yield read("deep_spots.png", png(SIZE, zlib.compress(rows(spots)), 16), bright.astype(np.uint8))
    level = int(ten[60, 60])
    hidden = np.where(ten == level, 0, shown).astype(np.uint8)
    see_through = [chunk(b"tRNS", struct.pack(">H", level))]
    yield read("deep_transparent.png", png(SIZE, zlib.compress(rows(ten)), 16, before=see_through), hidden)
    for number in (0, 1, 40_000):
        even = np.full((40, 50), number, np.uint16)
        yield read(f"deep_even_{number}.png", png((50, 40), zlib.compress(rows(even)), 16))
    turned = [chunk(b"eXIf", exif(6)[6:])]
    upright = np.rot90(shown, -1).copy()
    yield read("deep_turned.png", png(SIZE, zlib.compress(rows(ten)), 16, before=turned), upright)
    solid = np.full_like(wide, 65_535)
    for name, colour, samples in (
        ("colour", 2, [wide, wide, wide]),
        ("alpha", 4, [wide, solid]),
        ("colour_alpha", 6, [wide, wide, wide, solid]),
    ):
        for bits, step in ((10, 4), (12, 16), (16, 257)):
            values = np.stack([plane if plane is solid else plane * step for plane in samples], axis=2)
            size = 2 * values.shape[2]
            coded = zlib.compress(rows(values, lambda row: row % 5, size))
            yield read(f"deep_{name}_{bits}.png", png(SIZE, coded, 16, colour), shown)
            coded = zlib.compress(interlaced(values, size))
            yield read(
                f"deep_{name}_{bits}_interlaced.png", png(SIZE, coded, 16, colour, modes=(0, 0, 1)), shown
            )
    hues = np.asarray(COLOUR).astype(np.uint16)
    for bits, step in ((10, 4), (16, 257)):
        coded = zlib.compress(rows(hues * step))
        yield read(f"deep_hues_{bits}.png", png(SIZE, coded, 16, 2))
        chosen = struct.pack(">3H", *(hues[60, 60] * step).tolist())
        yield read(
            f"deep_hues_transparent_{bits}.png", png(SIZE, coded, 16, 2, before=[chunk(b"tRNS", chosen)])
        )
        soft = np.dstack([hues * step, ALPHA.astype(np.uint16) * 257])
        yield read(f"deep_hues_alpha_{bits}.png", png(SIZE, zlib.compress(rows(soft)), 16, 6))
    faults = {
        "cut": png(SIZE, filtered[:-300], 16),
        "checksum": png(SIZE, filtered[:-4] + b"abcd", 16),
        "filter": png(SIZE, zlib.compress(rows(ten).replace(b"\0", b"\7", 1)), 16),
    }
    yield from (damaged(f"deep_{name}.png", data) for name, data in faults.items())


def broken_pngs() -> Iterator[Case]:
    raw = rows(LEVELS)
    whole = plain_png()
    faults = {
        "checksum_rows": png(SIZE, b"", before=[chunk(b"IDAT", PACKED, 1)]),
        "checksum_text": plain_png(before=[chunk(b"tEXt", b"a\0b", 1)]),
        "checksum_after": plain_png(after=[chunk(b"tEXt", b"a\0b", 1)]),
        "checksum_end": whole[:-1] + b"?",
        "cut": whole[:-200],
        "cut_head": whole[:20],
        "no_end": whole[:-12],
        "rows_short": png(SIZE, zlib.compress(raw[:-1])),
        "rows_half": png(SIZE, zlib.compress(raw[: len(raw) // 2])),
        "rows_too_many": png(SIZE, zlib.compress(raw + bytes(5))),
        "rows_cut": png(SIZE, PACKED[:-300]),
        "rows_no_checksum": png(SIZE, PACKED[:-4]),
        "rows_checksum": png(SIZE, PACKED[:-4] + b"abcd"),
        "rows_junk": png(SIZE, PACKED + b"junk"),
        "rows_much_junk": png(SIZE, PACKED + bytes(200_000)),
        "rows_bit": png(SIZE, PACKED[:400] + bytes([PACKED[400] ^ 8]) + PACKED[401:]),
        "rows_none": SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 0, 0, 0, 0))
        + chunk(b"IEND"),
        "rows_filter": png(
            SIZE, zlib.compress(raw[: 20 * (WIDTH + 1)] + b"\t" + raw[20 * (WIDTH + 1) + 1 :])
        ),
        "rows_window": png(SIZE, bytes([0x88, 0x1C]) + PACKED[2:]),
        "rows_dictionary": png(SIZE, bytes([0x78, 0xBB]) + PACKED[2:]),
        "palette_none": plain_png(colour=3),
        "palette_empty": plain_png(colour=3, before=[chunk(b"PLTE")]),
        "palette_parts": plain_png(colour=3, before=[chunk(b"PLTE", bytes(100))]),
        "palette_large": plain_png(colour=3, before=[chunk(b"PLTE", bytes(771))]),
        "palette_twice": plain_png(colour=3, before=[chunk(b"PLTE", bytes(768))] * 2),
        "head_twice": plain_png(before=[chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 0, 0, 0, 0))]),
        "head_long": whole.replace(chunk(b"IHDR", whole[16:29]), chunk(b"IHDR", whole[16:29] + b"\0"), 1),
        "depth_3": plain_png(depth=3),
        "colour_7": plain_png(colour=7),
        "compression_1": plain_png(modes=(1, 0, 0)),
        "filter_64": plain_png(modes=(0, 64, 0)),
        "interlace_2": plain_png(modes=(0, 0, 2)),
        "too_many_chunks": plain_png(before=[chunk(b"tEXt")] * 50_000),
        "no_width": png((0, 40), PACKED),
    }
    yield from (damaged(f"{name}.png", data) for name, data in faults.items())
