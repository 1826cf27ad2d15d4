"""Planted bugs of the faces: a factor that moves something else, a held-out pair that leaks, a cache that lies."""

from tests.mutants.bug import planted_in

_FACES = ("course_lib/datasets/faces.py", "tests/datasets/test_faces.py")
_PORTRAITS = ("course_lib/datasets/portraits.py", "tests/datasets/test_faces.py")
_CANVAS = ("course_lib/datasets/canvas.py", "tests/datasets/test_canvas.py")
_DATASET = ("course_lib/datasets/dataset.py", "tests/datasets/test_datasets.py")

BUGS = (
    # which faces there are
    planted_in(_FACES, "faces asked about by half of their factors", "hat, beard, glasses, hair = _checked(factors, four).values()", "hat, beard, glasses, hair = (np.asarray(factors.get(name, 0)) for name in four)"),
    planted_in(_FACES, "red hair with glasses leaks into training", "    return (hat == 1) & (beard == 1) | (glasses == 1) & (hair == KINDS[\"hair\"].index(\"red\"))", "    return (hat == 1) & (beard == 1)"),
    planted_in(_FACES, "glasses with brown hair held out instead", "KINDS[\"hair\"].index(\"red\")", "1"),
    planted_in(_FACES, "held-out pairs not held out", "combinations[:, is_unseen(dict(zip(KINDS, combinations, strict=True))) == unseen]", "combinations"),
    planted_in(_FACES, "the unseen split is like the others", "unseen=split == \"unseen\"", "unseen=False"),
    planted_in(_FACES, "combinations in order, not shuffled", "rng.permutation(np.arange(num_faces) % combinations.shape[1])", "np.arange(num_faces) % combinations.shape[1]"),
    planted_in(_FACES, "combinations drawn, not balanced", "rng.permutation(np.arange(num_faces) % combinations.shape[1])", "rng.integers(combinations.shape[1], size=num_faces)"),
    planted_in(_FACES, "every split from one stream", "sample_factors(number, seed, unseen", "sample_factors(number, 0, unseen"),
    planted_in(_FACES, "one random number for all the ranges", "rng.random(num_faces)).astype", "np.random.default_rng(seed).random(num_faces)).astype"),
    planted_in(_FACES, "half of each range", "(low + (high - low) * rng", "(low + 0.5 * (high - low) * rng"),
    planted_in(_FACES, "a label that confuses hat and glasses", "face[\"glasses\"] + 2 * face[\"hat\"]", "2 * face[\"glasses\"] + face[\"hat\"]"),
    # what is kept
    planted_in(_FACES, "the cache of another version believed", "if np.array_equal(kept.pop(\"recipe\"), recipe):", "if kept.pop(\"recipe\").size:"),
    planted_in(_FACES, "the painter's code does not count as a version", "(__file__, portraits.__file__, canvas.__file__)", "(__file__, canvas.__file__)"),
    planted_in(_FACES, "one cache for every size", "f\"faces_{size}_{len(factors['train']['hat'])}.npz\"", "f\"faces_{len(factors['train']['hat'])}.npz\""),
    planted_in(_FACES, "a broken cache hinders", "except DataError:", "except FileNotFoundError:"),
    planted_in(_FACES, "a folder that cannot be written to hinders", "contextlib.suppress(OSError)", "contextlib.nullcontext()"),
    planted_in(_FACES, "nothing is ever kept", "write_npz(path, {\"recipe\": recipe} | pixels, compress=False)", "pass"),
    planted_in(_FACES, "another random number generator of NumPy's believed", "sha256(code + np.__version__.encode())", "sha256(code)"),
    # what is refused
    planted_in(_FACES, "half a hat", "(name in KINDS and (array != np.floor(array)).any())", "False"),
    planted_in(_FACES, "a smile beyond every face", "((low <= array) & (array <= high)).all()", "(low <= array).all()"),
    planted_in(_FACES, "an unknown factor ignored", "    if unknown or missing:\n", "    if missing:\n"),
    # what is drawn
    planted_in(_FACES, "the last portion of faces forgotten", "range(0, num_faces, portion)]", "range(0, max(1, num_faces - portion), portion)]"),
    planted_in(_PORTRAITS, "the gaze moves one eye", "look = middle + np.float32(0.045) * gaze", "look = middle + np.float32(0.045) * gaze * (side < 0)"),
    planted_in(_PORTRAITS, "a gaze to the other side", "middle + np.float32(0.045) * gaze", "middle - np.float32(0.045) * gaze"),
    planted_in(_PORTRAITS, "a smile upside down", "0.33 + smile * (", "0.33 - smile * ("),
    planted_in(_PORTRAITS, "teeth in every mouth", "_rgb(255, 250, 244), opened)", "_rgb(255, 250, 244))"),
    planted_in(_PORTRAITS, "glasses for one eye", "    right.x = np.abs(front.x)  # the left half mirrors the right one\n", ""),
    planted_in(_PORTRAITS, "glasses above the eyes", "right.rectangle(0.05, -0.125, 0.38, 0.165, 0.12)", "right.rectangle(0.05, -0.325, 0.38, -0.035, 0.12)"),
    planted_in(_PORTRAITS, "everybody has a beard", "hair, beard)\n    top", "hair)\n    top"),
    planted_in(_PORTRAITS, "a beard of the skin's colour", "    _paint_hair(canvas, hair, beard)\n    _paint_eyes", "    _paint_hair(canvas, np.where(beard > 0, skin, hair), beard)\n    _paint_eyes"),
    planted_in(_PORTRAITS, "brows in a colour of their own", "np.abs(across) - 0.12), hair * np.float32(0.72))", "np.abs(across) - 0.12), (hair - brows * np.float32(0.1)) * np.float32(0.72))"),
    planted_in(_PORTRAITS, "the hat in the shirt's colour", "face[\"clothes\"] + 150", "face[\"clothes\"]"),
    planted_in(_PORTRAITS, "light from the other side", "np.float32(0.09) * face", "np.float32(-0.09) * face"),
    planted_in(_PORTRAITS, "hair that stays short", "bottom = 0.15 + np.float32(0.7) * hair_length", "bottom = 0.15 + np.float32(0.1) * hair_length"),
    planted_in(_CANVAS, "a head that turns clockwise", "turned = self.cos * x - self.sin * (y - neck), self.sin * x +", "turned = self.cos * x + self.sin * (y - neck), -self.sin * x +"),
    planted_in(_CANVAS, "a head that turns about the middle of the picture", "+ self.cos * (y - neck) + neck", "+ self.cos * (y - neck)"),
    planted_in(_CANVAS, "a box that ends before its shape", "samples.max() + 2", "samples.max() - 1"),
    planted_in(_CANVAS, "a box for the first picture only", "(corners * self.scale + shift + 1)", "(corners * self.scale[0] + shift[0] + 1)"),
    planted_in(_CANVAS, "levels cut, not rounded", "mean + np.float32(0.5), 255)", "mean, 255)"),
    planted_in(_CANVAS, "one sample a pixel", "_SAMPLES = 2", "_SAMPLES = 1"),
    planted_in(_CANVAS, "hues the other way round", "chroma * np.cos(angle), chroma * np.sin(angle)", "chroma * np.cos(angle), -chroma * np.sin(angle)"),
    planted_in(_CANVAS, "light in place of what screens want", "1.055 * light ** (1 / 2.4) - 0.055", "light"),
    planted_in(_DATASET, "an unseen split that nobody checks", "        for split in self.splits:\n            self._check_split(split)", "        for split in SPLITS:\n            self._check_split(split)"),
)  # fmt: skip
