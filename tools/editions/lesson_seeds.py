"""The rule of random numbers: whatever makes or trains a network in a lesson starts from the lesson's seed.

Else an answer to an exercise, or a cell that is run twice, would change every number below it.
"""

import ast
import re

SEED = "keras.utils.set_random_seed"
BUILDERS = r"(networks|keras\.layers|layers)\.\w+|keras\.(Sequential|Model)|(dense|conv|parallel)_\w+"
WITHOUT_CHANCE = r".*(ProbabilisticPCA|KNeighborsClassifier|LinearRegression|random_state=).*\.fit"


def seed_problems(code_cells, is_exercise):
    """Sentences about cells that draw weights or train without a seed of their own.

    Args:
        code_cells: List of pairs (name, code), in order.
        is_exercise: Function from such a name to whether a learner writes that cell.

    Returns:
        List of sentences.
    """
    problems, drawing = [], set()
    for name, code in code_cells:
        try:
            tree = ast.parse(re.sub(r"(?m)^%.*$", "", code))
        except SyntaxError:
            continue
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            unseeded = first_draw(function.body, drawing) is not None
            (drawing.add if unseeded else drawing.discard)(function.name)
        found = None if is_exercise(name) else first_draw(tree.body, drawing)
        if found is not None:
            problems.append(
                f"cell `{name}`: `{found}` draws random numbers: write {SEED}(run.seed) before it, in its loop if "
                "networks are compared, so that no answer to an exercise changes it"
            )
    return problems


def lines_of_seeds(code):
    """How many lines only set the seed: the same in every training, and read once."""
    return sum(line.strip() == f"{SEED}(run.seed)" for line in code.splitlines())


def first_draw(statements, drawing, seeded=False):
    """The first call that draws before the seed was set, or None."""
    for statement in statements:
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)):
            continue
        if isinstance(statement, ast.Expr) and ast.unparse(statement).startswith(SEED):
            seeded = True
        for block in blocks_of(statement):
            found = first_draw(block, drawing, seeded)
            if found:
                return found
        found = None if seeded else next(draws_of(statement, drawing), None)
        if found:
            return found
    return None


def blocks_of(statement):
    """The statements inside a loop, a condition or a `with`."""
    blocks = [getattr(statement, name, None) for name in ("body", "orelse", "finalbody")]
    return [block for block in blocks if isinstance(block, list) and block]


def draws_of(node, drawing):
    """The calls of one statement that draw, without those in the statements that it holds."""
    inner = {id(child) for block in blocks_of(node) for child in block}
    for child in ast.iter_child_nodes(node):
        if id(child) not in inner and not isinstance(child, (ast.FunctionDef, ast.ClassDef, ast.Lambda)):
            yield from draws_of(child, drawing)
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        draws = re.fullmatch(BUILDERS, called) or called.endswith(".fit") or called in drawing
        if draws and not re.fullmatch(WITHOUT_CHANCE, called, flags=re.DOTALL):
            yield called
