"""A net written as TFLite and ONNX."""
