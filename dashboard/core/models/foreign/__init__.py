"""Models made elsewhere with Keras, taken in without trusting their files."""
