"""Figures: arrays in, Axes out. Nothing here trains, loads or draws random numbers.

Colours are Okabe and Ito's, which people who see few colours can tell apart; classes have a marker each, too. `show`
puts a figure into a notebook, with a text for those who do not see it.
"""

import io
from collections.abc import Sequence
from itertools import cycle
from numbers import Integral, Real

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.text import Text

from course_lib.runtime import shell_of_a_person

_OVERSHOOT = 0.05  # what a linear decoder adds to [0, 1] here and there; it is cut off
_SHARE_BEYOND, _FAR_BELOW, _FAR_ABOVE = 0.15, -0.9, 2.0  # beyond these the pictures have another range

PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#000000")
MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">")

_SHORTEST_TEXT = 40  # characters of a description that says what is drawn and what one should see
_FARTHEST, _NARROWEST = 1e15, 1e-15  # of a slider: a browser counts no farther in ones
_PHONE, _SMALLEST_LETTERS = 390, 5.0  # CSS pixels: the width of a phone, and what can still be read on it


def show(figure=None, *, alt):
    """Show a figure in a notebook, with a text for those who do not see it, and close it.

    The figure gets a white ground, so that it can be read in a dark theme, and letters large enough for a screen of 390
    pixels. The text is kept in the notebook's output, from where site and slides take it.

    Args:
        figure: A Matplotlib figure, an Axes of it, or None for the one that was drawn last.
        alt: String, one or two sentences: what is drawn, and what one should see.

    Raises:
        ValueError: If there is no figure, or the text is too short to say anything.

    Example:
        >>> ax = image_grid(np.zeros((12, 8, 8)), title="real")
        >>> show(ax, alt="Twelve empty pictures of 8 by 8 pixels in two rows, all of them white.")
        Figure(600x150)
    """
    from IPython.display import display

    figure, metadata = _ready_to_show(figure, alt)
    display(figure, metadata=metadata)


def _ready_to_show(figure, alt):
    """A figure as screens show it, closed, and the metadata that hold its text."""
    if not isinstance(alt, str) or len(alt) < _SHORTEST_TEXT:
        raise ValueError(
            f"alt must be a string of at least {_SHORTEST_TEXT} characters; got {alt!r}. Say in a sentence or two what "
            "is drawn, and what one should see."
        )
    if figure is None and not plt.get_fignums():
        raise ValueError("figure must be a figure or an Axes, or something must be drawn; got neither. Draw it first.")
    figure = plt.gcf() if figure is None else figure if isinstance(figure, plt.Figure) else figure.figure
    plt.close(figure)
    figure.set_facecolor("white")
    _enlarge_letters(figure)
    return figure, {"image/png": {"alt": alt}}


def slider(draw, *, alt, **values):
    """Show a figure that a person can change by sliders; a stored notebook keeps the figure as it is at first.

    The sliders stand below the figure and redraw it in its place. Where nobody can move them (a notebook that a program
    runs, a script, no ipywidgets), it is the figure alone, as by `show`.

    Args:
        draw: Function of the values, by their names, that draws a new figure and returns it or an Axes of it.
        alt: String, as for `show`: what is drawn, and what one should see at first. The values are added to it.
        **values: For each slider `(lowest, highest, first)`; whole numbers give a slider of whole numbers. An
            underscore in its name is read as a blank.

    Raises:
        ValueError: If there is no slider, one is not three such numbers, `draw` is no function, or as for `show`.

    Example:
        >>> def line(slope):
        ...     return curves({"y": [0, slope]}, xlabel="x", ylabel="y", x=[0, 1])
        >>> slider(line, slope=(-1.0, 1.0, 0.5), alt="A straight line through the origin, whose slope you choose.")
        Figure(500x300)
    """
    from IPython.display import display

    if not callable(draw):
        raise ValueError(f"draw must be a function of the values that returns a figure; got {draw!r}.")
    wrong = {name: each for name, each in values.items() if not _can_be_moved(each)}
    if not values or wrong:
        raise ValueError(
            "each slider must be (lowest, highest, first): three finite numbers, lowest below highest, first between "
            f"them, and nothing beyond {_FARTHEST:g}; got {wrong or 'no slider'}."
        )

    def drawn(**now):
        said = ", ".join(f"{name.replace('_', ' ')} {value:g}" for name, value in now.items())
        figure, metadata = _ready_to_show(draw(**now), alt)
        metadata["image/png"]["alt"] += f" Here: {said}."
        return figure, {"metadata": metadata}

    first = {name: each[2] for name, each in values.items()}
    figure, options = drawn(**first)
    try:
        import ipywidgets
    except ImportError:
        ipywidgets = None
    if ipywidgets is None or shell_of_a_person() is None:
        display(figure, **options)
        return
    handle = display(figure, display_id=True, **options)
    sliders = {name: _slider(ipywidgets, name, *each) for name, each in values.items()}

    def moved(change):
        figure, options = drawn(**{name: each.value for name, each in sliders.items()})
        handle.update(figure, **options)

    for each in sliders.values():
        each.observe(moved, names="value")
    display(ipywidgets.VBox(list(sliders.values())))


