"""A short run of ``python -m tests.fuzz``, which makes and reads mutated files."""

from __future__ import annotations

from random import Random

import numpy as np
import pytest

from edge_app.image import decode
from tests.fuzz.__main__ import fuzz
from tests.fuzz.containers import join, kind_of, split
from tests.fuzz.mutations import mutate
from tests.fuzz.seeds import plain_seeds

FILES = 300


@pytest.mark.slow
def test_workers_bear_mutated_files() -> None:
    outcomes = list(fuzz(seed=2, numbers=range(FILES)))
    assert len(outcomes) == FILES
    assert [(each.number, each.said) for each in outcomes if not each.borne] == []
    # Neither are all files refused at the door, nor all read as if nothing were wrong.
    assert {"read", "damaged", "dicom", "no_image"} <= {each.said for each in outcomes}


def test_a_file_taken_apart_and_put_together_is_the_same_picture() -> None:
    whole = plain_seeds()
    assert len({kind_of(seed) for seed in whole}) == 5
    for seed in whole:
        again = join(kind_of(seed), split(seed))
        assert split(seed)
        if b"1.2.840.10008.1.2.4.80" not in seed:
            assert np.array_equal(np.asarray(decode(again)), np.asarray(decode(seed)))


def test_the_same_seed_and_number_give_the_same_file() -> None:
    whole = plain_seeds()
    files = [mutate(Random(f"1/{number}"), whole) for number in range(50)]
    assert files == [mutate(Random(f"1/{number}"), whole) for number in range(50)]
    assert len(set(files)) > 40
