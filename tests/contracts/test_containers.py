"""Every repair that a message gives as code is run on what was refused, and what comes out is accepted."""

import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
import scipy.sparse
from PIL import Image

from course_lib.contracts.arguments import real_array
from course_lib.contracts.containers import is_in_memory, kind_of, read, variable
from course_lib.contracts.data import DataContract
from course_lib.contracts.labels import LabelContract

pd = pytest.importorskip("pandas")  # the environment of the other backends has none

RNG = np.random.default_rng(0)
TABLE = RNG.normal(size=(8, 3))
GREY = RNG.random((8, 4, 5, 1))
FRAME = pd.DataFrame(TABLE, columns=["age", "income", "height"])
NAMES = ["cat", "dog", "cat", "bird", "dog", "cat", "bird", "dog"]
ANY, ROWS, IMAGES = DataContract(None), DataContract((3,)), DataContract((4, 5, 1), 0.0, 1.0)


class Nullable:
    """A table or a column that says what it holds by `to_numpy`, as those of polars and other libraries do."""

    dtype = "String"

    def __init__(self, values, columns=None):
        self.values = np.asarray(values)
        if columns is not None:
            self.columns = columns

    def to_numpy(self):
        return self.values

    def __array__(self, dtype=None, copy=None):
        return np.asarray(self.values, dtype)

    def __getitem__(self, columns):
        return Nullable(self.values[:, [self.columns.index(name) for name in columns]], columns)


try:
    import polars as pl
except ImportError:
    POLARS = {
        "table": Nullable(TABLE, ["a", "b", "c"]),
        "text": Nullable(np.array([[1.0, "x"], [2.0, "y"]], dtype=object), ["a", "b"]),
        "names": Nullable(np.array(NAMES, dtype=object)),
        "numbers": Nullable([0, 1]),
    }
else:
    POLARS = {
        "table": pl.DataFrame(TABLE),
        "text": pl.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]}),
        "names": pl.Series(NAMES),
        "numbers": pl.Series([0, 1]),
    }


def repair_in(message):
    """The first words after a colon or a question mark that are code, as many of them as possible; None without."""
    for start in re.finditer(r"[:?] ", message):
        words = message[start.end() :].split(" ")
        for count in range(len(words), 0, -1):
            code = " ".join(words[:count]).rstrip(".,")
            if re.search(r"\b(np|x|y|labels|batch)\b", code) and is_code(code):
                return code
    return None


def is_code(text):
    try:
        compile(text, "message", "exec")
    except SyntaxError:
        return False
    return True


def followed(check, x, name="x", at_most=3):
    """Do as the messages say until the data are accepted; returns what was accepted, and the messages."""
    messages = []
    for _ in range(at_most + 1):
        try:
            return check(x, name), messages
        except ValueError as error:
            messages.append(str(error))
        code = repair_in(messages[-1])
        assert code, f"no code in: {messages[-1]}"
        scope = {"np": np, "pd": pd, name: x}
        try:
            x = eval(code, scope)
        except SyntaxError:
            exec(code, scope)
            x = scope[name]
    raise AssertionError(messages)


def some_npz(tmp_path):
    np.savez(tmp_path / "a.npz", x=TABLE, y=np.arange(8))
    return np.load(tmp_path / "a.npz")


def some_h5(tmp_path):
    import h5py

    with h5py.File(tmp_path / "a.h5", "w") as file:
        file["x"] = TABLE
    return h5py.File(tmp_path / "a.h5")


def saved(tmp_path, name, write):
    path = tmp_path / name
    write(path)
    return path


RECORDS = np.array([(1.5, 2, "a"), (2.5, 3, "b")], dtype=[("height", "f8"), ("age", "i4"), ("name", "U5")])
PICTURE = Image.fromarray(RNG.integers(0, 256, (6, 7, 3)).astype("uint8"))
LATE = np.array([np.zeros((4, 5)), np.ones((4, 5)), None], dtype=object)
RAGGED = np.empty(2, dtype=object)
RAGGED[:] = [np.zeros((4, 5)), np.zeros((6, 4))]

