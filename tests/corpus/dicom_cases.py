"""Every kind of DICOM file that scanners and archives are known to write, and what each must show."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.corpus import dicom_files as d
from tests.corpus.case import Case
from tests.corpus.dicom_files import Element, Slice, Style
from tests.phantoms import phantom

Grey = NDArray[np.uint8]
SIDE = 96


def cases() -> list[Case]:
    """Returns a case for each kind."""
    groups = (
        _structures,
        _bits,
        _windows,
        _tables,
        _padding,
        _enhanced,
        _frames,
        _colours,
        _shapes,
        _run_lengths,
        _bodies,
        _refused,
        _hostile,
    )
    return [case for group in groups for case in group()]


@cache
def _grey() -> Grey:
    """A head whose levels are 0 to 255."""
    levels = np.asarray(phantom("glioma", 1, size=SIDE)).astype(int)
    levels -= levels.min()
    scaled: Grey = (levels * 255 // levels.max()).astype(np.uint8)
    return scaled


def _wide(factor: int = 16) -> NDArray[np.uint16]:
    return _grey().astype(np.uint16) * np.uint16(factor)


def _slice(*elements: Element, factor: int = 16) -> Slice:
    return Slice(_wide(factor), elements)


def _us(tag: d.Tag, *values: int) -> Element:
    return Element(tag, b"US", values)


def _ds(tag: d.Tag, text: str) -> Element:
    return Element(tag, b"DS", text)


def _sq(tag: d.Tag, *items: Sequence[Element], endless: bool = False) -> Element:
    return Element(tag, b"SQ", [list(item) for item in items], endless)


def _shows(levels: Grey | None = None, **files: Slice) -> list[Case]:
    """Returns files that show some levels, or the head."""
    shown = _grey() if levels is None else levels
    return [_case(name, file, levels=shown) for name, file in files.items()]


def _fails(error: str, **files: Slice) -> list[Case]:
    return [_case(name, file, error=error) for name, file in files.items()]


def _case(name: str, file: Slice, levels: Grey | None = None, error: str | None = None) -> Case:
    return Case(name=f"dicom-{name}.dcm", data=file.bytes(), levels=levels, error=error)


def _structures() -> list[Case]:
    """How elements are written, and how they are called."""
    plain = _slice()
    implicit, big = Style(explicit=False), Style(order=">")
    icon = [_us(d.ROWS, 4), _us(d.COLUMNS, 4), _us(d.SAMPLES, 1), Element(d.PIXELS, b"OB", bytes(16))]
    unknown = Style(explicit=False).write([_sq((0x21, 0x1002), [Element((0x21, 0x1003), b"LO", "a thing")])])
    return _shows(
        explicit=plain,
        implicit=plain.but(transfer=d.IMPLICIT, style=implicit),
        big_endian=plain.but(transfer=d.BIG_ENDIAN, style=big),
        eight_bits=Slice(_grey()),
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
        sequence_of_no_length=plain.but(_sq(d.PRIVATE, [], [Element(d.STACK, b"SH", "1")], endless=True)),
        icon_inside=plain.but(_sq((0x88, 0x200), icon, endless=True)),
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


def _bits() -> list[Case]:
    """Where in memory a value lies."""
    twelve = (_us(d.STORED, 12), _us(d.HIGH_BIT, 11))
    overlay = _wide()
    overlay[10:30, 10:30] |= 0x8000
    signed = _grey().astype(np.int16) * 16 - 2048
    floats = _grey().astype(np.float32) / 255
    holes = floats.copy()
    holes[:2] = np.nan
    without = [d.STORED, d.HIGH_BIT, d.SIGNED, d.PIXELS]
    noughts = _grey().copy()
    noughts[:2] = 0
    return [
        *_shows(
            twelve_bits=_slice(*twelve),
            constant_above=Slice(_wide() | 0xF000, twelve),
            overlay_above=Slice(overlay, twelve),
            high_bit_15=Slice(_wide(256), [_us(d.STORED, 12), _us(d.HIGH_BIT, 15)]),
            signed=Slice(signed),
            signed_without_sign_bits=Slice((signed & 0xFFF).astype(np.int16), twelve),
            signed_eight_bits=Slice((_grey().astype(np.int16) - 128).astype(np.int8)),
            bits_32=Slice(_grey().astype(np.uint32) * 1000),
            bits_32_signed=Slice(_grey().astype(np.int32) * 1000 - 90000),
            bits_32_big_endian=Slice(
                _grey().astype(np.uint32) * 1000, transfer=d.BIG_ENDIAN, style=Style(order=">")
            ),
            float_pixels=Slice(floats, [Element(d.FLOATS, b"OF", floats.tobytes())], without=without),
            double_pixels=Slice(
                floats, [Element(d.DOUBLES, b"OD", (floats.astype(float) - 0.5).tobytes())], without=without
            ),
        ),
        *_shows(
            noughts,
            float_pixels_with_none=Slice(holes, [Element(d.FLOATS, b"OF", holes.tobytes())], without=without),
        ),
        *_fails(
            "dicom",
            more_than_bits_stored=_slice(_us(d.STORED, 10), _us(d.HIGH_BIT, 9)),
            one_bit_more_than_stored=_slice(_us(d.STORED, 11), _us(d.HIGH_BIT, 10)),
            high_bit_too_low=_slice(_us(d.STORED, 12), _us(d.HIGH_BIT, 7)),
            high_bit_too_high=_slice(_us(d.STORED, 12), _us(d.HIGH_BIT, 16)),
            no_bits=_slice(_us(d.STORED, 0)),
            more_bits_than_memory=_slice(_us(d.STORED, 17), _us(d.HIGH_BIT, 16)),
            one_bit_each=Slice(_grey(), [_us(d.ALLOCATED, 1), _us(d.STORED, 1), _us(d.HIGH_BIT, 0)]),
        ),
    ]


def _lay(values: NDArray[np.generic], low: float, high: float) -> Grey:
    """A straight line from black at one value to white at another."""
    return _levels((values.astype(float) - low) / (high - low))


def _levels(shares: NDArray[np.float64]) -> Grey:
    levels: Grey = np.floor(shares.clip(0, 1) * 255 + 0.5).astype(np.uint8)
    return levels


def _window(centre: str, width: str, *elements: Element, factor: int = 16) -> Slice:
    return _slice(_ds(d.CENTRE, centre), _ds(d.WIDTH, width), *elements, factor=factor)


def _windows() -> list[Case]:
    """Windows that show something, and such as don't."""
    wide = _wide()
    spiked = wide.copy()
    spiked[50, 10:18] = 65000
    spiked_levels = _grey().copy()
    spiked_levels[50, 10:18] = 255
    exact = Element(d.FUNCTION, b"CS", "LINEAR_EXACT")
    sigmoid = Element(d.FUNCTION, b"CS", "SIGMOID")
    steps = 1 / (1 + np.exp(-4 * (wide.astype(float) - 1500) / 1200))
    return [
        *_shows(
            window_nan=_window("NaN", "NaN"),
            window_infinite=_window("1e999", "1e999"),
            window_text=_window("MANUAL", "AUTO"),
            window_blank=_window("  ", " "),
            window_without_width=_slice(_ds(d.CENTRE, "100")),
            window_width_nought=_window("100", "0"),
            window_width_one=_window("100", "1"),
            window_width_negative=_window("100", "-400"),
            window_beside=_window("40000", "400"),
            window_far_too_wide=_window("8191.5", "65536", factor=4),
            window_with_a_comma=_window("2040,5", "4081"),
            window_first_blank=_window("\\2040.5", "\\4081"),
            window_first_beside=_window("40000\\2040.5", "10\\4081"),
            slope_nought=_slice(_ds(d.SLOPE, "0"), _ds(d.INTERCEPT, "0")),
            slope_empty=_slice(_ds(d.SLOPE, ""), _ds(d.INTERCEPT, "")),
            slope_tiny=_slice(_ds(d.SLOPE, "0.0002442"), _ds(d.INTERCEPT, "0")),
        ),
        *_shows(
            _lay(wide, 501, 1500),
            window=_window("1001", "1000\\3"),
        ),
        *_shows(
            _lay(wide.astype(float) * 2 + 5, 2007 - 1000, 2007 + 999),
            window_of_rescaled=_window("2007", "2000", _ds(d.SLOPE, "2"), _ds(d.INTERCEPT, "5")),
        ),
        *_shows(
            _levels((wide * 0.001 - 2) / 3 + 0.5),
            linear_exact=_window("2", "3", _ds(d.SLOPE, "0.001"), exact),
        ),
        *_shows(_levels(steps), sigmoid=_window("1500", "1200", sigmoid)),
        *_shows(255 - _grey(), monochrome1=_slice(Element(d.PHOTOMETRIC, b"CS", "MONOCHROME1"))),
        *_shows(spiked_levels, spike=Slice(spiked)),
        *_shows(np.zeros((SIDE, SIDE), np.uint8), flat=Slice(np.full((SIDE, SIDE), 9, np.uint16))),
        *_fails(
            "dicom",
            slope_text=_slice(_ds(d.SLOPE, "steep")),
            slope_too_steep=_slice(_ds(d.SLOPE, "1e308")),
        ),
    ]


