"""What a file says of itself, found alone on a disk: TFLite Metadata and ONNX's properties."""

from __future__ import annotations

import json
import zipfile
from dataclasses import asdict, dataclass
from io import BytesIO
from typing import Any

import flatbuffers
import onnx
from tensorflow.lite.python import schema_py_generated as schema
from tensorflow.lite.tools import flatbuffer_utils

from convert.export.graph import HEATMAP, IN_DISTRIBUTION, PROBABILITIES
from edge_app.bundle import Label
from edge_app.preprocessing import InputSpec

AUTHOR = "Otak"
OUTPUTS = {
    PROBABILITIES: "The probability of each label.",
    HEATMAP: "The probability of a tumour of any type at each place of the input.",
    IN_DISTRIBUTION: "How likely the input is a slice of a brain MRI.",
}
LABELS_FILE = "labels.txt"

# Of TFLite Metadata's schema 1.0, whose identifier is M001: numbers of unions and enumerations.
_IDENTIFIER = b"M001"
_BUFFER = "TFLITE_METADATA"
_IMAGE_PROPERTIES, _NORMALIZATION, _AXIS_LABELS = 2, 1, 2
_RGB, _GREY = 1, 2


@dataclass(frozen=True)
class Description:
    """What is written into a file.

    Attributes:
        name: The net's name.
        version: The bundle's.
        precision: The file's.
        temperature: What the logits are divided by inside.
        labels: In the order of the probabilities.
        input: What the file takes.
        protocol: How slices were split.
        model_sha256: Of the Keras model that it came from.
        licence: What the weights may be used for.
    """

    name: str
    version: str
    precision: str
    temperature: float
    labels: tuple[Label, ...]
    input: InputSpec
    protocol: str
    model_sha256: str
    licence: str

    @property
    def text(self) -> str:
        """One paragraph for people."""
        answers = ", ".join(label.en.lower() for label in self.labels)
        return (
            f"Tells a slice of a brain MRI's most probable answer of four: {answers}. Decision support and "
            "research, not a medical device. Takes grey levels 0 to 255; scaling, softmax and the "
            f"temperature, {self.temperature:.4f}, are inside."
        )

    def properties(self) -> dict[str, str]:
        """Everything, by name, as ONNX and people want it."""
        return {
            "description": self.text,
            "author": AUTHOR,
            "licence": self.licence,
            "version": self.version,
            "precision": self.precision,
            "temperature": f"{self.temperature:.6f}",
            "labels": json.dumps([asdict(label) for label in self.labels], ensure_ascii=False),
            "input": json.dumps(asdict(self.input)),
            "normalization": "none: grey levels 0 to 255 go in",
            "protocol": self.protocol,
            "model_sha256": self.model_sha256,
        }


def into_onnx(data: bytes, description: Description) -> bytes:
    """Returns an ONNX file with its properties."""
    model = onnx.load_from_string(data)
    model.producer_name, model.producer_version = AUTHOR, description.version
    model.doc_string = description.text
    onnx.helper.set_model_props(model, description.properties())
    filled: bytes = model.SerializeToString()
    return filled


