"""Ways to break bytes, texts and JSON values, all drawn from one random number generator."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Sequence
from typing import Any, Final

MAX_SIZE: Final = 1 << 18
"""Bytes of a case at most, so that many can be tried."""

_NUMBERS: Final = (0, 1, -1, 7, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**32,
                   2**53, 2**63 - 1, 2**63, 2**64 - 1, 10**20)  # fmt: skip
_ODD_NUMBERS: Final = (
    b"",
    b"-",
    b"+1",
    b"00",
    b"0x10",
    b"1e9",
    b"1_0",
    b" 1",
    b"\xd9\xa3",
    b"NaN",
    b"9" * 5_000,
)
_ODD_BYTES: Final = (b"\0", b"\xff", b"\n", b"\r\n", b"\r\n\r\n", b"\x1b]0;x\x07", b"\x1b[31m", b"\xe2\x80\xae",
                     b"\xed\xa0\x80", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x80", b"%", b"%00", b"[", b"]",
                     b'"', b"'", b"<", b">", b"&", b"&#0;", b"&#x110000;", b"\\", b"\\ud800", b"\xf4\x90\x80\x80",
                     b"\xf3\xa0\x80\x81", b"://[", b"..")  # fmt: skip
_NESTS: Final = ((b"[", b"]"), (b"{", b"}"), (b"(", b")"), (b'{"a":', b"}"), (b"[[", b"]]"), (b"<div>", b"</div>"),
                 (b"<b><i>", b"</i>"), (b"<table><tr><td>", b""), (b"<!--", b"-->"), (b"<a <a ", b""), (b"-(", b")"),
                 (b"gzip, ", b""),
                 (b"\x1f\x8b\x08\0", b""), (b"\x28\xb5\x2f\xfd", b""), (b"PK\x03\x04", b""))  # fmt: skip
_HEAD: Final = 1 << 12
_LINE_END: Final = re.compile(rb"\n")
_DIGITS: Final = re.compile(rb"\d{1,12}")


class Mutator:
    """Breaks things; the same seed breaks the same things in the same way."""

    def __init__(self, seed: str) -> None:
        self.random = random.Random(seed)

    def broken(self, data: bytes, others: Sequence[bytes] = (), words: Sequence[bytes] = ()) -> bytes:
        """`data` with one to a few changes: parts of `others`, which are sound, and `words`, which mean something."""
        ways: list[Callable[[bytes], bytes]] = [
            self._flip, self._number, self._digits, self._odd_bytes, self._remove, self._repeat, self._swap, self._cut,
            self._nest,
        ]  # fmt: skip
        if others:
            ways.append(lambda whole: self._splice(whole, self.random.choice(others)))
        if words:
            ways += [lambda whole: self._word(whole, self.random.choice(words))] * 3
        for _ in range(self._few()):
            data = self.random.choice(ways)(data)[:MAX_SIZE]
        return data

    def tokens(self, tokens: Sequence[str], words: Sequence[str]) -> list[str]:
        """Some of the tokens replaced, moved, removed, repeated or broken, and some of `words` among them."""
        made = list(tokens)
        for _ in range(self._few()):
            at = self.random.randint(0, len(made))
            match self.random.randrange(7):
                case 0:
                    made.insert(at, self.random.choice(words))
                case 1:
                    made[at : at + 1] = [self.random.choice(words)]
                case 2:
                    del made[at : at + self._few()]
                case 3:
                    made[at:at] = made[at : at + self._few()] * self._many()
                case 4:
                    made[at:at] = [self.random.choice(words)] * self._many()
                case 5:
                    made[at : at + 1] = [self.text("".join(made[at : at + 1]))]
                case _:
                    self.random.shuffle(made)
            made = made[:5_000]
        return made

    def text(self, text: str) -> str:
        """A text with a few changes; it may have halves of surrogate pairs."""
        data = self.broken(text.encode("utf-8", "surrogatepass"), words=_ODD_BYTES)
        return data.decode("utf-8", "surrogateescape" if self.random.random() < 0.1 else "replace")

    def value(self, value: Any) -> Any:
        """A JSON value with some of what is in it changed."""
        if self.random.random() < 0.15:
            return self._odd_value(value)
        if isinstance(value, dict):
            return {
                (self.text(name) if self.random.random() < 0.03 else name): (
                    self.value(one) if self.random.random() < 0.4 else one
                )
                for name, one in value.items()
                if self.random.random() > 0.03
            }
        if isinstance(value, list):
            return [self.value(one) if self.random.random() < 0.4 else one for one in value]
        if isinstance(value, str):
            return self.text(value)
        return self._odd_value(value)

    def json(self, value: Any) -> bytes:
        """A changed JSON value as bytes, which themselves may be broken."""
        try:
            text = json.dumps(self.value(value), ensure_ascii=self.random.random() < 0.5)
        except RecursionError:
            text = "[" * 100_000
        data = text.encode("utf-8", "surrogatepass")
        return self.broken(data) if self.random.random() < 0.2 else data

    def chance(self, probability: float) -> bool:
        """True as often as `probability` says."""
        return self.random.random() < probability

    def _odd_value(self, value: Any) -> Any:
        nested: Any = value
        for _ in range(self.random.choice((1, 3, 30, 300))):
            nested = [nested] if self.random.random() < 0.5 else {"a": nested}
        numbers = [
            *_NUMBERS,
            0.5,
            -0.0,
            1e308,
            float("inf"),
            float("nan"),
            10 ** self.random.randint(1, 4_000),
        ]
        odd: tuple[Any, ...] = (None, True, "", [], {}, "\ud800", "\x1b[31m", "x" * 5_000, [value, value], {"a": value},
               nested, self.random.choice(numbers), str(self.random.choice(numbers)), "http://[x/",
               "2022-13-45")  # fmt: skip
        return self.random.choice(odd)

    def _few(self) -> int:
        return self.random.choice((1, 1, 1, 2, 2, 3, 5, 8))

    def _many(self) -> int:
        return self.random.choice((1, 2, 3, 10, 100, 1_000))

    def _place(self, data: bytes) -> tuple[int, int]:
        """Where a part of `data` begins and ends: mostly a short one."""
        begin = self.random.randint(0, len(data))
        length = int(len(data) ** self.random.random())
        return begin, min(len(data), begin + length)

    def _flip(self, data: bytes) -> bytes:
        made = bytearray(data)
        for _ in range(self._few() if data else 0):
            made[self.random.randrange(len(made))] ^= 1 << self.random.randrange(8)
        return bytes(made)

    def _number(self, data: bytes) -> bytes:
        """A number of some bytes in place of as many others."""
        size = self.random.choice((1, 2, 4, 8))
        number = self.random.choice(_NUMBERS) % (1 << 8 * size)
        at, _ = self._place(data)
        written = number.to_bytes(size, self.random.choice(("little", "big")))
        return data[:at] + written + data[at + size :]

    def _digits(self, data: bytes) -> bytes:
        """Another number in place of one in digits."""
        found = list(_DIGITS.finditer(data[:MAX_SIZE]))
        if not found:
            return data
        place = self.random.choice(found)
        number = str(self.random.choice(_NUMBERS)).encode()
        if self.random.random() < 0.3:
            number = self.random.choice(_ODD_NUMBERS)
        return data[: place.start()] + number + data[place.end() :]

    def _odd_bytes(self, data: bytes) -> bytes:
        odd = self.random.choice((*_ODD_BYTES, self.random.randbytes(self.random.randint(1, 40))))
        return self._insert(data, odd)

    def _insert(self, data: bytes, part: bytes) -> bytes:
        begin, end = self._place(data)
        if self.random.random() < 0.6:
            end = begin
        times = self._many() if self.random.random() < 0.1 else 1
        return data[:begin] + part * times + data[end:]

    def _word(self, data: bytes, word: bytes) -> bytes:
        """With a word among the others: a whole line of a header mostly where a line begins."""
        head = data[:_HEAD].partition(b"\r\n\r\n")[0] if self.random.random() < 0.5 else data[:_HEAD]
        begins = [found.end() for found in _LINE_END.finditer(head)]
        if not begins or self.random.random() < (0.2 if word.endswith(b"\n") else 0.8):
            return self._insert(data, word)
        at = self.random.choice(begins)
        return data[:at] + word + data[at:]

    def _remove(self, data: bytes) -> bytes:
        begin, end = self._place(data)
        return data[:begin] + data[end:]

    def _repeat(self, data: bytes) -> bytes:
        begin, end = self._place(data)
        times = min(self._many(), 1 + MAX_SIZE // (end - begin + 1))
        return data[:end] + data[begin:end] * times + data[end:]

    def _swap(self, data: bytes) -> bytes:
        begin, end = self._place(data)
        part, rest = data[begin:end], data[:begin] + data[end:]
        at = self.random.randint(0, len(rest))
        return rest[:at] + part + rest[at:]

    def _cut(self, data: bytes) -> bytes:
        begin, end = self._place(data)
        return data[:end] if self.random.random() < 0.7 else data[begin:]

    def _nest(self, data: bytes) -> bytes:
        opening, closing = self.random.choice(_NESTS)
        times = self.random.choice((2, 50, 1_000, 20_000))
        begin, end = self._place(data)
        return data[:begin] + opening * times + data[begin:end] + closing * times + data[end:]

    def _splice(self, data: bytes, other: bytes) -> bytes:
        begin, end = self._place(other)
        at, until = self._place(data)
        return data[:at] + other[begin:end] + data[until if self.random.random() < 0.5 else at :]
