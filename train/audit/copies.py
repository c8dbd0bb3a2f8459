"""Which pictures show the same: near-identical pairs, the clusters they form, and nearest neighbours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from train.audit.thumbnails import Pictures

# On the paper's data set no picture's best match lies between 0.9825 and 0.985: below are neighbouring slices
# of a patient, above are copies that were re-encoded, resized or given another margin.
THRESHOLD = 0.985
BLOCK = 1024  # rows of the similarity matrix that are in memory at once


@dataclass(frozen=True)
class Matches:
    """What comparing each picture with each other leaves.

    Attributes:
        pairs: int64 (P, 2), pictures that are at least ``NEAR`` alike; the first comes earlier.
        alike: float32 (P,), how much.
        best: float32 (N,), each picture's similarity to the one most like it; -1 where it is alone.
    """

    pairs: NDArray[np.int64]
    alike: NDArray[np.float32]
    best: NDArray[np.float32]

    @property
    def same(self) -> NDArray[np.int64]:
        """int64 (Q, 2), the pairs that are near-identical."""
        return self.pairs[self.alike >= THRESHOLD]


NEAR = THRESHOLD - 0.025  # pairs from here up are kept, to show what lies just below the threshold


def match(pictures: Pictures) -> Matches:
    """Compares each picture with each other.

    Two pictures are as alike as the greater of two correlations of their thumbnails: of the whole picture,
    and of what is left once the dark margin is cut off. Identical files are alike by 1.
    """
    views = [unit_vectors(pictures.whole), unit_vectors(pictures.content)]
    _, digests = np.unique([slice_.sha256 for slice_ in pictures.slices], return_inverse=True)
    number = len(pictures.slices)
    best = np.full(number, -1, np.float32)
    pairs, alike = [np.zeros((0, 2), np.int64)], [np.zeros(0, np.float32)]
    for start in range(0, number, BLOCK):
        rows = slice(start, start + BLOCK)
        block = np.minimum(np.maximum.reduce([view[rows] @ view.T for view in views]), 1)
        block[digests[rows, None] == digests[None]] = 1
        itself = np.arange(len(block))
        block[itself, itself + start] = -1
        best[rows] = block.max(axis=1)
        first, second = np.nonzero(np.triu(block, start + 1) >= NEAR)
        pairs.append(np.stack([first + start, second], axis=1))
        alike.append(block[first, second])
    return Matches(np.concatenate(pairs), np.concatenate(alike), best)


def components(number: int, pairs: Sequence[Sequence[int]] | NDArray[np.int64]) -> NDArray[np.int64]:
    """Numbers what hangs together through pairs, from 0 in the order of first appearance.

    Args:
        number: Of items.
        pairs: Indices of items that belong together.

    Returns:
        int64 (number,).
    """
    ends = np.asarray(pairs, np.int64).reshape(-1, 2)
    graph = coo_array((np.ones(len(ends), np.int8), (ends[:, 0], ends[:, 1])), shape=(number, number))
    _, labels = connected_components(graph, directed=False)
    _, first, labels = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[labels].astype(np.int64)


def nearest(queries: NDArray[np.uint8], known: NDArray[np.uint8]) -> NDArray[np.int64]:
    """Finds the most correlated of the known thumbnails for each query.

    Args:
        queries: uint8 (Q, H, W).
        known: uint8 (K, H, W), at least one.

    Returns:
        int64 (Q,), indices of ``known``.
    """
    units = unit_vectors(known)
    blocks = [
        (unit_vectors(queries[start : start + BLOCK]) @ units.T).argmax(axis=1)
        for start in range(0, len(queries), BLOCK)
    ]
    return np.concatenate(blocks)


def unit_vectors(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Returns float32 (N, H * W) whose scalar products are correlations; zeros for an even picture."""
    vectors = thumbnails.reshape(len(thumbnails), -1).astype(np.float32)
    vectors -= vectors.mean(axis=1, keepdims=True)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    vectors /= np.where(lengths > 0, lengths, 1)
    return vectors
