"""The model card, written from measured numbers alone."""

from __future__ import annotations

from edge_app.bundle import Bundle


def card(bundle: Bundle) -> str:
    """Returns ``card.md`` for a bundle."""
    source = bundle.source
    test = source["test"]
    accuracy = test["accuracy"]
    interval = (
        "" if accuracy["low"] is None else f" (95% interval {accuracy['low']:.1%} to {accuracy['high']:.1%})"
    )
    lines = [
        f"# Model card: {bundle.name}, {bundle.version}",
        "",
        "Tells a brain-MRI slice's most probable answer of four: "
        + ", ".join(label.en.lower() for label in bundle.labels)
        + ". Decision support and research; **not a medical device**, and no replacement for a radiologist.",
        "",
        "## Made from",
        "",
        f"- Data: {source['data']['name']}, sha256 `{source['data']['sha256'][:16]}`, "
        + ", ".join(f"{count} {role}" for role, count in source["data"]["slices"].items())
        + " slices",
        f"- Protocol: `{source['protocol']}`, seed {source['seed']}; net `{source['arch']}`, "
        f"{source['parameters']:,} parameters; {source['seconds']:.0f} s of training on {source['device']}",
        f"- Calibrated on {source['calibration']} slices of the training part",
        "",
        "## The Keras model on the test part",
        "",
        f"Accuracy {accuracy['value']:.1%}{interval} on {test['slices']} slices of {test['groups']} groups.",
        "",
        "| class | precision | sensitivity | F1 | slices |",
        "|---|---|---|---|---|",
        *(
            f"| {name} | {row['precision']:.3f} | {row['recall']:.3f} | {row['f1']:.3f} | {row['support']} |"
            for name, row in test["classes"].items()
        ),
        "",
        "## The files against the Keras model, on held-back slices",
        "",
        "| file | bytes | answers flipped | largest difference | accuracy | Keras |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{file.path}` | {file.bytes:,} | {file.metrics['flipped']} of {file.metrics['slices']} "
            f"| {file.metrics['largest_difference']:.4f} | {file.metrics['accuracy']:.1%} "
            f"| {file.metrics['keras_accuracy']:.1%} |"
            for file in bundle.files
        ),
        "",
        "## Not known",
        "",
        "Probabilities are not calibrated yet, and nothing is refused. Slices of other sequences than the",
        "training data's are answered with unknown error. No slice of a patient under treatment, of a child,",
        "or of another disease was tested on its own.",
    ]
    return "\n".join(lines) + "\n"
