"""Run-length codes, against the COCO API's own."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from pycocotools import mask as coco

from maskwright.errors import MaskError
from maskwright.vision import rle
from maskwright.vision.masks import Mask

# pycocotools' own call of numpy.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

masks = arrays(bool, array_shapes(min_dims=2, max_dims=2, max_side=24))


@given(masks)
def test_same_as_the_coco_api(mask: Mask) -> None:
    theirs = coco.encode(np.asfortranarray(mask, np.uint8))
    ours = rle.encode_compressed(mask)
    assert ours == {"size": list(mask.shape), "counts": theirs["counts"].decode()}
    assert (rle.decode(theirs) == mask).all()
    assert (coco.decode(coco.frPyObjects(rle.encode(mask), *mask.shape)) == mask).all()


@given(masks)
def test_there_and_back(mask: Mask) -> None:
    for code in (rle.encode(mask), rle.encode_compressed(mask)):
        back = rle.decode(code)
        assert back.dtype == bool
        assert back.flags.c_contiguous
        assert (back == mask).all()


def test_long_runs() -> None:
    # Runs of several groups of five bits, with differences of both signs.
    mask = np.zeros((3000, 700), bool)
    mask[:, 100:101] = mask[5:2500, 300] = mask[7, 600] = True
    assert rle.encode_compressed(mask)["counts"] == coco.encode(np.asfortranarray(mask, np.uint8))["counts"].decode()
    assert (rle.decode(rle.encode_compressed(mask)) == mask).all()


def test_views_are_coded_too() -> None:
    mask = np.arange(48).reshape(6, 8) % 5 == 0
    for view in (mask.T, mask[::2, ::-1]):
        assert (rle.decode(rle.encode(view)) == view).all()


@pytest.mark.parametrize(
    "code",
    [
        {},
        {"size": [2, 2]},
        {"size": [2], "counts": [2]},
        {"size": [0, 2], "counts": []},
        {"size": [2.0, 2], "counts": [4]},
        {"size": [True, 4], "counts": [4]},
        {"size": "22", "counts": [4]},
        {"size": [1_000_000, 1_000_000], "counts": [10**12]},
        {"size": [2, 2], "counts": []},
        {"size": [2, 2], "counts": [3]},
        {"size": [2, 2], "counts": [5, -1]},
        {"size": [2, 2], "counts": [2.0, 2.0]},
        {"size": [2, 2], "counts": [[4], [0]]},
        {"size": [2, 2], "counts": [[4], 0]},
        {"size": [2, 2], "counts": ["4"]},
        {"size": [2, 2], "counts": [2**63, 2**63, 4]},
        {"size": [2, 2], "counts": [10**30]},
        {"size": [2, 2], "counts": None},
        {"size": [2, 2], "counts": {"4": 1}},
        {"size": [2, 2], "counts": ""},
        {"size": [2, 2], "counts": "2"},
        {"size": [2, 2], "counts": "2T"},
        {"size": [2, 2], "counts": "é2"},
        {"size": [2, 2], "counts": " 22"},
        {"size": [2, 2], "counts": "z22"},
        {"size": [2, 2], "counts": "oooooooooooooooo2"},
        [2, 2],
    ],
)
def test_damaged_codes_are_named(code: Any) -> None:
    with pytest.raises(MaskError, match=r"run-length code|runs do not fill"):
        rle.decode(code)


@given(st.text(max_size=8) | st.binary(max_size=8) | st.lists(st.integers(-3, 9), max_size=6))
def test_any_counts_give_a_mask_or_a_mask_error(counts: Any) -> None:
    try:
        mask = rle.decode({"size": [2, 3], "counts": counts})
    except MaskError:
        return
    assert mask.shape == (2, 3)
