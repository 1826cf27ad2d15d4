"""What is handed over in the place of an array: tables, archives, sparse matrices, texts, pictures. NumPy only.

Kinds are recognised by what they can do, so that no library needs to be installed to recognise its objects. A table
of numbers is read; for everything else there is a sentence whose code, where it has any, runs on the very object.
"""

import os
from collections.abc import Iterator, Mapping, Set
from pathlib import Path

import numpy as np

_PLAIN_PICTURES = {"1", "L", "F", "I", "I;16", "RGB", "RGBA"}  # modes whose numbers are brightness; a palette's are not


def kind_of(x):
    """Name the kind of an object that is no array, or None.

    Args:
        x: Anything.

    Returns:
        `"table"` (a DataFrame of pandas or polars), `"column"` (a Series), `"sparse"` (SciPy, TensorFlow, PyTorch),
        `"mapping"` (a dict, an opened `.npz`, an `h5py.File`), `"path"` (a string, a path), `"picture"` or `"pictures"`
        (Pillow's, one or a list of them), `"iterator"` (a generator, a set), or None: arrays, tensors, nested lists and
        whatever is not known here.

    Example:
        >>> kind_of({"x": [1.0]}), kind_of("photos/"), kind_of([[1.0, 2.0]])
        ('mapping', 'path', None)
    """
    if isinstance(x, (str, bytes, os.PathLike)):
        return "path"
    if isinstance(x, Mapping):
        return "mapping"
    if isinstance(x, (Iterator, Set)):
        return "iterator"
    if callable(getattr(x, "to_numpy", None)):
        return "table" if hasattr(x, "columns") else "column"
    if _densification(x, "x") is not None:
        return "sparse"
    if _is_picture(x):
        return "picture"
    if isinstance(x, (list, tuple)) and x and all(map(_is_picture, x)):
        return "pictures"
    return None


def is_in_memory(x):
    """Whether an object holds data, rather than being a pipeline of batches: what `real_array` reads or refuses.

    Args:
        x: Anything.

    Returns:
        True for arrays, tensors, nested lists and all kinds of `kind_of` but iterators.

    Example:
        >>> is_in_memory([[1.0]]), is_in_memory({"x": 1}), is_in_memory(iter([1.0]))
        (True, True, False)
    """
    is_array = isinstance(x, (list, np.ndarray)) or (hasattr(x, "shape") and hasattr(x, "dtype"))
    return is_array or kind_of(x) not in (None, "iterator")


def read(x, name, event_shape=None):
    """Read a table or a column as an array, pass on what is no container, and refuse the others.

    Args:
        x: Anything.
        name: What it is called, for the message.
        event_shape: The shape of one example that is wanted, for the advice about pictures; None if unknown.

    Returns:
        The object itself, or a NumPy array of the table's columns.

    Raises:
        ValueError: If the object holds its numbers in a way that has to be chosen: by a key, by a column, densely.

    Example:
        >>> read([[1.0]], "x")
        [[1.0]]
    """
    kind = kind_of(x)
    if kind == "table":
        return _table(x, name)
    if kind == "column":
        return _column(x)
    if kind == "pictures" and _are_alike(x, event_shape):
        return np.stack([np.asarray(picture) for picture in x])
    if kind is not None:
        expected, came, repair = _SENTENCES[kind](x, variable(name), event_shape)
        raise ValueError(f"{name} must be an array of {expected}; got {came}. {repair}")
    return _unmasked(x, name)


def variable(name):
    """The variable that stands in the code of a message for what the message calls `name`.

    Example:
        >>> variable("x_train"), variable("the first batch of x"), variable("y of validation_data")
        ('x_train', 'batch', 'y')
    """
    if name.isidentifier():
        return name
    words = [word for word in name.split() if word.isidentifier()]
    return next((word for word in words if word in ("labels", "weights", "batch")), words[0] if words else "x")


def indexable(x, name):
    """Code for `x` as something that takes `[..., None]`, `.reshape` and `.astype`: itself, or made an array first.

    Example:
        >>> indexable(np.zeros(2), "x"), indexable([0, 0], "x")
        ('x', 'np.asarray(x)')
    """
    code = variable(name)
    if isinstance(x, np.ndarray):
        return code
    return f"{code}.detach().cpu().numpy()" if hasattr(x, "detach") else f"np.asarray({code})"


