"""The recipe of Latent Diversity's `fast` preset, to be read from top to bottom.

    maskwright train latent-diversity --data DATA --init dextr-fast.onnx --out runs/latent-diversity
    maskwright train latent-diversity --data DATA --init latent-diversity-fast.onnx --out runs/latent-diversity

It starts from a trained DEXTR, which knows outlines already. Of every batch, some samples come back with the network's own mask
and one more click on its largest error: the network trains on what it will meet.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from maskwright.methods.encoding import decode_mask, encode_image, encode_mask
from maskwright.methods.latent_diversity_encoding import encode_prompts
from maskwright.nets.latent_diversity_fast import CANDIDATES, FastLatentDiversity
from maskwright.training.click_samples import ClickSample, ClickSamples, with_click
from maskwright.training.diversity_losses import RANKS, click_loss, hindsight_loss, jaccard_distance, selection_loss
from maskwright.training.folded import load_graph
from maskwright.training.imagenet import load_imagenet
from maskwright.training.loop import Reporter, RunSettings, Step, run, starts_from_graph
from maskwright.training.objects import PhotoSet, SetMix, load_sets
from maskwright.training.scenes import Staging
from maskwright.vision.distances import pixel_of

OPEN = 0.5
"""How much candidate 0 learns of every sample whose meaning is open, beside what hindsight and its rank give it."""

SHARPNESS = 4.0
"""How much scores, which estimate IoU and differ by little, are stretched where the selector learns which candidate is best."""

CLICK_WEIGHT, SELECTOR_WEIGHT = 0.2, 0.3
"""Of the clicks' constraint and of the selector in the loss, beside the candidates' own."""

GOOD = 0.95
"""The IoU of a mask that nobody corrects any more."""


@dataclass(frozen=True, kw_only=True)
class LatentDiversitySettings(RunSettings):
    """Everything that a run depends on."""

    mixes: tuple[SetMix, ...] = (
        SetMix("coco_small", 0.32),
        SetMix("semantic/coco_panoptic", 0.08),
        SetMix("voc_person", 0.28),
        SetMix("bsds_regions", 0.07, union=0.5, touching=True),
        SetMix("ccp", 0.07, union=0.5),
        SetMix("car_parts", 0.06, union=0.5),
        SetMix("feral_cats", 0.08),
        SetMix("building_facade", 0.02),
        SetMix("cwfid", 0.01),
        SetMix("crackforest", 0.01),
    )
    """Parts and wholes lie side by side: that is the ambiguity to learn."""
    stages: tuple[tuple[int, int], ...] = ((384, 6000),)
    graph_rate: float = 2e-4
    ema: float = 0.999
    batch: int = 8
    recycled: int = 4
    encoder_factor: float = 0.1
    area_power: float = 0.5
    frozen: int = 4
    """Blocks of the encoder that stay as they are, with its stems, when an earlier run's graph is gone on from; 0: none do."""
    staging: Staging = Staging(framed=0.25)
    settled: float = 0.4
    """How often a fresh sample begins with a mask to go on from."""
    by_dextr: float = 0.5
    """How often that mask is the shipped DEXTR's, from the object's extreme points; else it is the truth, spoiled."""
    candidates: int = CANDIDATES
    """1 trains the plain click network that the six candidates are compared with."""
    most_clicks: int = 12
    """A sample with so many clicks does not come back."""


