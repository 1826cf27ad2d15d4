"""Many pictures painted at once, in NumPy: a shape is a signed distance, a layer is a colour within a shape.

All arrays hold the pictures along their *last* axis, `(…, n)`: every step is a long loop over neighbours in memory,
also where a shape covers a few pixels only.
"""

import numpy as np

_SAMPLES = 2  # along each side of a pixel: the eye sees smooth edges where a grid of single samples shows stairs


class Canvas:
    """Colours of `n` pictures, painted layer by layer in the coordinates of what is drawn.

    A *frame* is the pair `(x, y)` of those coordinates at every sample: `body` is moved and scaled with the picture,
    `head` is turned about the neck besides. In both, x goes to the right and y downwards; the picture is 2 wide.

    Args:
        ground: Colours of the background, float32 `(3, n)`, in [0, 1].
        size: Pixels along each side.
        scale: float32 `(n,)`, times the full size.
        shift_x, shift_y: float32 `(n,)`, shares of the picture's width, to the right and downwards.
        tilt: float32 `(n,)`, degrees, anticlockwise as you look at the picture.
        neck: The height about which the head turns.
    """

    def __init__(self, ground, size, scale, shift_x, shift_y, tilt, neck):
        self.side, self.scale, self.neck = _SAMPLES * size, scale, neck
        self.shifts = 2 * shift_x, 2 * shift_y
        angle = np.deg2rad(tilt.astype("float64"))  # NumPy's float32 cosine depends on the processor
        self.cos, self.sin = np.cos(angle).astype("float32"), np.sin(angle).astype("float32")
        grid = ((np.arange(self.side, dtype="float32") + 0.5) * (2 / self.side) - 1)[:, np.newaxis]
        x, y = ((grid - shift) / scale for shift in self.shifts)  # (side, n)
        x, y = x[np.newaxis], y[:, np.newaxis]
        turned = self.cos * x - self.sin * (y - neck), self.sin * x + self.cos * (y - neck) + neck
        self.frames = {"body": np.broadcast_arrays(x, y), "head": turned}
        self.colours = np.empty((3, self.side, self.side, ground.shape[1]), "float32")
        self.colours[:] = ground[:, np.newaxis, np.newaxis]

    def part(self, frame, left, top, right, bottom):
        """The `Part` of the canvas that holds this box of a frame in every picture."""
        x, y = np.array([left, right, left, right])[:, np.newaxis], np.array([top, top, bottom, bottom])[:, np.newaxis]
        if frame == "head":
            x, y = self.cos * x + self.sin * (y - self.neck), self.cos * (y - self.neck) - self.sin * x + self.neck
        ends = []
        for corners, shift in zip((y, x), self.shifts[::-1], strict=True):
            samples = (corners * self.scale + shift + 1) * self.side / 2
            first, last = np.clip([samples.min() - 1, samples.max() + 2], 0, self.side).astype(int)
            ends.append(slice(first, last))
        x, y = (coordinate[tuple(ends)] for coordinate in self.frames[frame])
        return Part(x, y, self.colours[:, *ends], self.scale * np.float32(self.side / 2))

    def pixels(self, light):
        """The pictures, uint8 `(n, size, size, 3)`: the mean of each pixel's samples, in 256 levels.

        Args:
            light: float32 `(n,)`, how much brighter the right border is, and darker the left one.
        """
        size = self.side // _SAMPLES
        samples = self.colours.reshape(3, size, _SAMPLES, size, _SAMPLES, -1)
        mean = sum(samples[:, :, row, :, column] for row in range(_SAMPLES) for column in range(_SAMPLES))
        across = (np.arange(size, dtype="float32") + 0.5)[:, np.newaxis] * (2 / size) - 1
        mean *= (1 + across * light) * np.float32(255 / _SAMPLES**2)
        levels = np.minimum(mean + np.float32(0.5), 255).astype("uint8")
        return np.ascontiguousarray(levels.transpose(3, 1, 2, 0))


class Part:
    """A part of a canvas: coordinates `x` and `y`, `(rows, columns, n)`, distances to shapes, and `paint`.

    Distances are negative within a shape. The union of two shapes is the minimum of their distances, what they have in
    common the maximum.
    """

    def __init__(self, x, y, colours, samples_per_unit):
        self.x, self.y, self.colours, self.samples_per_unit = x, y, colours, samples_per_unit

    def ellipse(self, x, y, across, down):
        """Distance to an ellipse about `(x, y)`, of two radii: near enough for an edge that is a sample wide."""
        relative = ((self.x - x) * np.float32(1 / across)) ** 2 + ((self.y - y) * np.float32(1 / down)) ** 2
        return (np.sqrt(relative) - 1) * np.float32(min(across, down))

    def rectangle(self, left, top, right, bottom, rounding):
        """Distance to a rectangle with round corners; each end is a number or `(n,)`."""
        beyond_x = np.abs(self.x - (left + right) / 2) - ((right - left) / 2 - rounding)
        beyond_y = np.abs(self.y - (top + bottom) / 2) - ((bottom - top) / 2 - rounding)
        outside = np.sqrt(np.maximum(beyond_x, 0) ** 2 + np.maximum(beyond_y, 0) ** 2)
        return outside + np.minimum(np.maximum(beyond_x, beyond_y), 0) - rounding

    def paint(self, distance, colour, opacity=1.0):
        """Lay a colour over what is there, within a shape.

        Args:
            distance: float32 `(rows, columns, n)`, as the methods above give it.
            colour: float32 `(3, n)` or `(3, 1)`.
            opacity: In [0, 1], a number, `(n,)` or `(rows, columns, n)`.
        """
        cover = distance * -self.samples_per_unit
        cover += np.float32(0.5)
        np.clip(cover, 0, 1, out=cover)
        cover *= opacity
        for below, above in zip(self.colours, colour, strict=True):  # one after the other: they fit into the cache
            below += cover * (above - below)


def oklch(lightness, chroma, hue):
    """Red, green and blue of a hue, at a lightness and a strength of colour that look the same for every hue.

    Args:
        lightness: 0 (black) to 1 (white).
        chroma: 0 (grey) to about 0.3.
        hue: Array `(n,)`, degrees: about 30 is red, 110 yellow, 145 green, 260 blue.

    Returns:
        float32 `(3, n)` in [0, 1].

    Reference:
        Ottosson (2020), A perceptual color space for image processing.

    Example:
        >>> oklch(1.0, 0.0, np.zeros(1)).round(3).T
        array([[1., 1., 1.]], dtype=float32)
    """
    angle = np.deg2rad(np.asarray(hue, "float64"))
    a, b = chroma * np.cos(angle), chroma * np.sin(angle)
    to_cones = [[0.3963377774, 0.2158037573], [-0.1055613458, -0.0638541728], [-0.0894841775, -1.2914855480]]
    cones = (lightness + np.array(to_cones) @ [a, b]) ** 3
    to_light = [[4.0767416621, -3.3077115913, 0.2309699292], [-1.2684380046, 2.6097574011, -0.3413193965]]
    light = np.clip(np.array([*to_light, [-0.0041960863, -0.7034186147, 1.7076147010]]) @ cones, 0, 1)
    return np.where(light > 0.0031308, 1.055 * light ** (1 / 2.4) - 0.055, 12.92 * light).astype("float32")
