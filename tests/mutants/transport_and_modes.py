"""Planted bugs of transport, Lipschitz constants and the counting of modes."""

from tests.mutants.bug import planted_in

_LIPSCHITZ = ("course_lib/metrics/lipschitz.py", "tests/test_metrics_lipschitz.py")

BUGS = (
    planted_in(_LIPSCHITZ, "the mean slope for the steepest", "return float((rises[gaps > 0] / gaps[gaps > 0]).max())", "return float((rises[gaps > 0] / gaps[gaps > 0]).mean())"),
    planted_in(_LIPSCHITZ, "the steepest rise over the longest way", "return float((rises[gaps > 0] / gaps[gaps > 0]).max())", "return float(rises.max() / gaps.max())"),
    planted_in(_LIPSCHITZ, "rises with their sign", "rises = np.abs(np.subtract.outer(", "rises = (np.subtract.outer("),
    planted_in(_LIPSCHITZ, "the squared gradient for its length", "np.linalg.norm(slopes.reshape(len(slopes), -1), axis=1).max()", "np.square(slopes.reshape(len(slopes), -1)).sum(axis=1).max()"),
    planted_in(_LIPSCHITZ, "a critic measured with dropout", "(lambda x: critic(x, training=False))", "(lambda x: critic(x, training=True))"),
    planted_in(_LIPSCHITZ, "coinciding points divided by 0", "if not gaps.any():", "if False:"),
)  # fmt: skip
