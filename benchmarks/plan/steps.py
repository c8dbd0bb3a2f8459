"""Which steps make the committed results, in order: audit, train, convert, measure, lay out.

Every step is one command of the project, so that it can be run by hand as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evaluation import predictions
from train.config import Architecture, Protocol, Recipe, recipe_of

DATA, WEIGHTS, OTHERS, WORK = "{data}", "{weights}", "{others}", "{work}"
RESULTS, BUNDLES, SHIPPED = "{results}", "{bundles}", "{shipped}"  # what is committed

# Of a bundle; its card is renewed with the texts, and the model files' hashes stand in the first.
BUNDLE = ("bundle.json", "provenance.json", predictions.NAME, "held_out.npz")

Scale = Literal["whole", "toy"]


@dataclass(frozen=True, kw_only=True)
class Step:
    """One command, what it stands on and what it leaves.

    Attributes:
        name: Of the step.
        command: Its words; those in curly brackets stand for places.
        needs: Names of the steps whose outputs it reads.
        outputs: Files that it leaves, in the same words.
        copies: Where files go from where the command leaves them, as outputs.
        recipe: What else decides a training; None for other steps.
        timed: Whether the machine must be idle.
    """

    name: str
    command: tuple[str, ...]
    needs: tuple[str, ...] = ()
    outputs: tuple[str, ...]
    copies: tuple[tuple[str, str], ...] = ()
    recipe: Recipe | None = None
    timed: bool = False

    @property
    def published(self) -> bool:
        """Whether its outputs are committed."""
        return self.outputs[0].startswith((RESULTS, BUNDLES, SHIPPED))


@dataclass(frozen=True, kw_only=True)
class Net:
    """A net that is trained and converted for the results.

    Attributes:
        arch: See ``python -m train fit --help``, like the others.
        protocol: How slices are split.
        fine_tune: Whether a pretrained backbone learns too.
        precision: The only one that is made; all where None.
        kept: The folder of the bundle that is committed, below ``BUNDLES``; None where it is not.
        folds: Other folds that a net of the same recipe is trained for, for temperature and thresholds.
    """

    arch: Architecture
    protocol: Protocol
    fine_tune: bool = False
    precision: str | None = None
    kept: str | None = None
    folds: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Tells it from the others."""
        return f"{self.arch}{'-tuned' if self.fine_tune else ''}-{self.protocol}"

    @property
    def bundle(self) -> str:
        """Where its bundle goes."""
        return f"{BUNDLES}/{self.kept}" if self.kept else f"{WORK}/bundles/{self.name}"


NETS = (
    Net(arch="edge", protocol="grouped", precision="int8", kept="bundles/edge", folds=(1, 2, 3, 4)),
    Net(arch="mobilenetv2", protocol="grouped", precision="int8", kept="baselines/mobilenetv2"),
    Net(arch="mobilenetv2", protocol="grouped", fine_tune=True),
    Net(arch="paper", protocol="grouped"),
    *(
        Net(arch=arch, protocol=protocol)
        for protocol in ("official", "paper")
        for arch in ("edge", "mobilenetv2", "paper")
    ),
)
FIRST, YARDSTICK = NETS[:2]


def plan(scale: Scale = "whole") -> tuple[Step, ...]:
    """Returns all steps, each after those that it needs.

    Args:
        scale: ``toy`` trains an epoch on small pictures and measures coarsely, to try the plan itself.
    """
    return (*_audit(), *_nets(scale), *_measurements(scale), *_tables())


def _audit() -> Iterator[Step]:
    yield Step(
        name="audit",
        command=("train", "audit", f"{DATA}/sartaj", "--out", f"{WORK}/audit"),
        outputs=(f"{RESULTS}/audit-sartaj.json",),
        copies=((f"{WORK}/audit/audit.json", f"{RESULTS}/audit-sartaj.json"),),
    )


def _nets(scale: Scale) -> Iterator[Step]:
    for net in NETS:
        names = {fold: f"{net.name}-fold-{fold}" for fold in net.folds}
        yield _training(net, net.name, (), scale)
        for fold, name in names.items():
            yield _training(net, name, ("--fold", str(fold)), scale)
        precision = "int8" if scale == "toy" else net.precision
        yield Step(
            name=f"convert {net.name}",
            command=(
                *("convert", "make", f"{WORK}/runs/{net.name}", "--data", DATA, "--out", net.bundle),
                *("--allow-loss", *(("--precision", precision) if precision else ())),
                *(("--out-of-fold", *(f"{WORK}/runs/{name}" for name in names.values())) if names else ()),
                *(("--out-of-distribution", OTHERS) if net == FIRST and scale == "whole" else ()),
            ),
            needs=(f"train {net.name}", *(f"train {name}" for name in names.values())),
            outputs=tuple(f"{net.bundle}/{name}" for name in BUNDLE),
        )
    yield Step(
        name="ship",
        command=("convert", "ship", FIRST.bundle, "--to", SHIPPED),
        needs=(f"convert {FIRST.name}",),
        outputs=(f"{SHIPPED}/bundle.json", f"{SHIPPED}/provenance.json"),
    )


