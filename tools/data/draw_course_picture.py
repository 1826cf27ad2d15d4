"""Draw notebooks/images/course.png, the picture of the README: what a learner will make.

`python -m tools.data.draw_course_picture` trains a small VAE on the glyphs (two or three minutes on two cores), shows
real letters, the same letters reconstructed, and letters generated from the prior, each row labelled as what it is.
"""

from pathlib import Path

import course_lib

PICTURE = Path(__file__).resolve().parents[2] / "notebooks" / "images" / "course.png"
COLUMNS = 16


def train(images):
    """A dense VAE with 16 latent dimensions."""
    import keras

    from course_lib import networks
    from course_lib.formulas import likelihoods
    from course_lib.models import VAE

    encoder = networks.dense_gaussian_encoder((28, 28, 1), 16, (512, 256))
    decoder = networks.dense_decoder(16, (28, 28, 1), (256, 512))
    vae = VAE(encoder, decoder, likelihoods.bernoulli_log_prob, seed=0)
    vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(1.5e-3, decay_steps=60 * 200)))
    vae.fit(images, batch_size=100, epochs=60)
    return vae


def main():
    course_lib.setup(seed=0)
    from course_lib import datasets, plotting

    data = datasets.load("glyphs")
    vae = train(data.x_train)
    real = data.x_test[:COLUMNS]
    rows = {"real": real, "reconstructed": vae.reconstruct(real), "generated": vae.sample(COLUMNS, seed=4)}
    PICTURE.parent.mkdir(exist_ok=True)
    plotting.still(plotting.image_rows(rows)).savefig(PICTURE, dpi=80, bbox_inches="tight", metadata={"Software": None})
    print(f"wrote {PICTURE.name}, {PICTURE.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
