"""What a net's weights may be used for, which follows from the data that they learnt from."""

from __future__ import annotations

from collections.abc import Iterable

from train.data.dataset import ELSEWHERE

NON_COMMERCIAL = (
    "The weights are for research and non-commercial use: "
    "CC BY-NC-SA 4.0 (https://creativecommons.org/licenses/by-nc-sa/4.0/)."
)
UNKNOWN = "What the weights may be used for follows from the data that they learnt from."


def of_weights(sources: Iterable[str]) -> str:
    """Returns one sentence on the use of weights.

    Args:
        sources: The collections that they learnt from, as a manifest names them.
    """
    # Of the collections under wide/, some allow no commercial use and some state no licence at all.
    return NON_COMMERCIAL if any(one.startswith(ELSEWHERE) for one in sources) else UNKNOWN
