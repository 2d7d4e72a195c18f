"""Sends requests to a web archive: paced, retried, and slower after refusals.

urllib3 handles the exchanges and their timeouts. Its `Retry` cannot be used: it neither paces requests nor reports
waits, and it does not cover the body of an answer, whose size and time are limited here.
"""

from __future__ import annotations

import ssl
import sys
import time
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import unquote, urljoin, urlsplit
from urllib.request import getproxies, proxy_bypass

import urllib3
from urllib3.exceptions import (
    ConnectTimeoutError,
    NameResolutionError,
    NewConnectionError,
    ProxyError,
    ReadTimeoutError,
)

from reader import __version__
from reader.archives.addresses import Server
from reader.errors import FetchError
from reader.permissions import Permission, require
from reader.sanitize import clean_url, host_of, parse_http_date, sanitize

MOST = 32 << 20
"""The most bytes of one answer."""
TRIES, GONE_TRIES = 3, 5
"""How often to request an address if the server fails, and if it was reached before but no longer is: 150 seconds."""
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
_LOOPBACK = ("127.0.0.1", "localhost", "::1")

Span = tuple[int, int]
"""The first and last byte of a part of a file."""


class Clock(NamedTuple):
    """The source of time, which tests replace."""

    now: Callable[[], float] = time.time
    """Seconds since 1970."""
    sleep: Callable[[float], object] = time.sleep
    """Waits this many seconds."""


