"""Every way in which a DICOM file says how its values are shown, and what each must show."""

from __future__ import annotations

import struct

import numpy as np
from PIL import Image

from tests.corpus import dicom_files as d
from tests.corpus.case import Case
from tests.corpus.dicom_files import Element, Slice, Style
from tests.corpus.dicom_slices import (
    SIDE,
    ds,
    fails,
    head,
    lay,
    mr,
    shows,
    sq,
    to_levels,
    us,
    wide_head,
    windowed,
)


def cases() -> list[Case]:
    """Returns a case for each kind."""
    groups = (_bits, _windows, _tables, _padding, _enhanced, _colours, _shapes)
    return [case for group in groups for case in group()]


def _bits() -> list[Case]:
    """Where in memory a value lies."""
    twelve = (us(d.STORED, 12), us(d.HIGH_BIT, 11))
    overlay = wide_head()
    overlay[10:30, 10:30] |= 0x8000
    signed = head().astype(np.int16) * 16 - 2048
    floats = head().astype(np.float32) / 255
    holes = floats.copy()
    holes[:2] = np.nan
    without = [d.STORED, d.HIGH_BIT, d.SIGNED, d.PIXELS]
    noughts = head().copy()
    noughts[:2] = 0
    return [
        *shows(
            twelve_bits=mr(*twelve),
            constant_above=Slice(wide_head() | 0xF000, twelve),
            overlay_above=Slice(overlay, twelve),
            high_bit_15=Slice(wide_head(256), [us(d.STORED, 12), us(d.HIGH_BIT, 15)]),
            signed=Slice(signed),
            signed_without_sign_bits=Slice((signed & 0xFFF).astype(np.int16), twelve),
            signed_eight_bits=Slice((head().astype(np.int16) - 128).astype(np.int8)),
            bits_32=Slice(head().astype(np.uint32) * 1000),
            bits_32_signed=Slice(head().astype(np.int32) * 1000 - 90000),
            bits_32_big_endian=Slice(
                head().astype(np.uint32) * 1000, transfer=d.BIG_ENDIAN, style=Style(order=">")
            ),
            float_pixels=Slice(floats, [Element(d.FLOATS, b"OF", floats.tobytes())], without=without),
            double_pixels=Slice(
                floats, [Element(d.DOUBLES, b"OD", (floats.astype(float) - 0.5).tobytes())], without=without
            ),
        ),
        *shows(
            noughts,
            float_pixels_with_none=Slice(holes, [Element(d.FLOATS, b"OF", holes.tobytes())], without=without),
        ),
        *fails(
            "dicom",
            more_than_bits_stored=mr(us(d.STORED, 10), us(d.HIGH_BIT, 9)),
            one_bit_more_than_stored=mr(us(d.STORED, 11), us(d.HIGH_BIT, 10)),
            high_bit_too_low=mr(us(d.STORED, 12), us(d.HIGH_BIT, 7)),
            high_bit_too_high=mr(us(d.STORED, 12), us(d.HIGH_BIT, 16)),
            no_bits=mr(us(d.STORED, 0)),
            more_bits_than_memory=mr(us(d.STORED, 17), us(d.HIGH_BIT, 16)),
            one_bit_each=Slice(head(), [us(d.ALLOCATED, 1), us(d.STORED, 1), us(d.HIGH_BIT, 0)]),
        ),
    ]


