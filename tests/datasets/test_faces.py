import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from scipy import stats

from course_lib import plotting
from course_lib.datasets import archive, faces, load, portraits
from course_lib.datasets.faces import FACTORS, KINDS, RANGES, draw, is_unseen, sample_factors

ROOT = Path(__file__).resolve().parents[2]
SPLITS = ("train", "validation", "test", "unseen")

# a face in the middle of everything, looking straight ahead
PLAIN = dict.fromkeys(KINDS, 0) | dict.fromkeys(RANGES, 0.0)
PLAIN |= {"skin": 2, "hair": 1, "hair_length": 0.4, "scale": 1.0, "background": 200.0, "clothes": 20.0}

# factor: two values, and the box (left, top, right, bottom) outside of which nothing may change, in [-1, 1]²
PLACES = {
    "beard": (0, 1, (-0.52, 0.10, 0.52, 0.70)),
    "glasses": (0, 1, (-0.54, -0.18, 0.54, 0.22)),
    "hat": (0, 1, (-0.69, -0.80, 0.69, -0.17)),
    "hair_length": (0.0, 1.0, (-0.58, -0.18, 0.58, 0.90)),
    "smile": (-1.0, 1.0, (-0.24, 0.20, 0.24, 0.56)),
    "gaze": (-1.0, 1.0, (-0.33, -0.09, 0.33, 0.14)),
    "brows": (-1.0, 1.0, (-0.35, -0.27, 0.35, -0.01)),
    "clothes": (20.0, 200.0, (-0.65, 0.78, 0.65, 1.00)),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def data(folder):
    return load("faces", num_train=3_000, cache=folder)


def box_of(difference):
    """Box around what differs between two pictures, in [-1, 1]²."""
    rows, columns = (np.flatnonzero(difference.any(axis=(2, axis))) for axis in (1, 0))
    scale = 2 / len(difference)
    return columns[0] * scale - 1, rows[0] * scale - 1, (columns[-1] + 1) * scale - 1, (rows[-1] + 1) * scale - 1


def changed(size=64, **changes):
    before, after = draw(PLAIN, size)[0], draw(PLAIN | changes, size)[0]
    return before != after


# What is drawn


@pytest.mark.parametrize("size", [32, 64])
@pytest.mark.parametrize("name", PLACES)
def test_a_factor_changes_its_place_and_nothing_else(name, size):
    low, high, (left, top, right, bottom) = PLACES[name]
    difference = draw(PLAIN | {name: low}, size)[0] != draw(PLAIN | {name: high}, size)[0]
    assert difference.any()
    found, slack = box_of(difference), 2 / size  # a pixel that is touched counts whole
    assert found[0] >= left - slack
    assert found[1] >= top - slack
    assert found[2] <= right + slack
    assert found[3] <= bottom + slack
    # and it fills that place: no half of it is missing
    assert found[2] - found[0] > 0.8 * (right - left)
    assert found[3] - found[1] > 0.5 * (bottom - top)


def test_skin_hair_and_background_leave_each_others_places_alone():
    place = (np.arange(64) + 0.5) / 32 - 1
    x, y = np.meshgrid(place, place)
    head = (x / 0.38) ** 2 + ((y - 0.04) / 0.55) ** 2 < 1
    crown = (x / 0.3) ** 2 + ((y + 0.48) / 0.1) ** 2 < 1
    cheeks = (np.abs(x) < 0.35) & (np.abs(y - 0.23) < 0.04)
    mouth = (np.abs(x) < 0.12) & (np.abs(y - 0.355) < 0.01)
    beyond = (np.abs(x) > 0.75) & (y < 0.7)
    shirt = (np.abs(x) < 0.5) & (y > 0.96)
    background = changed(background=20.0).any(axis=2)
    assert background[beyond].all()
    assert not background[head | crown | shirt].any()
    skin = changed(skin=5).any(axis=2)
    assert skin[cheeks].all()
    assert not skin[crown | beyond | shirt | mouth].any()
    hair = changed(hair=3).any(axis=2)
    assert hair[crown].all()
    assert not hair[cheeks | beyond | shirt | mouth].any()
    bearded = changed(beard=1).any(axis=2) & ~mouth
    assert (draw(PLAIN | {"beard": 1, "hair": 3}, 64) != draw(PLAIN | {"beard": 1}, 64))[0].any(axis=2)[bearded].all()


def test_the_hat_and_the_shirt_have_opposite_hues_and_move_together():
    covered = changed(hat=1).all(axis=2)
    recoloured = (draw(PLAIN | {"hat": 1}, 64) != draw(PLAIN | {"hat": 1, "clothes": 200.0}, 64))[0].any(axis=2)
    assert recoloured[covered].all()
    red, blue = draw(PLAIN | {"hat": 1}, 64)[0, [12, -1], 32][:, [0, 2]].T
    assert blue[0] > red[0]
    assert red[1] > blue[1]


def test_a_shift_by_one_pixel_is_that():
    plain = draw(PLAIN, 64)[0]
    right, down = (draw(PLAIN | {name: 1 / 64}, 64)[0] for name in ("shift_x", "shift_y"))
    np.testing.assert_allclose(right[:, 1:], plain[:, :-1], atol=1.1 / 255)
    np.testing.assert_allclose(down[1:], plain[:-1], atol=1.1 / 255)


def hat(**changes):
    """Middle of the hat, and the width of what it changes."""
    difference = np.abs(draw(PLAIN | changes, 64) - draw(PLAIN | changes | {"hat": 1}, 64))[0].max(axis=2) > 0.05
    place = (np.arange(64) + 0.5) / 32 - 1
    middle = np.array([difference.any(axis=axis) @ place / difference.any(axis=axis).sum() for axis in (0, 1)])
    return middle, difference.any(axis=0).sum()


@pytest.mark.parametrize("tilt", [-12.0, -5.0, 8.0, 12.0])
def test_the_head_tilts_anticlockwise_about_the_neck_and_the_shoulders_stay(tilt):
    x, y = hat()[0] - [0, 0.55]
    angle = np.deg2rad(tilt)
    turned = np.array([np.cos(angle) * x + np.sin(angle) * y, np.cos(angle) * y - np.sin(angle) * x + 0.55])
    np.testing.assert_allclose(hat(tilt=tilt)[0], turned, atol=0.06)
    assert not changed(tilt=tilt)[-6:].any()


def test_the_scale_is_that_of_lengths():
    assert hat(scale=0.85)[1] / hat()[1] == pytest.approx(0.85, abs=0.04)


def test_the_smile_bends_the_mouth_and_shows_teeth():
    sad, glad = draw(PLAIN | {"smile": np.array([-1.0, 1.0])}, 64)
    white = [(mouth[38:50, 24:40].min(axis=2) > 0.85).sum() for mouth in (sad, glad)]
    assert white[0] == 0
    assert white[1] > 5
    red = [(mouth[..., 0] - mouth[..., 1] > 0.3) & (mouth[..., 1] < 0.35) for mouth in (sad, glad)]
    corners, middle = [rows[36:52, 26:28] for rows in red], [rows[36:52, 31:33] for rows in red]
    height = np.arange(16)[:, np.newaxis]
    bends = [(m * height).sum() / m.sum() - (c * height).sum() / c.sum() for m, c in zip(middle, corners, strict=True)]
    assert bends[0] < -1
    assert bends[1] > 1


def test_brows_frown_inwards_and_rise_outwards_in_the_colour_of_the_hair():
    place = (slice(None), slice(25, 32), slice(36, 42))  # the brow at the right; only hair changes there with the hair
    brows = PLAIN | {"brows": np.array([-1.0, 1.0]), "hair_length": 0.0}
    black, grey = (draw(brows | {"hair": hair}, 64)[place].sum(axis=3) for hair in (0, 4))
    ink = grey - black
    frown, raised = (np.arange(7) @ brow / brow.sum(axis=0) for brow in ink)  # row of the brow, column by column
    assert frown[0] > frown[-1] + 0.5
    assert raised[0] < raised[-1] - 0.5
    assert raised.mean() < frown.mean() - 0.5
    assert ink[0].max() == pytest.approx(ink[1].max(), rel=0.25)
    assert black[0].min() == pytest.approx(black[1].min(), abs=0.1)


def test_the_gaze_goes_to_the_right_of_the_picture():
    dark = [picture[28:38, 34:46].sum(axis=2) < 1 for picture in draw(PLAIN | {"gaze": np.array([-1.0, 1.0])}, 64)]
    left, right = ((eye * np.arange(12)).sum() / eye.sum() for eye in dark)
    assert right - left > 1.5  # pixels


def test_the_light_brightens_its_side_only():
    left, none, right = draw(PLAIN | {"light": np.array([-1.0, 0.0, 1.0])}, 64)
    assert np.ptp(none[:20, 0], axis=0).max() == 0
    np.testing.assert_allclose(right[:20, 3] / none[:20, 3], 1 - 0.09 * 28.5 / 32, atol=0.01)
    np.testing.assert_allclose(left[:20, -4][:, 0] / none[:20, -4][:, 0], 1 - 0.09 * 28.5 / 32, atol=0.01)
    np.testing.assert_allclose(right[:, 31:33], none[:, 31:33], atol=1.1 / 255)


def test_a_larger_picture_shows_the_same_face():
    some = sample_factors(20)
    small, large = draw(some, 32), draw(some, 96)
    assert np.abs(large.reshape(20, 32, 3, 32, 3, 3).mean(axis=(2, 4)) - small).mean() < 0.01


def test_a_picture_does_not_depend_on_what_else_is_drawn():
    some = sample_factors(300, seed=5)
    alone = np.concatenate([draw({name: values[row] for name, values in some.items()}) for row in (0, 255, 256, 299)])
    np.testing.assert_array_equal(draw(some)[[0, 255, 256, 299]], alone)


def test_pixels_are_levels_of_a_byte():
    pictures = draw(sample_factors(50))
    assert pictures.dtype == np.float32
    assert pictures.shape == (50, 32, 32, 3)
    np.testing.assert_array_equal(pictures, np.round(pictures * 255).astype("uint8") / np.float32(255))


def test_every_kind_looks_different_in_every_pair():
    for name, kinds in KINDS.items():
        pictures = draw(PLAIN | {name: np.arange(len(kinds))})
        for first in range(len(kinds)):
            for second in range(first):
                assert np.abs(pictures[first] - pictures[second]).max() > 0.1, (name, first, second)


def test_one_picture_of_colours_goes_through_the_plots():
    ax = plotting.image_grid(draw(sample_factors(6)), columns=3)
    canvas = ax.images[0].get_array()
    assert canvas.shape == (65, 98, 3)
    assert np.ptp(canvas, axis=2).max() > 0.2


# Which faces there are


def test_held_out_pairs_are_absent_from_training_and_in_every_unseen_face(data):
    for split in SPLITS:
        face = data.factors[split]
        bearded_hat = (face["hat"] == 1) & (face["beard"] == 1)
        red_glasses = (face["glasses"] == 1) & (face["hair"] == KINDS["hair"].index("red"))
        np.testing.assert_array_equal(bearded_hat | red_glasses, split == "unseen")
        np.testing.assert_array_equal(is_unseen(face), split == "unseen")
    assert bearded_hat.mean() == pytest.approx(10 / 13, abs=0.01)  # of the 13 unseen combinations of each skin
    assert red_glasses.mean() == pytest.approx(4 / 13, abs=0.01)


def test_each_kind_alone_is_seen_in_training_beside_all_others():
    face = sample_factors(3_000)
    pairs = {("hat", "beard"), ("beard", "hat")}
    for one, values in KINDS.items():
        for other, others in KINDS.items():
            if one != other:
                expected = len(values) * len(others) - ((one, other) in pairs) - ({one, other} == {"glasses", "hair"})
                assert len(set(zip(face[one].tolist(), face[other].tolist(), strict=True))) == expected


@pytest.mark.parametrize("unseen", [False, True])
def test_combinations_of_kinds_are_as_equally_frequent_as_can_be(unseen):
    face = sample_factors(1_000, seed=3, unseen=unseen)
    counts = np.unique(np.stack([face[name] for name in KINDS]), axis=1, return_counts=True)[1]
    assert len(counts) == (
        78 if unseen else 162
    )  # 6 skins × (9 pairs of hair and glasses × 3 of hat and beard), of 240
    assert np.ptp(counts) <= 1


def test_shares_are_those_of_the_card(data):
    face = data.factors["train"]
    shares = {name: face[name].mean() for name in ("hat", "beard", "glasses")} | {"red": (face["hair"] == 3).mean()}
    assert shares == pytest.approx({"hat": 1 / 3, "beard": 1 / 3, "glasses": 4 / 9, "red": 1 / 9}, abs=0.01)


@pytest.mark.parametrize("name", RANGES)
def test_everything_else_is_uniform_over_its_range(data, name):
    low, high = RANGES[name]
    for split in SPLITS:
        values = data.factors[split][name]
        assert values.dtype == np.float32
        assert stats.kstest(values, stats.uniform(low, high - low).cdf).pvalue > 1e-4


def test_factors_are_independent_but_for_the_held_out_pairs():
    face = sample_factors(20_000)
    correlation = np.abs(np.corrcoef([face[name] for name in FACTORS]) - np.eye(len(FACTORS)))
    for pair in (("hat", "beard"), ("hair", "glasses")):
        one, other = map(FACTORS.index, pair)
        correlation[one, other] = correlation[other, one] = 0
    assert correlation.max() < 5 / np.sqrt(20_000)


def test_order_is_shuffled_and_splits_share_no_face(data):
    assert np.abs(np.diff(data.y_train)).mean() > 0.5
    pictures = [picture.tobytes() for split in SPLITS for picture in data.split(split)[0]]
    assert len(pictures) == len(set(pictures)) == 6_000


def test_samples_are_repeatable_and_differ_with_the_seed():
    first, again, other = (sample_factors(40, seed) for seed in (0, 0, 1))
    for name in FACTORS:
        np.testing.assert_array_equal(first[name], again[name])
        assert not np.array_equal(first[name], other[name])


# What is loaded


def test_the_data_set_is_what_its_factors_say(data):
    assert [len(data.split(split)[0]) for split in SPLITS] == [3_000, 1_000, 1_000, 1_000]
    for split in SPLITS:
        x, y = data.split(split)
        face = data.factors[split]
        np.testing.assert_array_equal(x, draw(face))
        wears = [data.class_names[label] for label in y]
        assert [("glasses" in words, "hat" in words) for words in wears] == list(
            zip(face["glasses"] == 1, face["hat"] == 1, strict=True)
        )
    assert "unseen" in repr(data)
    assert "32×32×3" in repr(data)


def test_a_counterfactual_differs_in_one_factor_only(data):
    face = {name: values[:20] for name, values in data.factors["test"].items()}
    bare = face | {"glasses": 0}
    with_glasses = draw(bare | {"glasses": 1})
    difference = (with_glasses != draw(bare)).any(axis=3)
    assert difference.any(axis=(1, 2)).all()
    assert difference.mean() < 0.25
    glasses = draw(bare | {"glasses": np.arange(20) % 2})
    np.testing.assert_array_equal(glasses[1::2], with_glasses[1::2])


def test_any_size_can_be_loaded(tmp_path):
    data = load("faces", size=12, num_train=7, cache=tmp_path)
    assert data.x_train.shape == (7, 12, 12, 3)
    np.testing.assert_array_equal(data.x_unseen, draw(data.factors["unseen"], 12))


def drawings(monkeypatch):
    """A list that grows with each call of the painter."""
    calls, paint = [], portraits.paint
    monkeypatch.setattr(portraits, "paint", lambda *arguments: calls.append(1) or paint(*arguments))
    return calls


def small(folder):
    return load("faces", size=8, num_train=20, cache=folder)


def test_the_second_load_reads_what_the_first_one_kept(tmp_path, monkeypatch):
    calls, folder = drawings(monkeypatch), tmp_path / "new" / "folder"
    first = small(folder)
    assert [path.name for path in folder.iterdir()] == ["faces_8_20.npz"]
    assert calls
    calls.clear()
    second = small(folder)
    assert not calls
    for split in SPLITS:
        np.testing.assert_array_equal(first.split(split)[0], second.split(split)[0])
    load("faces", size=8, num_train=21, cache=folder)
    assert calls


def test_what_another_version_drew_is_drawn_anew(tmp_path, monkeypatch):
    first = small(tmp_path).x_train
    path = tmp_path / "faces_8_20.npz"
    kept = archive.read_npz(path, ("recipe", *SPLITS), "")
    archive.write_npz(path, kept | {"recipe": np.array("another"), "train": kept["train"] // 2})
    calls = drawings(monkeypatch)
    np.testing.assert_array_equal(small(tmp_path).x_train, first)
    assert calls
    calls.clear()
    np.testing.assert_array_equal(small(tmp_path).x_train, first)
    assert not calls


@pytest.mark.parametrize("module", ["faces", "portraits", "canvas"])
def test_each_part_of_the_drawers_code_counts_as_a_version(module, tmp_path, monkeypatch):
    before = faces._recipe()
    source = ROOT / "course_lib" / "datasets" / f"{module}.py"
    changed = tmp_path / source.name
    changed.write_bytes(source.read_bytes() + b"# changed\n")
    target = faces if module == "faces" else getattr(faces, module)
    monkeypatch.setattr(target, "__file__", str(changed))
    assert faces._recipe() != before
    monkeypatch.setattr(target, "__file__", str(source))
    assert faces._recipe() == before
    monkeypatch.setattr(np, "__version__", "2.999")
    assert faces._recipe() != before


@pytest.mark.parametrize("damage", ["half", "empty", "text", "byte", "folder"])
def test_a_broken_file_is_drawn_anew(damage, tmp_path, monkeypatch):
    first = small(tmp_path).x_train
    path = tmp_path / "faces_8_20.npz"
    content = bytearray(path.read_bytes())
    path.unlink()
    if damage == "folder":
        path.mkdir()
    else:
        content[len(content) // 2] ^= 1
        whole = {"half": content[: len(content) // 2], "empty": b"", "text": b"no archive", "byte": content}
        path.write_bytes(whole[damage])
    calls = drawings(monkeypatch)
    np.testing.assert_array_equal(small(tmp_path).x_train, first)
    assert calls
    calls.clear()
    np.testing.assert_array_equal(small(tmp_path).x_train, first)
    assert bool(calls) == (damage == "folder")  # the others were replaced by a whole one


def test_an_interrupted_write_leaves_nothing(tmp_path, monkeypatch):
    def fail(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(archive.np.lib.format, "write_array", fail)
    with pytest.raises(KeyboardInterrupt):
        small(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_does_not_hinder(tmp_path):
    (tmp_path / "file").write_text("in the way")
    assert len(small(tmp_path / "file").x_train) == 20
    assert len(small(tmp_path / "file" / "below").x_train) == 20


def test_the_cache_is_where_downloads_are_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("COURSE_CACHE", str(tmp_path / "kept"))
    load("faces", size=8, num_train=20)
    assert (tmp_path / "kept" / "faces_8_20.npz").is_file()


# What is refused


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"skin": 6}, r"skin should be an integer in 0 … 5: porcelain, .*ebony; got \[6 6\]"),
        ({"hat": 0.5}, r"hat should be an integer in 0 … 1: no, yes; got \[0.5 0.5\]"),
        ({"smile": np.array([0.0, 1.5])}, r"smile should lie in -1.0 … 1.0; got \[0.  1.5\]"),
        ({"tilt": np.nan}, r"tilt should lie in -12.0 … 12.0; got \[nan nan\]"),
        ({"hair": "red"}, r"hair should be an integer in 0 … 4: black, brown, blond, red, grey; got \['red'\]"),
        ({"smile": np.zeros(3), "gaze": np.zeros(4)}, r"one n for all; got {'smile': \(3,\), 'gaze': \(4,\)}"),
        ({"smile": np.zeros((3, 2))}, r"a number or an array \(n,\).*got {'smile': \(3, 2\)}"),
        ({"smile": np.zeros(0)}, r"a number or an array \(n,\).*got {'smile': \(0,\)}"),
        ({"smiles": 0.0}, r"no others; unknown: smiles; missing: \(none\)\. Did you mean 'smile'"),
    ],
)
def test_factors_that_do_not_exist_are_refused_with_a_sentence(changes, sentence):
    with pytest.raises(ValueError, match=sentence):
        draw(PLAIN | changes)


@pytest.mark.parametrize("factors", [{"smile": 0.0}, {}, None, [1, 2]])
def test_missing_factors_are_named(factors):
    with pytest.raises(ValueError, match=r"missing: .*glasses.*sample_factors\(1\)"):
        draw(factors)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"size": 7}, "size should be at least 8; got 7"),
        ({"size": 32.0}, "size should be an integer; got 32.0"),
        ({"num_train": 0}, "num_train should be at least 1; got 0"),
        ({"sizes": 32}, "should be one of size, num_train, cache; got 'sizes'. Did you mean 'size'"),
    ],
)
def test_options_out_of_range_are_refused(options, sentence):
    with pytest.raises(ValueError, match=sentence):
        load("faces", **options)


