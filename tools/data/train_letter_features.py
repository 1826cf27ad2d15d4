"""Train the small network whose features the metrics of a lesson compare, and write `data/letter_features.npz`.

A dense network 784-128-32 with two heads names the letter and the font of a glyph; the 32 numbers before the heads are
the features. Half of the images of each batch are black and white, half are grey, so that it reads both. Afterwards
the features are shifted and scaled to mean 0 and variance 1 over the training images, and the weights rounded to
float16. The card is `data/letter_features.md`.

    python -m tools.data.train_letter_features             # a minute; write the file, print the digests and accuracies
"""

import argparse
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

import numpy as np  # noqa: E402

from course_lib import datasets, features  # noqa: E402
from course_lib.datasets.archive import array_digest  # noqa: E402

UNITS, SEED, BATCH_SIZE = (128, 32), 0, 100


def main(words=None):
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--output", type=Path, default=ROOT / "data" / "letter_features.npz")
    options.add_argument("--epochs", type=int, default=60)
    arguments = options.parse_args(words)
    glyphs = datasets.load("glyphs")
    weights = standardised(trained(glyphs, arguments.epochs), glyphs.x_train)
    np.savez_compressed(arguments.output, **weights)
    for name, weight in weights.items():
        print(f'    "{name}": "{array_digest(weight)}",')
    for split in ("train", "test"):
        for kind, accuracy in accuracies(weights, glyphs, split).items():
            print(f"{split} {kind}: {accuracy:.4f}")
    print(f"{arguments.output.stat().st_size:,} bytes")


def network():
    """The classifier: two hidden layers, and the heads for letter and font on the last one."""
    import keras
    from keras import layers

    inputs = keras.Input((784,))
    noisy = layers.GaussianNoise(0.1)(inputs)
    hidden = layers.Dense(UNITS[0], "relu", name="hidden")(noisy)
    feature = layers.Dense(UNITS[1], name="feature")(layers.Dropout(0.1)(hidden))
    seen = layers.Activation("relu")(feature)
    heads = [layers.Dense(size, name=name)(seen) for name, size in (("letter", 10), ("font", 12))]
    return keras.Model(inputs, heads)


def trained(glyphs, epochs):
    """Weights by name, after training on letters and fonts."""
    import keras

    keras.utils.set_random_seed(SEED)
    x, letters, fonts = glyphs.x_train.reshape(-1, 784), glyphs.y_train, glyphs.factors["train"]["font"]
    both = np.concatenate([x, (x > 0.5).astype("float32")])
    model, loss = network(), keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    steps = epochs * len(both) // BATCH_SIZE
    model.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(2e-3, steps)), [loss, loss])
    model.fit(both, [np.tile(letters, 2), np.tile(fonts, 2)], batch_size=BATCH_SIZE, epochs=epochs, verbose=2)
    return {
        f"{layer}_{kind}": array
        for layer in ("hidden", "feature", "letter", "font")
        for kind, array in zip(("kernel", "bias"), model.get_layer(layer).get_weights(), strict=True)
    }


def standardised(weights, images):
    """The same network with features of mean 0 and variance 1 over images, in float16.

    The heads saw max(feature, 0): they are moved with it, so that they now see max(deviation · feature + mean, 0).
    """
    rounded = {name: weight.astype("float16") for name, weight in weights.items()}
    plain = features.features_of(rounded, images)
    mean, deviation = plain.mean(axis=0), plain.std(axis=0)
    wide = {name: weight.astype("float64") for name, weight in rounded.items()}
    wide["feature_kernel"] = wide["feature_kernel"] / deviation
    wide["feature_bias"] = (wide["feature_bias"] - mean) / deviation
    return {name: weight.astype("float16") for name, weight in wide.items()} | {
        "mean": mean.astype("float32"),
        "deviation": deviation.astype("float32"),
    }


def accuracies(weights, glyphs, split):
    """The shares of letters and fonts named rightly, on grey images."""
    images = glyphs.split(split)[0]
    letters, fonts = features.scores_of(weights, images)
    truth = glyphs.factors[split]
    return {
        "letter": np.mean(letters.argmax(axis=1) == truth["letter"]),
        "font": np.mean(fonts.argmax(axis=1) == truth["font"]),
    }


if __name__ == "__main__":
    main()
