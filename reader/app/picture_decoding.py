"""Run as a program of its own: decodes pictures, so that one which is made to crash or to hang harms nothing else.

Pillow is all it knows. It reads from standard input, for each picture: the most pixels wide and high that are wanted,
how many bytes follow, and the file's bytes. It answers twice: with the picture's own width and height, then with the
width and height of the pixels that follow, RGBA of 8 bits each. Zeros say that there is no such picture.
"""

from __future__ import annotations

import io
import resource
import sys
import warnings
from contextlib import suppress
from struct import Struct
from typing import Final

QUESTION: Final = Struct(">III")
SIZE: Final = Struct(">II")
MAX_PIXELS: Final = 40_000_000
"""Width times height of the largest picture that is decoded."""
_MEMORY: Final = 1 << 30
"""Bytes of memory that decoding may take."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")
_NONE: Final = SIZE.pack(0, 0)


def main() -> None:
    """Answer until the input ends."""
    from PIL import Image

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(head := questions.read(QUESTION.size)) == QUESTION.size:
        width, height, length = QUESTION.unpack(head)
        data = questions.read(length)
        told = False
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                answers.write(SIZE.pack(*picture.size))
                answers.flush()
                told = True
                picture.draft("RGB", (width, height))
                # Colours by number cannot be mixed, as making it smaller does.
                pixels = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGBA")
                pixels.thumbnail((width, height), reducing_gap=2.0)
                pixels = pixels.convert("RGBA")
            answers.write(SIZE.pack(*pixels.size) + pixels.tobytes())
        except Exception:  # Whatever is wrong with it, it is no picture.
            answers.write(_NONE if told else _NONE + _NONE)
        answers.flush()


if __name__ == "__main__":
    main()