def retry_after(value: str | None, now: float) -> float | None:
    """The seconds of a Retry-After header, at least 0; None if it is unusable."""
    text = (value or "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:12])
    moment = parse_http_date(text)
    return None if moment is None else max(0.0, moment.timestamp() - now)


class Answer(NamedTuple):
    """An answer of the server."""

    url: str
    """The address that was requested."""
    status: int
    headers: urllib3.HTTPHeaderDict
    body: bytes
    """The body as received: a Content-Encoding is not decoded."""

    def header(self, name: str) -> str | None:
        """The first value of a header; None if there is none."""
        return next(iter(self.headers.getlist(name)), None)


class Waiting(NamedTuple):
    """A wait that is longer than the usual interval between requests."""

    seconds: float
    why: str


class AnswerError(Exception):
    """One address has no usable answer; others may have. The text is a phrase that says why."""

    def __init__(self, kind: str, reason: str) -> None:
        """`kind` and `reason` are those of a Problem."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


def _explained(error: Exception) -> AnswerError:
    """Explain an exception to a person; the kind is "unreachable" or "damaged"."""
    if isinstance(error, ProxyError):
        error = error.original_error
    # urllib3 wraps what the standard library raised.
    why = next((cause for cause in (*error.args, error.__cause__) if isinstance(cause, OSError)), error)
    # NewConnectionError is a ConnectTimeoutError too.
    if isinstance(error, ConnectTimeoutError | ReadTimeoutError) and not isinstance(
        error, NewConnectionError
    ):
        kind = "damaged" if isinstance(error, ReadTimeoutError) else "unreachable"
        return AnswerError(kind, f"no answer within {SILENCE_SECONDS:.0f} seconds")
    if isinstance(error, NameResolutionError):
        return AnswerError("unreachable", "its name cannot be resolved")
    if isinstance(why, ssl.SSLError):
        text = getattr(why, "verify_message", None) or why.reason or "no secure connection"
        reason = f"its certificate or encryption is not accepted: {sanitize(str(text))}"
        return AnswerError("unreachable", reason)
    if isinstance(why, ConnectionRefusedError):
        return AnswerError("unreachable", "the connection was refused")
    if isinstance(why, ConnectionError):
        return AnswerError("damaged", "the connection was lost")
    if isinstance(why, OSError):
        return AnswerError("unreachable", sanitize(why.strerror or str(why)))
    return AnswerError("damaged", "the answer ended too early, or is not HTTP")


class Client:
    """The client of one server, for one thread."""

    def __init__(
        self,
        server: Server,
        clock: Clock | None = None,
        notify: Callable[[Waiting], object] = lambda _: None,
    ) -> None:
        """`notify` is called before each longer wait."""
        self.server = server
        self.interval = 0.0 if urlsplit(server.replay).hostname in _LOOPBACK else INTERVAL
        """Seconds between requests; none for a server on this machine."""
        self._clock = clock or Clock()
        self._notify = notify
        python = f"Python {sys.version_info[0]}.{sys.version_info[1]}"
        agent = f"protocol-reader/{__version__} (terminal reader; {python})"
        self._headers = {"User-Agent": agent, "Accept": "*/*", "Accept-Encoding": "identity"}
        self._managers: dict[str | None, urllib3.PoolManager] = {}
        self._last: float | None = None
        """When the last request started."""
        self._refusals = 0
        """Since the last answer."""
        self._was_reached = False

    def get(self, url: str, most: int = MOST, span: Span | None = None) -> Answer:
        """Return the answer to `url`, after redirects, with any status below 500; of a `span`, if the server can.

        AnswerError if this address has none, FetchError if the server cannot be used at all.
        """
        failures = overloads = 0
        while True:
            try:
                answer = self._follow(url, most, span)
            except AnswerError as error:
                failures += 1
                if error.kind in ("too large", "redirect"):
                    raise
                if failures < (GONE_TRIES if error.kind == "unreachable" and self._was_reached else TRIES):
                    self._pause_after(failures, f"{error.reason}; trying again")
                elif error.kind == "unreachable":
                    raise self._unreachable(error) from error
                else:
                    reason = f"{error.reason} ({failures} times); try again later"
                    raise AnswerError(error.kind, reason) from error
                continue
            if answer.status not in (429, 503):
                self._refusals = 0
                return answer
            overloads += answer.status == 503
            if overloads == TRIES:
                raise AnswerError("refused", "the server is overloaded (503); try again later")
            self._back_off(answer)

    def _follow(self, url: str, most: int, span: Span | None) -> Answer:
        """Follow redirects, all of which must stay on the server, to an answer."""
        visited: set[str] = set()
        while True:
            visited.add(url)
            if self._last is not None:
                # Do not wait long after the clock was set back.
                rest = min(self._last + self.interval - self._clock.now(), self.interval)
                if rest > 0:
                    self._clock.sleep(rest)
            self._last = self._clock.now()
            answer = self._exchange(url, most, span)
            self._was_reached = True
            if answer.status >= 500 and answer.status != 503:
                raise AnswerError("refused", f"the server failed ({answer.status})")
            target = answer.header("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                return answer
            to = _address(url, target)
            if to is None or not self._is_on_server(to):
                raise AnswerError(
                    "redirect", f"the server redirects to another one, {host_of(to or '') or 'nowhere'}"
                )
            if to in visited or len(visited) > MOST_REDIRECTS:
                raise AnswerError("redirect", "the server's redirects form a loop, or are too many")
            url = to

    def _exchange(self, url: str, most: int, span: Span | None) -> Answer:
        """GET `url`; AnswerError without a complete answer of at most `most` bytes in time.

        With a `span`, only these bytes are requested. NotPermittedError if this process may not fetch.
        """
        require(Permission.FETCH)
        deadline = time.monotonic() + ANSWER_SECONDS
        try:
            response = self._manager(url).urlopen(
                "GET",
                url,
                headers=self._headers | ({"Range": f"bytes={span[0]}-{span[1]}"} if span else {}),
                redirect=False,
                retries=False,
                preload_content=False,
                timeout=urllib3.Timeout(SILENCE_SECONDS),
            )
            body = bytearray()
            chunk = b""
            try:
                while True:
                    body += chunk
                    if len(body) + (response.length_remaining or 0) > most:
                        raise AnswerError("too large", f"it is longer than {most >> 20} MB; it was skipped")
                    if time.monotonic() > deadline:  # A server could send a byte now and then for ever.
                        reason = f"the answer took over {ANSWER_SECONDS:.0f} seconds"
                        raise AnswerError("damaged", reason)
                    if not (chunk := response.read1(_CHUNK, decode_content=False)):
                        break
            except BaseException:
                response.close()
                raise
            response.release_conn()
        except AnswerError:
            raise
        except Exception as error:  # Malformed answers can raise anything.
            raise _explained(error) from error
        return Answer(url, response.status, response.headers, bytes(body))

    def _manager(self, url: str) -> urllib3.PoolManager:
        """The pools for `url`, with the proxy of the environment, but none for a server on this machine."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        proxy = None if host in _LOOPBACK or proxy_bypass(host) else getproxies().get(parts.scheme)
        if proxy not in self._managers:
            self._managers[proxy] = _proxy_manager(proxy) if proxy else urllib3.PoolManager()
        return self._managers[proxy]

    def _is_on_server(self, url: str) -> bool:
        server, other = urlsplit(self.server.replay), urlsplit(url)
        if (server.scheme, server.netloc) == (other.scheme, other.netloc):
            return True
        return (server.scheme, other.scheme, server.hostname) == ("http", "https", other.hostname)

    def _pause_after(self, failures: int, why: str) -> None:
        """Wait before the next try, unless the server was never reached: its address may be wrong."""
        if self._was_reached:
            self._wait(_RETRY_SECONDS * 2 ** (failures - 1), why)
        else:
            self._notify(Waiting(0, why))

    def _back_off(self, answer: Answer) -> None:
        """Wait as long as the server asks; else, or if it refuses again, a minute, two, four, up to an hour."""
        asked = retry_after(answer.header("Retry-After"), self._clock.now())
        self._refusals += 1
        seconds = asked or 0
        if asked is None or self._refusals > 1:
            seconds = max(seconds, min(FIRST_PAUSE * 2 ** (self._refusals - 1), LONGEST_PAUSE))
        if seconds > LONGEST_PAUSE:
            why = f"asks us to wait {seconds / 3600:.1f} hours; run the same command again after that"
            raise FetchError(f"{self.server.name}: the server {why}")
        if self._refusals == MOST_REFUSALS:
            why = f"refused {MOST_REFUSALS} times in a row ({answer.status}); run the same command again in a few hours"
            raise FetchError(f"{self.server.name}: the server {why}")
        self._wait(seconds, f"the server asks for a pause ({answer.status})")

    def _wait(self, seconds: float, why: str) -> None:
        self._notify(Waiting(seconds, why))
        self._clock.sleep(seconds)

    def _unreachable(self, error: AnswerError) -> FetchError:
        remedy = (
            "check the network, and run the same command again"
            if self._was_reached
            else f"check the network, or choose another server with {self.server.named_by}"
        )
        return FetchError(f"{self.server.name}: the server cannot be reached: {error.reason}; {remedy}")


def _proxy_manager(proxy: str) -> urllib3.ProxyManager:
    address = urllib3.util.parse_url(proxy if "://" in proxy else f"http://{proxy}")
    headers = urllib3.make_headers(proxy_basic_auth=unquote(address.auth)) if address.auth else None
    return urllib3.ProxyManager(address._replace(auth=None).url, proxy_headers=headers)


def _address(base: str, target: str) -> str | None:
    """The target of a redirect from `base`; None if it is no address."""
    try:
        return clean_url(urljoin(base, target))
    except ValueError:
        return None