def as_number(x, name, dtype="float32"):
    """Code for `x` in a dtype: `x.astype('float32')` where it can.

    Example:
        >>> as_number(np.zeros(2), "x"), as_number([0, 0], "x")
        ("x.astype('float32')", "np.asarray(x).astype('float32')")
    """
    return f"{variable(name) if hasattr(x, 'astype') else indexable(x, name)}.astype('{dtype}')"


def repair_of_dtype(x, original, name, symbols=False):
    """How to make numbers of an array that holds none: code that runs, or a sentence.

    Args:
        x: NumPy array of strings, objects, records, dates or complex numbers.
        original: What was handed over, of which `x` was made.
        name: What it is called.
        symbols: Whether integers that name symbols are wanted.

    Returns:
        The sentence.

    Example:
        >>> repair_of_dtype(np.array(["0.5", "1"]), ["0.5", "1"], "x")
        "Convert it first: np.asarray(x, 'float32')."
    """
    is_array = isinstance(original, np.ndarray) or hasattr(original, "to_numpy")
    code = _conversion(x, variable(name), is_array, symbols)
    if code is None:
        return "Convert it first to numbers of one shape, a row for each example."
    return f"Convert it first: {code}."


def repair_of_ragged(x, name):
    """How to give examples of several sizes one shape: cropped to what all of them have."""
    code = _stacked(x, variable(name))
    if code is None:
        return "Give every example the same shape and stack them with np.stack."
    return f"Give every example the same shape and stack them, here cropped to what all of them have: {code}."


def is_text(x):
    """Whether an array of strings or objects holds nothing but text.

    Example:
        >>> is_text(np.array(["cat", "dog"], dtype=object))
        True
    """
    return x.dtype.kind in "US" or (
        x.dtype == object and x.size > 0 and all(isinstance(v, (str, bytes)) for v in x.flat)
    )


def _conversion(x, name, is_array, symbols):
    """Code that makes numbers of `x`, which is called `name`; None where there is no general way."""
    if x.dtype.names:
        return _conversion_of_records(x, name)
    if x.dtype.kind == "M":
        return f"({name} - {name}.min()) / np.timedelta64(1, 'D')" if is_array else None
    if x.dtype.kind == "m":
        return f"{name} / np.timedelta64(1, 's')" if is_array else None
    if x.dtype.kind == "c":
        return f"np.stack([np.real({name}), np.imag({name})], axis=-1)"
    if x.dtype.kind in "OUST" and x.ndim and x.size:
        return _conversion_of_objects(x, name, symbols)
    return None


def _conversion_of_records(x, name):
    numeric = [field for field in x.dtype.names if x.dtype[field].kind in "biuf"]
    if not numeric:
        return None
    columns = name if len(numeric) == len(x.dtype.names) else f"{name}[{numeric}]"
    return (
        f"from numpy.lib.recfunctions import structured_to_unstructured; {name} = structured_to_unstructured({columns})"
    )


def _conversion_of_objects(x, name, symbols):
    if _become_numbers(x):
        return f"np.asarray({name}, 'float32')"
    if is_text(x) and x.dtype.kind == "S" and (symbols or x.ndim > 1):
        return f"np.char.decode({name})"
    if is_text(x) and _become_numbers(np.char.replace(x.astype(str), ",", ".")):
        return f"np.char.replace(np.asarray({name}, str), ',', '.').astype('float32')"
    if x.ndim == 2:
        columns = [column for column in range(x.shape[1]) if _become_numbers(x[:, column])]
        if columns:
            return f"np.asarray({name})[:, {columns}].astype('float32')"
    if x.ndim == 1 and is_text(x) and not symbols:
        return None
    if x.ndim == 1 and is_text(x):
        return (
            f"alphabet = sorted(set(' '.join({name}) + ' ')); {name} = np.array([[alphabet.index(letter) for letter in "
            f"text.ljust(max(map(len, {name})))] for text in {name}])"
        )
    if is_text(x):
        return f"np.unique({name}, return_inverse=True)[1].reshape(np.shape({name}))"
    return _stacked(x, name) if x.ndim == 1 else None


