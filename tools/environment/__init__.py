"""A Python that fits, an environment filled from a lock, and words for how a run of the tests goes."""
