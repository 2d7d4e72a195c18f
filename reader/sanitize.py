"""Makes untrusted text and file names safe to print. Everything from a capture passes through here.

Terminals obey control characters anywhere in a text, and invisible characters can disguise it. So text is sanitized
when a capture is read, and again before it is drawn. Counts in words are here too. Pure: nothing here reads or writes.
"""

from __future__ import annotations

import re
from unicodedata import category, combining

MAX_MARKS = 8
"""The most combining marks that one base character keeps."""
MAX_FILENAME = 200
"""The longest file name, in bytes of UTF-8: file systems allow 255, writing needs room for a suffix."""

_PRINTABLE = bytes([*range(0x20, 0x7F), *b"\n"])
# The characters of most captures. The next pattern takes 2 ms to compile, which would delay the first screen.
_is_common = re.compile("[ -~\xa1-\xac\xae-\xff\u2010-\u2027]*+").fullmatch

# `re` compiles the others on first use: the first screen seldom needs them.
# Blocks without anything to change: the most common scripts, and typographic signs.
_ORDINARY = (
    "[ -~\xa1-\xac\xae-\u02ff\u0370-\u0482\u048a-\u0590\u2010-\u2027\u2030-\u205e\u20a0-\u20cf\u2100-\u27ff"
    "\u2e80-\u2fff\u3001-\u3029\u3030-\u3098\u309b-\u3163\u3165-\ua66e\uac00-\ud7a3\uf900-\ufaff"
    "\uff01-\uff9f\U0001f000-\U0001faff]*+"
)
_LINE_ENDS = "\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]"
_SPACES = "[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u2800\u3000]"
_DROPPED = (
    "[\xad\u061c\u115f\u1160\u17b4\u17b5\u200b\u200e\u200f\u202a-\u202e"
    "\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb]"
)
_UNUSABLE = "[\x80-\x9f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff]"
# Separate, since `re` searches classes beyond U+FFFF range by range.
_ASTRAL = "[\U00010000-\U0010ffff]"
_ASTRAL_DROPPED = "[\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e00ff\U000e01f0-\U000e0fff]"
_NONCHARACTERS = "".join(
    f"{chr(plane + 0xFFFE)}{chr(plane + 0xFFFF)}" for plane in range(0x10000, 0xF0000, 0x10000)
)
_ASTRAL_UNUSABLE = f"[{_NONCHARACTERS}\U000f0000-\U0010ffff]"
_PICTURES = {**{n: 0x2400 + n for n in range(0x20)}, 0x7F: 0x2421}

JOINERS = "\u200c\u200d\u180e"
# Python's \w has no marks, joiners or variation selectors, so these runs contain everything that needs checking.
_RUNS = r"([^\w\x00-\x7f]+)"

_LIKE_ESCAPE = r"\\[\\nrtuUx]"
_NOT_IN_FILENAMES = '[/\\\\:*?"<>|\x00-\x08\x0e-\x1f\x7f]'
_DEVICE_NAMES = r"(?:con|prn|aux|nul|(?:com|lpt)[\d\xb9\xb2\xb3]) ?(?:\..*)?"


def sanitize(text: str, *, multiline: bool = False) -> str:
    r"""Remove from `text` everything that a terminal would obey or that is invisible. Idempotent.

    - Line ends (\r\n, \n, \r, VT, FF, NEL, U+2028, U+2029) become one \n each; one space without `multiline`.
    - Tabs and every other blank (no-break, ideographic, thin, blank braille, …) become one plain space
      each; runs of spaces stay, and so do those at the ends.
    - Other C0 controls and DEL are shown as control pictures (␛); C1 controls, surrogates, noncharacters
      and private use become U+FFFD.
    - Bidi controls, zero-width space, BOM, tag characters, fillers, soft hyphens and other invisible
      characters are dropped. Joiners stay inside words and emoji, a variation selector stays after a
      character that can have one, and a base keeps `MAX_MARKS` combining marks.

    VT, FF and the other rare line ends split lines here but not in a capture's numbering: to keep its
    numbers, split first and sanitize line by line.
    """
    if _is_ordinary(text):
        return text
    if multiline:
        return "\n".join([sanitize(line) for line in re.sub(_LINE_ENDS, "\n", text).split("\n")])
    return _sanitize_line(text)


def is_sanitized(text: str) -> bool:
    r"""Quick check: does `sanitize` certainly leave every line of `text` unchanged? Often False although it does."""
    try:
        rest = text.encode().translate(None, _PRINTABLE)
    except UnicodeEncodeError:
        return False
    return _is_ordinary(rest.decode())


def escape_json(line: str) -> str:
    r"""Write every character of a JSON value that `sanitize` would change as \uXXXX: the same value."""
    if sanitize(line) == line:
        return line
    import json

    # Only strings have such characters in them.
    return re.sub(r"[^ -~]", lambda match: json.dumps(match[0])[1:-1], line)


def _is_ordinary(text: str) -> bool:
    return (_is_common(text) or re.fullmatch(_ORDINARY, text)) is not None


