"""WebP and BMP files, turned ones, and what is no picture."""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps

from tests.corpus.case import Case
from tests.corpus.image_files import (
    bmp,
    bmp_rows,
    chunk,
    encode,
    exif,
    palette,
    png,
    riff,
    riff_chunks,
    segment,
    with_segments,
    xmp,
)
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


def webps() -> Iterator[Case]:
    lossless = encode(GREY.convert("RGB"), "WEBP", lossless=True)
    yield exact("lossless.webp", lossless)
    yield read("lossy.webp", encode(COLOUR, "WEBP"))
    alpha = COLOUR.copy()
    alpha.putalpha(Image.fromarray(ALPHA))
    yield read("alpha.webp", encode(alpha, "WEBP"))
    yield read("alpha_lossless.webp", encode(alpha, "WEBP", lossless=True, exact=True))
    yield exact("profile.webp", encode(GREY.convert("RGB"), "WEBP", lossless=True, icc_profile=profile()))
    yield exact("xmp.webp", encode(GREY.convert("RGB"), "WEBP", lossless=True, xmp=xmp(6)))
    still = Image.new("RGB", SIZE, (200, 10, 10))
    animated = encode(GREY.convert("RGB"), "WEBP", save_all=True, append_images=[still], lossless=True)
    yield exact("animated.webp", animated)
    chunks = riff_chunks(lossless)
    yield exact("unknown_chunk.webp", riff(*chunks, (b"ABCD", b"?")))
    yield exact("most_chunks.webp", riff(*chunks, *[(b"ABCD", b"")] * 49_999))
    yield exact("trailing_junk.webp", lossless + b"junk" * 9)
    faults = {
        "cut": lossless[:-200],
        "too_many_chunks": riff(*chunks, *[(b"ABCD", b"")] * 50_000),
        "cut_inside": riff((chunks[0][0], chunks[0][1][:-200])),
        "no_chunk": riff(),
        "other_chunk": riff((b"ABCD", b"?" * 40)),
        "chunk_beyond": lossless[:16] + struct.pack("<I", len(lossless)) + lossless[20:],
        "head_alone": lossless[:12],
    }
    yield from (damaged(f"{name}.webp", data) for name, data in faults.items())