REFUSED = {  # what is handed over: the contract that must accept what the message makes of it
    "a sparse matrix": (lambda _: scipy.sparse.random(8, 3, 0.5, "csr", rng=0), ROWS),
    "a sparse array": (lambda _: scipy.sparse.coo_array(TABLE), ROWS),
    "a dict": (lambda _: {"x": TABLE, "y": np.arange(8)}, ROWS),
    "a dict of another key": (lambda _: {"pixels": TABLE}, ROWS),
    "an opened npz": (some_npz, ROWS),
    "an opened h5": (some_h5, ROWS),
    "the path of an npy": (lambda folder: saved(folder, "a.npy", lambda path: np.save(path, TABLE)), ROWS),
    "the path of an npz": (lambda folder: str(saved(folder, "a.npz", lambda path: np.savez(path, x=TABLE))), ROWS),
    "the path of a csv": (lambda folder: saved(folder, "a.csv", lambda path: FRAME.to_csv(path, index=False)), ROWS),
    "records": (lambda _: RECORDS[["height", "age"]], ANY),
    "records with a text": (lambda _: RECORDS, ANY),
    "texts": (lambda _: ["one text", "another"], DataContract(None, 0, symbols=True)),
    "texts in an array": (lambda _: np.array(["one text", "another"]), DataContract(None, 0, symbols=True)),
    "texts as objects": (lambda _: np.array(["one", "two", "four"], dtype=object), DataContract(None, 0, symbols=True)),
    "bytes": (lambda _: [b"one", b"two"], DataContract(None, 0, symbols=True)),
    "numbers as strings": (lambda _: [["1.5", "2"], ["3", "-4e1"]], ANY),
    "decimal commas": (lambda _: np.array([["1,5", "2"], ["3", "-4"]]), ANY),
    "a column of text": (lambda _: np.array([["a", "2", "3"], ["b", "4", "5"]]), ANY),
    "words in a table": (lambda _: [["a", "b"], ["b", "c"]], ANY),
    "numbers as objects": (lambda _: TABLE.astype(object), ROWS),
    "fractions": (lambda _: [[Fraction(1, 2), Decimal("0.5")]], ANY),
    "complex numbers": (lambda _: np.fft.fft(TABLE), ANY),
    "dates": (lambda _: np.array(["2026-01-01", "2026-02-01"], "M8[D]"), ANY),
    "durations": (lambda _: np.array([3, 4], "m8[s]"), ANY),
    "ragged lists": (lambda _: [[1.0, 2.0], [3.0]], ANY),
    "ragged images": (lambda _: [np.zeros((4, 5)), np.ones((6, 4))], ANY),
    "ragged images as objects": (lambda _: RAGGED, ANY),
    "images as objects, one missing": (lambda _: LATE, ANY),
    "masked values": (lambda _: np.ma.masked_greater(TABLE, 0.5), ROWS),
    "a table with a text": (lambda _: FRAME.assign(name="a"), ROWS),
    "a table with dates": (lambda _: FRAME.assign(day=pd.Timestamp("2026-01-01")), ROWS),
    "a table of polars with a text": (lambda _: POLARS["text"], ANY),
    "a table of nobody with a text": (lambda _: Nullable(np.array([[1.0, "x"]], dtype=object), ["a", "b"]), ANY),
    "pictures of two sizes": (lambda _: [PICTURE, PICTURE.resize((9, 9))], IMAGES),
    "pictures of two modes": (lambda _: [PICTURE, PICTURE.convert("L")], IMAGES),
    "pictures with a palette": (lambda _: [PICTURE.convert("P")] * 2, IMAGES),
    "pictures of another size": (lambda _: [PICTURE] * 2, IMAGES),
    "one picture": (lambda _: PICTURE, IMAGES),
    "pictures for nobody": (lambda _: [PICTURE, PICTURE.convert("RGBA")], ANY),
    "a generator": (lambda _: (row for row in TABLE), ROWS),
    "a set": (lambda _: {1.0, 2.0}, ANY),
    "missing numbers": (lambda _: np.where(TABLE > 1, np.nan, TABLE), ROWS),
    "missing numbers in a table": (lambda _: FRAME.where(FRAME < 1), ROWS),
    "a header": (lambda _: np.r_[[[np.nan] * 3], TABLE], ROWS),
    "a text read as numbers": (lambda _: np.c_[TABLE, np.full(8, np.nan)], ANY),
    "no channel axis, as a list": (lambda _: GREY[..., 0].tolist(), IMAGES),
    "flat, as a table": (lambda _: pd.DataFrame(GREY.reshape(8, 20)), IMAGES),
    "one example, as a list": (lambda _: GREY[0].tolist(), IMAGES),
    "channels first, as a list": (lambda _: np.moveaxis(GREY, -1, 1).tolist(), IMAGES),
    "colour for grey": (lambda _: RNG.random((3, 4, 5, 3)), IMAGES),
    "bytes as a list": (lambda _: RNG.integers(0, 256, (3, 4, 5, 1)).tolist(), IMAGES),
    "16 bits": (lambda _: RNG.integers(0, 65536, (3, 4, 5, 1)).astype("uint16"), IMAGES),
    "[-1, 1], as a list": (lambda _: (2 * GREY - 1).tolist(), IMAGES),
    "standardised images": (lambda _: RNG.normal(size=(3, 4, 5, 1)), IMAGES),
    "bytes for tanh": (lambda _: RNG.integers(0, 256, (3, 20)), DataContract((20,), -1.0, 1.0)),
    "16 bits for tanh": (lambda _: RNG.integers(0, 65536, (3, 20)), DataContract((20,), -1.0, 1.0)),
    "a long signal": (lambda _: RNG.normal(size=1000), DataContract((64,))),
    "a long signal of two channels": (lambda _: RNG.normal(size=(1000, 2)).tolist(), DataContract((64,))),
    "sound for tanh": (lambda _: RNG.integers(-32768, 32768, (3, 20)), DataContract((20,), -1.0, 1.0)),
    "symbols as floats": (lambda _: [[0.0, 2.0]], DataContract((2,), 0, 2, symbols=True)),
    "symbols as one-hot vectors": (lambda _: np.eye(3)[[[0, 2]]], DataContract((2,), 0, 2, symbols=True)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_repair_in_a_message_runs_and_what_it_makes_is_accepted(name, tmp_path):
    make, contract = REFUSED[name]
    x, messages = followed(contract.checked, make(tmp_path))
    assert messages, "nothing was refused"
    assert np.isfinite(x).all()
    assert all((message.startswith("x ") and "got" in message) or "raw pixels" in message for message in messages)


def test_an_alphabet_is_offered_only_where_symbols_are_wanted():
    for check in (ANY.checked, real_array):
        with pytest.raises(ValueError, match="Convert it first to numbers of one shape, a row for each example"):
            check(["one text", "another"], "x")


LABELS = {
    "strings": lambda: NAMES,
    "an array of strings": lambda: np.array(NAMES),
    "objects": lambda: np.array(NAMES, dtype=object),
    "bytes": lambda: np.array(NAMES).astype("S"),
    "a missing one": lambda: np.array([*NAMES[:6], "dog", None], dtype=object)[[0, 1, 1, 0, 1, 1, 0, 7]],
    "a column": lambda: pd.Series(NAMES),
    "categories": lambda: pd.Series(NAMES).astype("category"),
    "categories alone": lambda: pd.Categorical(NAMES),
    "a column of polars": lambda: POLARS["names"],
    "one-hot vectors in a table": lambda: pd.get_dummies(pd.Series(NAMES)),
    "one-hot vectors in lists": lambda: np.eye(3)[[0, 1, 2, 0, 1, 2, 0, 1]].tolist(),
    "a column of a table": lambda: pd.DataFrame({"y": [0, 1, 2, 0, 1, 2, 0, 1]}),
    "floats": lambda: [0.0, 1.0, 2.0, 0.0, 1.0, 2.0, 0.0, 1.0],
    "numbers between": lambda: np.linspace(0, 1, 8),
    "from 1": lambda: [1, 2, 3, 1, 2, 3, 1, 2],
    "tens": lambda: np.array([10, 20, 30] * 2 + [10, 20]),
    "one for all": lambda: 2,
}


@pytest.mark.parametrize("name", LABELS)
def test_the_repair_of_labels_runs_and_names_the_same_classes(name):
    y, messages = followed(lambda y, name: LabelContract(3).checked(y, 8, name), LABELS[name](), "y")
    assert messages
    assert y.shape == (8,)
    if name in ("strings", "an array of strings", "objects", "bytes", "a column", "categories", "a column of polars"):
        assert y.tolist() == [1, 2, 1, 0, 2, 1, 0, 2]
    if name == "numbers between":
        assert y.tolist() == [0, 0, 0, 0, 1, 1, 1, 1]


READ = {
    "a table": FRAME,
    "a table of Booleans and numbers": FRAME.assign(old=FRAME["age"] > 0)[["age", "income", "old"]],
    "nullable integers": FRAME.assign(height=pd.array(range(8), dtype="Int64")),
    "a table of polars": POLARS["table"],
    "a table of nobody": Nullable(TABLE, ["a", "b", "c"]),
    "a view of another order": FRAME.iloc[::-1, ::-1],
}


@pytest.mark.parametrize("name", READ)
def test_a_table_of_numbers_is_data(name):
    table = READ[name]
    checked = ROWS.checked(table)
    assert checked.dtype == "float32"
    assert np.array_equal(checked, np.asarray(table.to_numpy(), "float32"))


def test_columns_are_data_and_labels():
    assert real_array(pd.Series([1.5, None]), "x")[0] == 1.5
    assert np.isnan(real_array(pd.Series([1, None], dtype="Int64"), "x")[1])
    assert LabelContract(2).checked(pd.Series([0, 1]), 2).tolist() == [0, 1]
    assert LabelContract(2).checked(POLARS["numbers"], 2).tolist() == [0, 1]
    assert LabelContract(2).checked(pd.Series([True, False]), 2).tolist() == [1, 0]


def test_what_is_missing_in_a_table_is_found_at_its_place():
    table = pd.DataFrame({"a": pd.array([1, None], dtype="Int64"), "b": [0.5, 0.5], "c": [True, False]})
    with pytest.raises(ValueError, match=r"1 NaN or infinite values, the first at index \(1, 0\)"):
        ROWS.checked(table)


def test_the_columns_that_hold_no_numbers_are_named():
    with pytest.raises(ValueError, match=r"columns 'name', 'day' hold none. Select the others: x\[\['age'"):
        ROWS.checked(FRAME.assign(name="a", day=pd.Timestamp("2026-01-01")))
    with pytest.raises(ValueError, match=r"columns 'mixed' hold none. Select the others"):
        ROWS.checked(FRAME.assign(mixed=[1.0, "x"] * 4))
    objects = np.array([[1.0, 2.0, None], [3.0, 4.0, 5.0]], dtype=object)
    with pytest.raises(ValueError, match=r"np.asarray\(x\)\[:, \[0, 1\]\].astype"):
        ANY.checked(objects)


def test_a_palette_is_not_taken_for_brightness():
    pictures = [PICTURE.convert("P").resize((5, 4))] * 2
    with pytest.raises(ValueError, match=r"pictures of the modes P .*convert\('L'\).resize"):
        IMAGES.checked(pictures)


def test_pictures_of_one_size_and_one_mode_are_stacked():
    assert read([PICTURE, PICTURE], "x").shape == (2, 6, 7, 3)
    assert read([PICTURE.convert("L")] * 3, "x", (6, 7, 1)).shape == (3, 6, 7)


def test_a_masked_array_without_masked_values_is_an_array():
    assert np.array_equal(ROWS.checked(np.ma.array(TABLE)), TABLE.astype("float32"))


KINDS = [
    (FRAME, "table"),
    (POLARS["table"], "table"),
    (FRAME["age"], "column"),
    (scipy.sparse.csr_matrix(TABLE), "sparse"),
    ({"x": 1}, "mapping"),
    ("photos", "path"),
    (PICTURE, "picture"),
    ([PICTURE], "pictures"),
    ([PICTURE, GREY[0]], None),
    (iter([1]), "iterator"),
    (TABLE, None),
    ([[1.0]], None),
    (3.0, None),
    (None, None),
]


@pytest.mark.parametrize(("x", "kind"), KINDS, ids=[str(kind) + str(i) for i, (_, kind) in enumerate(KINDS)])
def test_kinds_are_known_by_what_they_can_do(x, kind):
    assert kind_of(x) == kind
    assert is_in_memory(x) == (kind not in (None, "iterator") or isinstance(x, (list, np.ndarray)))


@pytest.mark.parametrize(
    ("x", "code"),
    [
        (255 * GREY, "batch.astype('float32') / 255"),
        (GREY[..., 0], "batch[..., None]"),
        (GREY[0], "x.batch(128)"),
    ],
)
def test_code_about_a_batch_has_a_name_that_can_be_a_variable(x, code):
    with pytest.raises(ValueError, match="the first batch of x") as caught:
        IMAGES.checked(x, "the first batch of x")
    assert str(caught.value).endswith(f"{code}.")
    assert variable("the labels of the first batch of x") == "labels"


def test_code_about_labels_of_a_batch_has_a_name_that_can_be_a_variable():
    with pytest.raises(ValueError, match=r"classes, labels = np.unique\(labels, return_inverse=True\)"):
        LabelContract(3).checked(np.array(NAMES), 8, "the labels of the first batch of x")
