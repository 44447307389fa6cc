"""Data sets: import, store, split, pack, augment."""