@dataclass(frozen=True, eq=False)
class Batch:
    """The network's inputs and targets.

    Attributes:
        rgb: float32 in -1..1, (N, 3, S, S), channels last.
        prompts: float32 in 0..1, (N, 3, S, S), channels last.
        target: float32 in 0..1, (N, 1, S / 2, S / 2): the share of each output pixel that is the object's.
        clicks: bool, (N, 1, S / 2, S / 2): where a click is.
        settled: bool, (N,): there is a mask so far, so what is meant is no longer open.
    """

    rgb: Tensor
    prompts: Tensor
    target: Tensor
    clicks: Tensor
    settled: Tensor

    @classmethod
    def of(cls, samples: list[ClickSample]) -> Batch:
        """Encode samples of one size, as the method does in use."""
        size = samples[0].crop.size
        rgb = torch.from_numpy(np.stack([encode_image(s.rgb, s.crop) for s in samples]))
        prompts = torch.from_numpy(np.stack([encode_prompts(s.clicks, s.before, s.crop) for s in samples]))
        target = torch.from_numpy(np.stack([encode_mask(s.target, s.crop) for s in samples]))[:, None]
        clicks = torch.zeros(len(samples), 1, size // 2, size // 2, dtype=torch.bool)
        for i, sample in enumerate(samples):
            for x, y in (sample.crop.to_crop((click.x, click.y)) for click in sample.clicks):
                column, row = pixel_of(x, y)
                if 0 <= column < size and 0 <= row < size:
                    clicks[i, 0, row // 2, column // 2] = True
        form = torch.channels_last
        return cls(
            rgb.contiguous(memory_format=form),
            prompts.contiguous(memory_format=form),
            F.avg_pool2d(target, 2),
            clicks,
            torch.tensor([sample.before is not None for sample in samples]),
        )


def loss_of(logits: Tensor, scores: Tensor, batch: Batch) -> tuple[Tensor, Tensor]:
    """The loss, and the IoU of every candidate, (N, M).

    Section 3 of the paper, with cross-entropy beside the Jaccard distance (it sharpens what the distance finds), and the
    selector learning twice from the same output: each candidate's IoU, and which one is best. Candidate 0 always learns, in
    full where a mask is gone on from: what is meant is known then, and candidates that take turns would each learn slowly.
    """
    probabilities = logits.sigmoid()
    entropy = F.binary_cross_entropy_with_logits(logits, batch.target.expand_as(logits), reduction="none").mean((2, 3))
    distances = entropy + jaccard_distance(probabilities, batch.target)
    several = logits.shape[1] == len(RANKS)
    diversity = hindsight_loss(distances, RANKS if several else None)
    if several:
        diversity = diversity + (distances[:, 0] * torch.where(batch.settled, 1.0, OPEN)).mean()
    ious = ious_of(logits.detach(), batch.target)
    selector = F.binary_cross_entropy_with_logits(scores, ious) + selection_loss(SHARPNESS * scores, ious)
    clicks = click_loss(probabilities, batch.target, batch.clicks)
    return diversity + CLICK_WEIGHT * clicks + SELECTOR_WEIGHT * selector, ious


def ious_of(logits: Tensor, target: Tensor) -> Tensor:
    """The IoU of every candidate's mask, (N, M)."""
    masks, truth = logits > 0, target > 0.5
    return (masks & truth).sum((2, 3)) / (masks | truth).sum((2, 3)).clamp(min=1)


def new_net(settings: LatentDiversitySettings) -> FastLatentDiversity:
    """The network as training starts: from a graph of DEXTR or of an earlier run, or with an ImageNet encoder.

    Raises:
        DataError: `init` holds no weights, or those of another network.
    """
    net = FastLatentDiversity(settings.candidates)
    if starts_from_graph(settings):
        load_graph(net, settings.init, optional=("encoder.prompt_stem", "candidates", "selector"))
        # A graph of DEXTR leaves the stem for clicks at zero: it has all to learn, and so nothing before it may be frozen.
        if net.encoder.prompt_stem.weight.any():
            net.encoder.freeze(settings.frozen)
    else:
        load_imagenet(net.encoder, settings.init)
    net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub leaves this form out
    return net


def answers_of(net: FastLatentDiversity, batch: Batch) -> tuple[Tensor, Tensor]:
    """The network's logits (N, M, S / 2, S / 2) and scores (N, M), float32, computed in bfloat16."""
    with torch.autocast("cpu", torch.bfloat16):
        logits, scores = net(batch.rgb, batch.prompts)
    return logits.float(), scores.float()


@dataclass(frozen=True, eq=False)
class LatentDiversityRecipe:
    """Samples and loss; some samples of each batch come back with the mask they led to and one more click."""

    settings: LatentDiversitySettings
    net: FastLatentDiversity
    sets: list[PhotoSet]
    rng: np.random.Generator

    def stream(self, size: int, seed: int) -> Iterator[list[ClickSample]]:
        """Batches without the recycled samples, made by one worker process."""
        settings = self.settings
        samples = ClickSamples(self.sets, size, seed, settings.staging, settings.settled, settings.by_dextr)
        return samples.batches(settings.batch - settings.recycled)

    def step(self, samples: list[ClickSample]) -> Step[ClickSample]:
        """The loss of a batch, and the samples that come back."""
        batch = Batch.of(samples)
        logits, scores = answers_of(self.net, batch)
        loss, ious = loss_of(logits, scores, batch)
        chosen = ious.gather(1, scores.argmax(1, keepdim=True))
        figures = {"iou": chosen.mean().item(), "best": ious.amax(1).mean().item(), "first": ious[:, 0].mean().item()}
        return Step(loss, figures, self.again(samples, logits.detach(), scores.detach(), ious))

    def again(self, samples: list[ClickSample], logits: Tensor, scores: Tensor, ious: Tensor) -> list[ClickSample]:
        """At most `recycled` samples with a candidate as the mask so far, mostly the selector's, and a click on its error.

        Those with many clicks are likelier to come back: else hardly any would ever have more than three.
        """
        again: list[ClickSample] = []
        counts = np.array([len(sample.clicks) for sample in samples])
        for i in self.rng.choice(len(samples), len(samples), replace=False, p=counts / counts.sum()):
            if len(again) == self.settings.recycled:
                break
            by = scores if self.rng.random() < 0.7 else ious
            chosen = int(by[i].argmax())
            if counts[i] >= self.settings.most_clicks or ious[i, chosen] > GOOD:
                continue
            mask = decode_mask(logits[i, chosen].numpy(), samples[i].crop, *samples[i].target.shape)
            further = with_click(self.rng, samples[i], mask)
            if further is not None:
                again.append(further)
        return again


def train(settings: LatentDiversitySettings, report: Reporter | None = None) -> Path:
    """Train, or go on training, and answer the checkpoint's path; `report` as in `loop.run`.

    Raises:
        DataError: a training set is missing, or `init` holds no weights, or those of another network.
    """
    torch.set_num_threads(settings.threads)
    torch.manual_seed(settings.seed)
    net = new_net(settings)
    sets = load_sets(settings.data, settings.mixes, settings.min_area, settings.area_power)
    return run(settings, net, LatentDiversityRecipe(settings, net, sets, np.random.default_rng(settings.seed)), report)