def _sanitize_line(text: str) -> str:
    text = text.replace("\xa0", " ").replace("\t", " ")
    if _is_ordinary(text):  # Most lines that come here needed no more.
        return text
    text = re.sub(_SPACES, " ", re.sub(_LINE_ENDS, " ", text)).translate(_PICTURES)
    text = re.sub(_DROPPED, "", re.sub(_UNUSABLE, "\ufffd", text))
    if re.search(_ASTRAL, text):
        text = re.sub(_ASTRAL_UNUSABLE, "\ufffd", re.sub(_ASTRAL_DROPPED, "", text))
    pieces = re.split(_RUNS, text)
    for i in range(1, len(pieces), 2):
        pieces[i] = _checked_run(pieces[i], pieces[i - 1][-1:], pieces[i + 1][:1])
    return "".join(pieces)


def _checked_run(run: str, before: str, after: str) -> str:
    """Return the joiners, variation selectors and marks of `run` that may stay, given the characters around it."""
    kept: list[str] = []
    last, waiting, marks = before, "", 0
    for char in run:
        if char in JOINERS:
            if _joins(last):
                waiting = waiting or char
            continue
        if category(char)[0] == "M":
            misplaced = _is_selector(char) and (waiting or not _takes_selector(last, char))
            if marks == MAX_MARKS or misplaced:
                continue
            marks += 1
        else:
            marks = 0
        if waiting and (_joins(char) or _is_virama(last)):
            kept.append(waiting)
        kept.append(char)
        last, waiting = char, ""
    if waiting and (_joins(after) or _is_virama(last)):
        kept.append(waiting)
    return "".join(kept)


def _joins(char: str) -> bool:
    """Return whether a joiner may be next to `char` (empty at a line's end): a letter, digit, mark or emoji."""
    if char.isascii():
        return char.isalnum()
    kind = category(char)
    return kind[0] in "LMN" or kind in ("So", "Sk", "Sm") or "\U0001f000" <= char <= "\U0001ffff"


def _is_virama(char: str) -> bool:
    """Return whether `char` removes a consonant's vowel, so that a joiner after it has meaning even at a word's end."""
    return char != "" and combining(char) == 9


def _is_selector(char: str) -> bool:
    return "\ufe00" <= char <= "\ufe0f" or "\U000e0100" <= char <= "\U000e01ef"


def _takes_selector(base: str, selector: str) -> bool:
    """Return whether `base` can take the variation `selector`: signs and emoji the first 16, ideographs all."""
    if base.isascii():
        return base != "" and base in "0123456789#*" and selector <= "\ufe0f"
    kind = category(base)
    return kind == "Lo" if selector > "\ufe0f" else kind[0] not in "MZ"


def clean_filename(name: str) -> str:
    """Convert `name` to a file name for any system, never empty, hidden, an option, a device or a path.

    At most `MAX_FILENAME` bytes of UTF-8; a suffix of up to 10 characters survives the cut. Idempotent.
    """
    name = " ".join(sanitize(re.sub(_NOT_IN_FILENAMES, "-", name)).split())
    name = name.lstrip(" .-~").rstrip(" .") or "untitled"
    if re.fullmatch(_DEVICE_NAMES, name, re.IGNORECASE):
        name = f"_{name}"
    if len(name.encode()) <= MAX_FILENAME:
        return name
    stem, dot, suffix = name.rpartition(".")
    if not stem or not suffix.isalnum() or len(suffix) > 10:
        stem, dot, suffix = name, "", ""
    room = MAX_FILENAME - len((dot + suffix).encode())
    return sanitize(stem.encode()[:room].decode("utf-8", "ignore")).rstrip(" .") + dot + suffix


def label_of(path: str) -> str:
    r"""Make a path safe to show. Different paths have different labels.

    Characters that `sanitize` would change are written as a shell reads them in $'…': \n, \x1b, \u202e, or \xff for a
    byte that is not UTF-8.
    """
    names = (
        _with_escapes(name, "\\") if sanitize(name) != name or re.search(_LIKE_ESCAPE, name) else name
        for name in path.split("/")
    )
    return "/".join(names) or "''"


def sanitize_message(sentence: str) -> str:
    """Make a sentence safe to print. Unlike `sanitize`, it writes odd characters of file names as `label_of` does."""
    return sentence if sanitize(sentence) == sentence else _with_escapes(sentence)


def shell_word(word: str) -> str:
    """Quote a word for a shell, and make it safe to print."""
    import shlex  # only for advice

    if sanitize(word) == word:
        return shlex.quote(word)
    return "$'" + _with_escapes(word, "\\").replace("'", "\\'") + "'"


def _with_escapes(text: str, also: str = "") -> str:
    return "".join(
        _escaped(char) if char in also or sanitize(char) != char or category(char)[0] == "M" else char
        for char in text
    )


def _escaped(char: str) -> str:
    code = ord(char)
    if code <= 0x7F:
        return char.encode("unicode_escape").decode()
    if 0xDC80 <= code <= 0xDCFF:  # Python's form of a byte that is not UTF-8
        return f"\\x{code - 0xDC00:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def many(number: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: "1 record", "3,000 records". `plural` is for nouns that do not just add an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"
