"""An engine opened when it is first needed."""

from __future__ import annotations

import numpy as np
import pytest

from maskwright.engine import OnDemand
from maskwright.engine.fake import FakeEngine
from maskwright.errors import WeightsError


def test_it_is_opened_once_and_not_before_it_runs() -> None:
    opened = []

    def open_engine() -> FakeEngine:
        opened.append(1)
        return FakeEngine(lambda arrays: {"y": arrays["x"] + 1})

    engine = OnDemand(open_engine)
    assert not opened
    for _ in range(2):
        assert engine.run({"x": np.zeros(1, np.float32)})["y"] == 1
    assert len(opened) == 1


def test_what_goes_wrong_on_opening_is_said_at_every_run() -> None:
    def open_engine() -> FakeEngine:
        raise WeightsError("no such file")

    engine = OnDemand(open_engine)
    for _ in range(2):
        with pytest.raises(WeightsError, match="no such file"):
            engine.run({})
