"""JPEG, PNG, WebP and BMP files: every habit of those who write them, and every fault that was met."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps

from tests.corpus.case import Case
from tests.corpus.image_files import (
    SIGNATURE,
    bmp,
    bmp_rows,
    chunk,
    cut,
    encode,
    exif,
    interlaced,
    palette,
    png,
    riff,
    riff_chunks,
    rows,
    segment,
    with_segments,
    without_segments,
    xmp,
)
from tests.phantoms import phantom

Levels = NDArray[np.uint8]

GREY = phantom("glioma", 1, size=128).crop((4, 0, 120, 127))  # neither side is a multiple of eight
LEVELS: Levels = np.asarray(GREY)
HEIGHT, WIDTH = LEVELS.shape
SIZE = (WIDTH, HEIGHT)
COLOUR = Image.merge("RGB", (GREY, GREY.rotate(5), GREY.rotate(-5)))
ALPHA = np.asarray(Image.linear_gradient("L").resize(SIZE))
HOT = np.stack([np.arange(256), np.arange(256) // 2, 255 - np.arange(256)], axis=1)
RAMP = np.repeat(np.arange(256)[:, None], 3, axis=1)
PACKED = zlib.compress(rows(LEVELS))
SPOTS = 8  # pixels by far the brightest


def cases() -> list[Case]:
    """Returns the files."""
    groups = (_png(), _deep(), _broken_png(), _jpeg(), _broken_jpeg(), _webp(), _bmp(), _turned(), _others())
    return [case for group in groups for case in group]


def _read(name: str, data: bytes, levels: Levels | None = None) -> Case:
    return Case(name=name, data=data, levels=levels)


def _grey(name: str, data: bytes) -> Case:
    """A file that must show the phantom as it is."""
    return _read(name, data, LEVELS)


def _damaged(name: str, data: bytes) -> Case:
    return Case(name=name, data=data, error="damaged")


def _plain(**options: Any) -> bytes:
    return png(SIZE, PACKED, **options)


def _png() -> Iterator[Case]:
    colour = np.asarray(COLOUR)
    yield _grey("plain.png", _plain())
    yield _grey("filters.png", png(SIZE, zlib.compress(rows(LEVELS, lambda row: row % 5))))
    yield _grey("interlaced.png", png(SIZE, zlib.compress(interlaced(LEVELS)), modes=(0, 0, 1)))
    yield _grey(
        "palette_grey.png", _plain(colour=3, before=[chunk(b"PLTE", RAMP.astype(np.uint8).tobytes())])
    )
    yield _read("colour.png", encode(COLOUR, "PNG"))
    packed = zlib.compress(interlaced(colour, 3))
    yield _read("colour_interlaced.png", png(SIZE, packed, colour=2, modes=(0, 0, 1)))
    hot = HOT.astype(np.uint8).tobytes()
    yield _read("palette.png", _plain(colour=3, before=[chunk(b"PLTE", hot)]))
    yield _read("palette_short.png", _plain(colour=3, before=[chunk(b"PLTE", hot[:99])]))
    for number in (255, 256, 257):
        see_through = chunk(b"tRNS", bytes(reversed(range(255))) + bytes(number - 255))
        yield _read(
            f"palette_transparent_{number}.png",
            _plain(colour=3, before=[chunk(b"PLTE", hot), see_through]),
        )
    for mode in ("LA", "RGBA"):
        picture = COLOUR.convert(mode)
        picture.putalpha(Image.fromarray(ALPHA))
        yield _read(f"alpha_{mode}.png", encode(picture, "PNG"))
    level = int(LEVELS[60, 60])
    hidden = np.where(level == LEVELS, 0, LEVELS).astype(np.uint8)
    for name, body, shown in (
        ("right", struct.pack(">H", level), hidden),
        ("short", b"\0", LEVELS),
        ("long", struct.pack(">HH", level, 0), LEVELS),
        ("too_large", struct.pack(">H", 256 + level), LEVELS),
    ):
        yield _read(f"transparent_{name}.png", _plain(before=[chunk(b"tRNS", body)]), shown)
    yield _grey("transparent_too_late.png", _plain(after=[chunk(b"tRNS", struct.pack(">H", level))]))
    first = struct.pack(">3H", *colour[60, 60].tolist())
    packed = zlib.compress(rows(colour))
    yield _read("transparent_colour.png", png(SIZE, packed, colour=2, before=[chunk(b"tRNS", first)]))
    bits = np.packbits(LEVELS > 100, axis=1)
    for name, kept in (
        ("", []),
        ("_transparent", [chunk(b"tRNS", b"\0\1")]),
        ("_odd", [chunk(b"tRNS", b"\0\3")]),
    ):
        shown = np.where((LEVELS > 100) & (name != "_transparent"), 255, 0).astype(np.uint8)
        yield _read(f"one_bit{name}.png", png(SIZE, zlib.compress(rows(bits)), 1, before=kept), shown)
    for depth in (2, 4):
        spread = np.unpackbits((LEVELS >> (8 - depth))[..., None], axis=2)[..., 8 - depth :]
        lines = np.packbits(spread.reshape(HEIGHT, -1), axis=1)
        yield _read(f"{depth}_bits.png", png(SIZE, zlib.compress(rows(lines)), depth))
    # What Otak ignores, and browsers don't.
    profile = b"a\0\0" + zlib.compress(_profile())
    for name, kind, body in (
        ("gamma", b"gAMA", struct.pack(">I", 100_000)),
        ("significant_bits", b"sBIT", b"\4"),
        ("cicp", b"cICP", bytes([9, 16, 0, 1])),
        ("profile", b"iCCP", profile),
        ("text", b"tEXt", b"Comment\0hello"),
        ("xmp", b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp(6)),
        ("raw_profile", b"tEXt", b"Raw profile type exif\0\nexif\n      32\n" + exif(6).hex().encode()),
        ("text_bomb", b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000))),
    ):
        yield _grey(f"{name}.png", _plain(before=[chunk(kind, body)]))
    still = Image.fromarray(np.full_like(LEVELS, 200))
    frames = encode(GREY, "PNG", save_all=True, append_images=[still], duration=100)
    yield _grey("animated.png", frames)
    hidden_first = encode(GREY, "PNG", save_all=True, append_images=[still], default_image=True, duration=100)
    yield _grey("animated_hidden_first.png", hidden_first)
    yield _grey("trailing_junk.png", _plain() + b"junk" * 50)
    halves = [PACKED[:500], PACKED[500:]]
    yield _grey("rows_in_two.png", png(SIZE, halves[0], after=[chunk(b"IDAT", halves[1])]))
    between = [chunk(b"tEXt", b"a\0b"), chunk(b"IDAT", halves[1])]
    yield _grey("rows_interrupted.png", png(SIZE, halves[0], after=between))
    yield _grey("rows_empty_first.png", _plain(before=[chunk(b"IDAT")]))
    yield _grey("unknown_chunk.png", _plain(before=[chunk(b"ABCD", b"?")]))


def _deep() -> Iterator[Case]:
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
        yield _read(f"deep_{name}.png", png(SIZE, zlib.compress(rows(values)), 16), shown)
    ten = wide * 4
    filtered = zlib.compress(rows(ten, lambda row: row % 5, 2))
    yield _read("deep_filters.png", png(SIZE, filtered, 16), shown)
    packed = zlib.compress(interlaced(ten, 2))
    yield _read("deep_interlaced.png", png(SIZE, packed, 16, modes=(0, 0, 1)), shown)
    narrow = ten[:, :33]
    packed = zlib.compress(interlaced(narrow, 2))
    yield _read("deep_interlaced_narrow.png", png((33, HEIGHT), packed, 16, modes=(0, 0, 1)), shown[:, :33])
    odd = wide * 5 + 3
    yield _read("deep_odd.png", png(SIZE, zlib.compress(rows(odd)), 16))
    spots = ten.copy()
    spots.flat[:SPOTS] = 65_535
    bright = shown.copy()
    bright.flat[:SPOTS] = 255
    bright = np.minimum(spots.astype(int) * 255 // int(np.sort(spots, axis=None)[-SPOTS - 1]), 255)
    yield _read("deep_spots.png", png(SIZE, zlib.compress(rows(spots)), 16), bright.astype(np.uint8))
    level = int(ten[60, 60])
    hidden = np.where(ten == level, 0, shown).astype(np.uint8)
    see_through = [chunk(b"tRNS", struct.pack(">H", level))]
    yield _read("deep_transparent.png", png(SIZE, zlib.compress(rows(ten)), 16, before=see_through), hidden)
    for number in (0, 1, 40_000):
        even = np.full((40, 50), number, np.uint16)
        yield _read(f"deep_even_{number}.png", png((50, 40), zlib.compress(rows(even)), 16))
    turned = [chunk(b"eXIf", exif(6)[6:])]
    upright = np.rot90(shown, -1).copy()
    yield _read("deep_turned.png", png(SIZE, zlib.compress(rows(ten)), 16, before=turned), upright)
    for name, colour, samples in (
        ("colour", 2, [wide, wide, wide]),
        ("alpha", 4, [wide, np.full_like(wide, 255)]),
        ("colour_alpha", 6, [wide, wide, wide, np.full_like(wide, 255)]),
    ):
        packed = zlib.compress(rows(np.stack(samples, axis=2) * 257))
        yield _read(f"deep_{name}.png", png(SIZE, packed, 16, colour), shown)
    faults = {
        "cut": png(SIZE, filtered[:-300], 16),
        "checksum": png(SIZE, filtered[:-4] + b"abcd", 16),
        "filter": png(SIZE, zlib.compress(rows(ten).replace(b"\0", b"\7", 1)), 16),
    }
    yield from (_damaged(f"deep_{name}.png", data) for name, data in faults.items())


def _broken_png() -> Iterator[Case]:
    raw = rows(LEVELS)
    whole = _plain()
    faults = {
        "checksum_rows": png(SIZE, b"", before=[chunk(b"IDAT", PACKED, 1)]),
        "checksum_text": _plain(before=[chunk(b"tEXt", b"a\0b", 1)]),
        "checksum_after": _plain(after=[chunk(b"tEXt", b"a\0b", 1)]),
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
        "rows_bit": png(SIZE, PACKED[:400] + bytes([PACKED[400] ^ 8]) + PACKED[401:]),
        "rows_none": SIGNATURE
        + chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 0, 0, 0, 0))
        + chunk(b"IEND"),
        "rows_filter": png(
            SIZE, zlib.compress(raw[: 20 * (WIDTH + 1)] + b"\t" + raw[20 * (WIDTH + 1) + 1 :])
        ),
        "rows_window": png(SIZE, bytes([0x88, 0x1C]) + PACKED[2:]),
        "rows_dictionary": png(SIZE, bytes([0x78, 0xBB]) + PACKED[2:]),
        "palette_none": _plain(colour=3),
        "palette_empty": _plain(colour=3, before=[chunk(b"PLTE")]),
        "palette_parts": _plain(colour=3, before=[chunk(b"PLTE", bytes(100))]),
        "palette_large": _plain(colour=3, before=[chunk(b"PLTE", bytes(771))]),
        "palette_twice": _plain(colour=3, before=[chunk(b"PLTE", bytes(768))] * 2),
        "head_twice": _plain(before=[chunk(b"IHDR", struct.pack(">IIBBBBB", *SIZE, 8, 0, 0, 0, 0))]),
        "head_long": whole.replace(chunk(b"IHDR", whole[16:29]), chunk(b"IHDR", whole[16:29] + b"\0"), 1),
        "depth_3": _plain(depth=3),
        "colour_7": _plain(colour=7),
        "compression_1": _plain(modes=(1, 0, 0)),
        "filter_64": _plain(modes=(0, 64, 0)),
        "interlace_2": _plain(modes=(0, 0, 2)),
        "too_many_chunks": _plain(before=[chunk(b"tEXt")] * 50_000),
        "no_width": png((0, 40), PACKED),
    }
    yield from (_damaged(f"{name}.png", data) for name, data in faults.items())


def _profile() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()


def _jpeg() -> Iterator[Case]:
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        name = subsampling.replace(":", "")
        yield _read(f"{name}.jpg", encode(COLOUR, "JPEG", subsampling=subsampling, quality=90))
        data = encode(COLOUR, "JPEG", subsampling=subsampling, progressive=True)
        yield _read(f"{name}_progressive.jpg", data)
    grey = encode(GREY, "JPEG", quality=90)
    yield _read("grey.jpg", grey)
    yield _read("grey_progressive.jpg", encode(GREY, "JPEG", progressive=True))
    yield _read("grey_as_colour.jpg", encode(GREY.convert("RGB"), "JPEG"))
    yield _read("restarts.jpg", encode(COLOUR, "JPEG", restart_marker_blocks=3))
    yield _read("untransformed.jpg", encode(COLOUR, "JPEG", keep_rgb=True))
    for name, picture in (
        ("cmyk", COLOUR.convert("CMYK")),
        ("cmyk_inverted", ImageOps.invert(COLOUR).convert("CMYK")),
    ):
        data = encode(picture, "JPEG")
        yield _read(f"{name}.jpg", data)
        yield _read(f"{name}_no_adobe.jpg", without_segments(data, 0xEE))
    black = Image.merge("CMYK", (*[Image.new("L", SIZE)] * 3, GREY))
    yield _read("cmyk_black_only.jpg", encode(black, "JPEG"))
    inks = Image.merge("CMYK", (*COLOUR.split(), GREY.rotate(90).resize(SIZE)))
    yield _read("cmyk_inks.jpg", encode(inks, "JPEG", quality=95))
    for name, piece in (
        ("xmp", segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(6))),
        ("comment", segment(0xFE, b"hello")),
        ("exif_broken", segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff")),
        ("exif_overlap", segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(40))),
        ("profile", segment(0xE2, b"ICC_PROFILE\0\1\1" + _profile())),
        ("fill", b"\xff" * 40),
        ("unknown", segment(0xE9, b"?")),
    ):
        yield _read(f"{name}.jpg", with_segments(grey, piece))
    yield _read("trailing_junk.jpg", grey + b"junk" * 50)
    yield _read("two_pictures.jpg", grey + encode(COLOUR, "JPEG"))
    yield _read("mpo.jpg", encode(COLOUR, "MPO", save_all=True, append_images=[GREY.convert("RGB")]))
    # Mid-grey is what decoders fill broken files with.
    for name, corner in (("all", (0, 0)), ("corner", (64, 64))):
        picture = GREY.copy()
        picture.paste(128, (*corner, *SIZE))
        yield _read(f"mid_grey_{name}.jpg", encode(picture, "JPEG"))
        yield _read(f"mid_grey_{name}_restarts.jpg", encode(picture, "JPEG", restart_marker_blocks=2))
        yield _read(f"mid_grey_{name}_colour.jpg", encode(picture.convert("RGB"), "JPEG", progressive=True))


def _broken_jpeg() -> Iterator[Case]:
    grey, colour = encode(GREY, "JPEG"), encode(COLOUR, "JPEG")
    restarts = encode(GREY, "JPEG", restart_marker_blocks=5)
    progressive = encode(COLOUR, "JPEG", progressive=True)
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.97):
        for name, data in (
            ("grey", grey),
            ("colour", colour),
            ("restarts", restarts),
            ("scans", progressive),
        ):
            yield _damaged(f"cut_{name}_{share}.jpg", cut(data, share))
        yield _damaged(f"cut_last_scan_{share}.jpg", cut(progressive, share, last=True))
    restart = restarts.index(b"\xff\xd3")
    start = grey.index(b"\xff\xc0")
    last = progressive.rindex(b"\xff\xda")
    faults = {
        "cut_at_restart": restarts[:restart] + b"\xff\xd9",
        "cut_after_restart": restarts[: restart + 2] + b"\xff\xd9",
        "scans_missing": progressive[:last] + b"\xff\xd9",
        "too_many_scans": progressive[:-2] + progressive[last:-2] * 100 + b"\xff\xd9",
        "too_many_segments": with_segments(grey, *[segment(0xFE, b"")] * 10_000),
        "no_end": grey[:-2],
        "cut": grey[:-200],
        "cut_head": grey[:200],
        "start_alone": b"\xff\xd8\xff\xe0",
        "start_and_end": b"\xff\xd8\xff\xd9",
        "too_high": grey[: start + 5] + struct.pack(">H", HEIGHT + 64) + grey[start + 7 :],
        "no_height": grey[: start + 5] + b"\0\0" + grey[start + 7 :],
        "two_frames": with_segments(grey, grey[start : start + 13]),
        "no_scan": grey[: grey.index(b"\xff\xda")] + b"\xff\xd9",
        "wrong_component": grey.replace(b"\xff\xda\0\x08\1\1", b"\xff\xda\0\x08\1\7"),
    }
    yield from (_damaged(f"{name}.jpg", data) for name, data in faults.items())
    for name, place, value in (
        ("lossless", 1, 0xC3),
        ("arithmetic", 1, 0xC9),
        ("12_bits", 4, 12),
        ("2_parts", 9, 2),
    ):
        data = grey[: start + place] + bytes([value]) + grey[start + place + 1 :]
        yield Case(name=f"{name}.jpg", data=data, error="no_image")
    yield Case(name="leading_junk.jpg", data=b"\r\n" + grey, error="no_image")


def _webp() -> Iterator[Case]:
    lossless = encode(GREY.convert("RGB"), "WEBP", lossless=True)
    yield _grey("lossless.webp", lossless)
    yield _read("lossy.webp", encode(COLOUR, "WEBP"))
    alpha = COLOUR.copy()
    alpha.putalpha(Image.fromarray(ALPHA))
    yield _read("alpha.webp", encode(alpha, "WEBP"))
    yield _read("alpha_lossless.webp", encode(alpha, "WEBP", lossless=True, exact=True))
    yield _grey("profile.webp", encode(GREY.convert("RGB"), "WEBP", lossless=True, icc_profile=_profile()))
    yield _grey("xmp.webp", encode(GREY.convert("RGB"), "WEBP", lossless=True, xmp=xmp(6)))
    still = Image.new("RGB", SIZE, (200, 10, 10))
    animated = encode(GREY.convert("RGB"), "WEBP", save_all=True, append_images=[still], lossless=True)
    yield _grey("animated.webp", animated)
    chunks = riff_chunks(lossless)
    yield _grey("unknown_chunk.webp", riff(*chunks, (b"ABCD", b"?")))
    yield _grey("trailing_junk.webp", lossless + b"junk" * 9)
    faults = {
        "cut": lossless[:-200],
        "cut_inside": riff((chunks[0][0], chunks[0][1][:-200])),
        "no_chunk": riff(),
        "other_chunk": riff((b"ABCD", b"?" * 40)),
        "chunk_beyond": lossless[:16] + struct.pack("<I", len(lossless)) + lossless[20:],
        "head_alone": lossless[:12],
    }
    yield from (_damaged(f"{name}.webp", data) for name, data in faults.items())


def _bmp() -> Iterator[Case]:
    ramp, hot = palette(RAMP), palette(HOT)
    packed = bmp_rows(LEVELS, 8)
    colour = np.asarray(COLOUR)[..., ::-1]
    with_alpha = np.dstack([colour, ALPHA])
    masks = (0xFF0000, 0xFF00, 0xFF)
    both = (*masks, 0xFF000000)
    for header in (40, 64, 108, 124):
        yield _grey(f"grey_{header}.bmp", bmp(SIZE, packed, 8, header=header, palette=ramp))
    yield _grey("grey_os2.bmp", bmp(SIZE, packed, 8, header=12, palette=palette(RAMP, 3)))
    yield _grey("down.bmp", bmp((WIDTH, -HEIGHT), bmp_rows(LEVELS[::-1], 8), 8, palette=ramp))
    yield _read("palette.bmp", bmp(SIZE, packed, 8, palette=hot))
    short = bmp(SIZE, bmp_rows(LEVELS // 8, 8), 8, palette=hot[:128], colours=32)
    yield _read("palette_short.bmp", short)
    yield _read("palette_beyond.bmp", bmp(SIZE, packed, 8, palette=hot[:128], colours=32))
    sixteen = palette(np.arange(16)[:, None] * [17, 17, 17])
    yield _read("4_bits.bmp", bmp(SIZE, bmp_rows(LEVELS >> 4, 4), 4, palette=sixteen))
    for name, two in (("", RAMP[::255]), ("_inverted", RAMP[::-255]), ("_coloured", HOT[::255])):
        yield _read(f"1_bit{name}.bmp", bmp(SIZE, bmp_rows(LEVELS >> 7, 1), 1, palette=palette(two)))
    for header in (12, 40, 64, 108, 124):
        yield _read(f"24_bits_{header}.bmp", bmp(SIZE, bmp_rows(colour, 24), 24, header=header))
    yield _read("32_bits.bmp", bmp(SIZE, bmp_rows(with_alpha, 32), 32))
    yield _read("32_bits_masks.bmp", bmp(SIZE, bmp_rows(with_alpha, 32), 32, packing=3, masks=masks))
    for header in (56, 108, 124):
        data = bmp(SIZE, bmp_rows(with_alpha, 32), 32, header=header, packing=3, masks=both)
        yield _read(f"32_bits_alpha_{header}.bmp", data)
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
            yield _read(f"rle8_{kind}{name}.bmp", data, LEVELS if plain else None)
    nibbles = b"".join(
        b"".join(bytes([1, level & 0xF0]) for level in line) + b"\0\0" for line in LEVELS[::-1]
    )
    yield _read("rle4.bmp", bmp(SIZE, nibbles + b"\0\1", 4, packing=2, palette=sixteen))
    faults = {
        "cut": bmp(SIZE, packed, 8, palette=ramp)[:-900],
        "rle8_cut": bmp(SIZE, runs[:-900], 8, packing=1, palette=ramp),
        "rle8_ends_early": bmp(SIZE, runs[:-900] + b"\0\1", 8, packing=1, palette=ramp),
        "palette_large": bmp(SIZE, packed, 8, palette=hot + ramp[:176], colours=300),
        "offset": bmp(SIZE, packed, 8, palette=hot[:40]),
        "head_alone": b"BM",
    }
    yield from (_damaged(f"{name}.bmp", data) for name, data in faults.items())
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


def _turned() -> Iterator[Case]:
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
        yield _read(f"turned_{orientation}.png", _plain(before=[chunk(b"eXIf", block[6:])]), upright)
        yield _read(f"turned_{orientation}.jpg", with_segments(jpeg, segment(0xE1, block)))
        data = riff((b"VP8X", canvas), *webp, (b"EXIF", block[6 * (orientation % 2) :]))
        yield _read(f"turned_{orientation}.webp", data, upright)
    for name, block in (("0", exif(0)), ("9", exif(9)), ("long", exif(6, kind=4)), ("cut", exif(6)[:-12])):
        yield _grey(f"turned_not_{name}.png", _plain(before=[chunk(b"eXIf", block)]))
    yield _read("turned_late.png", _plain(after=[chunk(b"eXIf", exif(6))]), np.rot90(LEVELS, -1).copy())
    both = with_segments(
        jpeg, segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(3)), segment(0xE1, exif(6))
    )
    yield _read("turned_and_xmp.jpg", both)


def _others() -> Iterator[Case]:
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
