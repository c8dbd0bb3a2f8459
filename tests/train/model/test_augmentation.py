from __future__ import annotations

import numpy as np
from keras import ops

from train.model.augmentation import Augmentation, grid, warp
from train.model.losses import map_targets

GLIOMA, _, NO_TUMOUR, _ = np.eye(4, dtype=np.float32)


def test_boxes_stay_on_their_lesion_when_the_slice_is_moved() -> None:
    pixels = np.zeros((8, 64, 64, 1), np.float32)
    pixels[:, 20:30, 40:50] = 255
    boxes = np.tile(np.array([45, 25, 10, 10], np.float32) / 64, (8, 1))
    moved, boxes, targets, matrices = Augmentation(seed=3)(pixels, boxes, np.tile(GLIOMA, (8, 1)))
    inside = np.array(map_targets(grid(64, matrices), boxes, targets))[..., 0] == 1
    inside &= np.array(map_targets(grid(64, matrices), boxes, targets))[..., 2] == 0
    for picture, mask in zip(np.array(moved)[..., 0], inside, strict=True):
        assert picture[mask].mean() > picture[~mask].mean() + 50


def test_a_pasted_lesion_brings_its_label_and_box() -> None:
    pixels = np.zeros((64, 32, 32, 1), np.float32)
    pixels[::2, 8:16, 8:16] = 255
    boxes = np.full((64, 4), np.nan, np.float32)
    boxes[::2] = (12 / 32, 12 / 32, 8 / 32, 8 / 32)
    targets = np.tile(np.stack([GLIOMA, NO_TUMOUR]), (32, 1))
    augmented, new_boxes, new_targets, _ = (np.array(x) for x in Augmentation(seed=1)(pixels, boxes, targets))
    changed = (new_targets != targets).any(axis=1)
    assert 0 < changed.sum() < 32 and not changed[::2].any()
    assert (new_targets[changed] == GLIOMA).all() and np.isfinite(new_boxes[changed]).all()
    assert augmented[changed].max(axis=(1, 2, 3)).mean() > 100
    assert np.isfinite(augmented).all() and augmented.min() >= 0 and augmented.max() <= 255


def test_the_warp_moves_a_spot_to_where_the_matrix_says() -> None:
    random = np.random.default_rng(0).uniform(0, 255, (1, 32, 32, 1)).astype("float32")
    quarter_turn = np.array([[[0, 1, 0], [-1, 0, 0]]], np.float32)
    assert np.allclose(
        ops.convert_to_numpy(warp(random, quarter_turn))[0, ..., 0], np.rot90(random[0, ..., 0], -1), atol=1
    )


def test_some_slices_look_photographed_off_a_screen_and_others_stay() -> None:
    black = np.zeros((64, 32, 32, 1), np.float32)
    shown = ops.convert_to_numpy(Augmentation(seed=2)._photographed_screen(black))
    lit = shown.mean(axis=(1, 2, 3)) > 0.5
    assert 4 <= lit.sum() <= 24
    assert (shown[~lit] == 0).all()
    assert shown.max() < 255 and np.isfinite(shown).all()


def test_the_same_seed_augments_alike() -> None:
    pixels = np.random.default_rng(0).uniform(0, 255, (4, 32, 32, 1)).astype("float32")
    boxes = np.full((4, 4), np.nan, np.float32)
    targets = np.tile(NO_TUMOUR, (4, 1))
    first, again, other = (
        ops.convert_to_numpy(Augmentation(seed)(pixels, boxes, targets)[0]) for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again) and not np.array_equal(first, other)
