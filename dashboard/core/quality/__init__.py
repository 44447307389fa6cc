"""Named faults of a data set, each with the images that show it."""
