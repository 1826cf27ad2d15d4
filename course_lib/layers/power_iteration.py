from keras import ops


def singular_vectors(matrix, right, iterations):
    r"""The vectors of the largest singular value, by power iteration: $v \propto W u$, $u \propto W^\top v$, in turn.

    Args:
        matrix: Float tensor `(..., m, n)`: one matrix, or several that are iterated side by side.
        right: Float tensor `(..., n)`, where the iteration begins; any length but zero.
        iterations: Integer ≥ 0; with 0 only `left` is computed anew.

    Returns:
        Two tensors of unit vectors, `left` `(..., m)` and `right` `(..., n)`.

    Example:
        >>> left, right = singular_vectors(ops.array([[3.0, 0.0], [0.0, 1.0]]), ops.array([1.0, 1.0]), 20)
        >>> [round(float(entry), 4) for entry in right]
        [1.0, 0.0]

    Reference:
        Miyato et al. (2018), arXiv:1802.05957, algorithm 1.
    """
    right = _unit(right)
    left = _unit(times(matrix, right))
    for _ in range(iterations):
        right = _unit(times(ops.swapaxes(matrix, -1, -2), left))
        left = _unit(times(matrix, right))
    return left, right


def times(matrix, vector):
    """Matrices `(..., m, n)` times vectors `(..., n)`: `(..., m)`."""
    return ops.squeeze(ops.matmul(matrix, ops.expand_dims(vector, -1)), -1)


def _unit(vector):
    length = ops.sqrt(ops.sum(ops.square(vector), axis=-1, keepdims=True))
    return vector / ops.maximum(length, 1e-12)