def _can_be_moved(ends):
    """Whether `ends` are the lowest, the highest and the first value of a slider that has a way to go."""
    if not isinstance(ends, Sequence | np.ndarray) or len(ends) != 3 or not all(map(_is_real, ends)):
        return False
    lowest, highest, first = ends
    return max(abs(lowest), abs(highest)) <= _FARTHEST and lowest <= first <= highest and highest - lowest > _NARROWEST


def _is_real(value):
    return isinstance(value, Real) and not isinstance(value, bool)


def _slider(ipywidgets, name, lowest, highest, first):
    whole = all(isinstance(each, Integral) for each in (lowest, highest, first))
    lowest, highest, first = map(int if whole else float, (lowest, highest, first))
    kind, step = (ipywidgets.IntSlider, 1) if whole else (ipywidgets.FloatSlider, _round_step(lowest, highest))
    return kind(
        first,
        min=lowest,
        max=highest,
        step=step,
        description=name.replace("_", " "),
        layout={"width": "min(100%, 32em)"},
        style={"description_width": "9em"},
    )


def _round_step(lowest, highest):
    """The largest of 1, 2 and 5 times a power of ten that makes at least fifty steps: a slider meets 0 and 1."""
    most = (highest - lowest) / 50
    unit = 10.0 ** np.floor(np.log10(most))
    return float(max(each * unit for each in (1, 2, 5) if each * unit <= most * (1 + 1e-9)))


def class_marks():
    """A colour and a marker for each class, for ever; the first ten markers are ten.

    Returns:
        A generator of pairs of strings.

    Example:
        >>> list(zip("AB", class_marks()))
        [('A', ('#0072B2', 'o')), ('B', ('#E69F00', 's'))]
    """
    return zip(cycle(PALETTE), cycle(MARKERS), strict=False)