def test_a_size_or_a_seed_that_is_none_is_refused():
    with pytest.raises(ValueError, match="size should be at least 8"):
        draw(PLAIN, 4)
    with pytest.raises(ValueError, match="num_faces should be at least 1"):
        sample_factors(0)
    with pytest.raises(ValueError, match="seed should be at least 0"):
        sample_factors(3, seed=-1)


# What is said about them


def test_the_card_names_every_factor_kind_and_range():
    card = (ROOT / "data" / "faces.md").read_text("utf-8")
    for name, kinds in KINDS.items():
        assert f"| {name} | {', '.join(kinds)} |" in card
    for name, (low, high) in RANGES.items():
        assert f"| {name} | {low:g} to {high:g} |".replace("-", "−") in card
    for name in faces.CLASSES:
        assert name in card


def test_the_numbers_of_the_card_are_those_of_the_pictures(data):
    # on every platform: a processor may round a few pixels to the neighbouring level
    np.testing.assert_allclose(data.x_train.mean(axis=(0, 1, 2), dtype="float64"), [0.752, 0.722, 0.695], atol=0.006)


def test_faces_are_drawn_without_keras_or_matplotlib():
    code = (
        "import sys; from course_lib.datasets import faces; faces.draw(faces.sample_factors(2));"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'keras', 'scipy', 'matplotlib', 'PIL'}))"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout.strip() == "[]"


@pytest.mark.parametrize(
    "factors",
    [
        None,
        {},
        {"hat": 1, "beard": 1},
        {"hat": "yes", "beard": 1, "glasses": 0, "hair": 0},
        {"hat": [1, 0], "beard": [1, 0, 1], "glasses": 0, "hair": 0},
        {"hat": np.nan, "beard": 1, "glasses": 0, "hair": 0},
        {"hat": 7, "beard": 1, "glasses": 0, "hair": 0},
    ],
    ids=["nothing", "empty", "half", "words", "lengths", "NaN", "range"],
)
def test_faces_that_cannot_be_asked_about_are_refused(factors):
    with pytest.raises(ValueError, match="should"):
        is_unseen(factors)


def test_faces_are_asked_about_by_four_factors_whatever_else_is_given():
    assert is_unseen({"hat": [1, 0], "beard": 1, "glasses": 0, "hair": 0, "mood": "glad"}).tolist() == [True, False]
