"""What the exercises of the last lesson accept beside their references, and how its briefs judge."""

import numpy as np
import pytest
from scipy import ndimage
from sklearn.metrics import roc_auc_score

from course_lib.exercises import where_next as exercises

RIGHT = "right"


def step_by_cases(x, t, h, score, noise):
    result = x + h * x + 2 * h * score(x, t)
    if not np.isclose(t, h):
        result = result + (2 * h) ** 0.5 * noise
    return result


def coupling_by_matrices(x, kept, scale, shift):
    def g(row):
        a, b = row[None, :kept], row[None, kept:]
        return np.concatenate([a, b * np.exp(scale(a)) + shift(a)], axis=1)[0]

    steps = 1e-6 * np.eye(x.shape[1])
    slopes = [np.array([(g(row + step) - g(row - step)) / 2e-6 for step in steps]) for row in x]
    return np.array([np.log(abs(np.linalg.det(each))) for each in slopes])


def guided_by_logarithms(x, p, p_given, weight):
    log_p = (1 - weight) * np.log(p) + weight * np.log(p_given)
    tilted = np.exp(log_p - log_p.max())
    return tilted / np.trapezoid(tilted, x)


@pytest.mark.parametrize(
    ("exercise", "answer"),
    [
        (exercises.STEP_BACK, step_by_cases),
        (exercises.COUPLING, coupling_by_matrices),
        (exercises.GUIDED, guided_by_logarithms),
    ],
)
def test_right_answers_in_other_words_are_right(exercise, answer):
    assert exercise.judge(answer) == RIGHT


@pytest.mark.parametrize(
    ("order", "said"),
    [
        ("ceabd", "2015"),
        ("acedb", "machine of 1985"),
        ("bdaec", "turned round"),
        ("CEADB", RIGHT),
        ("cead", "each of the five letters"),
        ("c<e<a<d<b", "nothing else"),
    ],
)
def test_an_order_of_papers_is_told_what_came_before_what(order, said):
    assert said in exercises.PAPERS.judge(order)


@pytest.mark.parametrize("time", [0.05, 0.1, 0.2, 0.3])
def test_a_step_that_knows_the_last_one_by_a_fixed_time_is_refused(time):
    def step(x, t, h, score, noise):
        moved = x + h * (x + 2 * score(x, t))
        return moved + np.sqrt(2 * h) * noise if t > time else moved

    assert exercises.STEP_BACK.judge(step) != RIGHT


def test_a_tilted_density_may_be_normalised_by_its_mean_height():
    def by_its_mean(x, p, p_given, weight):
        tilted = p * (p_given / p) ** weight
        return tilted / (tilted.mean() * np.ptp(x))

    assert exercises.GUIDED.judge(by_its_mean) == RIGHT


def test_a_code_that_counts_in_what_it_codes_is_refused():
    def by_its_own_rows(bits):
        numbers = bits @ 2 ** np.arange(12)
        counts = 1e-9 + np.bincount(numbers, minlength=4096)  # over all 4,096 patterns it sums to 1
        return np.log(counts / counts.sum())[numbers]

    assert "count in the rows that you are asked about" in exercises.COMPRESS.judge(by_its_own_rows)


def test_a_filter_that_knows_nothing_of_letters_does_not_pass():
    assert "squared error" in exercises.RESTORE.judge(lambda noisy: ndimage.gaussian_filter(noisy, (0, 1, 1, 0)))


def test_areas_are_those_of_scikit_learn():
    rng = np.random.default_rng(0)
    strange, usual = rng.integers(0, 6, size=40) + 1.0, rng.integers(0, 6, size=30) + 0.0
    labels = np.repeat([1, 0], [40, 30])
    assert exercises._area(strange, usual) == pytest.approx(roc_auc_score(labels, np.concatenate([strange, usual])))


def test_a_detector_of_one_kind_of_damage_is_told_its_worst_case():
    verdict = exercises.DETECT.judge(lambda images: -images.max(axis=(1, 2, 3)))  # sees what is pale
    assert "your worst case is specks: AUROC 0.50" in verdict


def test_a_detector_must_judge_each_image_for_itself():
    images, asked = exercises._letters()[1], []

    def answer(given):
        asked.append(given)
        return np.zeros(len(given))

    exercises.DETECT.judge(answer)
    [given] = asked
    assert given.shape == (1200, 28, 28, 1)
    faded = given.max(axis=(1, 2, 3)) < 0.3
    assert faded.sum() == len(images) - 300
    assert 0 < faded[:300].sum() < 150


