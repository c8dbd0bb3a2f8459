"""Nets to compare with; the bundle of MobileNetV2@224 in int8, trained and converted, lies in here."""
