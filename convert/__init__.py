"""The workshop's second room: a run in, a bundle of verified TFLite and ONNX files out."""
