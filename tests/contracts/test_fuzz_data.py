"""Properties of data contracts, metrics, exact models, data sets and archives over input of every kind."""

import gzip
import io
import zipfile

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import datasets, exact
from course_lib.contracts.data import DataContract
from course_lib.datasets import mnist, toy
from course_lib.datasets.archive import DataError, read_npz, write_npz
from course_lib.datasets.dataset import check_num_validation
from course_lib.metrics.frechet_distance import frechet_distance, frechet_of_gaussians
from course_lib.metrics.precision_recall import precision_recall
from tests.strategies import LAYOUTS, NO_COUNTS, NO_TABLES, repeatable, seeds, shapes

SOME_TABLE = np.random.default_rng(0).normal(size=(8, 2))
SMALL = {"num_train": 5, "num_validation": 3, "num_test": 2}
DTYPES = ("float16", "float32", "float64", "longdouble", "uint8", "int16", "int64", "uint64", "bool", ">f8", ">i2")


def standard_normal(x):
    return -0.5 * (np.log(2 * np.pi) + np.square(x))


@pytest.mark.slow
@repeatable(80)
@given(
    x=st.sampled_from((*DTYPES, "complex64", "U2", "O", "M8[s]")).flatmap(
        lambda dtype: hnp.arrays(dtype, hnp.array_shapes(min_dims=0, max_dims=5, min_side=0, max_side=3))
    ),
    event_shape=st.none() | st.lists(st.none() | st.integers(1, 3), min_size=1, max_size=3).map(tuple),
    limits=st.sampled_from(((None, None), (0.0, 1.0), (-1.0, 1.0), (0, None))),
    symbols=st.booleans(),
)
def test_a_contract_returns_finite_data_of_its_shape_and_range_or_a_sentence(x, event_shape, limits, symbols):
    contract = DataContract(event_shape, *limits, symbols=symbols)
    before = x.copy()
    try:
        checked = contract.checked(x)
    except ValueError as error:
        assert len(str(error)) > 30  # noqa: PT017
        assert str(error).startswith("x ")  # noqa: PT017
        return
    assert checked.dtype == ("int32" if symbols else "float32")
    assert checked.shape == before.shape
    assert np.isfinite(checked).all()
    assert limits[0] is None or checked.min() >= limits[0]
    assert limits[1] is None or checked.max() <= limits[1]
    np.testing.assert_array_equal(contract.checked(checked), checked)
    np.testing.assert_array_equal(x, before)
    np.testing.assert_allclose(checked.astype("float64"), before.astype("float64"), rtol=1e-6, atol=1e-37)


@repeatable(40)
@given(
    seed=seeds(),
    shape=shapes(min_batch=1),
    dtype=st.sampled_from(DTYPES),
    layout=st.sampled_from(sorted(LAYOUTS)),
)
def test_a_contract_reads_the_same_numbers_from_every_dtype_and_layout(seed, shape, dtype, layout):
    x = np.random.default_rng(seed).integers(0, 2, shape).astype(dtype)
    checked = DataContract(shape[1:], 0.0, 1.0).checked(LAYOUTS[layout](x))
    np.testing.assert_array_equal(checked, x.astype("float32"))
    assert checked.dtype == np.float32


@pytest.mark.parametrize("value", [1 + 1e-12, 255 - 1e-9, 254.9999999999, 1e-50])
def test_a_contract_accepts_again_what_it_returned_where_float64_is_rounded(value):
    contract = DataContract((2, 2, 1), 0.0, None)
    try:
        checked = contract.checked(np.full((3, 2, 2, 1), value))
    except ValueError:
        return
    np.testing.assert_array_equal(contract.checked(checked), checked)


def orthogonal(seed, d):
    return np.linalg.qr(np.random.default_rng(seed).normal(size=(d, d)))[0]


