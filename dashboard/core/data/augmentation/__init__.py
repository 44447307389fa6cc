"""Random changes of training images: a catalogue, and what applies it to batches."""
