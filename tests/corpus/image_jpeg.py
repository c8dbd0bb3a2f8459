"""JPEG files: every habit of those who write them, and every fault that was met."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from PIL import Image, ImageOps

from tests.corpus.case import Case
from tests.corpus.image_files import cut, encode, segment, with_segments, without_segments, xmp
from tests.corpus.image_phantom import COLOUR, GREY, HEIGHT, SIZE, damaged, profile, read


def jpegs() -> Iterator[Case]:
    for subsampling in ("4:4:4", "4:2:2", "4:2:0"):
        name = subsampling.replace(":", "")
        yield read(f"{name}.jpg", encode(COLOUR, "JPEG", subsampling=subsampling, quality=90))
        data = encode(COLOUR, "JPEG", subsampling=subsampling, progressive=True)
        yield read(f"{name}_progressive.jpg", data)
    grey = encode(GREY, "JPEG", quality=90)
    yield read("grey.jpg", grey)
    yield read("grey_progressive.jpg", encode(GREY, "JPEG", progressive=True))
    yield read("grey_as_colour.jpg", encode(GREY.convert("RGB"), "JPEG"))
    yield read("restarts.jpg", encode(COLOUR, "JPEG", restart_marker_blocks=3))
    yield read("untransformed.jpg", encode(COLOUR, "JPEG", keep_rgb=True))
    for name, picture in (
        ("cmyk", COLOUR.convert("CMYK")),
        ("cmyk_inverted", ImageOps.invert(COLOUR).convert("CMYK")),
    ):
        data = encode(picture, "JPEG")
        yield read(f"{name}.jpg", data)
        yield read(f"{name}_no_adobe.jpg", without_segments(data, 0xEE))
    black = Image.merge("CMYK", (*[Image.new("L", SIZE)] * 3, GREY))
    yield read("cmyk_black_only.jpg", encode(black, "JPEG"))
    inks = Image.merge("CMYK", (*COLOUR.split(), GREY.rotate(90).resize(SIZE)))
    yield read("cmyk_inks.jpg", encode(inks, "JPEG", quality=95))
    for name, piece in (
        ("xmp", segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + xmp(6))),
        ("comment", segment(0xFE, b"hello")),
        ("exif_broken", segment(0xE1, b"Exif\0\0II*\0\xff\xff\xff\xff")),
        ("exif_overlap", segment(0xE1, b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(40))),
        ("profile", segment(0xE2, b"ICC_PROFILE\0\1\1" + profile())),
        ("fill", b"\xff" * 40),
        ("unknown", segment(0xE9, b"?")),
    ):
        yield read(f"{name}.jpg", with_segments(grey, piece))
    yield read("trailing_junk.jpg", grey + b"junk" * 50)
    yield read("two_pictures.jpg", grey + encode(COLOUR, "JPEG"))
    yield read("mpo.jpg", encode(COLOUR, "MPO", save_all=True, append_images=[GREY.convert("RGB")]))
    # Mid-grey is what decoders fill broken files with.
    for name, corner in (("all", (0, 0)), ("corner", (64, 64))):
        picture = GREY.copy()
        picture.paste(128, (*corner, *SIZE))
        yield read(f"mid_grey_{name}.jpg", encode(picture, "JPEG"))
        yield read(f"mid_grey_{name}_restarts.jpg", encode(picture, "JPEG", restart_marker_blocks=2))
        yield read(f"mid_grey_{name}_colour.jpg", encode(picture.convert("RGB"), "JPEG", progressive=True))


def broken_jpegs() -> Iterator[Case]:
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
            yield damaged(f"cut_{name}_{share}.jpg", cut(data, share))
        yield damaged(f"cut_last_scan_{share}.jpg", cut(progressive, share, last=True))
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
    yield from (damaged(f"{name}.jpg", data) for name, data in faults.items())
    for name, place, value in (
        ("lossless", 1, 0xC3),
        ("arithmetic", 1, 0xC9),
        ("12_bits", 4, 12),
        ("2_parts", 9, 2),
    ):
        data = grey[: start + place] + bytes([value]) + grey[start + place + 1 :]
        yield Case(name=f"{name}.jpg", data=data, error="no_image")
    yield Case(name="leading_junk.jpg", data=b"\r\n" + grey, error="no_image")
