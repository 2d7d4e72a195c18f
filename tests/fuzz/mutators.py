"""Ways to break bytes, texts and JSON values, all drawn from one random number generator."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from random import Random
from typing import Any, Final

MAX_SIZE: Final = 1 << 18
"""Bytes of a case at most, so that many can be tried."""
_NUMBERS: Final = (
    0, 1, -1, 7, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**53, 2**63 - 1, 2**63,
    2**64 - 1, 10**20,
)  # fmt: skip
_ODD_NUMBERS: Final = (*b"|-|+1|00|0x10|1e9|1_0| 1|\xd9\xa3|NaN".split(b"|"), b"9" * 5_000)
_ODD_BYTES: Final = (
    b"\0", b"\xff", b"\n", b"\r\n", b"\r\n\r\n", b"\x1b]0;x\x07", b"\x1b[31m", b"\xe2\x80\xae", b"\xed\xa0\x80", b"\xef\xbb\xbf",
    b"\xff\xfe", b"\xfe\xff", b"\x80", b"%", b"%00", b"[", b"]", b'"', b"'", b"<", b">", b"&", b"&#0;", b"&#x110000;", b"\\",
    b"\\ud800", b"\xf4\x90\x80\x80", b"\xf3\xa0\x80\x81", b"://[", b"..",
)  # fmt: skip
_NESTS: Final = (
    (b"[", b"]"), (b"{", b"}"), (b"(", b")"), (b'{"a":', b"}"), (b"[[", b"]]"), (b"<div>", b"</div>"), (b"<b><i>", b"</i>"),
    (b"<table><tr><td>", b""), (b"<!--", b"-->"), (b"<a <a ", b""), (b"-(", b")"), (b"gzip, ", b""), (b"\x1f\x8b\x08\0", b""),
    (b"\x28\xb5\x2f\xfd", b""), (b"PK\x03\x04", b""),
)  # fmt: skip
_HEAD: Final = 1 << 12


class Mutator:
    """Breaks things; the same seed breaks the same things in the same way."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self.choice = self.random.choice

    def chance(self, probability: float) -> bool:
        """True as often as `probability` says."""
        return self.random.random() < probability

    def broken(self, data: bytes, others: Sequence[bytes] = (), words: Sequence[bytes] = ()) -> bytes:
        """`data` with one to a few changes: parts of `others`, which are sound, and `words`, which mean something."""
        ways: list[Callable[[bytes], bytes]] = [
            self._flip,
            self._number,
            self._replace,
            self._move,
            self._nest,
        ]
        ways += [lambda whole: self._insert(whole, self.choice((*_ODD_BYTES, self.random.randbytes(9))))] * 2
        if others:
            ways.append(lambda whole: self._insert(whole, self._part(self.choice(others))))
        if words:
            ways += [lambda whole: self._word(whole, self.choice(words))] * 3
        for _ in range(self._few()):
            data = self.choice(ways)(data)[:MAX_SIZE]
        return data

    def text(self, text: str) -> str:
        """A text with a few changes; it may have halves of surrogate pairs."""
        data = self.broken(text.encode("utf-8", "surrogatepass"), words=_ODD_BYTES)
        return data.decode("utf-8", "surrogateescape" if self.chance(0.1) else "replace")

    def json(self, value: Any) -> bytes:
        """A changed JSON value as bytes, which themselves may be broken."""
        try:
            text = json.dumps(self._value(value), ensure_ascii=self.chance(0.5))
        except RecursionError:
            text = "[" * 100_000
        data = text.encode("utf-8", "surrogatepass")
        return self.broken(data) if self.chance(0.2) else data

    def _value(self, value: Any) -> Any:
        """A JSON value with some of what is in it changed."""
        if self.chance(0.15) or not isinstance(value, dict | list | str):
            return self._odd_value(value)
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, list):
            return [self._value(item) if self.chance(0.4) else item for item in value]
        return {
            (self.text(name) if self.chance(0.03) else name): self._value(item) if self.chance(0.4) else item
            for name, item in value.items()
            if not self.chance(0.03)
        }

    def _odd_value(self, value: Any) -> Any:
        nested: Any = value
        for _ in range(self.choice((1, 3, 30, 300))):
            nested = [nested] if self.chance(0.5) else {"a": nested}
        numbers = (
            *_NUMBERS,
            0.5,
            -0.0,
            1e308,
            float("inf"),
            float("nan"),
            10 ** self.random.randint(1, 4_000),
        )
        return self.choice(
            (None, True, "", [], {}, "\ud800", "\x1b[31m", "x" * 5_000, [value, value], {"a": value}, nested,
             self.choice(numbers), str(self.choice(numbers)), "http://[x/", "2022-13-45")
        )  # fmt: skip

    def _few(self) -> int:
        return self.choice((1, 1, 1, 2, 2, 3, 5, 8))

    def _many(self) -> int:
        return self.choice((1, 2, 3, 10, 100, 1_000))

    def _place(self, data: bytes) -> tuple[int, int]:
        """Where a part of `data` begins and ends: mostly a short one."""
        begin = self.random.randint(0, len(data))
        return begin, min(len(data), begin + int(len(data) ** self.random.random()))

    def _part(self, data: bytes) -> bytes:
        begin, end = self._place(data)
        return data[begin:end]

    def _flip(self, data: bytes) -> bytes:
        made = bytearray(data)
        for _ in range(self._few() if data else 0):
            made[self.random.randrange(len(made))] ^= 1 << self.random.randrange(8)
        return bytes(made)

    def _number(self, data: bytes) -> bytes:
        """Another number in place of one in digits, or of some bytes."""
        found = list(re.finditer(rb"\d{1,12}", data))
        if found and self.chance(0.5):
            place, number = self.choice(found), str(self.choice(_NUMBERS)).encode()
            return (
                data[: place.start()]
                + self.choice((number, number, self.choice(_ODD_NUMBERS)))
                + data[place.end() :]
            )
        size, at = self.choice((1, 2, 4, 8)), self._place(data)[0]
        number = (self.choice(_NUMBERS) % (1 << 8 * size)).to_bytes(size, self.choice(("little", "big")))
        return data[:at] + number + data[at + size :]

    def _insert(self, data: bytes, part: bytes) -> bytes:
        begin, end = self._place(data)
        times = self._many() if self.chance(0.1) else 1
        return data[:begin] + part * times + data[begin if self.chance(0.6) else end :]

    def _word(self, data: bytes, word: bytes) -> bytes:
        """With a word among the others: a whole line of a header mostly where a line begins."""
        head = data[:_HEAD].partition(b"\r\n\r\n")[0] if self.chance(0.5) else data[:_HEAD]
        begins = [found.end() for found in re.finditer(rb"\n", head)]
        if not begins or self.chance(0.2 if word.endswith(b"\n") else 0.8):
            return self._insert(data, word)
        at = self.choice(begins)
        return data[:at] + word + data[at:]

    def _replace(self, data: bytes) -> bytes:
        """Remove or repeat a part, or cut off one end."""
        begin, end = self._place(data)
        times = min(self._many(), 1 + MAX_SIZE // (end - begin + 1))
        repeated = data[:end] + data[begin:end] * times + data[end:]
        return self.choice((data[:begin] + data[end:], repeated, data[:end], data[begin:]))

    def _move(self, data: bytes) -> bytes:
        begin, end = self._place(data)
        part, rest = data[begin:end], data[:begin] + data[end:]
        at = self.random.randint(0, len(rest))
        return rest[:at] + part + rest[at:]

    def _nest(self, data: bytes) -> bytes:
        opening, closing = self.choice(_NESTS)
        times = self.choice((2, 50, 1_000, 20_000))
        begin, end = self._place(data)
        return data[:begin] + opening * times + data[begin:end] + closing * times + data[end:]