def _tables() -> list[Case]:
    """Look-up tables."""
    twelve = (_us(d.STORED, 12), _us(d.HIGH_BIT, 11))
    rising = np.arange(4096)
    gamma = np.floor(255 * np.sqrt(rising / 4095) + 0.5).astype(int)
    table = [_us(d.LUT_SHAPE, 4096, 0, 8), _us(d.LUT, *gamma.tolist())]
    falling = [_us(d.LUT_SHAPE, 4096, 0, 16), _us(d.LUT, *(4095 - rising).tolist())]
    tight = [_us(d.LUT_SHAPE, 256, 0, 8), Element(d.LUT, b"OW", bytes(range(256)))]
    return [
        *_shows(gamma[_wide()].astype(np.uint8), voi_lut=_slice(*twelve, _sq(d.VOI_LUTS, table))),
        *_shows(voi_lut_of_bytes=Slice(_grey(), [_sq(d.VOI_LUTS, tight)])),
        *_shows(
            255 - _grey(),
            modality_lut=_slice(*twelve, _sq(d.MODALITY_LUTS, falling)),
            presentation_inverse=_slice(Element(d.PRESENTATION, b"CS", "INVERSE")),
        ),
        *_shows(presentation_identity=_slice(Element(d.PRESENTATION, b"CS", "IDENTITY"))),
        *_fails(
            "dicom",
            modality_lut_cut=_slice(_sq(d.MODALITY_LUTS, [table[0], _us(d.LUT, 1, 2, 3)])),
            voi_lut_without_shape=_slice(_sq(d.VOI_LUTS, [table[1]])),
        ),
    ]


