"""The workshop's first room: labelled images in, a trained and judged net (a *run*) out."""