def _training(net: Net, name: str, words: tuple[str, ...], scale: Scale) -> Step:
    run = f"{WORK}/runs/{name}"
    return Step(
        name=f"train {name}",
        command=(
            *("train", "fit", DATA, "--arch", net.arch, "--protocol", net.protocol, "--out", run, *words),
            *(("--weights", WEIGHTS) if net.arch == "mobilenetv2" and scale == "whole" else ()),
            *(("--fine-tune",) if net.fine_tune else ()),
            *(("--epochs", "1", "--size", "32") if scale == "toy" else ()),
        ),
        outputs=(f"{run}/model.keras",),
        recipe=recipe_of(net.arch, net.fine_tune),
    )


def _measurements(scale: Scale) -> Iterator[Step]:
    quick = ("--quick",) if scale == "toy" else ()
    for protocol in ("grouped", "official", "paper"):
        nets = [net for net in NETS if net.protocol == protocol]
        yield _measuring("accuracy", nets, protocol, quick)
    yield _pooling()
    others = ("--out-of-distribution", OTHERS) if scale == "whole" else quick
    yield _measuring("robustness", [FIRST, YARDSTICK], "grouped", others)
    for kind in ("latency", "mlperf", "browser"):
        yield _measuring(kind, [FIRST, YARDSTICK], "grouped", quick, timed=scale == "whole")
    yield Step(
        name="baselines",
        command=("benchmarks", "baselines", "--out", f"{WORK}/baselines"),
        outputs=(f"{WORK}/baselines/mobilenetv2-1.0-128/bundle.json",),
    )
    yield Step(
        name="latency of baselines",
        command=(
            *("benchmarks", "latency", FIRST.bundle, YARDSTICK.bundle),
            *(f"{WORK}/baselines/{name}" for name in ("mobilenetv2-0.35-224", "mobilenetv2-0.35-128")),
            *(
                f"{WORK}/baselines/{name}"
                for name in ("mobilenetv3-small-224", "efficientnet-lite0-like-224")
            ),
            *("--data", DATA, "--out", f"{RESULTS}/baselines", *quick),
        ),
        needs=(f"convert {FIRST.name}", f"convert {YARDSTICK.name}", "baselines"),
        outputs=(f"{RESULTS}/baselines/latency.json",),
        timed=scale == "whole",
    )


def _measuring(kind: str, nets: list[Net], folder: str, quick: tuple[str, ...], timed: bool = False) -> Step:
    out = f"{RESULTS}/{folder}"
    outputs = (f"{out}/{predictions.NAME}", f"{out}/predictions.json")
    return Step(
        name=f"{kind} {folder}",
        command=("benchmarks", kind, *(net.bundle for net in nets), "--data", DATA, "--out", out, *quick),
        needs=tuple(f"convert {net.name}" for net in nets),
        outputs=outputs if kind == "accuracy" else (f"{out}/{kind}.json",),
        timed=timed,
    )


def _pooling() -> Step:
    names = [f"{FIRST.name}-fold-{fold}" for fold in FIRST.folds]
    out = f"{RESULTS}/out-of-fold"
    return Step(
        name="out of fold",
        command=(
            *("benchmarks", "out-of-fold", FIRST.bundle, "--data", DATA, "--out", out),
            *("--runs", *(f"{WORK}/runs/{name}" for name in names)),
        ),
        needs=(f"convert {FIRST.name}", *(f"train {name}" for name in names)),
        outputs=(f"{out}/{predictions.NAME}", f"{out}/predictions.json"),
    )


def _tables() -> Iterator[Step]:
    runs = tuple(f"{WORK}/runs/{net.name}" for net in NETS)
    trained = tuple(f"train {net.name}" for net in NETS)
    yield Step(
        name="comparison",
        command=("train", "tables", *runs, "--audit", f"{RESULTS}/audit-sartaj.json", "--out", RESULTS),
        needs=("audit", *trained),
        outputs=(f"{RESULTS}/comparison/table.json", f"{RESULTS}/classes/table.json"),
    )
    yield Step(
        name="calibration set",
        command=(
            *("benchmarks", "calibration-set", f"{WORK}/runs/{FIRST.name}", "--data", DATA),
            *("--out", f"{RESULTS}/calibration-set"),
        ),
        needs=(f"train {FIRST.name}",),
        outputs=(f"{RESULTS}/calibration-set/table.json",),
    )
