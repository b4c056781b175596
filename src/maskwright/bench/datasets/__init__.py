"""Data sets with true masks and class maps, behind one function: `open_dataset("ADAPTER:PATH")`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import MappingProxyType

from maskwright.bench.datasets import coco, pairs, semantic, voc
from maskwright.bench.datasets.base import BenchObject, Dataset, Sample, Truth
from maskwright.errors import DataError

__all__ = ["ADAPTERS", "Adapter", "BenchObject", "Dataset", "Sample", "Truth", "open_dataset"]


@dataclass(frozen=True)
class Adapter:
    """A data set's reader.

    Attributes:
        read: gives the objects of (path, split, min_area), lazily.
        layout: what the path must hold, in words.
        default_split: the split read when none is named; None for sets that have no splits.
        min_area: objects of fewer px are left out unless the caller says otherwise.
        read_images: gives whole images of (path, split, min_area), lazily; None for sets that know single objects alone.
    """

    read: Callable[[Path, str, int], Iterator[BenchObject]]
    layout: str
    default_split: str | None = None
    min_area: int = 0
    read_images: Callable[[Path, str, int], Iterator[BenchObject]] | None = None


ADAPTERS: Mapping[str, Adapter] = MappingProxyType(
    {
        "grabcut": Adapter(lambda p, s, a: _large(pairs.grabcut(p), a), "a folder with data_GT/ and boundary_GT/"),
        "berkeley": Adapter(lambda p, s, a: _large(pairs.berkeley(p), a), "a folder with images/ and masks/"),
        "davis": Adapter(lambda p, s, a: _large(pairs.davis(p), a), "a folder with img/ and gt/"),
        "coco-mval": Adapter(lambda p, s, a: _large(pairs.coco_mval(p), a), "a folder with img/ and gt/"),
        "sbd": Adapter(
            lambda p, s, a: _large(voc.sbd(p, s), a), "a folder with dataset/img, dataset/inst, dataset/val.txt", "val"
        ),
        "voc": Adapter(lambda p, s, a: _large(voc.voc(p, s), a), "a folder such as VOCdevkit/VOC2012", "val"),
        "coco": Adapter(
            lambda p, s, a: coco.coco(p, a),
            "a COCO JSON file with images/ beside it",
            min_area=coco.MIN_AREA,
            read_images=lambda p, s, a: coco.coco_images(p, a),
        ),
        "semantic": Adapter(
            semantic.semantic,
            "a folder with images/, labels/ and classes.json",
            "val",
            semantic.MIN_AREA,
            read_images=semantic.semantic_images,
        ),
    }
)


def open_dataset(
    spec: str, *, split: str | None = None, min_area: int | None = None, limit: int | None = None, images: bool = False
) -> Dataset:
    """Open a data set. Masks and images are read when an object is asked for them.

    Args:
        spec: "ADAPTER:PATH", such as "grabcut:data/GrabCut" or "coco:data/instances_val.json".
        split: for `voc`, `sbd` and `semantic`, "train" or "val" (the default). Sets without splits accept only "val", which is
            all of them.
        min_area: leave out objects of fewer px; by default 1,024 for `coco` and `semantic`, and 0 for the others and for whole
            images, whose pixels without an object are void.
        limit: only the first so many objects (or whole images); what comes after is not looked at.
        images: whole images, each with a class map, instead of single objects: `coco` and `semantic` have them.

    Raises:
        DataError: the adapter is unknown or has no whole images, a file or folder is missing or malformed, or nothing remains.
        MissingExtraError: `sbd` without the extra [bench].

    Example:
        >>> open_dataset("grabcat:images")  # doctest: +ELLIPSIS
        Traceback (most recent call last):
        ...
        maskwright.errors.DataError: 'grabcat:images': no data set is called 'grabcat'; give ADAPTER:PATH with ...
    """
    name, colon, path = spec.partition(":")
    adapter = ADAPTERS.get(name)
    if adapter is None or not path:
        problem = f"no data set is called {name!r}" if colon else "no path"
        raise DataError(f"{spec!r}: {problem}; give ADAPTER:PATH with ADAPTER one of {', '.join(ADAPTERS)}")
    if adapter.default_split is None and split not in (None, "val"):
        raise DataError(f"{spec!r}: this kind of data set has no split {split!r}; leave the split out")
    read = adapter.read_images if images else adapter.read
    if read is None:
        having = ", ".join(name for name, other in ADAPTERS.items() if other.read_images)
        raise DataError(f"{spec!r}: this kind of data set knows single objects, no whole images; give one of {having}")
    area = (0 if images else adapter.min_area) if min_area is None else min_area
    objects = read(Path(path), split or adapter.default_split or "", area)
    dataset = Dataset(spec, tuple(islice(objects, limit)))
    if not dataset:
        raise DataError(f"{spec!r}: no object to work on; expected {adapter.layout}, with objects of at least {area} px")
    return dataset


def _large(objects: Iterator[BenchObject], min_area: int) -> Iterator[BenchObject]:
    return (o for o in objects if min_area <= 0 or o.mask.sum() >= min_area)
