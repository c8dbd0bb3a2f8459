"""What a bundle's files cost and give: accuracy kept, latency, size, beside MobileNetV2."""
