"""What sessions keep of masks and class maps is small and exact."""

from __future__ import annotations

import base64
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from maskwright.errors import MaskError
from maskwright.vision.painting import ClassMap
from maskwright.workspace.kept import KeptClassMap

class_maps = arrays(np.uint8, array_shapes(min_dims=2, max_dims=2, max_side=9), elements=st.integers(0, 3) | st.just(254))


@given(class_maps)
def test_any_class_map_survives(class_map: ClassMap) -> None:
    kept = KeptClassMap.of(class_map)
    assert (kept.class_map() == class_map).all()
    assert kept.class_map().dtype == np.uint8
    assert kept.classes == tuple(sorted(set(class_map.ravel().tolist()) - {0}))
    assert kept.runs()[:, 1].min() > 0
    assert (np.diff(kept.runs()[:, 0]) != 0).all()
    assert kept == KeptClassMap.of(class_map.copy())
    assert hash(kept) == hash(KeptClassMap.of(class_map.copy()))


def test_a_large_class_map_is_small() -> None:
    rows, columns = np.ogrid[:3000, :4000]
    class_map = (1 + (rows // 500 + columns // 700 + (rows - 1500) ** 2 // 90_000) % 7).astype(np.uint8)
    kept = KeptClassMap.of(class_map)
    assert len(kept.code) < 20_000
    assert (kept.class_map() == class_map).all()


def test_a_part_of_a_larger_map_is_kept_as_it_is_seen() -> None:
    class_map = np.arange(24, dtype=np.uint8).reshape(4, 6)[::2, 1:4]
    assert (KeptClassMap.of(class_map).class_map() == class_map).all()


@pytest.mark.parametrize(
    "code",
    [
        "no base64!",
        "abc",
        base64.b64encode(b"no zlib").decode(),
        base64.b64encode(zlib.compress(b"1234")).decode(),  # no whole run
        base64.b64encode(zlib.compress(b"")).decode(),  # no run at all
        base64.b64encode(zlib.compress(b"\1\5\0\0\0")).decode(),  # five pixels, not six
    ],
)
def test_a_damaged_class_map_is_named(code: str) -> None:
    kept = KeptClassMap(2, 3, (1,), code)
    with pytest.raises(MaskError, match="stored class map"):
        kept.class_map()
