"""``otak predict --heatmap``: each slice with its heatmap over it, as a file."""

from __future__ import annotations

from pathlib import Path, PurePath

import numpy as np
from PIL import Image

from edge_app.classifier import Prediction
from edge_app.commands.terminal import say
from edge_app.errors import OtakError

COLOUR = (255, 140, 0)  # as on the page
LONGEST = 200  # bytes of a name, to which more is added; systems take 255
STRENGTH = 0.6  # of the colour where the heat is 1


class Heatmaps:
    """A folder of PNG files."""

    def __init__(self, folder: Path) -> None:
        """Makes the folder where it is absent.

        Raises:
            OtakError: It can't be made.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _unwritten(folder, error) from None
        self._folder = folder
        self._taken: set[str] = set()

    def draw(self, name: str, frame: int | None, prediction: Prediction) -> None:
        """Writes the picture that was read, as large as it is kept, with its heat in orange.

        Of what was refused nothing is written, nor where the model has no map.

        Args:
            name: Of the file; its last part names the PNG.
            frame: Which of its frames, from 0; None where it has one alone.
            prediction: Of that slice.

        Raises:
            OtakError: The file can't be written.
        """
        if prediction.verdict == "refused" or prediction.map is None:
            return
        heat = prediction.heatmap_at(prediction.image.size)
        base = PurePath(name).name.encode()[:LONGEST].decode(errors="ignore")
        path = self._folder / self._free(base + ("" if frame is None else f".{frame + 1}"))
        try:
            blended(prediction.image, heat).save(path, "PNG")
        except OSError as error:
            raise _unwritten(path, error) from None

    def _free(self, base: str) -> str:
        """Returns a file's name that no other slice of this run has."""
        name, count = f"{base}.heatmap.png", 1
        while name in self._taken:
            count += 1
            name = f"{base}.{count}.heatmap.png"
        self._taken.add(name)
        return name


def blended(
    picture: Image.Image, heat: np.ndarray[tuple[int, ...], np.dtype[np.float32]] | None
) -> Image.Image:
    """Returns a picture, RGB, with the heat (height, width) over it."""
    base = picture.convert("RGB")
    if heat is None:
        return base
    mask = Image.fromarray(np.rint(255 * STRENGTH * heat).astype(np.uint8))
    base.paste(COLOUR, (0, 0), mask)
    return base


def _unwritten(path: Path, error: OSError) -> OtakError:
    return OtakError(say("cli.unwritten", path=path, reason=error.strerror or error))