def _windows() -> list[Case]:
    """Windows that show something, and such as don't."""
    wide = wide_head()
    spiked = wide.copy()
    spiked[50, 10:18] = 65000
    spiked_levels = head().copy()
    spiked_levels[50, 10:18] = 255
    exact = Element(d.FUNCTION, b"CS", "LINEAR_EXACT")
    sigmoid = Element(d.FUNCTION, b"CS", "SIGMOID")
    steps = 1 / (1 + np.exp(-4 * (wide.astype(float) - 1500) / 1200))
    return [
        *shows(
            window_nan=windowed("NaN", "NaN"),
            window_infinite=windowed("1e999", "1e999"),
            window_text=windowed("MANUAL", "AUTO"),
            window_blank=windowed("  ", " "),
            window_without_width=mr(ds(d.CENTRE, "100")),
            window_width_nought=windowed("100", "0"),
            window_width_one=windowed("100", "1"),
            window_width_negative=windowed("100", "-400"),
            window_beside=windowed("40000", "400"),
            window_far_too_wide=windowed("8191.5", "65536", factor=4),
            window_with_a_comma=windowed("2040,5", "4081"),
            window_first_blank=windowed("\\2040.5", "\\4081"),
            window_first_beside=windowed("40000\\2040.5", "10\\4081"),
            slope_nought=mr(ds(d.SLOPE, "0"), ds(d.INTERCEPT, "0")),
            slope_empty=mr(ds(d.SLOPE, ""), ds(d.INTERCEPT, "")),
            slope_tiny=mr(ds(d.SLOPE, "0.0002442"), ds(d.INTERCEPT, "0")),
        ),
        *shows(
            lay(wide, 501, 1500),
            window=windowed("1001", "1000\\3"),
        ),
        *shows(
            lay(wide.astype(float) * 2 + 5, 2007 - 1000, 2007 + 999),
            window_of_rescaled=windowed("2007", "2000", ds(d.SLOPE, "2"), ds(d.INTERCEPT, "5")),
        ),
        *shows(
            to_levels((wide * 0.001 - 2) / 3 + 0.5),
            linear_exact=windowed("2", "3", ds(d.SLOPE, "0.001"), exact),
        ),
        *shows(to_levels(steps), sigmoid=windowed("1500", "1200", sigmoid)),
        *shows(255 - head(), monochrome1=mr(Element(d.PHOTOMETRIC, b"CS", "MONOCHROME1"))),
        *shows(spiked_levels, spike=Slice(spiked)),
        *shows(np.zeros((SIDE, SIDE), np.uint8), flat=Slice(np.full((SIDE, SIDE), 9, np.uint16))),
        *fails(
            "dicom",
            slope_text=mr(ds(d.SLOPE, "steep")),
            slope_too_steep=mr(ds(d.SLOPE, "1e308")),
        ),
    ]


def _tables() -> list[Case]:
    """Look-up tables."""
    twelve = (us(d.STORED, 12), us(d.HIGH_BIT, 11))
    rising = np.arange(4096)
    gamma = np.floor(255 * np.sqrt(rising / 4095) + 0.5).astype(int)
    table = [us(d.LUT_SHAPE, 4096, 0, 8), us(d.LUT, *gamma.tolist())]
    falling = [us(d.LUT_SHAPE, 4096, 0, 16), us(d.LUT, *(4095 - rising).tolist())]
    tight = [us(d.LUT_SHAPE, 256, 0, 8), Element(d.LUT, b"OW", bytes(range(256)))]
    return [
        *shows(gamma[wide_head()].astype(np.uint8), voi_lut=mr(*twelve, sq(d.VOI_LUTS, table))),
        *shows(voi_lut_of_bytes=Slice(head(), [sq(d.VOI_LUTS, tight)])),
        *shows(
            255 - head(),
            modality_lut=mr(*twelve, sq(d.MODALITY_LUTS, falling)),
            presentation_inverse=mr(Element(d.PRESENTATION, b"CS", "INVERSE")),
        ),
        *shows(presentation_identity=mr(Element(d.PRESENTATION, b"CS", "IDENTITY"))),
        *fails(
            "dicom",
            modality_lut_cut=mr(sq(d.MODALITY_LUTS, [table[0], us(d.LUT, 1, 2, 3)])),
            voi_lut_without_shape=mr(sq(d.VOI_LUTS, [table[1]])),
        ),
    ]


