"""The interpreters behind one call: pixels in, named outputs out."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from edge_app.bundle import ModelFile
from edge_app.errors import BundleError, RuntimeMissing

Outputs = dict[str, NDArray[np.float32]]


class Runtime(Protocol):
    """A loaded model. Not thread-safe.

    Attributes:
        name: Of the interpreter.
        shape: Of the input that the file names.
        dtype: Likewise.
    """

    name: str
    shape: tuple[int, ...]
    dtype: type[np.generic]

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """Runs the model once.

        Args:
            pixels: uint8 (1, size, size, channels).

        Returns:
            float32 arrays with a leading batch of 1, by output name.
        """


def load_runtime(file: ModelFile, path: Path, threads: int = 1) -> Runtime:
    """Opens a model file with the interpreter for its format.

    Raises:
        RuntimeMissing: The interpreter is not installed.
        BundleError: The interpreter does not accept the file.
    """
    kinds: dict[str, type[TFLiteRuntime] | type[ONNXRuntime]] = {"tflite": TFLiteRuntime, "onnx": ONNXRuntime}
    try:
        return kinds[file.format](path, threads)
    except ImportError as error:
        raise RuntimeMissing(f"{path}: can't be run, {error.name} is not installed.") from None
    # Each interpreter raises kinds of its own on a file that it does not accept.
    except Exception as error:
        raise BundleError(f"{path}: was not accepted by its interpreter ({error}).") from error


class TFLiteRuntime:
    """LiteRT, or tflite-runtime where that is installed too."""

    def __init__(self, path: Path, threads: int) -> None:
        interpreter_class, self.name = _tflite_interpreter()
        self._interpreter = interpreter_class(model_path=str(path), num_threads=threads)
        self._interpreter.allocate_tensors()
        self._runner = self._interpreter.get_signature_runner()
        (self._input, detail), *_ = self._runner.get_input_details().items()
        self.shape = tuple(map(int, detail["shape"]))
        self.dtype = detail["dtype"]

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """See ``Runtime.run``."""
        outputs: Outputs = self._runner(**{self._input: pixels.astype(self.dtype)})
        return outputs


class ONNXRuntime:
    """ONNX Runtime on the CPU; for benchmarks and as a check."""

    name = "ONNX Runtime"

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            str(path), sess_options=options, providers=["CPUExecutionProvider"]
        )
        (tensor,) = self._session.get_inputs()
        self._input = tensor.name
        self.shape = tuple(tensor.shape)
        self.dtype: type[np.generic] = np.uint8 if tensor.type == "tensor(uint8)" else np.float32
        self._outputs = [output.name for output in self._session.get_outputs()]

    def run(self, pixels: NDArray[np.uint8]) -> Outputs:
        """See ``Runtime.run``."""
        values = self._session.run(self._outputs, {self._input: pixels.astype(self.dtype)})
        return dict(zip(self._outputs, values, strict=True))


def _tflite_interpreter() -> tuple[Any, str]:
    # Where somebody went to the trouble of installing it, it is what is wanted.
    try:
        from tflite_runtime.interpreter import Interpreter

        return Interpreter, "tflite-runtime"
    except ImportError:
        from ai_edge_litert.interpreter import Interpreter

        return Interpreter, "LiteRT"
