"""The workshop's second room: a run in, a bundle of proven TFLite and ONNX files out."""