def _padding() -> list[Case]:
    """Values outside the picture, far from its own."""
    outside = _grey() < 12
    shown = _grey().copy()
    shown[outside] = 0
    low = _grey().astype(np.int16) * 4
    low[outside] = -32768
    high = _wide(4)
    high[outside] = 63536
    many = _wide(4)
    many[outside] = 60000
    many[:10][outside[:10]] = 60007
    small = _grey() - np.uint8(12)
    levels = _lay(np.where(outside, 0, small), 0, int(small[~outside].max()))
    plain = np.where(outside, 0, _lay(_grey(), int(_grey()[~outside].min()), 255)).astype(np.uint8)
    assert np.array_equal(plain, levels)
    twelve = (_us(d.STORED, 12), _us(d.HIGH_BIT, 11))
    return _shows(
        plain,
        padding=Slice(low, [Element(d.PADDING, b"SS", [-32768])]),
        padding_high=Slice(high, [_us(d.PADDING, 63536)]),
        padding_range=Slice(many, [_us(d.PADDING, 60000), _us(d.PADDING_LIMIT, 60010)]),
        padding_beyond_stored_bits=Slice(high, [*twelve, _us(d.PADDING, 63536)]),
        padding_32=Slice(
            np.where(outside, 7, _grey().astype(np.uint32) * 90 + 1000).astype(np.uint32),
            [Element(d.PADDING, b"UL", [7])],
        ),
    )