@repeatable(60)
@given(
    seed=seeds(),
    sizes=st.tuples(st.integers(2, 12), st.integers(2, 12)),
    d=st.integers(1, 6),
    scale=st.sampled_from((1e-100, 1e-3, 1.0, 1e6, 1e100)),
    rank=st.integers(0, 6),
)
def test_the_frechet_distance_is_symmetric_not_negative_and_blind_to_orthogonal_maps(seed, sizes, d, scale, rank):
    rng = np.random.default_rng(seed)
    flat = np.arange(d) < rank  # columns beyond the rank are constant
    real, generated = (scale * rng.normal(size=(n, d)) * flat for n in sizes)
    distance = frechet_distance(real, generated)
    size = scale**2 * d
    assert distance >= 0
    assert np.isfinite(distance)
    assert frechet_distance(generated, real) == pytest.approx(distance, rel=1e-6, abs=1e-6 * size)
    rotation, shift = orthogonal(seed, d), scale * rng.normal(size=d)
    moved = frechet_distance(real @ rotation + shift, generated @ rotation + shift)
    assert moved == pytest.approx(distance, rel=1e-6, abs=1e-6 * size)
    assert frechet_distance(real, real + shift) == pytest.approx(np.square(shift).sum(), rel=1e-6, abs=1e-6 * size)


@repeatable(60)
@given(
    seed=seeds(),
    sizes=st.tuples(st.integers(3, 12), st.integers(3, 12)),
    d=st.integers(1, 4),
    neighbours=st.integers(1, 2),
    duplicates=st.booleans(),
    scale=st.sampled_from((1e-100, 1.0, 1e100)),
)
def test_precision_and_recall_swap_with_their_arguments(seed, sizes, d, neighbours, duplicates, scale):
    rng = np.random.default_rng(seed)
    real, generated = (rng.normal(size=(n, d)) for n in sizes)
    if duplicates:
        real, generated = np.round(real), np.round(generated)
    real, generated = scale * real, scale * generated
    precision, recall = precision_recall(real, generated, neighbours)
    assert 0 <= precision <= 1
    assert 0 <= recall <= 1
    assert precision_recall(generated, real, neighbours) == (recall, precision)
    assert precision_recall(rng.permutation(real), generated, neighbours) == (precision, recall)
    assert precision_recall(real, real, neighbours) == (1.0, 1.0)


@repeatable(80)
@given(samples=st.tuples(*[hnp.arrays("float64", st.integers(1, 8), elements=st.floats(-1e100, 1e100))] * 3))
def test_the_transport_distance_is_a_metric(samples):
    a, b, c = samples
    distance = exact.wasserstein_of_samples
    slack = 1e-9 * max(np.abs(x).max() for x in samples) + 1e-300
    assert distance(a, np.random.default_rng(0).permutation(a)) == 0
    assert distance(a, b) >= 0
    assert distance(a, b) == pytest.approx(distance(b, a), rel=1e-12)
    assert distance(a, c) <= distance(a, b) + distance(b, c) + slack
    assert distance(np.repeat(a, 3), b) == pytest.approx(distance(a, b), rel=1e-9, abs=slack)


def positive_definite(rng, d):
    root = rng.normal(size=(d, d))
    return root @ root.T + 0.1 * np.eye(d)


@repeatable(40)
@given(seed=seeds(), n=st.integers(1, 5), d=st.integers(1, 4))
def test_the_exact_kl_is_not_negative_and_adds_up_over_independent_blocks(seed, n, d):
    rng = np.random.default_rng(seed)
    covariances = [positive_definite(rng, d) for _ in range(4)]
    means = [rng.normal(size=(n, d)), rng.normal(size=d), rng.normal(size=(n, d)), rng.normal(size=d)]
    first = exact.multivariate_gaussian_kl(means[0], covariances[0], means[1], covariances[1])
    second = exact.multivariate_gaussian_kl(means[2], covariances[2], means[3], covariances[3])

    def block(a, b):
        return np.block([[a, np.zeros((d, d))], [np.zeros((d, d)), b]])

    mean_q, mean_p = np.hstack(means[::2]), np.hstack(means[1::2])
    joined = exact.multivariate_gaussian_kl(mean_q, block(*covariances[::2]), mean_p, block(*covariances[1::2]))
    assert first.shape == (n,)
    assert (first >= -1e-9).all()
    np.testing.assert_allclose(joined, first + second, rtol=1e-8, atol=1e-8)


