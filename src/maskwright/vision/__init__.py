"""Masks, contours, crops, heat maps, distance maps: pure functions on numpy arrays."""