def _enhanced() -> list[Case]:
    """What functional groups say of a frame."""
    spiked = _wide()
    spiked[50, 10:30] = 4080
    dim = spiked // 2
    stack = np.stack([dim, spiked, dim])
    levels = _lay(spiked, 100, 3000)
    voi = _sq(d.FRAME_VOIS, [_ds(d.CENTRE, "1550.5"), _ds(d.WIDTH, "2901")])
    double = _sq(d.VALUE_TRANSFORMATIONS, [_ds(d.SLOPE, "2"), _ds(d.INTERCEPT, "0")])
    other = _sq(d.FRAME_VOIS, [_ds(d.CENTRE, "3100.5"), _ds(d.WIDTH, "5801")])
    top = (_ds(d.CENTRE, "200"), _ds(d.WIDTH, "300"))
    unknown = Style(explicit=False).write([voi])
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(unknown)) + unknown
    return _shows(
        levels,
        window_of_the_frame=Slice(stack, [*top, _sq(d.PER_FRAME, [other], [voi], [other])]),
        window_shared=Slice(stack, [*top, _sq(d.SHARED, [voi], endless=True)]),
        window_shared_in_unknown=Slice(stack, [Element(d.SHARED, b"UN", item)]),
        rescale_of_the_frame=Slice(stack, [_sq(d.PER_FRAME, [], [double, other], [])]),
        rescale_shared=Slice(stack, [_sq(d.SHARED, [double, other])]),
        window_of_the_frame_before_shared=Slice(
            stack, [_sq(d.SHARED, [other]), _sq(d.PER_FRAME, [], [voi], [])]
        ),
    )