def _padding() -> list[Case]:
    """Values outside the picture, far from its own."""
    outside = head() < 12
    shown = head().copy()
    shown[outside] = 0
    low = head().astype(np.int16) * 4
    low[outside] = -32768
    high = wide_head(4)
    high[outside] = 63536
    many = wide_head(4)
    many[outside] = 60000
    many[:10][outside[:10]] = 60007
    small = head() - np.uint8(12)
    levels = lay(np.where(outside, 0, small), 0, int(small[~outside].max()))
    plain = np.where(outside, 0, lay(head(), int(head()[~outside].min()), 255)).astype(np.uint8)
    assert np.array_equal(plain, levels)
    twelve = (us(d.STORED, 12), us(d.HIGH_BIT, 11))
    return shows(
        plain,
        padding=Slice(low, [Element(d.PADDING, b"SS", [-32768])]),
        padding_high=Slice(high, [us(d.PADDING, 63536)]),
        padding_range=Slice(many, [us(d.PADDING, 60000), us(d.PADDING_LIMIT, 60010)]),
        padding_beyond_stored_bits=Slice(high, [*twelve, us(d.PADDING, 63536)]),
        padding_32=Slice(
            np.where(outside, 7, head().astype(np.uint32) * 90 + 1000).astype(np.uint32),
            [Element(d.PADDING, b"UL", [7])],
        ),
        padding_range_32=Slice(
            many.astype(np.uint32) * 1000,
            [Element(d.PADDING, b"UL", [60_007_000]), Element(d.PADDING_LIMIT, b"UL", [60_000_000])],
        ),
        padding_range_32_signed=Slice(
            np.where(outside, many.astype(np.int32) - 160_000, many).astype(np.int32),
            [
                Element(d.PADDING, b"UL", [2**32 - 100_000]),
                Element(d.PADDING_LIMIT, b"UL", [2**32 - 99_990]),
            ],
        ),
    )


def _enhanced() -> list[Case]:
    """What functional groups say of a frame."""
    spiked = wide_head()
    spiked[50, 10:30] = 4080
    dim = spiked // 2
    stack = np.stack([dim, spiked, dim])
    levels = lay(spiked, 100, 3000)
    voi = sq(d.FRAME_VOIS, [ds(d.CENTRE, "1550.5"), ds(d.WIDTH, "2901")])
    double = sq(d.VALUE_TRANSFORMATIONS, [ds(d.SLOPE, "2"), ds(d.INTERCEPT, "0")])
    other = sq(d.FRAME_VOIS, [ds(d.CENTRE, "3100.5"), ds(d.WIDTH, "5801")])
    top = (ds(d.CENTRE, "200"), ds(d.WIDTH, "300"))
    unknown = Style(explicit=False).write([voi])
    item = struct.pack("<HHI", 0xFFFE, 0xE000, len(unknown)) + unknown
    return shows(
        levels,
        window_of_the_frame=Slice(stack, [*top, sq(d.PER_FRAME, [other], [voi], [other])]),
        window_shared=Slice(stack, [*top, sq(d.SHARED, [voi], endless=True)]),
        window_shared_in_unknown=Slice(stack, [Element(d.SHARED, b"UN", item)]),
        rescale_of_the_frame=Slice(stack, [sq(d.PER_FRAME, [], [double, other], [])]),
        rescale_shared=Slice(stack, [sq(d.SHARED, [double, other])]),
        window_of_the_frame_before_shared=Slice(
            stack, [sq(d.SHARED, [other]), sq(d.PER_FRAME, [], [voi], [])]
        ),
    )


