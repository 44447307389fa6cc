"""Networks people put together themselves, layer by layer."""
