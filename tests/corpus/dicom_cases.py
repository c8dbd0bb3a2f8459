"""Every kind of DICOM file that scanners and archives are known to write, and what each must show."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from tests.corpus import dicom_files as d
from tests.corpus.case import Case
from tests.corpus.dicom_files import Element, Slice, Style
from tests.corpus.dicom_slices import SIDE, case_of, ds, fails, head, mr, shows, sq, us, wide_head, windowed


def cases() -> list[Case]:
    """Returns a case for each kind."""
    groups = (_structures, _frames, _long_series, _run_lengths, _bodies, _refused, _hostile)
    return [case for group in groups for case in group()]


def _structures() -> list[Case]:
    """How elements are written, and how they are called."""
    plain = mr()
    implicit, big = Style(explicit=False), Style(order=">")
    icon = [us(d.ROWS, 4), us(d.COLUMNS, 4), us(d.SAMPLES, 1), Element(d.PIXELS, b"OB", bytes(16))]
    unknown = Style(explicit=False).write([sq((0x21, 0x1002), [Element((0x21, 0x1003), b"LO", "a thing")])])
    return shows(
        explicit=plain,
        implicit=plain.but(transfer=d.IMPLICIT, style=implicit),
        big_endian=plain.but(transfer=d.BIG_ENDIAN, style=big),
        eight_bits=Slice(head()),
        implicit_called_explicit=plain.but(style=implicit),
        explicit_called_implicit=plain.but(transfer=d.IMPLICIT),
        no_preamble=plain.but(preamble=False),
        no_preamble_no_meta=plain.but(preamble=False, meta=False),
        no_preamble_no_meta_implicit=plain.but(preamble=False, meta=False, style=implicit),
        no_transfer_syntax=plain.but(transfer=""),
        no_transfer_syntax_implicit=plain.but(transfer="", style=implicit),
        uid_padded_with_a_blank=plain.but(transfer=d.EXPLICIT + " "),
        unknown_kind=plain.but(Element(d.PRIVATE, b"??", b"abcd")),
        unknown_kind_implicit_inside=plain.but(Element(d.PRIVATE, b"\4\0", b"")),
        lower_case_kind=plain.but(Element(d.PRIVATE, b"lo", b"abcd")),
        rows_of_four_bytes=plain.but(Element(d.ROWS, b"UL", [SIDE])),
        unknown_of_no_length=plain.but(
            Element(d.PRIVATE, b"UN", _endless_items([Element((0x21, 0x10), b"LO", "x")]), endless=True)
        ),
        unknown_with_a_sequence=plain.but(Element(d.PRIVATE, b"UN", unknown)),
        sequence_of_no_length=plain.but(sq(d.PRIVATE, [], [Element(d.STACK, b"SH", "1")], endless=True)),
        icon_inside=plain.but(sq((0x88, 0x200), icon, endless=True)),
        text_with_null=plain.but(Element(d.PHOTOMETRIC, b"CS", b"MONOCHROME2\0")),
        number_of_frames_with_blanks=plain.but(Element(d.FRAMES, b"IS", b" 1  ")),
        number_of_frames_empty=plain.but(Element(d.FRAMES, b"IS", b"")),
        trailing_padding=plain.but(Element((0xFFFC, 0xFFFC), b"OB", bytes(40))),
        no_modality=plain.but(without=[d.MODALITY]),
        no_high_bit=plain.but(without=[d.HIGH_BIT, d.SIGNED, d.SAMPLES]),
    )


def _endless_items(elements: list[Element]) -> bytes:
    """An item of elements that name no kinds, and the mark of a sequence's end."""
    inside = Style(explicit=False).write(elements)
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(inside)) + inside
    return item + struct.pack("<HHI", 0xFFFE, 0xE0DD, 0)


def _frames() -> list[Case]:
    """Which of many frames is shown."""
    black = np.zeros_like(wide_head())

    def stack(count: int, middle: int, items: list[list[Element]], *elements: Element) -> Slice:
        pixels = np.stack([wide_head() if index == middle else black for index in range(count)])
        return Slice(pixels, [*elements, sq(d.PER_FRAME, *items)])

    def numbered(number: int, name: str = "1", echo: float = 20.0) -> list[Element]:
        content = [Element(d.STACK, b"SH", name), Element(d.IN_STACK, b"UL", [number])]
        time = Element(d.ECHO_TIME, b"FD", struct.pack("<d", echo))
        return [sq(d.ECHOES, [time]), sq(d.CONTENTS, content)]

    def placed(z: str, normal: str = "1\\0\\0\\0\\1\\0") -> list[Element]:
        return [
            sq(d.POSITIONS, [ds(d.POSITION, f"-100\\-90.5\\{z}")]),
            sq(d.ORIENTATIONS, [ds(d.ORIENTATION, normal)]),
        ]

    two_echoes = [numbered(place, echo=echo) for echo in (40.0, 20.0) for place in (1, 2, 3)]
    side = "0\\1\\0\\0\\0\\-1"
    planes = [placed(z, normal) for normal in ("1\\0\\0\\0\\1\\0", side) for z in ("5", "-4.5", "0.25")]
    return shows(
        frames=Slice(np.stack([black, wide_head(), black])),
        frames_of_two_echoes=stack(6, 4, two_echoes),
        frames_out_of_order=stack(5, 0, [numbered(place) for place in (3, 1, 2, 5, 4)]),
        frames_of_two_stacks=stack(
            5, 1, [numbered(*each) for each in ((1,), (2,), (3,), (1, "2"), (2, "2"))]
        ),
        frames_by_position=stack(5, 3, [placed(z) for z in ("12.5", "-7", "30", "3.25", "0")]),
        frames_of_two_planes=stack(6, 2, planes),
        frames_without_places=stack(4, 2, [[], [], [], []]),
        frames_with_some_places=stack(4, 2, [numbered(4), [], [], []]),
        frames_with_fewer_groups=stack(4, 2, [numbered(4)]),
    )


