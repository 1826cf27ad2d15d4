"""Planted bugs of the search for a recipe: its clock, its schedules, its split, and its page."""

from tests.mutants.bug import planted_in

_HERE = ("benchmarks/recipes.py", "tests/benchmarks/test_recipes.py")

BUGS = (
    planted_in(_HERE, "a clock that runs while a recipe is judged", "    while spent < seconds:\n        began = process_time()", "    began = process_time()\n    while spent < seconds:"),
    planted_in(_HERE, "a step size that never reaches zero", "0.5 * (1 + math.cos(math.pi * min(share, 1.0)))", "0.5 * (2 + math.cos(math.pi * min(share, 1.0)))"),
    planted_in(_HERE, "a schedule that is not followed", "recipe.rate_at(spent / seconds)", "recipe.rate_at(0.0)"),
    planted_in(_HERE, "a warm-up as long as the training", "min(1.0, share / WARMED_UP)", "min(1.0, share)"),
    planted_in(_HERE, "weights averaged over the whole training", "spent >= (1 - AVERAGED) * seconds", "spent >= AVERAGED * seconds"),
    planted_in(_HERE, "a sum of weights for their mean", "variable.assign(each / count)", "variable.assign(each)"),
    planted_in(_HERE, "a mean image for a logit", "np.log(share / (1 - share))", "share"),
    planted_in(_HERE, "a search that sees the test images", "grey.x_train, held_out, results)\n    elif", "grey.x_train, test, results)\n    elif"),
    planted_in(_HERE, "finals that see the test images", "run_finals(grey.x_train, held_out, results)", "run_finals(grey.x_train, test, results)"),
    planted_in(_HERE, "the worst trials in the finals", 'key=lambda one: -one["elbo"])\n    return', 'key=lambda one: one["elbo"])\n    return'),
    planted_in(_HERE, "the winner of the short trials", 'Recipe(**max(finals, key=lambda one: one["elbo"])["recipe"])', "finalists(results)[-1]"),
    planted_in(_HERE, "test images looked at again", "and not _has(rows, name, recipe, each, seed)]", "]"),
    planted_in(_HERE, "a gain with its sign turned", 'of["found"][seed] - of["plain"][seed]', 'of["plain"][seed] - of["found"][seed]'),
    planted_in(_HERE, "rows of a recipe that is not the found one", 'if (row["name"], row["recipe"], row["minutes"]) == key]', 'if (row["name"], row["minutes"]) == key[::2]]'),
    planted_in(_HERE, "a spread for a standard error", "values.std(ddof=1) / math.sqrt(len(values))", "values.std(ddof=1)"),
)  # fmt: skip
