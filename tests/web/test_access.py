"""Who may use the reader in a browser."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import SettingsError
from reader.web.access import (
    LOOPBACK_NAMES,
    NO_TOKEN,
    OTHER_NAME,
    OTHER_SITE,
    AccessPolicy,
    ListenAddress,
    is_token,
    listen,
    make_token,
    page_url,
    resolve,
)

TOKEN = "kestrel-nimbus-0123456789"
HERE = AccessPolicy(token=None, hosts=LOOPBACK_NAMES)
ANYWHERE = AccessPolicy(token=TOKEN, hosts=None)


def refusal(
    policy: AccessPolicy,
    host: str = "127.0.0.1:8000",
    origin: str | None = None,
    token: str | None = None,
    cookie: str | None = None,
    *,
    websocket: bool = False,
) -> str | None:
    return policy.refusal(host, origin, token, cookie, websocket=websocket)


OURS = ("127.0.0.1:8000", "localhost:9000", "LocalHost", "[::1]:8000")
OTHERS = (
    "", "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example:8000",
    "127.0.0.2:8000", "evil.example@127.0.0.1", "127.0.0.1@evil.example", "[::1", "localhost:8000/x", "::1",
)  # fmt: skip


@pytest.mark.parametrize("host", [*OURS, *OTHERS])
def test_another_name_that_leads_here_is_refused(host: str) -> None:
    assert refusal(HERE, host) == (None if host in OURS else OTHER_NAME)


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:3000", "http://localhost:8000",
        "file://", "http://127.0.0.1:8000.evil.example", "chrome-extension://127.0.0.1:8000", "127.0.0.1:8000",
    ],
)  # fmt: skip
@pytest.mark.parametrize("policy", [HERE, ANYWHERE], ids=["here", "anywhere"])
def test_a_page_of_another_site_is_refused_even_with_the_cookie(policy: AccessPolicy, origin: str) -> None:
    for to_socket in (True, False):
        assert refusal(policy, origin=origin, cookie=policy.cookie, websocket=to_socket) == OTHER_SITE


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "LOCALHOST:8000"])
def test_our_own_page_is_let_through_and_a_socket_must_say_who_asks(host: str) -> None:
    assert refusal(HERE, websocket=True) == OTHER_SITE
    assert refusal(HERE, host, f"http://{host.lower()}", websocket=True) is None
    # Behind a proxy with encryption, too.
    name = "reader.example"
    assert refusal(ANYWHERE, name, f"https://{name}", cookie=ANYWHERE.cookie, websocket=True) is None


def test_where_a_token_is_needed_it_or_the_cookie_is_shown() -> None:
    assert refusal(ANYWHERE) == NO_TOKEN
    assert refusal(ANYWHERE, token=TOKEN) is None
    assert refusal(ANYWHERE, cookie=ANYWHERE.cookie) is None
    assert refusal(ANYWHERE, token="", cookie="") == NO_TOKEN
    assert refusal(ANYWHERE, token=ANYWHERE.cookie, cookie=TOKEN) == NO_TOKEN
    assert refusal(ANYWHERE, cookie=AccessPolicy(token=TOKEN, hosts=None).cookie) == NO_TOKEN


_ODD = st.text() | st.from_regex(r"(https?:)?(//)?[\[\]:@./%x0-9\x00-\x1f]{0,12}")


@given(_ODD, st.none() | _ODD, st.none() | _ODD, st.none() | _ODD, st.booleans())
def test_whatever_a_request_has_it_is_refused_without_the_token(
    host: str, origin: str | None, token: str | None, cookie: str | None, websocket: bool
) -> None:
    """Requests as such are parsed by aiohttp; this is what is ours."""
    assert refusal(ANYWHERE, host, origin, token, cookie, websocket=websocket) in (OTHER_SITE, NO_TOKEN)
    assert refusal(HERE, host, origin, token, cookie, websocket=websocket) in (None, OTHER_NAME, OTHER_SITE)


def test_tokens() -> None:
    made = {make_token() for _ in range(50)}
    assert len(made) == 50
    assert all(map(is_token, made))
    assert not any(map(is_token, ("", "a" * 15, "a" * 15 + "é", "a" * 20 + "&b=c", "a" * 20 + "\n")))


@pytest.mark.parametrize(
    ("host", "private"),
    [("127.0.0.1", True), ("localhost", True), ("127.9.9.9", True), ("0.0.0.0", False), ("192.0.2.7", False)],
)
def test_what_only_this_machine_reaches(host: str, private: bool) -> None:
    address = resolve(host)
    assert address.is_loopback is private
    assert (address.hosts is None) is not private
    assert ListenAddress(socket.AF_INET6, "::1", "::1").is_loopback
    assert not ListenAddress(socket.AF_INET6, "::", "::").is_loopback
    assert not ListenAddress(socket.AF_INET6, "fe80::1%eth0", "fe80::1%eth0").is_loopback


def test_what_to_open_and_what_is_no_address_here() -> None:
    own = ListenAddress(socket.AF_INET6, "::1", "::1")
    assert page_url(own, 8000, TOKEN) == f"http://[::1]:8000/?token={TOKEN}"
    assert "0.0.0.0" not in page_url(resolve("0.0.0.0"), 8000, TOKEN)
    with pytest.raises(SettingsError, match="no such address"):
        resolve("a" * 300)
    with pytest.raises(SettingsError, match="this machine has no such address"):
        listen(resolve("192.0.2.7"), 0)
