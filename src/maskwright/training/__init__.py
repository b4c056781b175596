"""The lab's recipes: one readable file per method (extra `train`)."""
