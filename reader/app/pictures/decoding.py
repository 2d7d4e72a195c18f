"""Run as a program of its own: decodes pictures, so that one which is made to crash or to hang harms nothing else.

It imports Pillow and nothing of this package. It reads from standard input, for each picture: the most pixels wide
and high that are wanted, how many bytes follow, and the file's bytes. It answers with the picture's own width and
height, then with the width and height of the pixels that follow, RGBA of 8 bits each. Zeros say that it is no picture.
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
ANSWER: Final = Struct(">IIII")
MAX_PIXELS: Final = 40_000_000
"""Width times height of the largest picture that is decoded."""
_MEMORY: Final = 1 << 30
"""Bytes of memory that decoding may take."""
_FORMATS: Final = ("PNG", "JPEG", "GIF", "WEBP")


def main() -> None:
    """Answer until the input ends."""
    from PIL import Image  # The extra `images`; the other end of the pipe imports this file without it.

    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    warnings.simplefilter("error", Image.DecompressionBombWarning)
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    questions, answers = sys.stdin.buffer, sys.stdout.buffer
    while len(head := questions.read(QUESTION.size)) == QUESTION.size:
        width, height, length = QUESTION.unpack(head)
        data = questions.read(length)
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as picture:
                original = picture.size
                picture.draft("RGB", (width, height))
                # Colours by number cannot be mixed, as making it smaller does.
                pixels = picture if picture.mode in ("RGB", "RGBA") else picture.convert("RGBA")
                pixels.thumbnail((width, height), reducing_gap=2.0)
                pixels = pixels.convert("RGBA")
            answer = ANSWER.pack(*original, *pixels.size) + pixels.tobytes()
        except Exception:  # Whatever is wrong with it, it is no picture.
            answer = ANSWER.pack(0, 0, 0, 0)
        answers.write(answer)
        answers.flush()


if __name__ == "__main__":
    main()
