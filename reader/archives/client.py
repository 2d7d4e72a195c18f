"""Sends requests to a web archive: paced, retried, and slower after refusals.

urllib3 handles the exchanges and their timeouts. Its `Retry` cannot be used: it neither paces requests nor reports
waits, and it does not cover the body of an answer, whose size and time are limited here.
"""

from __future__ import annotations

import ssl
import sys
import time
from collections.abc import Callable
from contextlib import closing
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    HTTPError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from reader import __version__
from reader.addresses import clean_url, host_of
from reader.archives.addresses import Server
from reader.dates import parse_http_date
from reader.errors import FetchError
from reader.permissions import Permission, require
from reader.sanitize import sanitize

MOST = 32 << 20
"""The most bytes of one answer."""
TRIES, GONE_TRIES = 3, 5
"""How often to request an address if the server fails, and if it is no longer reached: for 150 seconds."""
MOST_REFUSALS = 8
"""Give up after this many consecutive refusals: over three hours."""
MOST_REDIRECTS = 5
_RETRY_SECONDS = 10
"""Seconds before an address is requested again, doubled each time."""
INTERVAL = 3.2
"""Seconds from the start of one request to that of the next: at most 19 in any minute. None on this machine."""
FIRST_PAUSE, LONGEST_PAUSE = 60, 3600
"""Seconds to wait after a first refusal without Retry-After, doubled each time; give up if a server asks for more."""
SILENCE_SECONDS, ANSWER_SECONDS = 60.0, 600.0
"""The longest time without a byte, and from the request to the last byte."""
_CHUNK = 1 << 16
OnWait = Callable[[float, str], object]
"""Receives the seconds of a wait, and why."""


class Answer(NamedTuple):
    """An answer of the server."""

    url: str
    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes
    """The body as received: a Content-Encoding is not decoded."""


class AnswerError(Exception):
    """One address has no usable answer; others may have. The text is a phrase that says why."""

    def __init__(self, kind: str, reason: str) -> None:
        """`kind` and `reason` are those of a Problem."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Client:
    """The client of one server, for one thread."""

    def __init__(self, server: Server, notify: OnWait = lambda *_: None) -> None:
        """`notify` is called before each longer wait. FetchError if the environment names an unusable proxy."""
        self.server = server
        address = urlsplit(server.replay)
        is_local = address.hostname in ("127.0.0.1", "localhost", "::1")
        self.interval = 0.0 if is_local else INTERVAL
        """Seconds between requests; none for a server on this machine."""
        self._notify = notify
        proxy = None if is_local or proxy_bypass(address.hostname or "") else getproxies().get(address.scheme)
        self._manager = _proxy_manager(proxy, address.scheme) if proxy else urllib3.PoolManager()
        self._last = 0.0
        self._refusals = 0
        self._was_reached = False

    def get(self, url: str, most: int = MOST, span: tuple[int, int] | None = None) -> Answer:
        """Return the answer to `url`, after redirects, with any status below 500.

        `most` is the most bytes of it. With a `span`, only the bytes from the first to the last one are requested.
        AnswerError if this address has no answer, FetchError if the server cannot be used at all.
        """
        failures = overloads = 0
        while True:
            try:
                answer = self._follow(url, most, span)
            except AnswerError as error:
                if error.kind in ("too large", "redirect"):
                    raise
                failures += 1
                is_gone = error.kind == "unreachable"
                if is_gone and (failures == GONE_TRIES or not self._was_reached):
                    raise self._unreachable(error.reason) from error
                if not is_gone and failures >= TRIES:
                    reason = f"{error.reason} ({failures} times); try again later"
                    raise AnswerError(error.kind, reason) from error
                self._wait(_RETRY_SECONDS * 2 ** (failures - 1), f"{error.reason}; trying again")
                continue
            if answer.status not in (429, 503):
                self._refusals = 0
                return answer
            overloads += answer.status == 503
            if overloads == TRIES:
                raise AnswerError("refused", "the server is overloaded (503); try again later")
            self._back_off(answer)

    def get_capture(self, url: str, span: tuple[int, int] | None = None) -> Answer:
        """Return the answer to the address of a capture, or of its bytes in a file; AnswerError for another answer."""
        answer = self.get(url, span=span)
        if answer.status in (403, 404, 410, 416, 451):
            raise AnswerError("missing", f"the archive lists it, but does not serve it ({answer.status})")
        is_whole = span is None or len(answer.body) == span[1] - span[0] + 1
        if answer.status != (206 if span else 200) or not is_whole:
            raise AnswerError(
                "no capture", f"the archive answered with status {answer.status} instead of the capture"
            )
        return answer

    def _follow(self, url: str, most: int, span: tuple[int, int] | None) -> Answer:
        for _ in range(MOST_REDIRECTS + 1):
            # Do not wait long after the clock was set back.
            rest = min(self._last + self.interval - time.time(), self.interval)
            if rest > 0:
                time.sleep(rest)
            self._last = time.time()
            answer = self._exchange(url, most, span)
            self._was_reached = True
            if answer.status >= 500 and answer.status != 503:
                raise AnswerError("refused", f"the server failed ({answer.status})")
            target = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                return answer
            try:
                to = clean_url(urljoin(url, target)) or ""
            except ValueError:
                to = ""
            if not self._is_on_server(to):
                host = host_of(to) or "nowhere"
                raise AnswerError("redirect", f"the server redirects to another one, {host}")
            url = to
        raise AnswerError("redirect", "the server's redirects form a loop, or are too many")

    def _exchange(self, url: str, most: int, span: tuple[int, int] | None) -> Answer:
        """GET `url`. AnswerError without a complete answer in time, NotPermittedError if this process may not fetch."""
        require(Permission.FETCH)
        deadline = time.monotonic() + ANSWER_SECONDS
        agent = f"protocol-reader/{__version__} (terminal reader; Python {sys.version_info[0]}.{sys.version_info[1]})"
        headers = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        if span:
            headers["Range"] = f"bytes={span[0]}-{span[1]}"
        body = bytearray()
        try:
            response = self._manager.urlopen(
                "GET",
                url,
                headers=headers,
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=SILENCE_SECONDS,
            )
            with closing(response):
                while chunk := response.read1(_CHUNK, decode_content=False):
                    body += chunk
                    if len(body) > most:
                        raise AnswerError("too large", f"it is longer than {most >> 20} MB; it was skipped")
                    if time.monotonic() > deadline:  # A server could send a byte now and then for ever.
                        raise AnswerError("damaged", f"the answer took over {ANSWER_SECONDS:.0f} seconds")
        except AnswerError:
            raise
        except Exception as error:  # Malformed answers can raise anything.
            raise _explained(error) from error
        return Answer(url, response.status, response.headers, bytes(body))

    def _is_on_server(self, url: str) -> bool:
        server, other = urlsplit(self.server.replay), urlsplit(url)
        if (server.scheme, server.netloc) == (other.scheme, other.netloc):
            return True
        return (server.scheme, other.scheme, server.hostname) == ("http", "https", other.hostname)

    def _back_off(self, answer: Answer) -> None:
        """Wait as long as the server asks; else, or if it refuses again, a minute, two, four, up to an hour."""
        self._refusals += 1
        pause = min(FIRST_PAUSE * 2 ** (self._refusals - 1), LONGEST_PAUSE)
        asked = retry_after(answer.headers.get("Retry-After"), time.time())
        if asked is not None:
            pause = max(asked, pause) if self._refusals > 1 else asked
        if pause > LONGEST_PAUSE:
            why = f"asks us to wait {pause / 3600:.1f} hours; run the same command again after that"
            raise FetchError(f"{self.server.name}: the server {why}")
        if self._refusals == MOST_REFUSALS:
            why = f"refused {MOST_REFUSALS} times in a row ({answer.status}); run the same command again in a few hours"
            raise FetchError(f"{self.server.name}: the server {why}")
        self._wait(pause, f"the server asks for a pause ({answer.status})")

    def _wait(self, seconds: float, why: str) -> None:
        self._notify(seconds, why)
        time.sleep(seconds)

    def _unreachable(self, reason: str) -> FetchError:
        remedy = (
            "and run the same command again"
            if self._was_reached or not self.server.named_by
            else f"or choose another server with {self.server.named_by}"
        )
        return FetchError(
            f"{self.server.name}: the server cannot be reached: {reason}; check the network, {remedy}"
        )


def retry_after(value: str | None, now: float) -> float | None:
    """The seconds of a Retry-After header, at least 0; None if it is unusable."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    moment = parse_http_date(text)
    return None if moment is None else max(0.0, moment.timestamp() - now)


