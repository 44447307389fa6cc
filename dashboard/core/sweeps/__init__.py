"""Sweeps: many runs of one recipe with other values of some of its fields."""
