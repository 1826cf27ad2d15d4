"""Holds the arrows between the parts of the library: an import may point down only."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LIBRARY = ROOT / "course_lib"
MODULES = sorted(LIBRARY.rglob("*.py"))
BACKENDS = {"keras", "tensorflow", "jax", "torch"}

# Part → (parts of the library that it may import, packages that it may import, packages for inside functions only).
# From the bottom up: a part may import only what stands above it in this table.
ARROWS = {
    "runtime": (set(), set(), {"course_lib", "numpy"} | BACKENDS),
    "source": (set(), set(), {"IPython"}),
    "__init__": ({"runtime", "source"}, set(), set()),
    "patients": (set(), set(), set()),
    "contracts": (set(), {"keras", "numpy"}, set()),
    "latent": (set(), {"numpy"}, set()),
    "coding": ({"contracts"}, {"numpy"}, set()),
    "signals": ({"contracts"}, {"numpy"}, set()),
    "exact": ({"contracts"}, {"numpy", "scipy"}, set()),
    "datasets": ({"contracts"}, {"numpy"}, {"keras", "sklearn", "PIL", "scipy"}),
    "features": ({"contracts", "datasets"}, {"numpy"}, set()),
    "formulas": ({"contracts"}, {"keras"}, BACKENDS),
    "priors": ({"contracts", "formulas"}, {"keras"}, set()),
    "layers": ({"contracts", "formulas"}, {"keras", "numpy"}, set()),
    "networks": ({"contracts", "layers"}, {"keras"}, set()),
    "training": ({"runtime", "contracts", "datasets"}, {"keras", "numpy"}, BACKENDS | {"IPython"}),
    "models": ({"contracts", "formulas", "layers", "priors", "training"}, {"keras", "numpy"}, {"sklearn"}),
    "imputation": ({"contracts", "formulas"}, {"keras", "numpy"}, set()),
    "metrics": ({"runtime", "contracts", "formulas"}, {"keras", "numpy", "scipy"}, {"sklearn"} | BACKENDS),
    "plotting": ({"runtime"}, {"numpy", "matplotlib"}, {"IPython", "PIL", "ipywidgets"}),
    "exercises": ({"runtime"}, {"numpy"}, {"course_lib", "keras", "scipy", "IPython"}),
}

# Modules of a part that imports a backend which do without: lessons of pure theory load none.
WITHOUT_KERAS = ("contracts/__init__.py", "contracts/arguments.py", "contracts/containers.py", "contracts/data.py")
WITHOUT_KERAS += ("contracts/labels.py", "contracts/batches.py")


def part_of(path):
    return path.relative_to(LIBRARY).with_suffix("").parts[0]


def imports(tree):
    """Yield (dotted name, whether inside a function) for every import of a module."""
    inside = {
        id(child)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for child in ast.walk(function)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((alias.name, id(node) in inside) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.level:
                raise AssertionError(f"relative import in line {node.lineno}: write `from course_lib… import …`")
            if node.module == "course_lib":
                yield from ((f"course_lib.{alias.name}", id(node) in inside) for alias in node.names)
            else:
                yield node.module, id(node) in inside


def forbidden_imports(path, source):
    """Sentences about imports of a module that the table of arrows does not have."""
    part = part_of(path)
    below, packages, lazy_packages = ARROWS[part]
    packages = packages - BACKENDS if path.relative_to(LIBRARY).as_posix() in WITHOUT_KERAS else packages
    for name, lazy in imports(ast.parse(source)):
        top, *rest = name.split(".")
        if top in sys.stdlib_module_names:
            continue
        if top == "course_lib" and rest and rest[0] in ARROWS:
            allowed = rest[0] in below | {part} or (lazy and "course_lib" in lazy_packages)
            allowed = allowed and (lazy or "keras" in packages or name != "course_lib.contracts.networks")
        else:
            allowed = top in packages or (lazy and top in lazy_packages)
        if not allowed:
            yield f"{path.relative_to(ROOT)} imports {name}{' inside a function' if lazy else ''}"


def test_every_part_of_the_library_has_its_arrows_in_the_table():
    assert {part_of(path) for path in MODULES} <= set(ARROWS), "state what the new part may import, in ARROWS"


def test_the_table_of_arrows_points_down_only():
    order = list(ARROWS)
    for part, (below, _, _) in ARROWS.items():
        assert all(order.index(name) < order.index(part) for name in below), part


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_imports_follow_the_arrows(path):
    assert list(forbidden_imports(path, path.read_text(encoding="utf-8"))) == []


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("models/vae.py", "from course_lib import networks"),
        ("models/vae.py", "import course_lib.networks"),
        ("exact/gaussian.py", "def f():\n    from course_lib.formulas import gaussian_kl"),
        ("exact/gaussian.py", "from course_lib.contracts.networks import input_shape"),
        ("formulas/divergences.py", "import tensorflow as tf"),
        ("contracts/data.py", "import keras"),
        ("contracts/arguments.py", "from course_lib.contracts.networks import input_shape"),
        ("datasets/downloads.py", "import keras"),
        ("runtime.py", "import keras"),
        ("plotting.py", "from course_lib.models import VAE"),
    ],
)
def test_an_import_that_points_up_is_seen(module, source):
    assert len(list(forbidden_imports(LIBRARY / module, source))) == 1


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(LIBRARY).as_posix())
def test_public_names_have_docstrings_and_nothing_is_asserted(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    public = [
        node for node in tree.body if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
    ]
    assert [node.name for node in public if not ast.get_docstring(node)] == []
    asserts = [node.lineno for node in ast.walk(tree) if isinstance(node, ast.Assert)]
    assert asserts == [], "the library raises errors that say how to repair them; assert is for tests and notebooks"


def test_no_module_is_named_for_being_left_over():
    assert not {path.stem for path in MODULES} & {"utils", "util", "helpers", "helper", "common", "misc"}


def test_importing_the_library_imports_no_backend_and_nothing_else_that_is_slow():
    heavy = sorted(BACKENDS | {"matplotlib", "numpy", "scipy", "sklearn", "IPython"})
    code = f"import sys, course_lib; print(*[name for name in {heavy} if name in sys.modules])"
    imported = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert imported.split() == []


TOOLS = {
    "environment": set(),
    "editions": {"environment"},
    "classroom": {"editions", "environment"},
    "data": set(),
    "teaching": {"editions"},
    "site": {"editions", "teaching"},
}  # room → the rooms that it may import


@pytest.mark.parametrize("room", TOOLS)
def test_the_rooms_of_the_tools_import_downwards(room):
    assert {path.name for path in (ROOT / "tools").iterdir() if path.is_dir()} - {"__pycache__"} == set(TOOLS)
    for path in (ROOT / "tools" / room).glob("*.py"):
        names = {name for name, _ in imports(ast.parse(path.read_text("utf-8"))) if name.split(".")[0] == "tools"}
        assert "tools" not in names, f"{path.name}: import from a room"
        assert {name.split(".")[1] for name in names} <= TOOLS[room] | {room}, path.name
