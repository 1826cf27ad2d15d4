"""Draw notebooks/images/course.png, the picture of the README: what a learner will make.

`python -m tools.data.draw_course_picture` trains the VAE of faces of the lesson on the variational autoencoder, as its
`gpu` profile does, on 6,000 faces for 60 epochs, and says how many seconds that took. It shows real test faces, the
same faces reconstructed, and two rows generated from the prior, each row labelled as what it is.
"""

from pathlib import Path
from time import perf_counter, process_time

import course_lib

PICTURE = Path(__file__).resolve().parents[2] / "notebooks" / "images" / "course.png"
COLUMNS, EPOCHS, BATCH_SIZE = 12, 60, 64


def train(images):
    """The lesson's VAE of faces: dense layers, 32 latents, Adam on a cosine."""
    import keras

    from course_lib import networks
    from course_lib.formulas import likelihoods
    from course_lib.models import VAE

    keras.utils.set_random_seed(0)
    encoder = networks.dense_gaussian_encoder((32, 32, 3), 32, (512, 256))
    decoder = networks.dense_decoder(32, (32, 32, 3), (256, 512))
    vae = VAE(encoder, decoder, likelihoods.bernoulli_log_prob, seed=0)
    steps = EPOCHS * -(-len(images) // BATCH_SIZE)
    vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(0.002, steps)))
    vae.fit(images, batch_size=BATCH_SIZE, epochs=EPOCHS, verbose=0)
    return vae


def main():
    course_lib.setup(seed=0)
    from course_lib import datasets, plotting

    data = datasets.load("faces")
    began = perf_counter(), process_time()
    vae = train(data.x_train[:6_000])
    print(f"trained in {perf_counter() - began[0]:.0f} s ({process_time() - began[1]:.0f} s of processor time)")
    real = data.x_test[:COLUMNS]
    rows = {
        "real": real,
        "reconstructed": vae.reconstruct(real),
        "generated": vae.sample(COLUMNS, seed=1),
        "generated, too": vae.sample(COLUMNS, seed=2),
    }
    PICTURE.parent.mkdir(exist_ok=True)
    plotting.still(plotting.image_rows(rows)).savefig(PICTURE, dpi=96, bbox_inches="tight", metadata={"Software": None})
    print(f"wrote {PICTURE.name}, {PICTURE.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
