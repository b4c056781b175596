"""Training samples: what the simulated user shows is true of the object."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="needs the extra train")

from maskwright.errors import DataError  # noqa: E402
from maskwright.training.augment import blend, random_frame, random_light, random_pose  # noqa: E402
from maskwright.training.dextr_samples import Samples, boundary_points, extreme_points, with_boundary_point  # noqa: E402
from maskwright.training.objects import PhotoSet, SetMix, draw, load_set  # noqa: E402
from maskwright.training.scenes import Staging  # noqa: E402
from maskwright.vision.crops import Crop  # noqa: E402


@pytest.fixture
def shapes(shapes_data: Path) -> PhotoSet:
    return load_set(shapes_data / "shapes", SetMix("shapes", 1.0), min_area=300)


def test_a_set_is_read_whole(shapes: PhotoSet) -> None:
    assert len(shapes.photos) == 8
    assert len(shapes.drawable) == 16


def test_small_objects_are_not_drawn(shapes_data: Path) -> None:
    with pytest.raises(DataError, match="no object of 99999 px"):
        load_set(shapes_data / "shapes", SetMix("shapes", 1.0), min_area=99999)


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_an_objects_chance_goes_with_a_power_of_its_area(shapes_data: Path, rng: np.random.Generator, power: float) -> None:
    shapes = load_set(shapes_data / "shapes", SetMix("shapes", 1.0), min_area=300, area_power=power)
    areas = np.array([np.count_nonzero(shapes.photos[p].objects[i].mask) for p, i in shapes.drawable])
    drawn = [int(draw(rng, shapes)[1].sum()) for _ in range(2000)]
    expected = float(np.average(areas, weights=areas**power))
    assert np.mean(drawn) == pytest.approx(expected, abs=4 * np.std(drawn) / np.sqrt(len(drawn)))


def test_a_union_joins_all_objects_of_a_photo(shapes_data: Path, rng: np.random.Generator) -> None:
    joined = load_set(shapes_data / "shapes", SetMix("shapes", 1.0, union=1.0), min_area=300)
    _, mask = draw(rng, joined)
    assert mask[48, 32] == 1
    assert mask[30, 70] == 1


def test_objects_that_do_not_touch_stay_apart(shapes_data: Path, rng: np.random.Generator) -> None:
    touching = load_set(shapes_data / "shapes", SetMix("shapes", 1.0, union=1.0, touching=True), min_area=300)
    assert all(draw(rng, touching)[1][[48, 30], [32, 70]].sum() == 1 for _ in range(10))


def test_the_target_lies_where_the_object_is_seen(shapes: PhotoSet, rng: np.random.Generator) -> None:
    """Objects are brighter than the ground, and stay so under any light: mask and image moved together."""
    samples = Samples([shapes], 96, seed=0, staging=Staging(pasted=0.0), miss=0.0)
    for _ in range(12):
        sample = samples.one(rng)
        assert sample is not None
        target = sample.target[0].bool()
        grey = sample.rgb.float().mean(0)
        assert grey[target].mean() > grey[~target].mean()


def test_exact_points_touch_the_targets_ends(shapes: PhotoSet, rng: np.random.Generator) -> None:
    samples = Samples([shapes], 96, seed=0, staging=Staging(pasted=0.0), miss=0.0)
    for _ in range(12):
        sample = samples.one(rng)
        assert sample is not None
        _, rows, columns = np.nonzero(sample.target.numpy())
        xs, ys = np.array(sample.points[:4]).T
        assert xs.min() == pytest.approx(columns.min(), abs=4)
        assert xs.max() == pytest.approx(columns.max(), abs=4)
        assert ys.min() == pytest.approx(rows.min(), abs=4)
        assert ys.max() == pytest.approx(rows.max(), abs=4)


def test_the_same_seed_gives_the_same_samples(shapes: PhotoSet) -> None:
    first, second = (next(iter(Samples([shapes], 64, seed=5, staging=Staging(pasted=0.3), miss=0.03))) for _ in range(2))
    assert torch.equal(first.rgb, second.rgb)
    assert first.points == second.points


def test_the_next_boundary_point_lies_on_the_boundary_near_the_error(shapes: PhotoSet, rng: np.random.Generator) -> None:
    sample = Samples([shapes], 96, seed=0, staging=Staging(pasted=0.0), miss=0.0).one(rng)
    assert sample is not None
    target = sample.target[0].numpy()
    error = target.astype(bool)
    error[:, 48:] = False
    again = with_boundary_point(rng, sample, error)
    assert again is not None
    assert len(again.points) == len(sample.points) + 1
    x, y = again.points[-1]
    around = target[max(round(y) - 2, 0) : round(y) + 3, max(round(x) - 2, 0) : round(x) + 3]
    assert 0 < around.mean() < 1
    assert (again.prompts[0] >= sample.prompts[0] - 1e-6).all()


def test_without_an_error_no_point_is_added(shapes: PhotoSet, rng: np.random.Generator) -> None:
    sample = Samples([shapes], 96, seed=0, staging=Staging(pasted=0.0), miss=0.0).one(rng)
    assert sample is not None
    assert with_boundary_point(rng, sample, np.zeros((96, 96), bool)) is None


def test_extreme_points_lie_on_the_object(rng: np.random.Generator) -> None:
    mask = np.zeros((50, 60), np.uint8)
    mask[10:30, 20:50] = 1
    for x, y in extreme_points(rng, mask):
        assert mask[int(y), int(x)] == 1


def test_an_object_that_fills_the_image_has_no_boundary_point(rng: np.random.Generator) -> None:
    crop = Crop(0, 0, 30, 20, size=96)
    assert boundary_points(rng, np.ones((20, 30), np.uint8), 2, 0.01, crop) == []


def test_a_pose_keeps_every_corner_on_its_canvas(rng: np.random.Generator) -> None:
    for _ in range(50):
        matrix, (height, width) = random_pose(rng, 40, 70)
        corners = matrix @ np.array([[0, 69, 0, 69], [0, 0, 39, 39], [1, 1, 1, 1]])
        assert corners[:2].min() >= -1e-9
        assert corners[0].max() <= width - 1 + 1e-9
        assert corners[1].max() <= height - 1 + 1e-9


def test_a_frame_cuts_the_object_off_and_shows_it_beside_its_ground(rng: np.random.Generator) -> None:
    mask = np.zeros((200, 260), np.uint8)
    mask[40:160, 60:220] = 1
    touched = []
    for _ in range(200):
        frame = random_frame(rng, mask)
        if frame is None:
            continue
        seen = mask[frame]
        assert min(seen.shape) >= 48
        assert 0.35 * mask.sum() <= seen.sum() <= 0.92 * seen.size
        touched.append(sum(bool(side.any()) for side in (seen[0], seen[-1], seen[:, 0], seen[:, -1])))
    assert len(touched) > 100
    assert {1, 2, 3} <= set(touched)


def test_a_small_object_is_not_framed(rng: np.random.Generator) -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, 10:30] = 1
    assert all(random_frame(rng, mask) is None for _ in range(20))


def test_framed_samples_reach_the_photos_border_oftener(shapes: PhotoSet) -> None:
    def at_border(framed: float) -> int:
        samples = Samples([shapes], 64, seed=0, staging=Staging(pasted=0.0, framed=framed), miss=0.0)
        rng = np.random.default_rng(4)
        scenes = [scene for _ in range(60) if (scene := samples.scenes.posed(rng)) is not None]
        return sum(bool(mask[0].any() or mask[-1].any() or mask[:, 0].any() or mask[:, -1].any()) for _, mask, _, _ in scenes)

    assert at_border(1.0) > at_border(0.0) + 5


def test_light_changes_values_not_places(rng: np.random.Generator) -> None:
    image = np.zeros((40, 40, 3), np.uint8)
    image[:, 20:] = 200
    for _ in range(20):
        lit = random_light(rng, image)
        assert lit.shape == image.shape
        assert lit[:, 25:].mean() > lit[:, :15].mean()


def test_a_blend_shows_the_front_inside_and_the_back_outside() -> None:
    mask = np.zeros((40, 40), np.uint8)
    mask[10:30, 10:30] = 1
    front, back = np.full((40, 40, 3), 250, np.uint8), np.full((40, 40, 3), 10, np.uint8)
    mixed = blend(front, back, mask, softness=1.0)
    assert (mixed[18:22, 18:22] == 250).all()
    assert (mixed[:4] == 10).all()
