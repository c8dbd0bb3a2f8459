"""The model card, written from measured numbers alone."""

from __future__ import annotations

from collections.abc import Iterator

from convert import licence
from convert.calibrate.study import ALARMS
from convert.calibrate.thresholds import ANSWERED, MISSED, WRONG
from convert.provenance import Comparison, Provenance
from edge_app.bundle import Bundle, ModelFile
from edge_app.study import FEWEST
from evaluation.metrics import Metrics
from evaluation.statistics import Estimate
from evaluation.tables import Table, part_table, study_table
from train.config import TrainingConfig
from train.run import DataDescription

UNMEASURED = "Not measured yet."
# Filled in from the results of a benchmark, where there are any in ``benchmarks/results``.
TABLES = ("parts", "sequences", "calibration", "out-of-distribution")


def card(bundle: Bundle, provenance: Provenance) -> str:
    """Returns ``card.md`` for a bundle of a trained net.

    Raises:
        ValueError: The net was never trained.
    """
    training, data, metrics = provenance.training, provenance.data, provenance.metrics
    if training is None or data is None or metrics is None or provenance.model is None:
        raise ValueError(f"{bundle.folder}: has random weights, which a card has nothing to say of")
    sections = (
        _head(bundle),
        _made_from(training, data, provenance.model.parameters, provenance),
        _results(metrics),
        _parts(metrics),
        _files(bundle, provenance),
        _losses(provenance),
        _trust(bundle, training, provenance),
        _limits(bundle, metrics),
    )
    return "\n".join(line for section in sections for line in section).rstrip() + "\n"


def _head(bundle: Bundle) -> Iterator[str]:
    labels = ", ".join(label.en.lower() for label in bundle.labels)
    yield f"# Model card: {bundle.name}, {bundle.version}"
    yield ""
    yield f"Tells a brain-MRI slice's most probable answer of four: {labels}."
    yield ""
    yield "**For** decision support and research, on slices of the kinds named below; a doctor decides."
    yield ""
    yield "**Not for** diagnosis without a doctor (it is **not a medical device**), other diseases, other"
    yield "parts of the body, pictures that are no MRI, or monitoring a known tumour."
    yield ""


def _made_from(
    training: TrainingConfig, data: DataDescription, parameters: int, provenance: Provenance
) -> Iterator[str]:
    slices = ", ".join(f"{count} {role}" for role, count in vars(data.slices).items())
    yield "## Made from"
    yield ""
    yield f"- Data: {data.name}, sha256 `{data.sha256[:16]}`, {slices} slices"
    yield (
        f"- Protocol: `{training.protocol}`, seed {training.seed}; net `{training.arch}`, "
        f"{parameters:,} parameters; {provenance.seconds:.0f} s of training on "
        f"{provenance.environment.device}"
    )
    yield (
        f"- Ranges of int8 measured on {len(provenance.calibration_set)} slices of the training part; "
        "their hashes are in `provenance.json`"
    )
    yield ""
    for sentence in licence.sentences(training, provenance.sources):
        yield sentence
        yield ""


def _results(metrics: Metrics) -> Iterator[str]:
    yield "## The Keras model on the test part"
    yield ""
    yield (
        f"Accuracy {_estimate(metrics.overall['accuracy'])} on {metrics.slices} slices of "
        f"{metrics.groups} groups."
    )
    yield ""
    yield from _table(
        ("Class", "Precision", "Sensitivity", "F1", "Slices"),
        [
            (row.label, *map(_decimal, (row.precision, row.sensitivity, row.f1)), str(row.slices))
            for row in metrics.classes
        ],
    )
    if {"sensitivity", "specificity"} <= set(metrics.overall):
        sensitivity, specificity = (metrics.overall[name].value for name in ("sensitivity", "specificity"))
        yield (
            f"Tumour or not: sensitivity {sensitivity:.1%}, specificity {specificity:.1%}, "
            f"AUC {_decimal(metrics.auc)}."
        )
        yield ""


def _estimate(estimate: Estimate) -> str:
    if estimate.low is None:
        return f"{estimate.value:.1%}"
    return f"{estimate.value:.1%} (95% interval {estimate.low:.1%} to {estimate.high:.1%})"


