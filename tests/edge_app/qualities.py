"""What is measured of a picture that nothing is wrong with."""

from __future__ import annotations

from edge_app.quality import Quality

GOOD = Quality(
    colour=0,
    side=400,
    cut=10,
    sharpness=150,
    background=0,
    gutter=100,
    halves=90,
    aspect=80,
    mirror=90,
    bar=0,
    lines=0,
)
