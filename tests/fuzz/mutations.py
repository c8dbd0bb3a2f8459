"""Changes that a file's grammar allows, and a few that it doesn't."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from tests.fuzz.containers import SPLITTERS, Part, join, kind_of, split

# Where readers of numbers go wrong: at the ends of what fits, and near the sizes of pictures.
NUMBERS: tuple[int, ...] = (
    0,
    1,
    2,
    3,
    7,
    8,
    15,
    16,
    31,
    32,
    63,
    64,
    65,
    127,
    128,
    129,
    254,
    255,
    256,
    257,
    1023,
    4096,
)
NUMBERS += (5000, 12_000, 16_383, 32_767, 32_768, 65_534, 65_535, 65_536, 2**24, 2**31 - 1, 2**31, 2**32 - 1)
MAX_BYTES = 2_000_000


def mutate(random: Random, seeds: Sequence[bytes]) -> bytes:
    """Returns a changed file: one to four changes to its parts, and now and then one to its bytes.

    Args:
        random: Decides all.
        seeds: Whole files.
    """
    # There are many more of some kinds than of others.
    kind = random.choice(list(SPLITTERS))
    others = [seed for seed in seeds if kind_of(seed) == kind]
    parts = split(random.choice(others))
    for _ in range(random.choice((1, 1, 1, 2, 2, 4))):
        parts = _change_parts(random, parts, others)
    data = join(kind, parts)[:MAX_BYTES]
    if random.random() < 0.2:
        data = _change_bytes(random, data)
    return data


def _change_parts(random: Random, parts: list[Part], others: Sequence[bytes]) -> list[Part]:
    if not parts:
        return parts
    index = random.randrange(len(parts))
    part = parts[index]
    way = random.randrange(16)
    if way == 0:
        return parts[:index] + parts[index + 1 :]
    if way == 1:
        return parts[:index] + [part] * random.choice((2, 2, 3, 10, 300)) + parts[index + 1 :]
    if way == 2:
        other = random.randrange(len(parts))
        parts = [*parts]
        parts[index], parts[other] = parts[other], parts[index]
        return parts
    if way == 3:
        return [*parts[:index], random.choice(split(random.choice(others))), *parts[index:]]
    if way == 4:
        kind = _change_bytes(random, part.kind).ljust(len(part.kind))[: len(part.kind)]
        return [*parts[:index], replace(part, kind=kind), *parts[index + 1 :]]
    if way == 5:
        return parts[:index]
    if way == 6 and part.rest:
        return [*parts[:index], replace(part, rest=_change_bytes(random, part.rest)), *parts[index + 1 :]]
    return [*parts[:index], replace(part, body=_change_body(random, part)), *parts[index + 1 :]]


def _change_body(random: Random, part: Part) -> bytes:
    # A packed frame has a grammar of its own.
    if part.kind.endswith(b"packed") and part.body.startswith(b"\xff\xd8") and random.random() < 0.7:
        frame = split(part.body)
        return join(b"\xff\xd8", _change_parts(random, frame, [part.body]))
    # What matters most stands at the start.
    head = random.choice((8, 32, 64, len(part.body)))
    return _change_bytes(random, part.body[:head]) + part.body[head:]


def _change_bytes(random: Random, data: bytes) -> bytes:
    if not data:
        return random.randbytes(random.choice((1, 4, 100)))
    place = random.randrange(len(data))
    way = random.randrange(8)
    if way == 0:
        return data[:place]
    if way == 1:
        return data[:place] + random.randbytes(random.choice((1, 2, 4, 50))) + data[place:]
    if way == 2:
        length = random.choice((1, 2, 4, 50))
        return data[:place] + data[place : place + length] * random.choice((2, 100, 5000)) + data[place:]
    if way == 3:
        return data[:place] + bytes([data[place] ^ 1 << random.randrange(8)]) + data[place + 1 :]
    if way == 4:
        return data[:place] + random.randbytes(1) + data[place + 1 :]
    size, order = random.choice("BHHIIQ"), random.choice("<>")
    number = struct.pack(order + size, random.choice(NUMBERS) % 256 ** struct.calcsize(order + size))
    return data[:place] + number + data[place + len(number) :]
