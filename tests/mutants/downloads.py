"""Planted bugs of data sets that are downloaded: what is compared before use, and how CIFAR-10's archive is read."""

from tests.mutants.bug import planted_in

_CIFAR = ("course_lib/datasets/cifar10.py", "tests/datasets/test_cifar10.py")
_CHECKED = ("course_lib/datasets/downloads.py", "tests/datasets/test_cifar10.py")
_FILE = ("course_lib/datasets/downloads.py", "tests/datasets/test_downloads.py")
_IMAGES = ("course_lib/datasets/dataset.py", "tests/datasets/test_cifar10.py")

BUGS = (
    planted_in(_CIFAR, "a pickle that may ask for anything", "        raise pickle.UnpicklingError(", "        return super().find_class(module, name)\n        raise pickle.UnpicklingError("),
    planted_in(_CIFAR, "every function of NumPy's core may be asked for", "if (module, name) in self._KNOWN:", 'if module == "numpy.core.multiarray":\n            return np.ndarray.__new__\n        if (module, name) in self._KNOWN:'),
    planted_in(_CIFAR, "an archive that is opened before its digests are compared", "    check_file(path, DIGESTS, repair)\n", ""),
    planted_in(_CIFAR, "colours read as if they stood beside each other", "planes = pixels.reshape(number, channels, height, width)", "planes = pixels.reshape(number, height, width, channels).transpose(0, 3, 1, 2)"),
    planted_in(_CIFAR, "images that lie on their side", "planes.transpose(0, 2, 3, 1)", "planes.transpose(0, 3, 2, 1).reshape(SHAPES[f'x_{split}'])"),
    planted_in(_CIFAR, "batches in the order of the archive", "(batches[name] for name in names)", "(batches[name] for name in batches if name in names)"),
    planted_in(_CIFAR, "labels above the last class", "((labels >= 0) & (labels < 10)).all()", "(labels >= 0).all()"),
    planted_in(_CIFAR, "an archive of yours that hides your npz", 'if path is not None and given_file("cifar10.npz") is None:', "if path is not None:"),
    planted_in(_CIFAR, "a broken archive's exception", "    except Exception as error:  # of a dozen kinds: tarfile,", "    except tarfile.TarError as error:  # of a dozen kinds: tarfile,"),
    planted_in(_CHECKED, "a cache without its record", "    elif record_required:\n", "    elif False:\n"),
    planted_in(_CHECKED, "a record that nothing is compared with", "check_digests(arrays, read_record(record, arrays, repair), path, ", "str("),
    planted_in(_CHECKED, "classes that nobody counts", "    check_balance(arrays, path, repair)\n", ""),
    planted_in(_FILE, "the digest of the first piece", "while piece := file.read(2**20):", "if piece := file.read(2**20):"),
    planted_in(_FILE, "one digest of two", "for algorithm, expected in digests.items():", "for algorithm, expected in list(digests.items())[:1]:"),
    planted_in(_FILE, "a given file that is not there", "folder is not None and (folder / name).exists() else None", "folder is not None else None"),
    planted_in(_IMAGES, "colours that get a channel more", "pixels if pixels.ndim == 4 else pixels[..., np.newaxis]", "pixels[..., np.newaxis]"),
)  # fmt: skip
