"""Running graph files: ONNX Runtime by default, OpenVINO as an extra, a fake for tests."""

from maskwright.engine.base import Engine
from maskwright.engine.loading import ENGINES, check_engine, load_engine
from maskwright.engine.on_demand import OnDemand
from maskwright.engine.weights import WeightFile, verify, weight_file

__all__ = ["ENGINES", "Engine", "OnDemand", "WeightFile", "check_engine", "load_engine", "verify", "weight_file"]
