"""What can go wrong, said so that a user can act on it.

Every error that a user can cause is a `MaskwrightError`. Its text says what is wrong, where, and what to do instead; the
command line prints it without a traceback, the studio shows it in the page.
"""

from __future__ import annotations


class MaskwrightError(Exception):
    """Base of all errors that maskwright raises on purpose."""


class ImageError(MaskwrightError):
    """An image could not be read, or is of a kind that maskwright cannot work on."""


class PromptError(MaskwrightError):
    """A prompt is malformed, lies outside the image, or is not understood by the method."""


class MaskError(MaskwrightError):
    """A mask, its run-length code or its polygons are malformed."""


class WeightsError(MaskwrightError):
    """A weight file is missing, damaged or of another network."""


class DataError(MaskwrightError):
    """A data set's file is missing or malformed."""


class StoreError(MaskwrightError):
    """Annotations could not be stored or read back."""


class NotFoundError(MaskwrightError):
    """An image, an object, a painting, a class, a method or an engine was named that does not exist."""


class MissingExtraError(MaskwrightError):
    """A feature needs an optional dependency that is not installed.

    Example:
        >>> str(MissingExtraError("openvino", "the OpenVINO engine"))
        "the OpenVINO engine needs an optional package: pip install 'maskwright[openvino]'"
    """

    def __init__(self, extra: str, feature: str) -> None:
        super().__init__(f"{feature} needs an optional package: pip install 'maskwright[{extra}]'")
        self.extra = extra
