"""Collect data/prose.npz, the prose of the lessons in small letters, for the lesson on text.

`python -m tools.data.collect_prose` reads the text cells of notebooks/source (no slides, no notes), keeps the sentences
that hold no formula, no code and no link, writes them in 40 characters, and stores them as numbers: three lessons for
testing, two for validation, the others for training. The stored text is the one of the day on which it was made: what
is written later does not change it. The card is data/prose.md.
"""

import re
from pathlib import Path

import numpy as np

from course_lib.datasets.archive import array_digest, write_npz
from course_lib.datasets.prose import ALPHABET

ROOT = Path(__file__).resolve().parents[2]
TEST = ("the_elbo", "gan_losses", "the_latent_space")
VALIDATION = ("tighter_bounds", "training_a_gan")
SHORTEST = 20  # characters of a sentence


def text_cells(source):
    """The markdown cells of a lesson that are no slides and no notes, as text."""
    cells = re.split(r"(?m)^# %%", source)
    chosen = [cell for cell in cells if cell.startswith(" [markdown]")]
    chosen = [cell for cell in chosen if '"slide"' not in cell and '"notes"' not in cell.partition("\n")[0]]
    return [re.sub(r"(?m)^# ?", "", cell.partition("\n")[2]) for cell in chosen]


def plain(text):
    """A cell's sentences in the characters of `ALPHABET`; those with formulas, code or names are left out."""
    text = text.partition("**References.**")[0]
    text = re.sub(r"\$\$.*?\$\$|```.*?```|</?[a-z]+/?>", "\n\n", text, flags=re.DOTALL)
    sentences = []
    for paragraph in re.split(r"\n\s*\n|\n(?=\s*[*#|\d>-])", text):
        words = " ".join(re.sub(r"[*_#]+", "", paragraph).split())
        sentences += re.split(r"(?<=[.?!]) (?=[A-Z])", words)
    kept = [each for each in sentences if re.search(r"[.?!:]$", each)]
    kept = [each.lower().translate(str.maketrans("“”’–—−öéü", '""\'---oeu')) for each in kept]
    kept = [re.sub(r"\d", "0", each).replace("…", "...") for each in kept]
    return [each for each in kept if len(each) >= SHORTEST and set(each) <= set(ALPHABET)]


def main():
    seen, parts = set(), {"train": [], "validation": [], "test": []}
    for path in sorted((ROOT / "notebooks" / "source").glob("*.py")):
        name = path.stem[3:]
        split = "test" if name in TEST else "validation" if name in VALIDATION else "train"
        for cell in text_cells(path.read_text("utf-8")):
            for sentence in plain(cell):
                if sentence not in seen:
                    seen.add(sentence)
                    parts[split].append(sentence)
    number = {character: index for index, character in enumerate(ALPHABET)}
    arrays = {
        split: np.array([number[character] for character in " ".join(each)], "uint8") for split, each in parts.items()
    }
    write_npz(ROOT / "data" / "prose.npz", arrays)
    for split, array in arrays.items():
        print(f"{split}: {len(array):,} characters, {len(parts[split]):,} sentences, {array_digest(array)}")


if __name__ == "__main__":
    main()