def _stacked(x, name):
    """Code that stacks the examples of `x`, cropped to their smallest sizes, without those that are None."""
    kept = [example for example in x if example is not None]
    shapes = [_shape_of(example) for example in kept]
    if not kept or None in shapes or len({len(shape) for shape in shapes}) != 1:
        return None
    smallest = [min(sizes) for sizes in zip(*shapes, strict=True)]
    if not smallest or 0 in smallest:
        return None
    crop = f"[{', '.join(f':{size}' for size in smallest)}]" if len(set(shapes)) > 1 else ""
    there = " if example is not None" if len(kept) < len(x) else ""
    return f"np.stack([np.asarray(example){crop} for example in {name}{there}])"


def _become_numbers(x):
    """Whether all entries are numbers, or strings that spell some; None is none."""
    try:
        numbers = x.astype("float32")
    except (TypeError, ValueError):
        return False
    return not any(value is None for value in x.flat) and numbers.dtype == "float32"


def _shape_of(example):
    try:
        array = np.asarray(example)
    except (TypeError, ValueError):
        return None
    return array.shape if array.dtype.kind in "biuf" else None


def _table(table, name):
    """The columns of a DataFrame side by side; a missing number becomes NaN."""
    array = table.to_numpy()
    if array.dtype.kind in "biuf":
        return array
    read = [_numbers(column) for column in np.asarray(array, dtype=object).T]
    bad = [label for label, column in zip(table.columns, read, strict=True) if column is None]
    if bad:
        good = [label for label in table.columns if label not in bad]
        code = variable(name)
        repair = f"Select the others: {code}[{good!r}]." if good else "Number what they hold, or choose other data."
        raise ValueError(
            f"{name} must be an array of real numbers; got a table whose columns {', '.join(map(repr, map(str, bad)))} "
            f"hold none. {repair}"
        )
    return np.stack(read, axis=1)


def _column(column):
    array = np.asarray(column.to_numpy())
    if array.dtype != object:
        return array
    numbers = _numbers(array)
    return array if numbers is None else numbers


def _numbers(column):
    """Numbers of an array of objects: float64, what is missing as NaN; None if it holds anything else."""
    if not all(_is_number(value) or _is_missing(value) for value in column):
        return None
    return np.array([np.nan if _is_missing(value) else float(value) for value in column])


def _is_number(value):
    return isinstance(value, (bool, int, float, np.bool_, np.integer, np.floating)) or type(value).__name__ == "Decimal"


def _is_missing(value):
    return value is None or type(value).__name__ == "NAType"


def _unmasked(x, name):
    if not isinstance(x, np.ma.MaskedArray) or not np.ma.getmaskarray(x).any():
        return x
    code = variable(name)
    raise ValueError(
        f"{name} must be an array of numbers that are all there; got {int(np.ma.getmaskarray(x).sum())} masked values, "
        f"whose places hold anything. Fill them: {code}.filled({code}.mean())."
    )


def _is_picture(x):
    return all(hasattr(x, attribute) for attribute in ("convert", "resize", "mode", "getbands"))


def _densification(x, name, event_shape=None):
    """Code that makes an array of a sparse or ragged tensor; None for any other object."""
    if callable(getattr(x, "toarray", None)) and hasattr(x, "nnz"):
        return f"{name}.toarray()"
    if type(x).__name__ == "RaggedTensor":
        return f"{name}.to_tensor({f'shape={(None, *event_shape)}' if event_shape else ''})"
    if type(x).__name__ == "SparseTensor":
        return f"tf.sparse.to_dense({name})"
    if "sparse" in str(getattr(x, "layout", "")) and hasattr(x, "to_dense"):
        return f"{name}.to_dense()"
    return f"{name}.todense()" if callable(getattr(x, "todense", None)) and not isinstance(x, np.ndarray) else None


def _are_alike(pictures, event_shape):
    """Whether pictures can be stacked as they are: one size, one mode, and those that are wanted."""
    modes, sizes = {picture.mode for picture in pictures}, {picture.size for picture in pictures}
    if len(modes) > 1 or len(sizes) > 1 or not modes <= _PLAIN_PICTURES:
        return False
    is_image = event_shape is not None and len(event_shape) == 3 and None not in event_shape
    return not is_image or event_shape == (*next(iter(sizes))[::-1], len(pictures[0].getbands()))


