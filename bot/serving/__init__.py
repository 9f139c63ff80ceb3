"""``serve``: the wiring, and the parts that run."""
