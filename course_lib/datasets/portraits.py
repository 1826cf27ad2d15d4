"""The painter of the faces: layer upon layer, from the background to the hat."""

import numpy as np

from course_lib.datasets.canvas import Canvas, oklch

SKINS = ((255, 226, 203), (245, 201, 166), (226, 172, 123), (190, 132, 86), (146, 98, 66), (104, 68, 54))
HAIRS = ((30, 26, 34), (74, 42, 28), (238, 200, 112), (186, 72, 30), (188, 190, 198))


def paint(face, size):
    """Paint portraits.

    Args:
        face: Dict of every factor of `course_lib.datasets.faces`, each int32 or float32 `(n,)`.
        size: Pixels along each side.

    Returns:
        uint8 `(n, size, size, 3)`.
    """
    skin, hair = (np.float32(table)[face[name]].T / 255 for name, table in (("skin", SKINS), ("hair", HAIRS)))
    beard, glasses, hat = (face[name].astype("float32") for name in ("beard", "glasses", "hat"))
    pose = {name: face[name] for name in ("scale", "shift_x", "shift_y", "tilt")}
    canvas = Canvas(oklch(0.89, 0.055, face["background"]), size, **pose, neck=0.55)
    _paint_body(canvas, skin, hair, face["hair_length"], face["clothes"])
    _paint_head(canvas, skin)
    _paint_hair(canvas, hair, beard)
    _paint_eyes(canvas, hair, face["gaze"], face["brows"])
    _paint_mouth(canvas, face["smile"])
    _paint_glasses(canvas, glasses)
    _paint_hat(canvas, hat, face["clothes"] + 150)
    return canvas.pixels(np.float32(0.09) * face["light"])


def _rgb(*levels):
    return np.float32(levels)[:, np.newaxis] / 255


def _paint_body(canvas, skin, hair, hair_length, clothes):
    behind = canvas.part("head", -0.55, -0.45, 0.55, 0.86)  # from the ears (0) to the shoulders (1)
    bottom = 0.15 + np.float32(0.7) * hair_length
    behind.paint(behind.rectangle(-0.55, -0.45, 0.55, bottom, 0.3), hair * np.float32(0.82))
    bust, shade = canvas.part("body", -0.9, 0.5, 0.9, 1.5), skin * np.float32(0.84)
    bust.paint(bust.rectangle(-0.19, 0.4, 0.19, 1, 0.1), shade)
    bust.paint(bust.ellipse(0, 1.45, 0.86, 0.64), oklch(0.6, 0.13, clothes))
    bust.paint(bust.ellipse(0, 0.78, 0.19, 0.15), shade)  # the neckline


def _paint_head(canvas, skin):
    for side in (-1, 1):
        ear = canvas.part("head", side * 0.49 - 0.1, -0.1, side * 0.49 + 0.1, 0.22)
        ear.paint(ear.ellipse(side * 0.49, 0.06, 0.09, 0.14), skin * np.float32(0.9))
    head = canvas.part("head", -0.49, -0.55, 0.49, 0.63)
    head.paint(head.ellipse(0, 0.04, 0.48, 0.58), skin)
    for side in (-1, 1):
        cheek = canvas.part("head", side * 0.27 - 0.15, 0.08, side * 0.27 + 0.15, 0.38)
        distance = cheek.ellipse(side * 0.27, 0.23, 0.15, 0.15)
        cheek.paint(distance, skin * _rgb(250, 184, 173), np.clip(distance * np.float32(-4), 0, 1))
    nose = canvas.part("head", -0.05, 0.06, 0.05, 0.22)
    nose.paint(nose.ellipse(0, 0.14, 0.05, 0.075), skin * np.float32(0.84))