def test_the_limits_are_the_baselines_on_other_splits_with_five_deviations():
    found = []
    for seed in range(1, 7):
        letters = exercises._held_out("validation", seed)
        clean, noisy = exercises._to_restore(letters, seed)
        found.append(
            {
                "restore": exercises._squared_error(exercises._wiener(noisy), clean),
                "compress": exercises._bits(exercises._by_counts, letters),
                "detect": min(exercises._areas(exercises._unusual, letters, seed).values()),
                "say": exercises._nats_of(exercises._counted(exercises._whole), seed),
                "draw": exercises._distance(exercises._two_stage(500, seed), letters),
            }
        )
    for name, limit in exercises.LIMITS.items():
        figures = np.array([each[name] for each in found])
        easy, places = (-1 if name == "detect" else 1), {"restore": 0, "detect": 2}.get(name, 1)
        bound = figures.mean() + easy * 5 * figures.std(ddof=1)
        assert limit == pytest.approx(bound + easy * 0.5 / 10**places, abs=0.5 / 10**places + 1e-9), name


def test_a_photocopier_that_changes_a_pixel_is_seen():
    def draw(number, seed):
        copies = exercises.letters()[:number]
        copies[:, 0, 0] = 1 - copies[:, 0, 0]
        return copies

    assert "pixel by pixel" in exercises.DRAW.judge(draw)


@pytest.mark.parametrize("move", [(1, 0), (-3, 2)])
def test_a_photocopier_whose_paper_lies_askew_is_seen(move):
    def draw(number, seed):
        return np.roll(np.random.default_rng(seed).permutation(exercises.letters())[:number], move, axis=(1, 2))

    assert "moved" in exercises.DRAW.judge(draw)


def test_hidden_letters_are_no_copies():
    hidden = exercises._letters()[1]
    assert exercises._to_nearest(hidden).min() > exercises._COPY
    assert exercises._to_nearest(hidden, exercises._wherever_it_stands).min() > exercises._MOVED_COPY


def test_letters_are_drawn_by_their_seed():
    drawn = {}

    def by_itself(number, seed):
        drawn[seed] = drawn.get(seed, -1) + 1
        return exercises._two_stage(number, [seed, drawn[seed]])

    assert "the same seed draws other letters" in exercises.DRAW.judge(by_itself)
    seedless = exercises.DRAW.judge(lambda number, seed: exercises._two_stage(number, 1))
    assert "two seeds draw the same letters" in seedless


def test_a_density_turned_round_is_not_told_that_pale_images_are_probable():
    verdict = exercises.DETECT.judge(lambda images: -exercises._surprise(images))
    assert "how *probable* an image is" in verdict


def test_the_entropy_of_the_grammar_is_that_of_its_sentences():
    counts = np.unique(exercises.sentences(400_000) @ 12 ** np.arange(4), return_counts=True)[1]
    shares = counts / counts.sum()
    assert len(shares) == 2 * 2 * 2 * 2 * 2
    assert -shares @ np.log(shares) == pytest.approx(exercises._least_nats(), abs=0.01)


def test_the_last_word_depends_on_the_first_and_the_verb_on_the_noun():
    drawn = exercises.sentences(20_000)
    slowly = drawn[:, 3] == 10
    assert slowly[drawn[:, 0] == 0].mean() == pytest.approx(0.9, abs=0.02)
    assert slowly[drawn[:, 0] == 1].mean() == pytest.approx(0.2, abs=0.02)
    assert ((drawn[:, 1] < 4) == (drawn[:, 2] < 8)).all()


def test_hidden_letters_are_none_that_learners_have():
    training, hidden = ({image.tobytes() for image in each} for each in exercises._letters())
    assert len(training & hidden) <= 0.02 * len(hidden)
    assert len(exercises._letters()[1]) == 600


def test_a_model_that_knows_the_grammar_is_right():
    def next_word(beginning):
        p = np.zeros((len(beginning), 12))
        if beginning.shape[1] == 0:
            p[:, :2] = 0.5
        elif beginning.shape[1] == 1:
            p[:, 2:6] = np.array([0.35, 0.15, 0.35, 0.15])
        elif beginning.shape[1] == 2:
            p[np.arange(len(p)), np.where(beginning[:, 1] < 4, 6, 8)] = 0.6
            p[np.arange(len(p)), np.where(beginning[:, 1] < 4, 7, 9)] = 0.4
        else:
            p[:, 10] = np.where(beginning[:, 0] == 0, 0.9, 0.2)
            p[:, 11] = 1 - p[:, 10]
        return p

    assert exercises.SAY.judge(next_word) == RIGHT


def test_letters_of_one_gaussian_are_drawn_too_badly():
    mean, axes, variances = exercises._principal_parts()

    def draw(number, seed):
        z = np.random.default_rng(seed).normal(size=(number, 40)) * np.sqrt(variances[:40])
        return (mean + z @ axes[:, :40].T > 0.5).astype("float32").reshape(number, 28, 28, 1)

    assert "Fréchet distance" in exercises.DRAW.judge(draw)


def test_a_code_that_promises_too_much_is_summed():
    verdict = exercises.COMPRESS.judge(lambda bits: exercises._by_counts(bits) + 1)
    assert "do not sum to 1" in verdict
