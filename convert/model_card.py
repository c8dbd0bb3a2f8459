"""The model card, written from measured numbers alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from convert import licence
from convert.calibrate.thresholds import ANSWERED, MISSED, WRONG
from edge_app.bundle import Bundle, ModelFile

# What the Keras model's answers allow to say; nothing decides on them.
SHARES = {"right": "right", "found": "found", "cleared": "cleared", "found_at_95": "found at 95%"}
UNMEASURED = "Not measured yet: `python -m benchmarks trust` fills this in."


def card(bundle: Bundle) -> str:
    """Returns ``card.md`` for a bundle."""
    sections = (_head, _made_from, _results, _parts, _files, _losses, _trust, _limits)
    lines = [line for section in sections for line in section(bundle)]
    return "\n".join(lines).rstrip() + "\n"


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


def _made_from(bundle: Bundle) -> Iterator[str]:
    source = bundle.source
    data = source["data"]
    slices = ", ".join(f"{count} {role}" for role, count in data["slices"].items())
    yield "## Made from"
    yield ""
    yield f"- Data: {data['name']}, sha256 `{data['sha256'][:16]}`, {slices} slices"
    yield (
        f"- Protocol: `{source['protocol']}`, seed {source['seed']}; net `{source['arch']}`, "
        f"{source['parameters']:,} parameters; {source['seconds']:.0f} s of training on {source['device']}"
    )
    yield (
        f"- Ranges of int8 measured on {len(source['calibration'])} slices of the training part; "
        "their hashes are in `bundle.json`"
    )
    yield ""
    yield licence.of_weights(source["learnt_from"])
    yield ""


def _results(bundle: Bundle) -> Iterator[str]:
    test = bundle.source["test"]
    accuracy = test["accuracy"]
    interval = (
        "" if accuracy["low"] is None else f" (95% interval {accuracy['low']:.1%} to {accuracy['high']:.1%})"
    )
    yield "## The Keras model on the test part"
    yield ""
    yield f"Accuracy {accuracy['value']:.1%}{interval} on {test['slices']} slices of {test['groups']} groups."
    yield ""
    yield "| class | precision | sensitivity | F1 | slices |"
    yield "|---|--:|--:|--:|--:|"
    for name, row in test["classes"].items():
        figures = " | ".join(f"{row[key]:.3f}" for key in ("precision", "recall", "f1"))
        yield f"| {name} | {figures} | {row['support']} |"
    yield ""
    if test.get("tumour"):
        tumour = test["tumour"]
        yield (
            f"Tumour or not: sensitivity {tumour['sensitivity']:.1%}, "
            f"specificity {tumour['specificity']:.1%}, AUC {tumour['auc']:.3f}."
        )
        yield ""


def _parts(bundle: Bundle) -> Iterator[str]:
    """The Keras model where it is weakest first; what the device's own file does stands under trust."""
    test = bundle.source["test"]
    for kind, title in (("parts", "Part"), ("sequences", "Sequence"), ("planes", "Plane")):
        yield f"| {title} | slices | {' | '.join(SHARES.values())} |"
        yield "|---|--:|" + "--:|" * len(SHARES)
        for row in test[kind]:
            cells = [_share(row[name]) for name in SHARES]
            yield f"| {row['name']} | {row['slices']} | {' | '.join(cells)} |"
        yield ""


def _share(share: dict[str, Any] | None) -> str:
    return f"{share['estimate']['value']:.1%}" if share else "-"


def _files(bundle: Bundle) -> Iterator[str]:
    keras = bundle.files[0].metrics
    yield "## The files against the Keras model"
    yield ""
    yield (
        f"On {keras['slices']} held-back slices of the training side, by the runtime that runs each; there "
        f"the Keras model's accuracy is {keras['keras_accuracy']:.1%} and its expected calibration error "
        f"(ECE) {keras['keras_ece']:.3f}. A file's own temperature, inside it, is fitted on these slices."
    )
    yield ""
    numbers = ("bytes", "flipped", "difference", "mean", "heatmap", "accuracy", "temperature", "ECE")
    yield f"| file | runtime | {' | '.join(numbers)} |"
    yield "|---|---|" + "--:|" * len(numbers)
    for file in bundle.files:
        yield _file_row(file, file.metrics)
        if "tflite_runtime" in file.metrics:
            yield _file_row(file, file.metrics["tflite_runtime"])
    yield ""
    labels = list(keras["classes"])
    yield "Answers flipped and accuracy by class:"
    yield ""
    yield f"| file | {' | '.join(labels)} |"
    yield "|---|" + "--:|" * len(labels)
    for file in bundle.files:
        cells = [f"{row['flipped']}; {row['accuracy']:.1%}" for row in file.metrics["classes"].values()]
        yield f"| `{file.path}` | {' | '.join(cells)} |"
    yield ""


def _file_row(file: ModelFile, proof: dict[str, Any]) -> str:
    correlation = proof["heatmap_correlation"]
    cells = [
        f"`{file.path}`",
        proof["runtime"],
        f"{file.bytes:,}",
        f"{proof['flipped']}",
        f"{proof['largest_difference']:.4f}",
        f"{proof['mean_difference']:.5f}",
        "none" if correlation is None else f"{correlation:.4f}",
        f"{proof['accuracy']:.1%}",
        f"{file.temperature:.3f}",
        f"{proof['ece']:.3f}",
    ]
    return f"| {' | '.join(cells)} |"


def _losses(bundle: Bundle) -> Iterator[str]:
    lossy = [file for file in bundle.files if file.metrics["faults"]]
    if lossy:
        yield "**Outside the tolerances**, and kept by `--allow-loss`:"
        yield ""
        for file in lossy:
            yield f"- `{file.path}`: {'; '.join(file.metrics['faults'])}"
        yield ""


def _trust(bundle: Bundle) -> Iterator[str]:
    thresholds = bundle.thresholds
    if thresholds.unsure is None:
        return
    yield "## Can an answer be believed?"
    yield ""
    aim = bundle.source.get("wrong_aimed_at", WRONG[0])  # older bundles don't say
    yield (
        f"*Unsure* below {thresholds.unsure:.1%}, and where *no tumour* stays below "
        f"{thresholds.no_tumour or thresholds.unsure:.1%}. Thresholds are chosen on held-back slices of the "
        f"training side, for at most {aim:.0%} wrong among the answers given and at most {MISSED:.1%} of "
        "the tumours called *no tumour*."
    )
    if aim > WRONG[0]:
        yield f"At most {WRONG[0]:.0%} wrong would have left fewer than {ANSWERED:.0%} of them answered."
    yield ""
    for table in ("parts", "sequences", "calibration", "strangers"):
        yield from (f"<!-- table {table} -->", UNMEASURED, "<!-- end -->", "")


def _limits(bundle: Bundle) -> Iterator[str]:
    test = bundle.source["test"]
    confusion, names = test["confusion"], list(test["classes"])
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
    if bundle.thresholds.refused is None:
        yield "- Nothing is refused: pictures that are no brain MRI get an answer."
