"""Pictures of lessons as files: smaller than in the notebook, with their size known to the page."""

import base64
import io
from pathlib import Path

import numpy as np
from PIL import Image

_PAPER = (255, 255, 255)
THUMBNAIL = (480, 300)
"""Width and height of a lesson's picture on its card, in pixels."""


def save_picture(data: str, file: Path) -> tuple[int, int]:
    """Write a PNG in base64 as lossless WebP; return width and height in pixels."""
    image = open_picture(data)
    file.parent.mkdir(parents=True, exist_ok=True)
    image.save(file, "WEBP", lossless=True, quality=60, method=4)
    return image.size


def save_thumbnail(data: str, file: Path) -> None:
    """Write a PNG in base64 as a card's picture, on white: whole, or the beginning of a strip.

    A high strip is laid out in two columns.
    """
    image = open_picture(data)
    if image.height > 2.2 * image.width:
        image = _in_two_columns(image)
    width, height = THUMBNAIL
    scale = width / image.width
    if image.height * scale < height * 0.6:  # a wide strip: show its left part, large
        scale = height * 0.6 / image.height
    elif image.height < 2.2 * image.width:  # of a higher one without a gap the top is shown
        scale = min(scale, height / image.height)
    small = image.resize((round(image.width * scale), round(image.height * scale)), Image.LANCZOS)
    card = Image.new("RGB", THUMBNAIL, _PAPER)
    left, top = (width - small.width) // 2, (height - small.height) // 2
    card.paste(small, (max(0, left), max(0, top)))
    file.parent.mkdir(parents=True, exist_ok=True)
    card.save(file, "WEBP", quality=80, method=5)


def _in_two_columns(image: Image.Image) -> Image.Image:
    """Return a picture with its lower part beside the upper one, cut at the first gap.

    A gap has ten empty rows and lies in the middle half; a picture without any stays.
    """
    empty = (np.asarray(image.convert("L")) > 250).all(axis=1)
    middle = range(image.height // 4, image.height * 3 // 4)
    row = next((row for row in middle if empty[row : row + 10].all()), None)
    if row is None:
        return image
    upper = image.crop((0, 0, image.width, row))
    lower = image.crop((0, row, image.width, image.height))
    page = Image.new("RGB", (2 * image.width, max(upper.height, lower.height)), _PAPER)
    page.paste(upper, (0, 0))
    page.paste(lower, (image.width, 0))
    return page


def open_picture(data: str) -> Image.Image:
    """Return a PNG in base64 as an image on white."""
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    if image.mode in ("RGBA", "LA", "P"):
        image = image.convert("RGBA")
        paper = Image.new("RGBA", image.size, (*_PAPER, 255))
        image = Image.alpha_composite(paper, image)
    return image.convert("RGB")