@repeatable(40)
@given(seed=seeds(), n=st.integers(1, 6), d=st.integers(2, 5), edge=st.sampled_from((0.0, 5.0, -5.0, 30.0, -12.0)))
def test_the_exact_elbo_and_its_gap_add_up_to_the_evidence(seed, n, d, edge):
    rng = np.random.default_rng(seed)
    q = rng.integers(1, d)
    model = exact.ProbabilisticPCA(rng.normal(size=(d, q)), rng.normal(size=d), rng.uniform(0.1, 3.0))
    x, mean, log_var = rng.normal(size=(n, d)), rng.normal(size=(n, q)), edge + rng.normal(size=(n, q))
    gap = model.posterior_gap(x, mean, log_var)
    assert (gap >= -1e-6).all()
    np.testing.assert_allclose(model.elbo(x, mean, log_var) + gap, model.log_prob(x), rtol=1e-9, atol=1e-9 * gap.max())


@repeatable(20)
@given(seed=seeds(), n=st.integers(4, 20), d=st.integers(1, 3), components=st.integers(1, 3))
def test_a_step_of_em_never_lowers_the_likelihood(seed, n, d, components):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, d))
    mixture = exact.GaussianMixture(
        rng.dirichlet(np.ones(components)),
        rng.normal(size=(components, d)),
        [positive_definite(rng, d) for _ in range(components)],
    )
    try:
        after = mixture.em_step(x)
    except np.linalg.LinAlgError:
        assume(False)
    assert after.log_prob(x).mean() >= mixture.log_prob(x).mean() - 1e-9


TABLE_READERS = {
    "frechet_distance": lambda x: frechet_distance(x, SOME_TABLE),
    "frechet_distance, generated": lambda x: frechet_distance(SOME_TABLE, x),
    "precision_recall": lambda x: precision_recall(SOME_TABLE, x, 1),
    "frechet_of_gaussians": lambda x: frechet_of_gaussians(x, np.eye(2), [0, 0], np.eye(2)),
    "covariance": lambda x: frechet_of_gaussians([0, 0], x, [0, 0], np.eye(2)),
    "wasserstein_of_samples": lambda x: exact.wasserstein_of_samples(x, [0.0]),
    "gaussian_log_density": lambda x: exact.gaussian_log_density(x, [0, 0], np.eye(2)),
    "gaussian_log_density, mean": lambda x: exact.gaussian_log_density(SOME_TABLE, x, np.eye(2)),
    "gaussian_log_density, covariance": lambda x: exact.gaussian_log_density(SOME_TABLE, [0, 0], x),
    "multivariate_gaussian_kl": lambda x: exact.multivariate_gaussian_kl(x, np.eye(2), [0, 0], np.eye(2)),
    "multivariate_gaussian_kl, mean_p": lambda x: exact.multivariate_gaussian_kl(SOME_TABLE, np.eye(2), x, np.eye(2)),
    "GaussianMixture": lambda x: exact.GaussianMixture([1.0], x, [np.eye(2)]),
    "GaussianMixture, weights": lambda x: exact.GaussianMixture(x, [[0.0, 0.0]], [np.eye(2)]),
    "GaussianMixture, covariances": lambda x: exact.GaussianMixture([1.0], [[0.0, 0.0]], x),
    "GaussianMixture.fit": lambda x: exact.GaussianMixture.fit(x, 1),
    "ProbabilisticPCA": lambda x: exact.ProbabilisticPCA(x, [0.0], 1.0),
    "ProbabilisticPCA, mean": lambda x: exact.ProbabilisticPCA([[1.0]], x, 1.0),
    "ProbabilisticPCA.fit": lambda x: exact.ProbabilisticPCA.fit(x, 1),
    "principal_variances": exact.principal_variances,
    "subspace_distance": lambda x: exact.subspace_distance(x, [[1.0], [0.0]]),
    "toy means": lambda x: toy.IsotropicMixture([1.0], x, 1.0),
    "toy weights": lambda x: toy.IsotropicMixture(x, [[0.0, 0.0]], 1.0),
    "toy deviation": lambda x: toy.IsotropicMixture([1.0], [[0.0, 0.0]], x),
    "toy labels": lambda x: toy.IsotropicMixture([1.0], [[0.0, 0.0]], 1.0, x or [0.5]),
    "toy log_density": lambda x: toy.ring().log_density(x),
    "mixture_1d": lambda x: toy.mixture_1d(means=x),
}


