"""Objects in random scenes: drawn from the sets, posed, lit, at times laid before another photo."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from maskwright.methods.encoding import GREY
from maskwright.training.augment import blend, random_frame, random_light, random_pose
from maskwright.training.objects import PhotoSet, draw
from maskwright.vision.crops import Crop

UInt8 = NDArray[np.uint8]


@dataclass(frozen=True, kw_only=True)
class Staging:
    """How often an object is not shown as its photo shows it.

    Attributes:
        pasted: it is laid before another photo, or something in front of it, 0..1.
        framed: the photo's border is moved to cut it off, 0..1; see `random_frame`.
    """

    pasted: float = 0.1
    framed: float = 0.0


class Scenes:
    """Where samples come from.

    Args:
        sets: drawn by their weights.
        size: side of the crops, px.
        staging: how often objects are shown otherwise than in their photo.
    """

    def __init__(self, sets: list[PhotoSet], size: int, staging: Staging) -> None:
        self.sets, self.size, self.staging = sets, size, staging
        weights = np.array([s.mix.weight for s in sets])
        self.weights = weights / weights.sum()

    def draw(self, rng: np.random.Generator) -> tuple[UInt8, UInt8]:
        """A random object: its photo (uint8 RGB) and its mask (uint8, 0 or 1)."""
        return draw(rng, self.sets[rng.choice(len(self.sets), p=self.weights)])

    def posed(self, rng: np.random.Generator) -> tuple[UInt8, UInt8, NDArray[np.float64], UInt8] | None:
        """A random object in a random pose.

        Returns:
            Photo and mask as `draw` gives them, at times cut by a frame, the pose (3 x 3, see `random_pose`), and the mask in
            that pose (uint8, 0 or 1); None where hardly any of the object is left.
        """
        image, mask = self.draw(rng)
        frame = random_frame(rng, mask) if rng.random() < self.staging.framed else None
        if frame is not None:
            image, mask = image[frame], mask[frame]
        pose, (height, width) = random_pose(rng, *mask.shape)
        posed = cv2.warpAffine(mask, pose[:2], (width, height), flags=cv2.INTER_NEAREST).astype(np.uint8, copy=False)
        return None if posed.sum() < 200 else (image, mask, pose, posed)

    def view(
        self, rng: np.random.Generator, image: UInt8, mask: UInt8, pose: NDArray[np.float64], crop: Crop
    ) -> tuple[UInt8, UInt8]:
        """The crop of the posed photo and its mask, at times with another background or with something in front.

        Args:
            image, mask: as `draw` answers them.
            pose: 3 x 3, from their pixel coordinates to those of `crop`.
            crop: where in the posed photo.

        Returns:
            uint8 (size, size, 3) and uint8 0 or 1 (size, size).
        """
        matrix = crop_matrix(crop) @ pose
        rgb, target = _warp(image, matrix, self.size), warp_mask(mask, matrix, self.size)
        rgb = random_light(rng, rgb)
        if rng.random() < self.staging.pasted:
            other, other_mask = self.draw(rng)
            scale = self.size / min(other.shape[:2]) * rng.uniform(1.0, 1.8)
            shift = [rng.uniform(self.size - scale * n, 0) for n in (other.shape[1], other.shape[0])]
            place = np.array([[scale, 0, shift[0]], [0, scale, shift[1]], [0, 0, 1.0]])
            back = random_light(rng, _warp(other, place, self.size))
            softness = float(rng.uniform(0.4, 1.5))
            if rng.random() < 0.7:
                rgb = blend(rgb, back, target, softness)
            else:
                # Something in front: what it hides no longer belongs to the object, as annotators see it.
                front = warp_mask(other_mask, place, self.size)
                if (front & target).sum() < 0.4 * target.sum():
                    rgb, target = blend(back, rgb, front, softness), target & (1 - front)
        return rgb, target


def crop_matrix(crop: Crop) -> NDArray[np.float64]:
    """From pixel coordinates of the image to those of the resized crop, 3 x 3."""
    sx, sy = crop.size / crop.width, crop.size / crop.height
    return np.array([[sx, 0, (0.5 - crop.x0) * sx - 0.5], [0, sy, (0.5 - crop.y0) * sy - 0.5], [0, 0, 1.0]])


def warp_mask(mask: UInt8, matrix: NDArray[np.float64], size: int) -> UInt8:
    """A mask (0 or 1) under a 3 x 3 matrix, interpolated and cut at one half: an enlarged mask keeps a smooth outline."""
    return (cv2.warpAffine(mask * np.uint8(255), matrix[:2], (size, size), flags=cv2.INTER_LINEAR) >= 128).astype(np.uint8)


def _warp(image: UInt8, matrix: NDArray[np.float64], size: int) -> UInt8:
    warped = cv2.warpAffine(image, matrix[:2], (size, size), flags=cv2.INTER_LINEAR, borderValue=(GREY,) * 3)
    return warped.astype(np.uint8, copy=False)
