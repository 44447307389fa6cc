"""Networks, model cards and the store of published models."""