def _proxy_manager(proxy: str, scheme: str) -> urllib3.ProxyManager:
    try:
        address = urllib3.util.parse_url(proxy if "://" in proxy else f"http://{proxy}")
        headers = urllib3.make_headers(proxy_basic_auth=unquote(address.auth)) if address.auth else None
        return urllib3.ProxyManager(address._replace(auth=None).url, proxy_headers=headers)
    except HTTPError as error:
        raise FetchError(
            f"the proxy that {scheme}_proxy names cannot be used; write it as http://host:port, or unset it"
        ) from error


def _explained(error: Exception) -> AnswerError:
    """Explain an exception to a person; the kind is "unreachable" or "damaged"."""
    if isinstance(error, ProxyError):
        error = error.original_error
    # urllib3 wraps what the standard library raised.
    why = next((cause for cause in (*error.args, error.__cause__) if isinstance(cause, OSError)), None)
    if isinstance(error, NameResolutionError):
        return AnswerError("unreachable", "its name cannot be resolved")
    # NewConnectionError is a ConnectTimeoutError too.
    is_late = isinstance(error, ConnectTimeoutError) and not isinstance(error, NewConnectionError)
    if is_late or isinstance(error, ReadTimeoutError):
        kind = "unreachable" if is_late else "damaged"
        return AnswerError(kind, f"no answer within {SILENCE_SECONDS:.0f} seconds")
    if isinstance(why, ssl.SSLError):
        text = getattr(why, "verify_message", "") or getattr(why, "reason", "") or "no secure connection"
        return AnswerError(
            "unreachable", f"its certificate or encryption is not accepted: {sanitize(str(text))}"
        )
    if isinstance(why, ConnectionError) and not isinstance(why, ConnectionRefusedError):
        return AnswerError("damaged", "the connection was lost")
    if why is not None:
        return AnswerError("unreachable", sanitize(why.strerror or str(why)))
    return AnswerError("damaged", "the answer ended too early, or is not HTTP")