@pytest.mark.parametrize("bad", NO_TABLES, ids=repr)
@pytest.mark.parametrize("reader", TABLE_READERS)
def test_what_is_no_table_of_finite_numbers_is_refused(reader, bad):
    with pytest.raises(ValueError, match=r"should|must"):
        TABLE_READERS[reader](bad)


MODEL = exact.GaussianMixture([1.0], [[0.0, 0.0]], [np.eye(2)])
COUNTS = {
    "num_components of fit": lambda k: exact.GaussianMixture.fit(SOME_TABLE, k),
    "num_starts": lambda k: exact.GaussianMixture.fit(SOME_TABLE, 1, num_starts=k),
    "max_steps": lambda k: exact.GaussianMixture.fit(SOME_TABLE, 1, max_steps=k),
    "samples of a mixture": MODEL.sample,
    "samples of pPCA": exact.ProbabilisticPCA([[1.0], [1.0]], [0.0, 0.0], 1.0).sample,
    "samples of a toy": lambda k: toy.ring().sample(k),
    "num_latents": lambda k: exact.ProbabilisticPCA.fit(SOME_TABLE, k),
    "components": lambda k: exact.principal_axes(SOME_TABLE, k),
    "rank": lambda k: exact.reconstruction_error(SOME_TABLE, k),
    "steps": lambda k: exact.DiracGAN(0.5).trajectory(1.0, 0.0, k),
    "points": lambda k: exact.expectation_1d(np.square, standard_normal, -9, 9, k),
    "points of transport": lambda k: exact.wasserstein_of_densities(standard_normal, standard_normal, -9, 9, k),
    "points of the evidence": lambda k: exact.log_marginal_likelihood(lambda z: -0.5 * z**2, 1, num_points=k),
    "batch": lambda k: exact.log_marginal_likelihood(lambda z: -0.5 * z**2, 1, batch_size=k),
    "neighbours": lambda k: precision_recall(SOME_TABLE, SOME_TABLE, k),
    "num_train": lambda k: datasets.load("ring", **{**SMALL, "num_train": k}),
    "seed": lambda k: datasets.load("ring", **SMALL, seed=k),
    "num_modes": lambda k: datasets.load("ring", **SMALL, num_modes=k),
    "side": lambda k: datasets.load("grid", **SMALL, side=k),
    "seed of digits": lambda k: datasets.load("digits", seed=k),
    "num_validation": lambda n: check_num_validation(n, 60_000),
}


@pytest.mark.parametrize("bad", NO_COUNTS, ids=repr)
@pytest.mark.parametrize("argument", COUNTS)
def test_what_is_no_count_is_refused(argument, bad):
    with pytest.raises(ValueError, match="should"):
        COUNTS[argument](bad)


NUMBERS = {
    "step_size": exact.DiracGAN,
    "gamma": lambda v: exact.DiracGAN(0.1, v),
    "variance": lambda v: exact.ProbabilisticPCA([[1.0]], [0.0], v),
    "lower": lambda v: exact.expectation_1d(np.square, standard_normal, v, 9.0),
    "bound": lambda v: exact.log_marginal_likelihood(lambda z: -0.5 * z**2, 1, bound=v),
    "radius": lambda v: toy.ring(radius=v),
    "spacing": lambda v: toy.grid(spacing=v),
    "standard_deviation": lambda v: toy.moons(standard_deviation=v),
    "test_fraction": lambda v: datasets.load("digits", test_fraction=v),
    "validation_fraction": lambda v: datasets.load("digits", validation_fraction=v),
}


@pytest.mark.parametrize(
    "bad", [float("nan"), float("inf"), "1", None, True, [1.0], 1j, 10**400], ids=lambda x: repr(x)[:9]
)
@pytest.mark.parametrize("argument", NUMBERS)
def test_what_is_no_finite_number_is_refused(argument, bad):
    with pytest.raises(ValueError, match="should be one finite number"):
        NUMBERS[argument](bad)