def _decimal(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"


def _parts(metrics: Metrics) -> Iterator[str]:
    """The Keras model where it is weakest first; what the device's own file does stands under trust."""
    for kind, scores in (
        ("Part", metrics.parts),
        ("Sequence", metrics.sequences),
        ("Plane", metrics.planes),
    ):
        yield from (part_table("", kind, {"": scores}, "").markdown().rstrip(), "")
    yield "In %, with 95% intervals over patients or groups; at 95%: tumours found at 95% specificity."
    yield ""


def _files(bundle: Bundle, provenance: Provenance) -> Iterator[str]:
    verified = [(file, provenance.verification[file.path]) for file in bundle.files]
    keras = verified[0][1].comparison
    yield "## The files against the Keras model"
    yield ""
    yield (
        f"On {keras.slices} held-out slices of the training side, by the runtime that runs each; there "
        f"the Keras model's accuracy is {keras.keras_accuracy:.1%} and its expected calibration error "
        f"(ECE) {keras.keras_ece:.3f}. A file's own temperature, inside it, is fitted on "
        f"{_chosen_on(provenance) if provenance.out_of_fold else 'these slices'}."
    )
    yield ""
    columns = ("Bytes", "Flipped", "Difference", "Mean", "Heatmap", "Accuracy", "Temperature", "ECE")
    rows = [
        _file_row(file, comparison)
        for file, verification in verified
        for comparison in (verification.comparison, verification.tflite_runtime)
        if comparison
    ]
    yield from _table(("File", "Runtime", *columns), rows)
    yield "Answers flipped and accuracy by class:"
    yield ""
    by_class = [(file, verification.comparison.classes.values()) for file, verification in verified]
    yield from _table(
        ("File", *keras.classes),
        [
            (f"`{file.path}`", *(f"{each.flipped}; {each.accuracy:.1%}" for each in classes))
            for file, classes in by_class
        ],
    )


def _file_row(file: ModelFile, comparison: Comparison) -> tuple[str, ...]:
    correlation = comparison.heatmap_correlation
    return (
        f"`{file.path}`",
        comparison.runtime,
        f"{file.bytes:,}",
        f"{comparison.flipped}",
        f"{comparison.largest_difference:.4f}",
        f"{comparison.mean_difference:.5f}",
        "none" if correlation is None else f"{correlation:.4f}",
        f"{comparison.accuracy:.1%}",
        f"{file.temperature:.3f}",
        f"{comparison.ece:.3f}",
    )


def _table(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[str]:
    yield from (Table("", columns, tuple(rows), "").markdown().rstrip(), "")


def _losses(provenance: Provenance) -> Iterator[str]:
    lossy = {path: each.faults for path, each in provenance.verification.items() if each.faults}
    if lossy:
        yield "**Outside the tolerances**, and kept by `--allow-loss`:"
        yield ""
        for path, faults in lossy.items():
            yield f"- `{path}`: {'; '.join(faults)}"
        yield ""


def _chosen_on(provenance: Provenance) -> str:
    if provenance.out_of_fold is None:
        return "held-out slices of the training side"
    return (
        f"{provenance.out_of_fold.slices:,} slices of the training folds, each predicted by a net of the "
        "same recipe that never saw its patient"
    )


def _trust(bundle: Bundle, training: TrainingConfig, provenance: Provenance) -> Iterator[str]:
    thresholds, aim = bundle.thresholds, provenance.wrong_aim
    if thresholds is None or aim is None:
        return
    yield "## Can an answer be believed?"
    yield ""
    yield (
        f"*Unsure* below {thresholds.unsure:.1%}, and where *no tumour* stays below "
        f"{thresholds.no_tumour:.1%}. Thresholds are chosen on {_chosen_on(provenance)}, "
        f"for at most {aim:.0%} wrong among the answers given and at most {MISSED:.1%} of the tumours called "
        "*no tumour*."
    )
    if aim > WRONG[0]:
        yield f"At most {WRONG[0]:.0%} wrong would have left fewer than {ANSWERED:.0%} of them answered."
    yield ""
    yield from _studies(bundle, provenance)
    for table in (*TABLES, *(("studies",) if bundle.study else ())):
        yield f"<!-- table {training.protocol} {table} {bundle.name}@{bundle.input.size} -->"
        yield from (UNMEASURED, "<!-- end -->", "")


def _studies(bundle: Bundle, provenance: Provenance) -> Iterator[str]:
    rule = bundle.study
    if rule is None:
        yield "Of a whole study nothing is said: no rule for it was calibrated."
        yield ""
        return
    slices = "its most suspicious slice shows" if rule.rank == 1 else f"{rule.rank} of its slices show"
    yield (
        f"A study is *suspicious* where {slices} a tumour with a probability of at least "
        f"{rule.threshold:.6g}; one of fewer than {FEWEST} slices by the most suspicious alone. The rule is "
        f"chosen on the patients below, each predicted by nets that never saw them, so that at most "
        f"{ALARMS}% of those without a tumour are called so:"
    )
    yield ""
    yield from (study_table("", {"": provenance.studies}).markdown().rstrip(), "")


def _limits(bundle: Bundle, metrics: Metrics) -> Iterator[str]:
    confusion, names = metrics.confusion, [row.label for row in metrics.classes]
    mistakes = sorted(
        ((confusion[i][j], i, j) for i in range(len(names)) for j in range(len(names)) if i != j),
        reverse=True,
    )
    yield "## Known failures"
    yield ""
    for count, i, j in mistakes[:3]:
        if count:
            yield f"- {count} of {sum(confusion[i])} slices of {names[i]} are called {names[j]}."
    yield (
        "- Slices of other sequences than the training data's are answered with unknown error. No slice of a "
        "patient under treatment, of a child, or of another disease was tested on its own."
    )
    if bundle.thresholds is None:
        yield "- It isn't calibrated: every verdict is *unsure*."
    elif bundle.outputs.in_distribution is None:
        yield "- Pictures that are no brain MRI are refused by their colour alone."