def _paint_hair(canvas, hair, beard):
    chin = canvas.part("head", -0.5, 0.1, 0.5, 0.67)  # the lower part of the head, open around the cheeks
    lower = np.maximum(chin.ellipse(0, 0.05, 0.5, 0.61), 0.16 - chin.y)
    chin.paint(np.maximum(lower, -chin.ellipse(0, 0.12, 0.37, 0.17)), hair, beard)
    top = canvas.part("head", -0.56, -0.67, 0.56, 0.04)
    fringe = top.y + 0.27 - np.float32(0.16) * top.x + np.float32(0.2) * top.x**2
    crown = np.maximum(top.ellipse(0, -0.06, 0.55, 0.6), fringe)
    sides = np.maximum(top.ellipse(0, 0.04, 0.53, 0.63), np.maximum(0.42 - np.abs(top.x), top.y - 0.02))
    top.paint(np.minimum(crown, sides), hair)


def _paint_eyes(canvas, hair, gaze, brows):
    white, dark = _rgb(255, 255, 255), _rgb(44, 34, 40)
    for side in (-1, 1):
        middle = np.float32(0.2 * side)
        look = middle + np.float32(0.045) * gaze
        eye = canvas.part("head", middle - 0.12, -0.08, middle + 0.12, 0.12)
        eye.paint(eye.ellipse(middle, 0.02, 0.105, 0.085), white)
        eye.paint(eye.ellipse(look, 0.025, 0.06, 0.07), dark)
        eye.paint(eye.ellipse(look - np.float32(0.02), -0.005, 0.02, 0.02), white)
        brow = canvas.part("head", middle - 0.13, -0.26, middle + 0.13, -0.02)
        across = brow.x - middle
        # raised brows are high and slope outwards, lowered ones frown
        height = (np.float32(0.3 * side) * across - np.float32(0.04)) * brows + np.float32(1.5) * across**2 - 0.14
        brow.paint(np.maximum(np.abs(brow.y - height) - 0.024, np.abs(across) - 0.12), hair * np.float32(0.72))


def _paint_mouth(canvas, smile):
    mouth = canvas.part("head", -0.22, 0.2, 0.22, 0.54)
    bend = 1 - (mouth.x * np.float32(1 / 0.21)) ** 2  # 1 in the middle, 0 at the corners
    opened, upper = np.maximum(smile, 0), 0.33 + smile * (np.float32(0.08) * bend - 0.05)
    lower = upper + 0.045 + np.float32(0.1) * opened * bend
    lips = np.maximum(np.maximum(upper - mouth.y, mouth.y - lower), np.abs(mouth.x) - 0.21)
    mouth.paint(lips, _rgb(168, 48, 56))
    teeth = np.maximum(np.maximum(lips + 0.012, mouth.y - upper - 0.05), np.abs(mouth.x) - 0.17)
    mouth.paint(teeth, _rgb(255, 250, 244), opened)


def _paint_glasses(canvas, glasses):
    front = canvas.part("head", -0.52, -0.16, 0.52, 0.2)
    right = canvas.part("head", -0.52, -0.16, 0.52, 0.2)
    right.x = np.abs(front.x)  # the left half mirrors the right one
    lens = right.rectangle(0.05, -0.125, 0.38, 0.165, 0.12)
    wires = np.maximum(np.minimum(right.x - 0.06, np.abs(right.x - 0.44) - 0.07), np.abs(right.y + 0.02) - 0.02)
    front.paint(lens, _rgb(255, 255, 255), np.float32(0.12) * glasses)
    front.paint(np.minimum(np.abs(lens) - 0.024, wires), _rgb(46, 42, 58), glasses)


def _paint_hat(canvas, hat, hue):
    crown = canvas.part("head", -0.57, -0.79, 0.57, -0.23)
    crown.paint(np.maximum(crown.ellipse(0, -0.28, 0.56, 0.5), crown.y + 0.24), oklch(0.55, 0.13, hue), hat)
    brim = canvas.part("head", -0.67, -0.34, 0.67, -0.2)
    brim.paint(brim.rectangle(-0.66, -0.335, 0.66, -0.205, 0.06), oklch(0.42, 0.1, hue), hat)