def image_grid(images, columns=10, title=None, ax=None):
    """Images side by side on one Axes, row by row: grey ones as ink on paper (1 is black), colours as they are.

    Args:
        images: Array `(n, height, width)`, `(n, height, width, 1)` or, in colour, `(n, height, width, 3)`; numbers in
            [0, 1], or uint8 in 0 … 255. What a linear decoder overshoots here and there is cut off.
        columns: Integer, images in a row.
        title: String, what the images are: real, reconstructed or generated.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Raises:
        ValueError: If `images` has another shape or another range, such as [-1, 1], or holds NaN.

    Example:
        >>> ax = image_grid(np.zeros((12, 8, 8, 1)), columns=6, title="real")
        >>> ax.get_title(loc="left")
        'real'
    """
    images = _pictures(images)
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    height, width, *channels = images.shape[1:]
    canvas = np.ones((rows * (height + 1) - 1, columns * (width + 1) - 1, *channels))
    for index, image in enumerate(images):
        top, left = (index // columns) * (height + 1), (index % columns) * (width + 1)
        canvas[top : top + height, left : left + width] = image if channels else 1 - image  # ink on paper
    ax = ax or plt.subplots(figsize=(0.6 * columns, 0.6 * rows + 0.3 * bool(title)))[1]
    ax.imshow(canvas, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    ax.set_axis_off()
    if title:
        ax.set_title(title, loc="left", fontsize=10)
    return ax


def image_rows(rows, ax=None):
    """Labelled rows of images, for comparisons: each column is one example.

    Args:
        rows: Dict from a label, such as `"real"` or `"reconstructed"`, to images as for `image_grid`; the same n and
            the same size everywhere.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Raises:
        ValueError: If there is no row, or the rows have different lengths or sizes, and as for `image_grid`.

    Example:
        >>> ax = image_rows({"real": np.zeros((5, 8, 8)), "reconstructed": np.ones((5, 8, 8))})
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['real', 'reconstructed']
    """
    if not rows:
        raise ValueError("rows must hold at least one row, each with as many images as the others; got none.")
    pictures = {label: _pictures(images, f"the images of {label!r}") for label, images in rows.items()}
    lengths = {label: len(images) for label, images in pictures.items()}
    if len(set(lengths.values())) != 1:
        raise ValueError(f"Every row must have as many images, so that columns compare; got {lengths}.")
    sizes = {label: images.shape[1:] for label, images in pictures.items()}
    if len(set(sizes.values())) != 1:
        raise ValueError(
            f"Every row must hold images of one size, all grey or all in colour; got {sizes}. Grey as colour: "
            "np.repeat(images[..., None], 3, axis=-1)."
        )
    count = next(iter(lengths.values()))
    height = next(iter(pictures.values())).shape[1]
    ax = ax or plt.subplots(figsize=(1.3 + 0.6 * count, 0.65 * len(rows)))[1]
    image_grid(np.concatenate(list(pictures.values())), columns=count, ax=ax)
    ax.set_axis_on()
    ax.set_xticks([])
    ax.set_yticks([(height + 1) * row + height / 2 for row in range(len(rows))], list(pictures))
    ax.tick_params(length=0)
    ax.spines[:].set_visible(False)
    return ax


def filmstrip(pictures, real=None, ax=None):
    """The same examples after more and more training, a row for each moment.

    Args:
        pictures: Dict from the number of epochs trained to images as for `image_grid`; a number with `words` of its own
            has them as its label.
        real: Images of the same shape for a first row, labelled real; or None.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Example:
        >>> ax = filmstrip({0: np.zeros((5, 8, 8)), 1: np.ones((5, 8, 8))})
        >>> [label.get_text() for label in ax.get_yticklabels()]
        ['untrained', '1 epoch']
    """
    rows = {} if real is None else {"real": real}
    for epochs, images in pictures.items():
        label = "untrained" if epochs == 0 else f"{epochs} epoch{'s' if epochs > 1 else ''}"
        rows[getattr(epochs, "words", label)] = images
    return image_rows(rows, ax=ax)


def still(ax):
    """The figure of an Axes, closed for pyplot, so that a notebook shows it only where you display it.

    Args:
        ax: The Axes.

    Returns:
        The Matplotlib figure.

    Example:
        >>> type(still(image_grid(np.zeros((2, 8, 8))))).__name__
        'Figure'
    """
    plt.close(ax.figure)
    return ax.figure


def curves(values, xlabel, ylabel, x=None, ax=None):
    """Named curves over a common axis.

    Args:
        values: Dict from a label to numbers `(n,)`.
        xlabel: String, with its unit.
        ylabel: String, with its unit.
        x: Numbers `(n,)`, or None to count from 1 (epochs).
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Example:
        >>> ax = curves({"training": [3, 2, 1]}, xlabel="epoch", ylabel="loss / nats")
        >>> ax.get_ylabel()
        'loss / nats'
    """
    ax = ax or plt.subplots(figsize=(5, 3), layout="constrained")[1]
    for (label, numbers), colour in zip(values.items(), _cycle(), strict=False):
        ax.plot(np.arange(1, len(numbers) + 1) if x is None else x, numbers, color=colour, label=label)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.legend(frameon=False)
    return ax


def health_chart(losses, marks, ax=None):
    """Loss curves between three marks, so that a number has a meaning before the training ends.

    Args:
        losses: Dict from a label to losses `(n,)`, nats per example: the first before any training (NaN if it is not
            known), then one an epoch. What leaves the frame of the marks is cut off.
        marks: Three numbers, what `metrics.health_marks` returns: of an untrained decoder (which answers 0), of the
            best that ignores its code, and the floor. Marks that are not finite are left out.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Example:
        >>> ax = health_chart({"mine": [44.0, 30.0, 20.0]}, (44.4, 27.1, 13.7))
        >>> [text.get_text() for text in ax.texts]
        ['untrained: 44.4', 'ignores its code: 27.1', 'floor: 13.7']
    """
    ax = ax or plt.subplots(figsize=(6, 3.6), layout="constrained")[1]
    for (label, numbers), colour in zip(losses.items(), _cycle(), strict=False):
        ax.plot(range(len(numbers)), numbers, color=colour, marker=".", label=label)
    known = [mark for mark in marks if np.isfinite(mark)]
    room = 0.25 * max(np.ptp(known), 1e-9)
    for words, mark in zip(("untrained", "ignores its code", "floor"), marks, strict=True):
        if mark in known:
            ax.axhline(mark, color="black", linestyle="dashed", linewidth=1)
            place = _beside(words, marks, 0.2 * room)
            ax.text(1.01, mark, f"{words}: {mark:.1f}", va=place, transform=ax.get_yaxis_transform())
    ax.set(xlabel="epoch", ylabel="loss / nats", ylim=(min(known) - room, max(known) + room))
    ax.legend(frameon=False, loc="lower left", bbox_to_anchor=(0.0, 1.0), ncols=6)
    return ax


def _beside(words, marks, near):
    """How the label of a mark is aligned, so that two marks that all but coincide can both be read."""
    if abs(marks[0] - marks[1]) > near or words == "floor":
        return "center"
    return "bottom" if words == "untrained" else "top"


def scatter(points, labels=None, class_names=None, xlabel="$z_1$", ylabel="$z_2$", ax=None):
    """Points in the plane; so that colour is not needed, each class has its marker and its name, at its median.

    Args:
        points: Numbers `(n, 2)`.
        labels: Integers `(n,)`, or None.
        class_names: Strings, one for each label; None for the numbers themselves.
        xlabel: String, with its unit if it has one.
        ylabel: String, likewise.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Example:
        >>> ax = scatter(np.zeros((4, 2)), labels=[0, 0, 1, 1], class_names=["A", "B"])
        >>> [text.get_text() for text in ax.texts]
        ['A', 'B']
    """
    points = np.asarray(points)
    ax = ax or plt.subplots(figsize=(4.5, 4.5), layout="constrained")[1]
    if labels is None:
        ax.scatter(*points.T, s=4, color=PALETTE[0], alpha=0.5, linewidths=0)
    else:
        labels = np.asarray(labels)
        for label, (colour, marker) in zip(np.unique(labels), class_marks(), strict=False):
            chosen = points[labels == label]
            ax.scatter(*chosen.T, s=12, color=colour, marker=marker, alpha=0.5, linewidths=0)
            name = str(label) if class_names is None else class_names[label]
            box = {"boxstyle": "circle,pad=0.15", "facecolor": "white", "edgecolor": colour}
            ax.text(*np.median(chosen, axis=0), name, ha="center", va="center", fontsize=9, bbox=box)
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def covariance_ellipses(means, covariances, radius=2.0, color=None, label=None, ax=None):
    r"""Outlines of Gaussians in the plane: all points z with $(z-m)^\top C^{-1} (z-m) = r^2$.

    In two dimensions an ellipse of radius r holds the share 1 − exp(−r²/2): 39 % for r = 1, 86 % for r = 2.

    Args:
        means: Numbers `(n, 2)`.
        covariances: Numbers `(n, 2, 2)`, positive definite; or variances `(n, 2)` of Gaussians with independent
            entries, such as `np.exp(log_var)`.
        radius: Positive number, in standard deviations.
        color: Matplotlib colour, for all of them.
        label: String for the legend, once for all of them.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Raises:
        ValueError: If the shapes do not fit, or a covariance is not positive definite.

    Example:
        >>> ax = covariance_ellipses(means=[[0.0, 0.0]], covariances=[[1.0, 4.0]], radius=1.0)
        >>> [round(float(end), 3) for end in ax.lines[0].get_xydata().max(axis=0)]
        [1.0, 2.0]
    """
    means, covariances = np.asarray(means, dtype="float64"), np.asarray(covariances, dtype="float64")
    if covariances.shape == means.shape:
        covariances = covariances[..., None] * np.eye(means.shape[-1])
    if means.ndim != 2 or means.shape[1] != 2 or covariances.shape != (len(means), 2, 2):
        raise ValueError(
            f"means should be (n, 2), covariances (n, 2, 2) or variances (n, 2); got {means.shape} and "
            f"{covariances.shape}. Choose two of the latents: means[:, :2]."
        )
    angles = np.linspace(0, 2 * np.pi, 101)
    circle = radius * np.stack([np.cos(angles), np.sin(angles)])
    ax = ax or plt.subplots(figsize=(4.5, 4.5), layout="constrained")[1]
    for index, (mean, factor) in enumerate(zip(means, np.linalg.cholesky(covariances), strict=True)):
        outline = mean[:, None] + factor @ circle
        ax.plot(*outline, color=color or PALETTE[0], linewidth=1, label=label if index == 0 else None)
    return ax


def balls(centres, radii, color=None, label=None, ax=None):
    """Discs around points of the plane, such as those that precision and recall count in.

    Args:
        centres: Numbers `(n, 2)`.
        radii: Numbers `(n,)`, at least 0.
        color: Matplotlib colour, for all of them.
        label: String for the legend, for the centres.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes, with equal units on both axes.

    Raises:
        ValueError: If the shapes do not fit.

    Example:
        >>> ax = balls([[0.0, 0.0], [3.0, 0.0]], radii=[1.0, 2.0])
        >>> [float(patch.radius) for patch in ax.patches]
        [1.0, 2.0]
    """
    centres, radii = np.asarray(centres, dtype="float64"), np.asarray(radii, dtype="float64")
    if centres.ndim != 2 or centres.shape[1] != 2 or radii.shape != centres.shape[:1]:
        raise ValueError(f"centres should be (n, 2) and radii (n,); got {centres.shape} and {radii.shape}.")
    ax = ax or plt.subplots(figsize=(4.5, 4.5), layout="constrained")[1]
    color = color or PALETTE[0]
    for centre, radius in zip(centres, radii, strict=True):
        ax.add_patch(plt.Circle(centre, radius, facecolor=color, alpha=0.12, edgecolor=color, linewidth=0.5))
    ax.scatter(*centres.T, s=12, color=color, label=label, zorder=3)
    ax.set_aspect("equal")
    return ax


def labelled_points(points, xlabel, ylabel, ax=None):
    """A few named points, each with its name above or below it.

    Args:
        points: Dict from a name to `(x, y)`.
        xlabel: String, with its unit if it has one.
        ylabel: String, likewise.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Example:
        >>> ax = labelled_points({"good": (0.9, 0.8), "bad": (0.1, 0.2)}, xlabel="recall", ylabel="precision")
        >>> [text.get_text() for text in ax.texts]
        ['good', 'bad']
    """
    ax = ax or plt.subplots(figsize=(5, 4), layout="constrained")[1]
    for number, ((name, (x, y)), colour) in enumerate(zip(points.items(), _cycle(), strict=False)):
        ax.scatter([x], [y], s=35, color=colour)
        offset = (0, -13 if number % 2 else 6)  # below or above, so that two points in one place can be read
        ax.annotate(name, (x, y), xytext=offset, textcoords="offset points", fontsize=8, ha="center")
    ax.set(xlabel=xlabel, ylabel=ylabel)
    return ax


def diagram(places, arrows, shaded=(), ax=None):
    """Boxes and arrows: what goes where.

    Args:
        places: Dict from the text in a box to its middle `(x, y)`.
        arrows: List of `(start, end, text, options)`: two of the boxes, what stands beside the arrow's middle ("" for
            nothing) and options for Matplotlib's `arrowprops`, such as `{"color": PALETTE[1], "linestyle": "--"}`; its
            `connectionstyle="arc3,rad=0.3"` bends the arrow, and the text with it.
        shaded: The boxes that are grey.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes, without its frame.

    Raises:
        ValueError: If an arrow starts or ends at no box.

    Example:
        >>> ax = diagram({"noise": (0, 0), "G": (1, 0)}, [("noise", "G", "z", {})], shaded=["G"])
        >>> [text.get_text() for text in ax.texts]
        ['noise', 'G', '', 'z']
    """
    unknown = {name for start, end, *_ in arrows for name in (start, end)} - set(places)
    if unknown:
        raise ValueError(f"An arrow must join two of {', '.join(places)}; got {', '.join(map(repr, sorted(unknown)))}.")
    ax = ax or plt.subplots(figsize=(8, 2.6), layout="constrained")[1]
    boxes = {}
    for name, place in places.items():
        box = {"boxstyle": "round,pad=0.45", "fc": "0.85" if name in shaded else "white"}
        boxes[name] = ax.annotate(name, place, ha="center", va="center", bbox=box).get_bbox_patch()
    for start, end, text, options in arrows:
        style = {"arrowstyle": "-|>", "patchA": boxes[start], "patchB": boxes[end], "linewidth": 1.5} | options
        ax.annotate("", places[end], places[start], arrowprops=style)
        (x, y), (to_x, to_y) = places[start], places[end]
        bend = float(style.get("connectionstyle", "arc3,rad=0").partition("rad=")[2]) / 2
        middle = ((x + to_x) / 2 + bend * (to_y - y), (y + to_y) / 2 - bend * (to_x - x))
        if text:
            ground = {"boxstyle": "square,pad=0.1", "fc": "white", "ec": "none"}
            ax.text(*middle, text, ha="center", va="center", color=style.get("color", "black"), bbox=ground)
    xs, ys = zip(*places.values(), strict=True)
    ax.plot(xs, ys, linestyle="none")
    ax.set(xlim=(min(xs) - 0.5, max(xs) + 0.5), ylim=(min(ys) - 0.5, max(ys) + 0.5))
    ax.set_axis_off()
    return ax


def phase_portrait(paths, field=None, reach=None, ax=None):
    """Paths of two players in their plane, as of a Dirac-GAN: a dot where each starts, a cross at (0, 0).

    Args:
        paths: Dict from a label to positions `(n, 2)`, columns θ (generator) and ψ (discriminator).
        field: Function from θ and ψ (arrays) to the two velocities, drawn as grey arrows of one length; or None.
        reach: Half the width of the picture, for pictures to compare; None takes what the paths need.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Example:
        >>> ax = phase_portrait({"a circle": [[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0]]}, lambda theta, psi: (-psi, theta))
        >>> ax.get_xlabel()
        'θ (generator)'
    """
    ax = ax or plt.subplots(figsize=(4, 4), layout="constrained")[1]
    paths = {label: np.asarray(path, dtype="float64") for label, path in paths.items()}
    for (label, path), color in zip(paths.items(), _cycle(), strict=False):
        ax.plot(*path.T, "-", linewidth=1, color=color, label=label)
        ax.plot(*path[0], "o", markersize=5, color=color)
    ax.plot(0, 0, "+", markersize=9, color="black")
    if field is not None:
        wide = reach or 1.05 * max(np.abs(path).max() for path in paths.values())
        theta, psi = np.meshgrid(*2 * [np.linspace(-wide, wide, 12)])
        along = np.stack(field(theta, psi))
        length = np.hypot(*along)
        along = along / np.where(length > 0, length, 1.0)
        ax.quiver(theta, psi, *along, color="0.8", pivot="mid", angles="xy", zorder=0, width=0.004)
    ax.set(xlabel="θ (generator)", ylabel="ψ (discriminator)", aspect="equal")
    if reach:
        ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    ax.legend(frameon=False)
    return ax


def eigenvalue_plane(eigenvalues, ax=None):
    """Eigenvalues of training steps in the complex plane, with the unit circle: inside converges, outside does not.

    Args:
        eigenvalues: Dict from a label to complex numbers, any shape.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Example:
        >>> ax = eigenvalue_plane({"h = 1": [1 + 0.5j, 1 - 0.5j]})
        >>> ax.get_ylabel()
        'imaginary part'
    """
    ax = ax or plt.subplots(figsize=(4, 4), layout="constrained")[1]
    around = np.exp(2j * np.pi * np.linspace(0, 1, 200))
    ax.plot(around.real, around.imag, color="0.7", linewidth=1, zorder=0)
    for (label, values), color, marker in zip(eigenvalues.items(), _cycle(), cycle("osD^v"), strict=False):
        values = np.asarray(values, dtype="complex128").ravel()
        ax.plot(values.real, values.imag, marker, markersize=5, linestyle="none", color=color, label=label)
    ax.set(xlabel="real part", ylabel="imaginary part", aspect="equal")
    ax.legend(frameon=False)
    return ax


def discriminator_field(probability, real, samples, arrows=None, reach=3.0, ax=None):
    """What a discriminator of points says everywhere, and where it sends the generated ones.

    Args:
        probability: Numbers in [0, 1], `(n, n)`: the discriminator's probability of "real" on a square grid over
            [-reach, reach]², rows from low to high $x_2$. Blue is real, red is generated, white is undecided.
        real: Points `(m, 2)`, grey.
        samples: Points `(k, 2)`, orange: those of the generator.
        arrows: Vectors `(k, 2)`, drawn at the samples, in units of the axes; or None.
        reach: Half the width of the picture.
        ax: Axes to draw on, or None for a new figure.

    Returns:
        The Axes.

    Example:
        >>> ax = discriminator_field(np.full((5, 5), 0.5), np.ones((3, 2)), np.zeros((2, 2)), np.ones((2, 2)))
        >>> ax.get_xlim()
        (np.float64(-3.0), np.float64(3.0))
    """
    probability = np.asarray(probability)
    if not (probability.size and probability.min() >= -1e-6 and probability.max() <= 1 + 1e-6):
        raise ValueError(
            "probability must hold numbers in [0, 1], the discriminator's probabilities of being real; got "
            f"{_range(probability)}. From logits: 1 / (1 + np.exp(-logits))."
        )
    ax = ax or plt.subplots(figsize=(3, 3), layout="constrained")[1]
    extent = (-reach, reach, -reach, reach)
    steps = plt.get_cmap("RdBu", 15)  # even areas make light pictures
    ax.imshow(probability, extent=extent, origin="lower", cmap=steps, vmin=0, vmax=1, interpolation="bilinear")
    ax.plot(*np.asarray(real).T, ".", markersize=2, color="0.35")
    ax.plot(*np.asarray(samples).T, ".", markersize=4, color=PALETTE[1])
    if arrows is not None:
        ax.quiver(*np.asarray(samples).T, *np.asarray(arrows).T, angles="xy", scale_units="xy", scale=1, width=0.005)
    ax.set(xlim=(-reach, reach), ylim=(-reach, reach), xlabel="$x_1$", ylabel="$x_2$", aspect="equal")
    return ax


def moving_picture(draw, frames, alt, seconds=0.25, dpi=60):
    """A small animation, which a notebook plays without anything installed.

    Args:
        draw: Function of a frame that draws it and returns its Axes.
        frames: Iterable of frames, at least one. The last one stays four times as long.
        alt: String, one or two sentences: what is drawn, and what one should see.
        seconds: How long each of them is seen.
        dpi: Dots per inch of the pictures: smaller is lighter.

    Returns:
        An `IPython.display.Image` (GIF), which plays for ever.

    Raises:
        ValueError: If there is no frame.

    Example:
        >>> film = moving_picture(lambda share: image_grid(np.full((1, 8, 8), share)), [0.0, 0.5, 1.0], "It darkens.")
        >>> film.data[:3]
        b'GIF'
    """
    from IPython.display import Image

    pictures = [_picture(still(draw(frame)), dpi) for frame in frames]
    if not pictures:
        raise ValueError("frames should hold at least one frame; got none. Was the training empty?")
    milliseconds = round(1000 * seconds)
    durations = [milliseconds] * (len(pictures) - 1) + [4 * milliseconds]
    made = io.BytesIO()
    pictures[0].save(made, "GIF", save_all=True, append_images=pictures[1:], duration=durations, loop=0)
    return Image(made.getvalue(), format="gif", metadata={"alt": alt})


def _enlarge_letters(figure):
    """Make all letters as large as a phone needs, where it shows the whole width of the figure."""
    points_in_a_phone = figure.get_figwidth() * 72 / _PHONE
    least = _SMALLEST_LETTERS * points_in_a_phone
    for text in figure.findobj(Text):
        text.set_fontsize(max(least, text.get_fontsize()))
    for ax in figure.axes:  # labels of ticks that will be made while drawing
        for axis in (ax.xaxis, ax.yaxis):
            size = max((label.get_fontsize() for label in axis.get_ticklabels()), default=least)
            axis.set_tick_params(labelsize=max(least, size))


def _picture(figure, dpi):
    """A figure as a picture of few colours."""
    from PIL import Image

    made = io.BytesIO()
    figure.savefig(made, dpi=dpi)
    return Image.open(made).convert("RGB").quantize(32)


def _pictures(images, name="images"):
    """Images of any accepted form as floats in [0, 1], `(n, height, width)` or `(n, height, width, 3)`."""
    images = np.asarray(images.detach().cpu() if hasattr(images, "detach") else images)
    if images.dtype.name == "bfloat16":
        images = images.astype("float32")
    if images.dtype.kind not in "biuf":
        raise ValueError(
            f"{name} must be an array of numbers; got {images.dtype}. Give all images one size, and stack them."
        )
    if images.ndim == 4 and images.shape[-1] == 1:
        images = images[..., 0]
    if not _has_the_shape_of_pictures(images.shape):
        raise ValueError(
            f"{name} must have shape (n, height, width), (n, height, width, 1) or, in colour, (n, height, width, 3); "
            f"got {images.shape}. {_repair_of_shape(images.shape)}"
        )
    return _in_unit_interval(images, name)


def _has_the_shape_of_pictures(shape):
    if 0 in shape:
        return False
    is_one_picture = len(shape) == 3 and shape[-1] in (1, 3, 4) and min(shape[:2]) > 4
    return (len(shape) == 3 and not is_one_picture) or (len(shape) == 4 and shape[-1] == 3)


def _repair_of_shape(shape):
    if 0 in shape:
        return "Give at least one image."
    if len(shape) == 4 and shape[1] in (1, 3):
        return "Do the channels come first? np.moveaxis(images, 1, -1)."
    if len(shape) == 4 and shape[-1] == 4:
        return "Is the fourth channel opacity? Leave it out: images[..., :3]."
    if len(shape) == 4:
        return "Choose one channel, to be drawn in grey: images[..., 0]."
    if len(shape) == 3 or (len(shape) == 2 and min(shape) > 4 and shape[0] == shape[1]):
        return "Is it one image? images[None]."
    side = round(shape[1] ** 0.5) if len(shape) == 2 else 0
    if side > 1 and side * side == shape[1]:
        return f"Are they flat? images.reshape(-1, {side}, {side})."
    return "Give them the axes of a picture, images.reshape(n, height, width)."


def _in_unit_interval(images, name):
    if not np.isfinite(images).all():
        count = int((~np.isfinite(images)).reshape(len(images), -1).any(axis=1).sum())
        raise ValueError(
            f"{name} must be finite; got NaN or infinity in {count} of {len(images)}: nothing to draw. If a model made "
            "them, its training broke: look at its loss, and train it anew with a smaller learning rate."
        )
    if images.dtype == np.uint8 and images.max() > 1:
        return images / 255.0
    low, high = float(images.min()), float(images.max())
    beyond = images.size >= 16 and np.mean((images < -_OVERSHOOT) | (images > 1 + _OVERSHOOT))
    if low < _FAR_BELOW or high > _FAR_ABOVE or beyond > _SHARE_BEYOND:
        raise ValueError(
            f"{name} must lie in [0, 1], or be uint8 in 0 … 255; got {_range(images)}. "
            + _repair_of_range(images, low, high)
        )
    return np.clip(images, 0, 1)


def _repair_of_range(images, low, high):
    if low >= -1 - _OVERSHOOT and high <= 1 + _OVERSHOOT:
        return "In [-1, 1], as a tanh makes them? (images + 1) / 2."
    if low >= 0 and 1 < high <= 255:
        return f"Raw pixels? Divide by the largest possible value: images / {255 if high > 100 else f'{high:g}'}."
    if low >= 0 and images.dtype.kind in "iu" and high <= 65535:
        return "Pixels of 16 bits? images / 65535."
    return (
        "Noise around the range? images.clip(0, 1). Another scale, such as standardised data? From the least to the "
        "largest value: (images - images.min()) / (images.max() - images.min())."
    )


def _range(values):
    return f"values from {values.min():g} to {values.max():g}" if values.size else "no values"


def _cycle():
    while True:
        yield from PALETTE