@pytest.mark.parametrize("name", [None, 5, ["ring"], {"ring"}, "", b"ring", "RING", np.nan, ()], ids=repr)
def test_a_name_of_no_data_set_is_refused_with_the_names_there_are(name):
    with pytest.raises(ValueError, match="should be one of glyphs, digits"):
        datasets.load(name)


@repeatable(25)
@given(
    seed=st.integers(0, 2**63), sizes=st.tuples(*[st.integers(1, 5)] * 3), name=st.sampled_from(("ring", "mixture_1d"))
)
def test_a_toy_has_the_sizes_asked_for_and_repeats_for_its_seed(seed, sizes, name):
    options = dict(zip(SMALL, sizes, strict=True))
    one, again = (datasets.load(name, seed=seed, **options) for _ in range(2))
    assert tuple(len(one.split(split)[0]) for split in ("train", "validation", "test")) == sizes
    np.testing.assert_array_equal(one.x_train, again.x_train)


def broken(draw, content):
    """A file cut short, with changed bytes, with bytes put in, or of random bytes."""
    content = bytearray(content)
    how = draw(st.sampled_from(("cut", "change", "insert", "random")))
    if how == "cut":
        return bytes(content[: draw(st.integers(0, len(content)))])
    if how == "random":
        return draw(st.binary(max_size=400))
    for _ in range(draw(st.integers(1, 5))):
        place = draw(st.integers(0, len(content) - 1))
        content[place : place + (how == "change")] = draw(st.binary(min_size=1, max_size=1))
    return bytes(content)


def zipped(npy):
    """An npz whose checksum is right whatever the array's header says."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("x.npy", npy)
    return stream.getvalue()


def npy_of(array):
    stream = io.BytesIO()
    np.save(stream, array)
    return stream.getvalue()


@pytest.mark.filterwarnings("ignore:Reading `.npy` or `.npz` file required additional header parsing:UserWarning")
@repeatable(150)
@given(data=st.data())
def test_a_broken_archive_is_read_as_an_array_or_refused_as_a_data_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "broken.npz"
    if data.draw(st.booleans()):
        path.write_bytes(zipped(broken(data.draw, npy_of(np.arange(20, dtype="uint8").reshape(4, 5)))))
    else:
        write_npz(path, {"x": np.arange(20.0)})
        path.write_bytes(broken(data.draw, path.read_bytes()))
    try:
        array = read_npz(path, ["x"], "Get it again.")["x"]
    except DataError as error:
        assert str(path) in str(error)  # noqa: PT017
        assert str(error).endswith("Get it again.")  # noqa: PT017
        return
    assert isinstance(array, np.ndarray)
    assert array.dtype != object


@repeatable(80)
@given(data=st.data())
def test_a_broken_idx_file_is_read_whole_or_refused_as_a_data_error(tmp_path_factory, data):
    path = tmp_path_factory.getbasetemp() / "broken.gz"
    header = b"".join(number.to_bytes(4, "big") for number in (0x0801, 50))
    noise = np.random.default_rng(0).integers(0, 256, 50, dtype="uint8")  # compressed in another way than zeros
    content = data.draw(st.sampled_from((bytes(50), noise.tobytes())))
    path.write_bytes(broken(data.draw, gzip.compress(header + content, mtime=0)))
    try:
        assert mnist.read_idx(path, (50,)).shape == (50,)
    except DataError as error:
        assert "broken.gz" in str(error)  # noqa: PT017


def arrays_of_any_shape(dtype):
    return hnp.arrays(dtype, hnp.array_shapes(min_dims=0, min_side=0, max_side=4))


@repeatable(30)
@given(
    arrays=st.dictionaries(
        st.sampled_from(("x", "y", "z")), st.sampled_from(DTYPES).flatmap(arrays_of_any_shape), min_size=1
    )
)
def test_an_archive_gives_back_what_was_written(tmp_path_factory, arrays):
    path = tmp_path_factory.getbasetemp() / "whole.npz"
    write_npz(path, arrays)
    for name, array in read_npz(path, arrays, "").items():
        assert array.dtype == arrays[name].dtype
        np.testing.assert_array_equal(array, arrays[name])
