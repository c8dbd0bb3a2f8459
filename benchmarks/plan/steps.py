"""Which steps make the committed results, in order: audit, train, convert, measure, lay out.

Every step is one command of the project, so that it can be run by hand as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from evaluation import predictions
from train.config import PRETRAINED, Architecture, Protocol, Recipe, recipe_of

DATA, OTHERS, WORK = "{data}", "{others}", "{work}"
WEIGHTS, LITE0_WEIGHTS = "{weights}", "{lite0_weights}"
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
    """A net that is trained for the results, and converted unless it only teaches.

    Attributes:
        arch: See ``python -m train fit --help``, like the others.
        protocol: How slices are split.
        fine_tune: Whether a pretrained backbone learns too.
        words: What else its trainings are told.
        taught_by: The nets whose runs of the same fold it learns from.
        suffix: Tells it from one of the same architecture and protocol.
        converted: Whether a bundle is made of it and measured.
        precision: The only one that is made; all where None.
        kept: The folder of the bundle that is committed, below ``BUNDLES``; None where it is not.
        folds: Other folds that a net of the same recipe is trained for, for temperature and thresholds, or to
            teach.
    """

    arch: Architecture
    protocol: Protocol
    fine_tune: bool = False
    words: tuple[str, ...] = ()
    taught_by: tuple[Net, ...] = ()
    suffix: str = ""
    converted: bool = True
    precision: str | None = None
    kept: str | None = None
    folds: tuple[int, ...] = ()

    @property
    def name(self) -> str:
        """Tells it from the others."""
        return f"{self.arch}{'-tuned' if self.fine_tune else ''}{self.suffix}-{self.protocol}"

    def run(self, fold: int | None) -> str:
        """Returns the name of its run of another fold; of the run that is converted where None."""
        return self.name if fold is None else f"{self.name}-fold-{fold}"

    @property
    def bundle(self) -> str:
        """Where its bundle goes."""
        return f"{BUNDLES}/{self.kept}" if self.kept else f"{WORK}/bundles/{self.name}"


FOLDS = (1, 2, 3, 4)
PRETRAINED_TEACHER = Net(
    arch="efficientnet_lite0",
    protocol="grouped",
    fine_tune=True,
    words=("--size", "128", "--backbone-size", "160", "--epochs", "15", "--recipe", "mix_sequences=0.5"),
    converted=False,
    folds=FOLDS,
)
ALONE = Net(
    arch="edge",
    protocol="grouped",
    words=("--epochs", "240", "--recipe", "mix_sequences=0.5"),
    suffix="-alone",
    converted=False,
    folds=FOLDS,
)
FIRST = Net(
    arch="edge",
    protocol="grouped",
    words=(
        *("--epochs", "40", "--recipe", "mix_sequences=0.5"),
        *("--recipe", "from_teacher=true", "--recipe", "learning_rate=0.001"),
    ),
    taught_by=(PRETRAINED_TEACHER, ALONE),
    precision="int8",
    kept="bundles/edge",
    folds=FOLDS,
)
YARDSTICK = Net(arch="mobilenetv2", protocol="grouped", precision="int8", kept="baselines/mobilenetv2")
NETS = (
    PRETRAINED_TEACHER,
    ALONE,
    FIRST,
    YARDSTICK,
    Net(arch="mobilenetv2", protocol="grouped", fine_tune=True),
    Net(arch="paper", protocol="grouped"),
    *(
        Net(arch=arch, protocol=protocol)
        for protocol in ("official", "paper")
        for arch in ("edge", "mobilenetv2", "paper")
    ),
)
WEIGHTS_OF: dict[Architecture, str] = {"mobilenetv2": WEIGHTS, "efficientnet_lite0": LITE0_WEIGHTS}


def plan(scale: Scale = "whole") -> tuple[Step, ...]:
    """Returns all steps, each after those that it needs.

    Args:
        scale: ``toy`` trains an epoch on small pictures, for fewer folds, and measures coarsely, to try the
            plan itself.
    """
    return (*_audit(), *_nets(scale), *_measurements(scale), *_tables(scale))


def _folds(net: Net, scale: Scale) -> tuple[int, ...]:
    return net.folds[:2] if scale == "toy" else net.folds


def _audit() -> Iterator[Step]:
    yield Step(
        name="audit",
        command=("train", "audit", f"{DATA}/sartaj", "--out", f"{WORK}/audit"),
        outputs=(f"{RESULTS}/audit-sartaj.json",),
        copies=((f"{WORK}/audit/audit.json", f"{RESULTS}/audit-sartaj.json"),),
    )


def _nets(scale: Scale) -> Iterator[Step]:
    for net in NETS:
        yield _training(net, None, scale)
        for fold in _folds(net, scale):
            yield _training(net, fold, scale)
        if not net.converted:
            continue
        names = [net.run(fold) for fold in _folds(net, scale)]
        precision = "int8" if scale == "toy" else net.precision
        yield Step(
            name=f"convert {net.name}",
            command=(
                *("convert", "make", f"{WORK}/runs/{net.name}", "--data", DATA, "--out", net.bundle),
                *("--allow-loss", *(("--precision", precision) if precision else ())),
                *(("--out-of-fold", *(f"{WORK}/runs/{name}" for name in names)) if names else ()),
                *(("--out-of-distribution", OTHERS) if net == FIRST and scale == "whole" else ()),
            ),
            needs=(f"train {net.name}", *(f"train {name}" for name in names)),
            outputs=tuple(f"{net.bundle}/{name}" for name in BUNDLE),
        )
    yield Step(
        name="ship",
        command=("convert", "ship", FIRST.bundle, "--to", SHIPPED),
        needs=(f"convert {FIRST.name}",),
        outputs=(f"{SHIPPED}/bundle.json", f"{SHIPPED}/provenance.json"),
    )


def _training(net: Net, fold: int | None, scale: Scale) -> Step:
    run = f"{WORK}/runs/{net.run(fold)}"
    teachers = [teacher.run(fold) for teacher in net.taught_by]
    return Step(
        name=f"train {net.run(fold)}",
        command=(
            *("train", "fit", DATA, "--arch", net.arch, "--protocol", net.protocol, "--out", run),
            *(("--fold", str(fold)) if fold is not None else ()),
            *(("--weights", WEIGHTS_OF[net.arch]) if net.arch in PRETRAINED and scale == "whole" else ()),
            *(("--fine-tune",) if net.fine_tune else ()),
            *net.words,
            *(word for name in teachers for word in ("--teacher", f"{WORK}/runs/{name}")),
            *(_toy(net) if scale == "toy" else ()),
        ),
        needs=tuple(f"train {name}" for name in teachers),
        outputs=(f"{run}/model.keras",),
        recipe=recipe_of(net.arch, net.fine_tune, taught=bool(teachers)),
    )


def _toy(net: Net) -> tuple[str, ...]:
    small = ("--epochs", "1", "--size", "32")  # the last word counts where a net has its own
    return (*small, "--backbone-size", "32") if net.arch in PRETRAINED else small


def _measurements(scale: Scale) -> Iterator[Step]:
    quick = ("--quick",) if scale == "toy" else ()
    for protocol in ("grouped", "official", "paper"):
        nets = [net for net in NETS if net.protocol == protocol and net.converted]
        yield _measuring("accuracy", nets, protocol, quick)
    yield _pooling(scale)
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


def _pooling(scale: Scale) -> Step:
    names = [FIRST.run(fold) for fold in _folds(FIRST, scale)]
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


def _tables(scale: Scale) -> Iterator[Step]:
    runs = tuple(f"{WORK}/runs/{net.name}" for net in NETS)
    trained = tuple(f"train {net.name}" for net in NETS)
    yield Step(
        name="comparison",
        command=("train", "tables", *runs, "--audit", f"{RESULTS}/audit-sartaj.json", "--out", RESULTS),
        needs=("audit", *trained),
        outputs=(f"{RESULTS}/comparison/table.json", f"{RESULTS}/classes/table.json"),
    )
    if scale == "whole":  # a fold of drawn slices holds too few of a sequence to choose by
        yield _choice()
    yield Step(
        name="calibration set",
        command=(
            *("benchmarks", "calibration-set", f"{WORK}/runs/{FIRST.name}", "--data", DATA),
            *("--out", f"{RESULTS}/calibration-set"),
        ),
        needs=(f"train {FIRST.name}",),
        outputs=(f"{RESULTS}/calibration-set/table.json",),
    )


def _choice() -> Step:
    tried = [net.run(fold) for net in (*FIRST.taught_by, FIRST) for fold in FIRST.folds]
    return Step(
        name="choice",
        command=("train", "choice", *(f"{WORK}/runs/{name}" for name in tried), "--out", f"{RESULTS}/choice"),
        needs=tuple(f"train {name}" for name in tried),
        outputs=(f"{RESULTS}/choice/table.json",),
    )