def _long_series() -> list[Case]:
    """As many frames as diffusion or vessels take, with nine sequences each, none of which has a length."""
    count = 1_500
    places = [(frame + 700) % count for frame in range(count)]
    # Of no use to a reader, like most of what a scanner says of a frame.
    others = [sq((0x18, 0x9000 + macro), [us((0x18, 0x9900), 1)], endless=True) for macro in range(7)]
    echo = sq(d.ECHOES, [Element(d.ECHO_TIME, b"FD", struct.pack("<d", 20.0))], endless=True)

    def content(place: int) -> Element:
        stack = [Element(d.STACK, b"SH", "1"), Element(d.IN_STACK, b"UL", [place])]
        return sq(d.CONTENTS, stack, endless=True)

    groups = sq(d.PER_FRAME, *([*others, echo, content(place)] for place in places), endless=True)
    packed = [d.run_lengths(wide_head()) if place == count // 2 else b"" for place in places]
    said = [Element(d.FRAMES, b"IS", str(count)), groups]
    return shows(
        frames_by_the_thousand=Slice(wide_head(), said, transfer=d.RLE, packed=d.encapsulated(*packed))
    )


def _run_lengths() -> list[Case]:
    """Packed by run lengths, rightly and wrongly."""
    wide, grey = wide_head(), head()
    colours = np.stack([grey, grey, grey], axis=2)
    frame, black = d.run_lengths(wide), d.run_lengths(wide * 0)
    high, low = (d.pack_bits(wide.astype(">u2").tobytes()[index::2]) for index in (0, 1))

    def packed(pixels: NDArray[np.generic], *fragments: bytes, table: Sequence[int] = ()) -> Slice:
        return Slice(pixels, transfer=d.RLE, packed=d.encapsulated(*fragments, table=table))

    three = np.stack([wide * 0, wide, wide * 0])
    half = len(frame) // 4 * 2
    first = len(black) + 8
    return [
        *shows(
            rle=packed(wide, frame),
            rle_eight_bits=packed(grey, d.run_lengths(grey)),
            rle_colours=packed(colours, d.run_lengths(colours)),
            rle_two_fragments=packed(wide, frame[:half], frame[half:]),
            rle_frames=packed(three, black, frame, black),
            rle_frames_by_table=packed(
                three, black, frame[:half], frame[half:], black, table=[0, first, first + len(frame) + 16]
            ),
        ),
        *fails(
            "dicom",
            rle_cut=packed(wide, frame[: len(frame) // 2 * 2 - 40]),
            rle_one_segment_missing=packed(wide, d.rle_frame([high])),
            rle_segments_overlap=packed(wide, d.rle_frame([high, low], [64, 40])),
            rle_segment_beyond=packed(wide, d.rle_frame([high, low], [64, 1 << 30])),
            rle_of_nothing=packed(wide, d.rle_frame([b"\x80" * 60000, b"\x80" * 60000])),
            rle_short=packed(wide, b"\2\0\0\0"),
            rle_no_fragment=packed(wide),
            rle_frames_without_table=packed(three, black, frame[:half], frame[half:], black),
            rle_fewer_frames=packed(three, frame, black),
        ),
    ]


def _bodies() -> list[Case]:
    """Which part of the body a file says that it shows."""

    def region(code: str, meaning: str) -> Element:
        return sq(d.REGIONS, [Element(d.CODE_VALUE, b"SH", code), Element(d.CODE_MEANING, b"LO", meaning)])

    def part(name: str) -> Element:
        return Element(d.BODY_PART, b"CS", name)

    knee = region("T-D9200", "Knee")
    read = {
        f"body_{name.strip().lower().replace(' ', '_') or 'empty'}": mr(part(name))
        for name in ("HEAD", "Brain", "SKULL", "HEADNECK", "HEAD NECK", "KEPALA", "IAC", "MR IAC")
    }
    unsaid = {f"body_{name.strip() or 'empty'}": mr(part(name)) for name in ("Unknown", "OTHER ", " ")}
    return [
        *(case_of(name, file, levels=head()) for name, file in (read | unsaid).items()),
        *shows(
            region_brain=mr(region("T-A0100", "Brain")),
            region_code_alone=mr(region("69536005", "")),
            region_ear=mr(region("361078006", "")),
            region_ear_by_name=mr(region("1", "Internal Auditory Canal")),
            region_head_and_neck=mr(region("1", "Head and Neck")),
            region_empty=mr(sq(d.REGIONS, [])),
        ),
        *fails(
            "dicom_body_part",
            body_knee=mr(part("KNEE")),
            body_neck=mr(part("NECK")),
            body_cardiac=mr(part("CARDIAC")),
            body_sacroiliac=mr(part("SACROILIAC")),
            body_unknown_region_knee=mr(part("UNKNOWN"), knee),
            region_knee=mr(knee),
            region_knee_shared=mr(sq(d.SHARED, [sq(d.ANATOMIES, [knee])])),
            body_knee_packed=Slice(wide_head(), [part("KNEE")], transfer=d.RLE, packed=d.encapsulated(b"12")),
        ),
    ]


def _refused() -> list[Case]:
    """Files that hold no slice that can be opened, or none of a head's MRI."""
    plain = mr()
    ct = Element(d.MODALITY, b"CS", "CT")
    whole = plain.bytes()
    jpeg = "1.2.840.10008.1.2.4."
    item = d.encapsulated(b"\xff\xd8\xff\xd9")
    deflated = plain.but(transfer=d.EXPLICIT + ".99").bytes()
    start = deflated.index(b".99") + 3
    squeezer = zlib.compressobj(wbits=-15)
    deflated = deflated[:start] + squeezer.compress(deflated[start:]) + squeezer.flush()
    return [
        *fails(
            "dicom_compressed",
            lossless_jpeg=plain.but(transfer=jpeg + "70", packed=item),
            jpeg_ls=plain.but(transfer=jpeg + "80", packed=item),
            film=plain.but(transfer=jpeg + "102", packed=item),
            private_syntax=plain.but(transfer="1.2.840.113619.5.2"),
        ),
        Case(name="dicom-deflated.dcm", data=deflated, error="dicom_compressed"),
        *fails(
            "too_many_pixels",
            large_jpeg_2000=plain.but(
                us(d.ROWS, 2300), us(d.COLUMNS, 2300), transfer=jpeg + "90", packed=item
            ),
        ),
        *fails(
            "dicom_modality",
            ct=plain.but(ct),
            ct_in_jpeg=plain.but(ct, transfer=jpeg + "50", packed=item),
            report=plain.but(Element(d.MODALITY, b"CS", "SR"), without=[d.PIXELS, d.ROWS, d.COLUMNS]),
        ),
        *fails(
            "dicom",
            directory=plain.but(without=[d.PIXELS, d.ROWS, d.COLUMNS, d.SAMPLES, d.ALLOCATED, d.STORED]),
            no_pixels=plain.but(without=[d.PIXELS]),
            no_rows=plain.but(without=[d.ROWS]),
            frames_as_text=plain.but(Element(d.FRAMES, b"IS", "some")),
            frames_negative=plain.but(Element(d.FRAMES, b"IS", "-1")),
            frames_and_a_half=plain.but(Element(d.FRAMES, b"IS", "1.5 ")),
            more_frames_than_pixels=plain.but(Element(d.FRAMES, b"IS", "9 ")),
            packed_called_plain=plain.but(packed=d.encapsulated(bytes(2 * SIDE * SIDE))),
            plain_called_packed=plain.but(transfer=d.RLE),
        ),
        *(
            Case(name=f"dicom-cut_at_{place}.dcm", data=whole[:place], error="dicom")
            for place in (140, 300, 410, len(whole) - 2 * SIDE * SIDE - 4, len(whole) - 500, len(whole) - 1)
        ),
    ]


def _hostile() -> list[Case]:
    """Files made to take time or memory."""
    plain = mr()
    nested = endless = Element(d.STACK, b"SH", "1")
    for _ in range(60):
        nested, endless = sq(d.PRIVATE, [nested]), sq(d.PRIVATE, [endless], endless=True)
    items = sq(d.SHARED, *[[]] * 210_000, endless=True)
    return [
        *shows(nested_with_lengths=plain.but(nested)),
        *fails(
            "dicom",
            frames_without_end=plain.but(Element(d.FRAMES, b"IS", "2147483647")),
            frames_beyond_numbers=plain.but(Element(d.FRAMES, b"IS", "9e300")),
            nested_without_lengths=plain.but(endless),
            items_without_end=plain.but(items),
            fragments_without_end=plain.but(transfer=d.RLE, packed=d.encapsulated(*[b""] * 66_000)),
        ),
        Case(
            name="dicom-elements_without_end.dcm",
            data=bytes(128) + b"DICM" + struct.pack("<HH2sH", 2, 0, b"UL", 0) * 210_000,
            error="dicom",
        ),
        case_of("text_without_end", windowed(" " * 60_000, "1" * 60_000), levels=head()),
    ]