def _sparse(x, name, event_shape):
    came = f"a {type(x).__name__} of shape {tuple(x.shape)}, which does not store its zeros"
    return "numbers", came, f"Store them, if memory allows: {_densification(x, name, event_shape)}."


def _mapping(x, name, event_shape):
    keys = list(x)
    came = (
        f"a {type(x).__name__}, an object that holds {', '.join(map(repr, keys[:6]))}{', …' if len(keys) > 6 else ''}"
    )
    if not keys:
        return "real numbers", f"an empty {type(x).__name__}, an object", "Convert it first to an array."
    best = next((key for key in ("x_train", "x", "data", "images", "image") if key in keys), keys[0])
    chosen = f"{name}[{best!r}]"
    if np.ndim(_value(x, best)) == 0:
        return "real numbers", came, "Convert it first to an array, a row for each example."
    return "real numbers", came, f"Convert it first, by choosing the array: {chosen}."


def _value(x, key):
    try:
        return x[key]
    except (KeyError, TypeError, ValueError):  # such as pickled objects in an .npz file
        return None


def _path(x, name, event_shape):
    path = Path(os.fsdecode(x))
    end = path.suffix.lower()
    came = f"the text {str(path)!r}"
    if end in (".npy", ".npz"):
        return "numbers", came, f"A file? Read it first: np.load({name})."
    if end == ".wav":
        return "numbers", came, f"Sound? Read it first: rate, sound = scipy.io.wavfile.read({name})."
    if end == ".txt":
        return "numbers", came, f"A text? Read it first: text = pathlib.Path({name}).read_text(encoding='utf-8')."
    if end in (".csv", ".tsv"):
        between = "\\t" if end == ".tsv" else ","
        return "numbers", came, f"A file? Read it first: np.genfromtxt({name}, delimiter='{between}', skip_header=1)."
    if end in (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".tif", ".tiff", ".webp"):
        return (
            "numbers",
            came,
            f"A file? Read it first: keras.utils.img_to_array(keras.utils.load_img({name}))[None] / 255.",
        )
    if _is_folder(path):
        return (
            "numbers",
            came,
            f"A folder of images? Read it first: keras.utils.image_dataset_from_directory({name}, labels=None), and "
            "divide by 255.",
        )
    return "numbers", came, "A text is no data by itself: read the file first, or make symbols of many texts."


def _is_folder(path):
    try:
        return path.is_dir()
    except OSError:  # a text too long to be the name of a file
        return False


def _pictures(x, name, event_shape):
    modes, sizes = sorted({picture.mode for picture in x}), sorted({picture.size for picture in x})
    channels = event_shape[2] if event_shape is not None and len(event_shape) == 3 else None
    mode = {1: "L", 3: "RGB", 4: "RGBA"}.get(channels, "L" if modes in (["L"], ["1"]) else "RGB")
    size = min(sizes)
    if event_shape is not None and len(event_shape) in (2, 3) and None not in event_shape[:2]:
        size = (event_shape[1], event_shape[0])
    converted = f"np.stack([np.asarray(image.convert({mode!r}).resize({size})) for image in {name}])"
    if mode == "L" and channels == 1:
        converted += "[..., None]"
    came = f"{len(x)} pictures of the modes {', '.join(modes)} and the sizes {', '.join(map(str, sizes[:4]))}"
    return "numbers", came, f"Give all one mode and one size, and stack them: {converted} / 255."


def _picture(x, name, event_shape):
    expected, came, repair = _pictures([x], name, event_shape)
    return (
        expected,
        came.replace("1 pictures of the modes", "one picture of the mode"),
        repair.replace(f"for image in {name}", f"for image in [{name}]"),
    )


def _iterator(x, name, event_shape):
    return "numbers", f"a {type(x).__name__}, an object", f"Collect what it gives: np.asarray(list({name}))."


_SENTENCES = {
    "sparse": _sparse,
    "mapping": _mapping,
    "path": _path,
    "picture": _picture,
    "pictures": _pictures,
    "iterator": _iterator,
}
