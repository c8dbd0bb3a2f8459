"""The workshop's first room: labelled images in, a trained and evaluated net (a *run*) out."""