def _frames() -> list[Case]:
    """Which of many frames is shown."""
    black = np.zeros_like(_wide())

    def stack(count: int, middle: int, items: list[list[Element]], *elements: Element) -> Slice:
        pixels = np.stack([_wide() if index == middle else black for index in range(count)])
        return Slice(pixels, [*elements, _sq(d.PER_FRAME, *items)])

    def numbered(number: int, name: str = "1", echo: float = 20.0) -> list[Element]:
        content = [Element(d.STACK, b"SH", name), Element(d.IN_STACK, b"UL", [number])]
        time = Element(d.ECHO_TIME, b"FD", struct.pack("<d", echo))
        return [_sq(d.ECHOES, [time]), _sq(d.CONTENTS, content)]

    def placed(z: str, normal: str = "1\\0\\0\\0\\1\\0") -> list[Element]:
        return [
            _sq(d.POSITIONS, [_ds(d.POSITION, f"-100\\-90.5\\{z}")]),
            _sq(d.ORIENTATIONS, [_ds(d.ORIENTATION, normal)]),
        ]

    two_echoes = [numbered(place, echo=echo) for echo in (40.0, 20.0) for place in (1, 2, 3)]
    side = "0\\1\\0\\0\\0\\-1"
    planes = [placed(z, normal) for normal in ("1\\0\\0\\0\\1\\0", side) for z in ("5", "-4.5", "0.25")]
    return _shows(
        frames=Slice(np.stack([black, _wide(), black])),
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


def _colours() -> list[Case]:
    """Secondary captures."""
    grey = _grey()
    colours = np.stack([grey, grey, grey], axis=2)
    tinted = np.stack([grey, grey // 2, 255 - grey], axis=2)
    planes = Slice(
        np.ascontiguousarray(np.moveaxis(colours, 2, 0)).reshape(SIDE, SIDE, 3), [_us(d.PLANAR, 1)]
    )
    palette = [Element(d.PHOTOMETRIC, b"CS", "PALETTE COLOR")]
    shapes = [_us((0x28, 0x1101 + channel), 256, 0, 16) for channel in range(3)]
    entries = [_us((0x28, 0x1201 + channel), *range(0, 65536, 257)) for channel in range(3)]
    bytes_shapes = [_us((0x28, 0x1101 + channel), 256, 0, 8) for channel in range(3)]
    bytes_entries = [Element((0x28, 0x1201 + channel), b"OW", bytes(range(256))) for channel in range(3)]
    short = [_us((0x28, 0x1101 + channel), 200, 56, 16) for channel in range(3)]
    short_entries = [_us((0x28, 0x1201 + channel), *range(56 * 257, 65536, 257)) for channel in range(3)]
    ybr = Element(d.PHOTOMETRIC, b"CS", "YBR_FULL")
    return [
        *_shows(
            screenshot=Slice(colours),
            screenshot_of_planes=planes,
            screenshot_other=Slice(colours, [Element(d.MODALITY, b"CS", "OT")]),
            palette=Slice(grey, [*palette, *shapes, *entries]),
            palette_of_bytes=Slice(grey, [*palette, *bytes_shapes, *bytes_entries]),
        ),
        *_shows(np.maximum(grey, 56), palette_from_56=Slice(grey, [*palette, *short, *short_entries])),
        Case(name="dicom-screenshot_tinted.dcm", data=Slice(tinted).bytes()),
        *_fails(
            "dicom",
            palette_missing=Slice(grey, palette),
            palette_cut=Slice(grey, [*palette, *shapes, *(_us(each.tag, 1, 2) for each in entries)]),
            colours_of_16_bits=Slice(colours.astype(np.uint16)),
            colours_not_packed=Slice(colours, [ybr]),
            colours_of_another_kind=Slice(colours, [Element(d.PHOTOMETRIC, b"CS", "HSV")]),
        ),
    ]


def _shapes() -> list[Case]:
    """Pixels that are not square."""
    low = Image.fromarray(_grey()).resize((SIDE, SIDE // 2), Image.Resampling.BOX)
    wide = np.asarray(low).astype(np.uint16) * 16
    tall = np.ascontiguousarray(wide.T)
    low_levels = np.asarray(low)
    span = int(low_levels.max()) - int(low_levels.min())
    levels = Image.fromarray(_lay(low_levels, int(low_levels.min()), int(low_levels.min()) + span))
    stretched = np.asarray(levels.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    turned = np.asarray(
        levels.transpose(Image.Transpose.TRANSPOSE).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    )
    measures = _sq(d.PIXEL_MEASURES, [_ds(d.SPACING, "1.8\\0.9")])
    return [
        *_shows(
            stretched,
            spacing=Slice(wide, [_ds(d.SPACING, "2\\1")]),
            spacing_shared=Slice(wide, [_sq(d.SHARED, [measures])]),
            aspect=Slice(wide, [Element(d.ASPECT, b"IS", "2\\1 ")]),
        ),
        *_shows(turned, spacing_across=Slice(tall, [_ds(d.SPACING, "0.9\\1.8")])),
        *_shows(
            spacing_nearly_square=_slice(_ds(d.SPACING, "0.4688\\0.4687")),
            spacing_nought=_slice(_ds(d.SPACING, "0\\1")),
            spacing_of_one=_slice(_ds(d.SPACING, "2")),
            spacing_text=_slice(_ds(d.SPACING, "a\\b")),
        ),
        *_fails("too_small", small=Slice(_wide()[:20, :20])),
        *_fails("too_many_pixels", spacing_without_end=_slice(_ds(d.SPACING, "100000\\1"))),
        *_fails("too_many_pixels", large=_slice(_us(d.ROWS, 60000), _us(d.COLUMNS, 60000))),
    ]


def _run_lengths() -> list[Case]:
    """Packed by run lengths, rightly and wrongly."""
    wide, grey = _wide(), _grey()
    colours = np.stack([grey, grey, grey], axis=2)
    frame, black = d.run_lengths(wide), d.run_lengths(wide * 0)
    high, low = (d.pack_bits(wide.astype(">u2").tobytes()[index::2]) for index in (0, 1))

    def packed(pixels: NDArray[np.generic], *fragments: bytes, table: Sequence[int] = ()) -> Slice:
        return Slice(pixels, transfer=d.RLE, packed=d.encapsulated(*fragments, table=table))

    three = np.stack([wide * 0, wide, wide * 0])
    half = len(frame) // 4 * 2
    first = len(black) + 8
    return [
        *_shows(
            rle=packed(wide, frame),
            rle_eight_bits=packed(grey, d.run_lengths(grey)),
            rle_colours=packed(colours, d.run_lengths(colours)),
            rle_two_fragments=packed(wide, frame[:half], frame[half:]),
            rle_frames=packed(three, black, frame, black),
            rle_frames_by_table=packed(
                three, black, frame[:half], frame[half:], black, table=[0, first, first + len(frame) + 16]
            ),
        ),
        *_fails(
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
        return _sq(d.REGIONS, [Element(d.CODE_VALUE, b"SH", code), Element(d.CODE_MEANING, b"LO", meaning)])

    def part(name: str) -> Element:
        return Element(d.BODY_PART, b"CS", name)

    knee = region("T-D9200", "Knee")
    read = {
        f"body_{name.strip().lower().replace(' ', '_') or 'empty'}": _slice(part(name))
        for name in ("HEAD", "Brain", "SKULL", "HEADNECK", "HEAD NECK", "KEPALA", " ")
    }
    return [
        *(_case(name, file, levels=_grey()) for name, file in read.items()),
        *_shows(
            region_brain=_slice(region("T-A0100", "Brain")),
            region_code_alone=_slice(region("69536005", "")),
            region_head_and_neck=_slice(region("1", "Head and Neck")),
            region_empty=_slice(_sq(d.REGIONS, [])),
        ),
        *_fails(
            "dicom_body_part",
            body_knee=_slice(part("KNEE")),
            body_neck=_slice(part("NECK")),
            region_knee=_slice(knee),
            region_knee_shared=_slice(_sq(d.SHARED, [_sq(d.ANATOMIES, [knee])])),
            body_knee_packed=Slice(_wide(), [part("KNEE")], transfer=d.RLE, packed=d.encapsulated(b"12")),
        ),
    ]


def _refused() -> list[Case]:
    """Files that hold no slice that can be opened, or none of a head's MRI."""
    plain = _slice()
    ct = Element(d.MODALITY, b"CS", "CT")
    whole = plain.bytes()
    jpeg = "1.2.840.10008.1.2.4."
    item = d.encapsulated(b"\xff\xd8\xff\xd9")
    deflated = plain.but(transfer=d.EXPLICIT + ".99").bytes()
    start = deflated.index(b".99") + 3
    squeezer = zlib.compressobj(wbits=-15)
    deflated = deflated[:start] + squeezer.compress(deflated[start:]) + squeezer.flush()
    return [
        *_fails(
            "dicom_compressed",
            lossless_jpeg=plain.but(transfer=jpeg + "70", packed=item),
            jpeg_ls=plain.but(transfer=jpeg + "80", packed=item),
            film=plain.but(transfer=jpeg + "102", packed=item),
            private_syntax=plain.but(transfer="1.2.840.113619.5.2"),
        ),
        Case(name="dicom-deflated.dcm", data=deflated, error="dicom_compressed"),
        *_fails(
            "dicom_modality",
            ct=plain.but(ct),
            ct_in_jpeg=plain.but(ct, transfer=jpeg + "50", packed=item),
            report=plain.but(Element(d.MODALITY, b"CS", "SR"), without=[d.PIXELS, d.ROWS, d.COLUMNS]),
        ),
        *_fails(
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
    plain = _slice()
    nested = endless = Element(d.STACK, b"SH", "1")
    for _ in range(60):
        nested, endless = _sq(d.PRIVATE, [nested]), _sq(d.PRIVATE, [endless], endless=True)
    items = _sq(d.SHARED, *[[]] * 210_000, endless=True)
    return [
        *_shows(nested_with_lengths=plain.but(nested)),
        *_fails(
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
        _case("text_without_end", _window(" " * 60_000, "1" * 60_000), levels=_grey()),
    ]
