"""Training: recipes, batches, the trainer and its callbacks."""
