"""Makes untrusted text, addresses, file names and dates safe to print. Everything from a capture passes through here.

Terminals obey control characters anywhere in a text, and invisible characters can disguise it. So text is sanitized
when a capture is read, and again before it is drawn. Counts in words are here too. Pure: nothing here reads or writes.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from unicodedata import category, combining
from urllib.parse import quote, urlsplit, urlunsplit

MAX_MARKS = 8
"""The most combining marks that one base character keeps."""
MAX_URL = 8192
"""The longest address, in characters of its ASCII form."""
MAX_FILENAME = 200
"""The longest file name, in bytes of UTF-8: file systems allow 255, writing needs room for a suffix."""

_PRINTABLE = bytes([*range(0x20, 0x7F), *b"\n"])
# The characters of most captures. The next pattern takes a millisecond to compile, which would delay the first screen.
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

_JOINERS = "\u200c\u200d\u180e"
# Python's \w has no marks, joiners or variation selectors, so these runs contain everything that needs checking.
_RUNS = r"([^\w\x00-\x7f]+)"

_HOST = r"(?=.{1,253}\.?\Z)[a-z0-9_](?:[a-z0-9_-]{0,62})(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?|\[[0-9a-f:.]+\]"
_PORTS = {"http": 80, "https": 443}
_FIRST_YEAR, _LAST_YEAR = 1990, 2100
"""The years of the web. A number that gives another year is not a timestamp."""
_LONGEST_DATE = 64
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
    return re.sub(r"[^ -~]", lambda found: json.dumps(found[0])[1:-1], line)


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
        if char in _JOINERS:
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


@lru_cache(maxsize=512)
def clean_url(url: str) -> str | None:
    """Convert `url` to a form that is safe to show, link and open in a browser; None if that is impossible.

    The result is ASCII, at most `MAX_URL` characters, http or https, with a host and without user
    information: international hosts in their xn-- form, other characters percent-encoded. An address
    with a backslash or with anything that `sanitize` would change is refused, not repaired.
    """
    url = url.strip(" \t\r\n")
    if len(url) > MAX_URL or "\\" in url or sanitize(url) != url:
        return None
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return None
    host = _ascii_host(parts.hostname or "")
    if parts.scheme not in _PORTS or "@" in parts.netloc or host is None:
        return None
    netloc = host if port in (None, _PORTS[parts.scheme]) else f"{host}:{port}"
    path, query, fragment = (
        quote(part, safe="/:@!$&'()*+,;=-._~%?#[]") for part in (parts.path, parts.query, parts.fragment)
    )
    result = urlunsplit((parts.scheme, netloc, path, query, fragment))
    return result if len(result) <= MAX_URL else None


def _ascii_host(host: str) -> str | None:
    """Convert `host` to lower-case ASCII; None if it is not a host name or address."""
    if ":" in host:
        host = f"[{host}]"
    if not host.isascii():
        # The 2003 encoding turns these into other names than browsers do.
        if any(char in host for char in "\xdf\u03c2" + _JOINERS):
            return None
        try:
            host = host.encode("idna").decode("ascii").lower()
        except UnicodeError:
            return None
    return host if re.fullmatch(_HOST, host) else None


def is_url(path: str) -> bool:
    """Return whether a path is a URL. A local file with such a name is written as ./s3://name."""
    return re.match(r"[A-Za-z][A-Za-z0-9+.:-]*://", path) is not None


def host_of(url: str) -> str:
    """Return the host of `url` as `clean_url` writes it, with a port other than the default; "" if there is none."""
    return urlsplit(clean_url(url) or "").netloc


def host_first(url: str) -> str:
    """An address without its scheme, so that the host comes first."""
    return url.partition("://")[2]


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


def many(number: int, noun: str, plural: str = "") -> str:
    """Write a count with its noun: "1 record", "3,000 records". `plural` is for nouns that do not just add an s."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def parse_http_date(text: str | None) -> datetime | None:
    """Parse a date of HTTP or mail ("Fri, 12 Aug 2022 10:30:00 GMT", in UTC if it has no zone); None if invalid."""
    # Its import takes 13 ms, and most captures do without.
    from email.utils import parsedate_to_datetime

    try:
        moment = parsedate_to_datetime(text or "")
        return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None


def time_of(value: object) -> str | None:
    """Convert `value` to YYYY-MM-DDTHH:MM:SSZ, or to YYYY-MM-DD if it has no time of day; None if it is not a date.

    Accepts ISO 8601, "20220812 103000", 14 or 8 digits, an HTTP date, seconds or milliseconds since 1970 as text
    or number, and Python dates. Without a time zone, it is UTC.
    """
    try:
        if isinstance(value, datetime):
            return _written(value)
        if isinstance(value, date):
            return value.isoformat() if _FIRST_YEAR <= value.year <= _LAST_YEAR else None
        if isinstance(value, float):
            return _since_1970(value)
        if isinstance(value, int | str) and not isinstance(value, bool):
            text = str(value).strip()
            return _of_text(text) if len(text) <= _LONGEST_DATE and text.isascii() else None
    except (ValueError, OverflowError, TypeError):
        pass
    return None


def _of_text(text: str) -> str | None:
    """Convert a date in the forms of ISO 8601, an HTTP date or a number of seconds. ValueError if it is not a date."""
    if text.isdigit() and len(text) in (len("YYYYMMDDhhmm"), len("YYYYMMDDhhmmss")):
        iso = f"{text[:8]}T{text[8:]}"
    elif re.fullmatch(r"\d{9,13}(?:\.\d{1,9})?", text, re.ASCII):
        return _since_1970(float(text))
    else:
        iso = re.sub(r"\s?(?:UTC|GMT|Z)$", "+00:00", text, flags=re.IGNORECASE)
    try:
        if len(text) <= len("YYYY-MM-DD"):
            return time_of(date.fromisoformat(text))
        return _written(datetime.fromisoformat(iso))
    except ValueError:
        moment = parse_http_date(text) if "," in text or text.endswith("GMT") else None
        return None if moment is None else _written(moment)


def _since_1970(number: float) -> str | None:
    seconds = number if number < 5e9 else number / 1000
    # No year this far from 1970 is accepted, and Python fails for some.
    return _written(datetime.fromtimestamp(seconds, UTC)) if abs(seconds) < 5e9 else None


def _written(moment: datetime) -> str | None:
    moment = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    return f"{moment:%Y-%m-%dT%H:%M:%SZ}" if _FIRST_YEAR <= moment.year <= _LAST_YEAR else None
