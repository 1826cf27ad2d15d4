import ast
from pathlib import Path

import pytest

from tools.editions.lesson_sources import Course
from tools.site import reference

ROOT = Path(__file__).resolve().parents[3]
NAMES = reference.names_of(ROOT)


def test_every_name_that_a_part_hands_on_is_in_the_reference():
    for part in reference.PARTS:
        listed = {f"{part}.{name}" for name in reference.public_names(ROOT, part)}
        missing = {
            full
            for full in listed - set(NAMES)
            if isinstance(reference.definition(ROOT, *full.rsplit(".", 1)), ast.ClassDef | ast.FunctionDef)
        }
        assert missing == set()
    assert {"course_lib.models.VAE", "course_lib.formulas.standard_normal_kl", "course_lib.datasets.load"} <= set(NAMES)


def test_every_room_of_the_library_has_a_page():
    files = {path.stem for path in (ROOT / "course_lib").glob("*.py")} - {"__init__", "runtime", "source"}
    rooms = {path.parent.name for path in (ROOT / "course_lib").glob("*/__init__.py")}
    assert {f"course_lib.{name}" for name in files | rooms} | {"course_lib"} == set(reference.PARTS)


@pytest.mark.parametrize(
    ("code", "used", "shown"),
    [
        ("from course_lib.models import VAE\nVAE.compute_loss", ["course_lib.models.VAE"], []),
        ("from course_lib import datasets as d\nd.load('ring')", ["course_lib.datasets.load"], []),
        ("import course_lib\ncourse_lib.setup()", ["course_lib.setup"], []),
        ("from course_lib.models.vae import VAE\nVAE", ["course_lib.models.VAE"], []),
        ("from course_lib.formulas import adversarial\nadversarial.hinge", ["course_lib.formulas.hinge"], []),
        (
            "from course_lib import show\nfrom course_lib.models import VAE\nshow(VAE.call)",
            ["course_lib.show", "course_lib.models.VAE"],
            ["course_lib.models.VAE"],
        ),
        ("import numpy as np\nnp.load('x')\nload = 1", [], []),
        ("%matplotlib inline\nfrom course_lib.models import GAN\nGAN", ["course_lib.models.GAN"], []),
    ],
)
def test_the_names_that_code_uses_are_found(code, used, shown):
    found = reference.names_in(code, NAMES)
    assert [sorted(each) for each in found] == [sorted(used), sorted(shown)]


def test_below_a_cell_that_shows_source_stands_a_link_to_its_entry(tmp_path):
    (tmp_path / "notebooks" / "source").mkdir(parents=True)
    text = "# %%\nfrom course_lib import show\nfrom course_lib.models import GAN\n\n# %%\nshow(GAN.call)\n"
    (tmp_path / "notebooks" / "source" / "01_one.py").write_text(text)
    links = reference.links_below(Course(tmp_path, None, "1.2.3"), "01_one", NAMES)
    assert links("show(GAN.call)") == "*In the reference:* {py:obj}`~course_lib.models.GAN`"
    assert links("GAN.call") == links("ax.imshow(picture)") == ""


def test_an_entry_has_its_signature_as_written_and_its_lessons():
    vae = reference.Name("course_lib.models.VAE", NAMES["course_lib.models.VAE"].node, ["07_elbow"], ["08_vae"])
    text = reference.entry(vae, NAMES)
    assert "{py:class} VAE(encoder, decoder, log_likelihood, beta=1.0, seed=None, prior=None, free_bits=0.0" in text
    assert ":module: course_lib.models" in text
    assert "{py:method} sample(num_samples" in text
    assert "*In the lessons:* used in [07](/lessons/elbow.md); source shown in [08](/lessons/vae.md)." in text
    assert reference.names_of_lesson("07_elbow", {vae.full: vae}).endswith("{py:obj}`~course_lib.models.VAE`")


def test_a_docstring_becomes_lists_of_definitions_and_examples():
    text = reference.markdown(
        "First.\n\nArgs:\n    x: Of shape `(batch,)`,\n        and finite.\n    *more: Others.\n\n"
        "Raises:\n    ValueError: If not.\n\nExample:\n    >>> 1 + 1  # doctest: +SKIP\n    2\n\n    >>> 3\n    3"
    )
    assert "`x`\n: Of shape `(batch,)`,\n  and finite." in text
    assert "`*more`\n: Others." in text
    assert "**Raises**\n\n`ValueError`\n: If not." in text
    assert text.count("```pycon") == 2
    assert "doctest" not in text


def test_names_of_the_library_in_a_text_are_links():
    text = reference.linked("See `standard_normal_kl`, `models.VAE`, `x` and ``code``.", NAMES)
    assert "{py:obj}`standard_normal_kl <course_lib.formulas.standard_normal_kl>`" in text
    assert "{py:obj}`models.VAE <course_lib.models.VAE>`" in text
    assert "`x` and ``code``" in text


def test_a_dataclass_shows_its_fields():
    node = ast.parse(
        "@dataclass\nclass A:\n    x: int\n    y: float = 1.0\n    z: list = field(default_factory=list)"
    ).body[0]
    assert reference.signature(reference.constructor(node), method=True) == "(x, y=1.0, z=...)"