def bmps() -> Iterator[Case]:
    ramp, hot = palette(RAMP), palette(HOT)
    packed = bmp_rows(LEVELS, 8)
    colour = np.asarray(COLOUR)[..., ::-1]
    with_alpha = np.dstack([colour, ALPHA])
    masks = (0xFF0000, 0xFF00, 0xFF)
    both = (*masks, 0xFF000000)
    for header in (40, 64, 108, 124):
        yield exact(f"grey_{header}.bmp", bmp(SIZE, packed, 8, header=header, palette=ramp))
    yield exact("grey_os2.bmp", bmp(SIZE, packed, 8, header=12, palette=palette(RAMP, 3)))
    yield exact("down.bmp", bmp((WIDTH, -HEIGHT), bmp_rows(LEVELS[::-1], 8), 8, palette=ramp))
    yield read("palette.bmp", bmp(SIZE, packed, 8, palette=hot))
    short = bmp(SIZE, bmp_rows(LEVELS // 8, 8), 8, palette=hot[:128], colours=32)
    yield read("palette_short.bmp", short)
    yield read("palette_beyond.bmp", bmp(SIZE, packed, 8, palette=hot[:128], colours=32))
    sixteen = palette(RAMP[::17])
    yield read("4_bits.bmp", bmp(SIZE, bmp_rows(LEVELS >> 4, 4), 4, palette=sixteen))
    for name, two in (("", RAMP[::255]), ("_inverted", RAMP[::-255]), ("_coloured", HOT[::255])):
        yield read(f"1_bit{name}.bmp", bmp(SIZE, bmp_rows(LEVELS >> 7, 1), 1, palette=palette(two)))
    for header in (12, 40, 64, 108, 124):
        yield read(f"24_bits_{header}.bmp", bmp(SIZE, bmp_rows(colour, 24), 24, header=header))
    for header in (40, 52, 56):
        yield read(f"32_bits_{header}.bmp", bmp(SIZE, bmp_rows(with_alpha, 32), 32, header=header))
    yield read("32_bits_masks.bmp", bmp(SIZE, bmp_rows(with_alpha, 32), 32, packing=3, masks=masks))
    for header in (56, 108, 124):
        data = bmp(SIZE, bmp_rows(with_alpha, 32), 32, header=header, packing=3, masks=both)
        yield read(f"32_bits_alpha_{header}.bmp", data)
    runs = b"".join(b"".join(bytes([1, level]) for level in line) + b"\0\0" for line in LEVELS[::-1])
    whole = b"".join(bytes([0, WIDTH]) + bytes(line) + b"\0\0" for line in LEVELS[::-1])
    skips = b"\5\xc8\0\2\5\3\x14\xc8\0\0" + runs
    for name, ground in (("", ramp), ("_palette", hot)):
        for kind, coded in (
            ("runs", runs + b"\0\1"),
            ("whole", whole + b"\0\1"),
            ("skips", skips),
            ("endless", runs),
        ):
            data = bmp(SIZE, coded, 8, packing=1, palette=ground)
            plain = not name and kind != "skips"
            yield read(f"rle8_{kind}{name}.bmp", data, LEVELS if plain else None)
    nibbles = b"".join(
        b"".join(bytes([1, level & 0xF0]) for level in line) + b"\0\0" for line in LEVELS[::-1]
    )
    yield read("rle4.bmp", bmp(SIZE, nibbles + b"\0\1", 4, packing=2, palette=sixteen))
    faults = {
        "cut": bmp(SIZE, packed, 8, palette=ramp)[:-900],
        "rle8_cut": bmp(SIZE, runs[:-900], 8, packing=1, palette=ramp),
        "rle8_ends_early": bmp(SIZE, runs[:-900] + b"\0\1", 8, packing=1, palette=ramp),
        "palette_large": bmp(SIZE, packed, 8, palette=hot + ramp[:176], colours=300),
        "offset": bmp(SIZE, packed, 8, palette=hot[:40]),
        "head_alone": b"BM",
    }
    yield from (damaged(f"{name}.bmp", data) for name, data in faults.items())
    deep = (LEVELS.astype(np.uint16) >> 3) * 0x421
    odd = {
        "16_bits": bmp(SIZE, bmp_rows(deep, 16), 16),
        "16_bits_masks": bmp(SIZE, bmp_rows(deep, 16), 16, packing=3, masks=(0xF800, 0x7E0, 0x1F)),
        "2_bits": bmp(SIZE, bmp_rows(LEVELS >> 6, 2), 2, palette=ramp[:16]),
        "32_bits_alpha_unused": bmp(SIZE, bmp_rows(with_alpha, 32), 32, header=124, masks=both),
        "masks_reversed": bmp(SIZE, bmp_rows(with_alpha, 32), 32, packing=3, masks=masks[::-1]),
        "header_16": bmp(SIZE, packed, 8, header=16, palette=ramp),
        "jpeg_inside": bmp(SIZE, encode(GREY, "JPEG"), 24, packing=4),
    }
    yield from (Case(name=f"{name}.bmp", data=data, error="no_image") for name, data in odd.items())


def turned() -> Iterator[Case]:
    """Each orientation in each kind of file; and what is none."""
    jpeg, webp = encode(COLOUR, "JPEG"), riff_chunks(encode(GREY.convert("RGB"), "WEBP", lossless=True))
    canvas = bytes([8, 0, 0, 0]) + struct.pack("<I", WIDTH - 1)[:3] + struct.pack("<I", HEIGHT - 1)[:3]
    for orientation in range(1, 9):
        tags = Image.Exif()
        tags[0x0112] = orientation
        source = GREY.copy()
        source.getexif()[0x0112] = orientation
        upright = np.asarray(ImageOps.exif_transpose(source))
        block = exif(orientation, "<>"[orientation % 2])
        yield read(f"turned_{orientation}.png", plain_png(before=[chunk(b"eXIf", block[6:])]), upright)
        yield read(f"turned_{orientation}.jpg", with_segments(jpeg, segment(0xE1, block)))
        data = riff((b"VP8X", canvas), *webp, (b"EXIF", block[6 * (orientation % 2) :]))
        yield read(f"turned_{orientation}.webp", data, upright)
    for name, block in (("0", exif(0)), ("9", exif(9)), ("long", exif(6, kind=4)), ("cut", exif(6)[:-12])):
        yield exact(f"turned_not_{name}.png", plain_png(before=[chunk(b"eXIf", block)]))
    yield read("turned_late.png", plain_png(after=[chunk(b"eXIf", exif(6))]), np.rot90(LEVELS, -1).copy())
    both = with_segments(
        jpeg, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(3)), segment(0xE1, exif(6))
    )
    yield read("turned_and_xmp.jpg", both)


def others() -> Iterator[Case]:
    """What is no picture, and what is too small or too large."""
    for name, data in (
        ("letter.txt", b"a letter"),
        ("archive.zip", b"PK\x03\x04" + bytes(100)),
        ("phone.heic", b"\0\0\0\x1cftypheic" + bytes(100)),
        ("animated.gif", encode(GREY, "GIF")),
        ("scan.tif", encode(GREY, "TIFF")),
        ("letter.pdf", b"%PDF-1.7\n"),
    ):
        yield Case(name=name, data=data, error="no_image")
    yield Case(name="empty.jpg", data=b"", error="empty")
    for kind in ("PNG", "BMP", "WEBP", "JPEG"):
        yield Case(
            name=f"tiny.{kind.lower()}", data=encode(Image.new("RGB", (20, 40)), kind), error="too_small"
        )
    wide = {"1": ("PNG", "BMP"), "L": ("JPEG",)}
    for mode, kinds in wide.items():
        for kind in kinds:
            picture = Image.new(mode, (12_001, 40))
            yield Case(name=f"wide.{kind.lower()}", data=encode(picture, kind), error="too_wide")
    yield Case(name="many.png", data=encode(Image.new("1", (5001, 5000)), "PNG"), error="too_many_pixels")
    yield Case(name="many_rows.png", data=png((5001, 5000), PACKED), error="too_many_pixels")
