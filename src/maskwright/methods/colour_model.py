"""What colours an object or its background has: a mixture of Gaussians in RGB, learnt from a few pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.base import Image, Mask
from maskwright.methods.seeds import BACKGROUND, OBJECT, disks, rim
from maskwright.prompts import Click

RADIUS = 0.04
"""A click tells the colours of a larger disk than its seed's, as a share of the image's mean side: 16 px at 481 x 321."""

RIM = 5
"""The background's colours are also those of the image's outermost pixels, so many deep: most objects do not reach them."""

CLUSTERS = 4

SPREAD = 8.0
"""Deviation added to each cluster's colours, of 255: a few pixels show less variety than the object has."""

SURPRISE = 0.1
"""Weight of a fifth, broad Gaussian: colours that no seed showed are unlikely, not impossible."""

SURPRISE_DEVIATION = 80.0


@dataclass(frozen=True, eq=False)
class ColourModel:
    """A mixture of five Gaussians; where there are fewer, the rest have weight 0.

    Attributes:
        weights: shape (5,), of sum 1.
        means: shape (5, 3), RGB, 0..255.
        covariances: shape (5, 3, 3).
    """

    weights: NDArray[np.float64]
    means: NDArray[np.float64]
    covariances: NDArray[np.float64]

    def density(self, image: Image) -> NDArray[np.float64]:
        """How likely each pixel's colour is, up to a factor that all models share: shape (height, width), above 0."""
        total = np.zeros(image.shape[:2])
        for weight, mean, covariance in zip(self.weights, self.means, self.covariances, strict=True):
            if weight > 0:
                away = image - mean
                distance = np.einsum("hwi,ij,hwj->hw", away, np.linalg.inv(covariance), away)
                total += weight / np.sqrt(np.linalg.det(covariance)) * np.exp(-distance / 2)
        return total

    def packed(self) -> NDArray[np.float64]:
        """The model as `cv2.grabCut` takes it: shape (1, 65)."""
        return np.concatenate([self.weights, self.means.ravel(), self.covariances.ravel()])[None]


def of_clicks(image: Image, clicks: Sequence[Click]) -> tuple[ColourModel, ColourModel]:
    """The colours of the object and of its background, from disks around the clicks and from the image's rim.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        clicks: on the image, oldest first; at least one of them positive, and not taken back by a later one on its pixel.
    """
    height, width = image.shape[:2]
    told = disks(clicks, height, width, RADIUS)
    background = (told == BACKGROUND) | (rim(height, width, RIM) & (told != OBJECT))
    # Disks may cover all of the rim; then the whole image stands for the background.
    return learn(image, told == OBJECT), learn(image, background if background.any() else np.ones_like(background))


def learn(image: Image, pixels: Mask) -> ColourModel:
    """The colours of some pixels of an image.

    Args:
        image: uint8 RGB, shape (height, width, 3).
        pixels: bool, shape (height, width), at least one of them true.

    Example:
        >>> image = np.zeros((2, 3, 3), np.uint8)
        >>> image[:, 0] = 200
        >>> bright = learn(image, image[..., 0] > 100).density(image)
        >>> bool(bright[0, 0] > 100 * bright[0, 1])
        True
    """
    colours = image[pixels].astype(np.float32)
    count = min(CLUSTERS, len(np.unique(colours, axis=0)))
    stop = (cv2.TERM_CRITERIA_MAX_ITER, 10, 0.0)
    cv2.setRNGSeed(0)  # the same clicks must give the same mask
    cluster = cv2.kmeans(colours[:, None], count, None, stop, 1, cv2.KMEANS_PP_CENTERS)[1][:, 0]  # type: ignore[call-overload]
    weights, means = np.zeros(CLUSTERS + 1), np.zeros((CLUSTERS + 1, 3))
    covariances = np.tile(np.eye(3) * SPREAD**2, (CLUSTERS + 1, 1, 1))
    for k in range(count):
        own = colours[cluster == k]
        weights[k], means[k] = (1 - SURPRISE) * len(own) / len(colours), own.mean(axis=0)
        covariances[k] += np.cov(own.T, bias=True)
    weights[-1], means[-1], covariances[-1] = SURPRISE, 127.5, np.eye(3) * SURPRISE_DEVIATION**2
    return ColourModel(weights, means, covariances)