def _colours() -> list[Case]:
    """Secondary captures."""
    grey = head()
    colours = np.stack([grey, grey, grey], axis=2)
    tinted = np.stack([grey, grey // 2, 255 - grey], axis=2)
    planes = Slice(np.ascontiguousarray(np.moveaxis(colours, 2, 0)).reshape(SIDE, SIDE, 3), [us(d.PLANAR, 1)])
    palette = [Element(d.PHOTOMETRIC, b"CS", "PALETTE COLOR")]
    shapes = [us((0x28, 0x1101 + channel), 256, 0, 16) for channel in range(3)]
    entries = [us((0x28, 0x1201 + channel), *range(0, 65536, 257)) for channel in range(3)]
    bytes_shapes = [us((0x28, 0x1101 + channel), 256, 0, 8) for channel in range(3)]
    bytes_entries = [Element((0x28, 0x1201 + channel), b"OW", bytes(range(256))) for channel in range(3)]
    short = [us((0x28, 0x1101 + channel), 200, 56, 16) for channel in range(3)]
    short_entries = [us((0x28, 0x1201 + channel), *range(56 * 257, 65536, 257)) for channel in range(3)]
    ybr = Element(d.PHOTOMETRIC, b"CS", "YBR_FULL")
    return [
        *shows(
            screenshot=Slice(colours),
            screenshot_of_planes=planes,
            screenshot_other=Slice(colours, [Element(d.MODALITY, b"CS", "OT")]),
            palette=Slice(grey, [*palette, *shapes, *entries]),
            palette_of_bytes=Slice(grey, [*palette, *bytes_shapes, *bytes_entries]),
        ),
        *shows(np.maximum(grey, 56), palette_from_56=Slice(grey, [*palette, *short, *short_entries])),
        Case(name="dicom-screenshot_tinted.dcm", data=Slice(tinted).bytes()),
        *fails(
            "too_many_pixels",
            colours_too_large=Slice(colours, [us(d.ROWS, 4000), us(d.COLUMNS, 4000)]),
            palette_too_large=Slice(grey, [*palette, us(d.ROWS, 4000), us(d.COLUMNS, 4000)]),
        ),
        *fails(
            "dicom",
            palette_missing=Slice(grey, palette),
            palette_cut=Slice(grey, [*palette, *shapes, *(us(each.tag, 1, 2) for each in entries)]),
            colours_of_16_bits=Slice(colours.astype(np.uint16)),
            colours_not_packed=Slice(colours, [ybr]),
            colours_of_another_kind=Slice(colours, [Element(d.PHOTOMETRIC, b"CS", "HSV")]),
        ),
    ]


def _shapes() -> list[Case]:
    """Pixels that are not square."""
    low = Image.fromarray(head()).resize((SIDE, SIDE // 2), Image.Resampling.BOX)
    wide = np.asarray(low).astype(np.uint16) * 16
    tall = np.ascontiguousarray(wide.T)
    low_levels = np.asarray(low)
    span = int(low_levels.max()) - int(low_levels.min())
    levels = Image.fromarray(lay(low_levels, int(low_levels.min()), int(low_levels.min()) + span))
    stretched = np.asarray(levels.resize((SIDE, SIDE), Image.Resampling.BILINEAR))
    turned = np.asarray(
        levels.transpose(Image.Transpose.TRANSPOSE).resize((SIDE, SIDE), Image.Resampling.BILINEAR)
    )
    measures = sq(d.PIXEL_MEASURES, [ds(d.SPACING, "1.8\\0.9")])
    return [
        *shows(
            stretched,
            spacing=Slice(wide, [ds(d.SPACING, "2\\1")]),
            spacing_shared=Slice(wide, [sq(d.SHARED, [measures])]),
            aspect=Slice(wide, [Element(d.ASPECT, b"IS", "2\\1 ")]),
        ),
        *shows(turned, spacing_across=Slice(tall, [ds(d.SPACING, "0.9\\1.8")])),
        *shows(
            spacing_nearly_square=mr(ds(d.SPACING, "0.4688\\0.4687")),
            spacing_nought=mr(ds(d.SPACING, "0\\1")),
            spacing_of_one=mr(ds(d.SPACING, "2")),
            spacing_text=mr(ds(d.SPACING, "a\\b")),
        ),
        *fails("too_small", small=Slice(wide_head()[:20, :20])),
        *fails("too_many_pixels", spacing_without_end=mr(ds(d.SPACING, "100000\\1"))),
        *fails("too_many_pixels", large=mr(us(d.ROWS, 60000), us(d.COLUMNS, 60000))),
    ]