def into_tflite(data: bytes, description: Description) -> bytes:
    """Returns a TFLite file with its metadata, and its labels packed behind it as a ZIP archive."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(data))
    signature = model.signatureDefs[0]
    names = {tensor.tensorIndex: tensor.name.decode() for tensor in signature.outputs}
    outputs = [names[index] for index in model.subgraphs[signature.subgraphIndex].outputs]
    buffer, entry = schema.BufferT(), schema.MetadataT()
    buffer.data = _flatbuffer(description, outputs)
    entry.name, entry.buffer = _BUFFER, len(model.buffers)
    model.buffers.append(buffer)
    model.metadata = [*(model.metadata or []), entry]
    model.description = description.text
    packed = BytesIO(bytes(flatbuffer_utils.convert_object_to_bytearray(model)))
    with zipfile.ZipFile(packed, "a") as archive:
        # A fixed time, so that the same run gives the same bytes.
        archive.writestr(
            zipfile.ZipInfo(LABELS_FILE), "".join(f"{label.name}\n" for label in description.labels)
        )
    return packed.getvalue()


def of_tflite(data: bytes) -> dict[str, str]:
    """Returns what a TFLite file says of itself, by name; empty where it says nothing."""
    model = flatbuffer_utils.convert_bytearray_to_object(bytearray(data))
    entry = next((each for each in model.metadata or [] if each.name == _BUFFER.encode()), None)
    if entry is None:
        return {}
    raw = bytes(model.buffers[entry.buffer].data)
    root = flatbuffers.table.Table(raw, int.from_bytes(raw[:4], "little"))
    slots = {"name": 0, "description": 1, "version": 2, "author": 4, "licence": 5}
    found = {name: _string(root, slot) for name, slot in slots.items()}
    (graph,) = _tables(root, 3)
    found |= {f"output {_string(tensor, 0)}": _string(tensor, 1) for tensor in _tables(graph, 3)}
    if zipfile.is_zipfile(BytesIO(data)):
        with zipfile.ZipFile(BytesIO(data)) as archive:
            found["labels"] = ", ".join(archive.read(LABELS_FILE).decode().split())
    return found


def of_onnx(data: bytes) -> dict[str, str]:
    """Returns what an ONNX file says of itself, by name."""
    return {each.key: each.value for each in onnx.load_from_string(data).metadata_props}


def _string(table: Any, slot: int) -> str:
    offset = table.Offset(4 + 2 * slot)
    return table.String(table.Pos + offset).decode() if offset else ""


def _tables(table: Any, slot: int) -> list[Any]:
    offset = table.Offset(4 + 2 * slot)
    start, count = table.Vector(offset), table.VectorLen(offset)
    return [flatbuffers.table.Table(table.Bytes, table.Indirect(start + 4 * i)) for i in range(count)]


def _flatbuffer(description: Description, outputs: list[str]) -> bytes:
    """Writes the table ``ModelMetadata``, innermost tables first as the format wants it."""
    builder = flatbuffers.Builder(1024)
    tensors = [_output(builder, name) for name in outputs]
    inputs, results = _vector(builder, [_input(builder, description.input)]), _vector(builder, tensors)
    graph = _table(builder, 5, {0: builder.CreateString(description.name), 2: inputs, 3: results})
    texts = {
        0: f"{AUTHOR} {description.name}, {description.precision}",
        1: description.text,
        2: description.version,
        4: AUTHOR,
        5: description.licence,
        7: "1.0.0",
    }
    offsets = {slot: builder.CreateString(text) for slot, text in texts.items()}
    root = _table(builder, 8, {**offsets, 3: _vector(builder, [graph])})
    builder.Finish(root, file_identifier=_IDENTIFIER)
    return bytes(builder.Output())


def _input(builder: Any, spec: InputSpec) -> int:
    size = _table(builder, 2, uint32={0: spec.size, 1: spec.size})
    image = _table(builder, 2, {1: size}, uint8={0: _GREY if spec.channels == 1 else _RGB})
    content = _table(builder, 3, {1: image}, uint8={0: _IMAGE_PROPERTIES})
    options = _table(builder, 2, {0: _floats(builder, 0.0), 1: _floats(builder, 1.0)})
    unit = _table(builder, 2, {1: options}, uint8={0: _NORMALIZATION})
    stats = _table(builder, 2, {0: _floats(builder, 255.0), 1: _floats(builder, 0.0)})
    name = builder.CreateString("pixels")
    text = builder.CreateString(
        f"Grey levels 0 to 255; crop {spec.crop}, contrast {spec.contrast}, resampled bilinearly."
    )
    return _table(builder, 7, {0: name, 1: text, 3: content, 4: _vector(builder, [unit]), 5: stats})


def _output(builder: Any, name: str) -> int:
    label, text = builder.CreateString(name), builder.CreateString(OUTPUTS[name])
    if name != PROBABILITIES:
        return _table(builder, 7, {0: label, 1: text})
    file_name = builder.CreateString(LABELS_FILE)
    labels = _table(builder, 5, {0: file_name}, uint8={2: _AXIS_LABELS})
    return _table(builder, 7, {0: label, 1: text, 6: _vector(builder, [labels])})


def _table(
    builder: Any,
    slots: int,
    offsets: dict[int, int] | None = None,
    uint8: dict[int, int] | None = None,
    uint32: dict[int, int] | None = None,
) -> int:
    """Writes a table of so many slots; each keyword holds values of one kind by slot."""
    builder.StartObject(slots)
    for slot, offset in (offsets or {}).items():
        builder.PrependUOffsetTRelativeSlot(slot, offset, 0)
    for slot, number in (uint32 or {}).items():
        builder.PrependUint32Slot(slot, number, 0)
    for slot, number in (uint8 or {}).items():
        builder.PrependUint8Slot(slot, number, 0)
    return int(builder.EndObject())


def _vector(builder: Any, offsets: list[int]) -> int:
    builder.StartVector(4, len(offsets), 4)
    for offset in reversed(offsets):
        builder.PrependUOffsetTRelative(offset)
    return int(builder.EndVector())


def _floats(builder: Any, value: float) -> int:
    builder.StartVector(4, 1, 4)
    builder.PrependFloat32(value)
    return int(builder.EndVector())
