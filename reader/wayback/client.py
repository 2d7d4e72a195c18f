"""Asks a web archive: paced, backing off when refused, trying again, within one server."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

from reader.errors import FetchError
from reader.safe_text import clean_url, host_of
from reader.wayback.connection import Answer, ExchangeError, Patience, exchange
from reader.wayback.pacing import LONGEST_PAUSE, Clock, Pace, Refusals, retry_after
from reader.wayback.server import Server

MOST = 32 << 20
"""The most bytes of one answer."""
TRIES = 3
"""How often one address is asked for when the server fails."""
GONE_TRIES = 5
"""How often a server that was there is tried when it can no longer be reached: over two and a half minutes."""
MOST_REFUSALS = 8
"""Refusals in a row after which the server is left alone: over three hours."""
MOST_REDIRECTS = 5
_AGAIN = 10
"""Seconds before an address is asked for again, doubled each time."""


class Waiting(NamedTuple):
    """Said before the client waits for longer than between two requests."""

    seconds: float
    why: str


class AnswerError(Exception):
    """One address has no usable answer; others may. Its text is a sentence's end that says why."""

    def __init__(self, kind: str, reason: str) -> None:
        """`kind` and `reason` are those of a Problem."""
        super().__init__(reason)
        self.kind = kind
        self.reason = reason


class Client:
    """One server's client. Not for several threads."""

    def __init__(
        self,
        server: Server,
        *,
        version: str,
        clock: Clock | None = None,
        tell: Callable[[Waiting], object] = lambda _: None,
        patience: Patience = Patience(),  # noqa: B008 (frozen)
    ) -> None:
        """`version` of the program, for its name; `tell` is called before each wait that is not the usual one."""
        self.server = server
        self._clock = clock or Clock()
        self._pace = Pace(self._clock)
        self._refusals = Refusals()
        self._tell = tell
        self._patience = patience
        self._agent = (
            f"protocol-reader/{version} (terminal reader; Python {sys.version_info[0]}.{sys.version_info[1]})"
        )
        self._was_reached = False

    def get(self, url: str, most: int = MOST) -> Answer:
        """The answer to `url`, after redirects, whatever its status below 500.

        Raises AnswerError when this address has none, FetchError when the server cannot be asked at all.
        """
        failures = unavailable = 0
        while True:
            try:
                answer = self._follow(url, most)
            except ExchangeError as error:
                if error.kind == "too large":
                    raise AnswerError("too large", f"{error.reason}; it was left out") from error
                failures += 1
                gone = error.kind == "unreachable"
                if failures < (GONE_TRIES if gone and self._was_reached else TRIES):
                    self._pause_after(failures, f"{error.reason}; trying again")
                elif gone:
                    raise self._unreachable(error) from error
                else:
                    raise AnswerError(
                        "damaged", f"{error.reason}, {failures} times; try again later"
                    ) from error
                continue
            self._was_reached = True
            if answer.status in (429, 503):
                unavailable += answer.status == 503
                if unavailable == TRIES:
                    raise AnswerError("refused", "the server has no capacity for it (503); try again later")
                self._back_off(answer)
            elif answer.status >= 500:
                failures += 1
                if failures == TRIES:
                    raise AnswerError(
                        "refused", f"the server failed ({answer.status}), {TRIES} times; try again later"
                    )
                self._pause_after(failures, f"the server failed ({answer.status}); trying again")
            else:
                self._refusals.answered()
                return answer

    def _follow(self, url: str, most: int) -> Answer:
        """The answer at the end of the redirects, all of which must stay on the server."""
        been: set[str] = set()
        while True:
            been.add(url)
            self._pace.wait()
            answer = exchange(url, agent=self._agent, most=most, patience=self._patience)
            target = answer.headers.get("Location")
            if answer.status not in (301, 302, 303, 307, 308) or not target:
                return answer
            to = _address(url, target)
            if to is None or not self._is_ours(to):
                raise AnswerError(
                    "redirect", f"the server sends us to another, {host_of(to or '') or 'nowhere'}"
                )
            if to in been or len(been) > MOST_REDIRECTS:
                raise AnswerError("redirect", "the server's redirects lead in a circle, or too far")
            url = to

    def _is_ours(self, url: str) -> bool:
        ours, its = urlsplit(self.server.replay), urlsplit(url)
        if ours.netloc == its.netloc and ours.scheme == its.scheme:
            return True
        return (ours.scheme, its.scheme, ours.hostname) == ("http", "https", its.hostname)

    def _pause_after(self, failures: int, why: str) -> None:
        """Wait before the next try; not for long while the server was never reached: its address may be wrong."""
        if self._was_reached:
            self._wait(_AGAIN * 2 ** (failures - 1), why)
        else:
            self._tell(Waiting(0, why))

    def _back_off(self, answer: Answer) -> None:
        asked = retry_after(answer.headers.get("Retry-After"), self._clock.now())
        seconds = self._refusals.refused(asked)
        if seconds > LONGEST_PAUSE:
            raise FetchError(
                f"{self.server.name}: the server asks to be left alone for {seconds / 3600:.1f} hours; "
                "run the same command again after that"
            )
        if self._refusals.count == MOST_REFUSALS:
            raise FetchError(
                f"{self.server.name}: the server refused {MOST_REFUSALS} times in a row ({answer.status}); "
                "run the same command again in some hours"
            )
        self._wait(seconds, f"the server asks for a pause ({answer.status})")

    def _wait(self, seconds: float, why: str) -> None:
        self._tell(Waiting(seconds, why))
        self._clock.sleep(seconds)

    def _unreachable(self, error: ExchangeError) -> FetchError:
        remedy = (
            "check the network, and run the same command again"
            if self._was_reached
            else "check the network, or name another server with --server or PROTOCOL_READER_WAYBACK"
        )
        return FetchError(f"{self.server.name}: the server cannot be reached: {error.reason}; {remedy}")


def _address(base: str, target: str) -> str | None:
    """Where a redirect leads from `base`; None when that is no address."""
    try:
        return clean_url(urljoin(base, target))
    except ValueError:
        return None
