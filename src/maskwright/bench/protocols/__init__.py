"""The benchmark's protocols: robots' games and their figures."""
