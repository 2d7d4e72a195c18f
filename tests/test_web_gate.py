"""Who may use the reader in a browser."""

from __future__ import annotations

import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reader.errors import SettingsError
from reader.web.gate import NO_TOKEN, OTHER_NAME, OTHER_SITE, Asked, Gate, is_token, make_token
from reader.web.place import LOOPBACK_NAMES, Place, find_place, listen, open_address

TOKEN = "kestrel-nimbus-0123456789"
HERE = Gate(token=None, names=LOOPBACK_NAMES)
ANYWHERE = Gate(token=TOKEN, names=None)


def asked(host: str = "127.0.0.1:8000", origin: str | None = None, **more: object) -> Asked:
    return Asked(host, origin, **{"token": None, "cookie": None, **more})  # type: ignore[arg-type]


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:9000", "LocalHost", "[::1]:8000"])
def test_names_that_mean_this_machine_are_ours(host: str) -> None:
    assert HERE.refusal(asked(host)) is None


@pytest.mark.parametrize(
    "host",
    [
        "", "evil.example", "evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example:8000",
        "127.0.0.2:8000", "evil.example@127.0.0.1", "127.0.0.1@evil.example", "[::1", "localhost:8000/x", "::1",
    ],
)  # fmt: skip
def test_another_name_that_leads_here_is_refused(host: str) -> None:
    assert HERE.refusal(asked(host)) == OTHER_NAME


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example", "null", "", "http://127.0.0.1", "http://127.0.0.1:3000", "http://localhost:8000",
        "file://", "http://127.0.0.1:8000.evil.example", "chrome-extension://127.0.0.1:8000", "127.0.0.1:8000",
    ],
)  # fmt: skip
@pytest.mark.parametrize("gate", [HERE, ANYWHERE], ids=["here", "anywhere"])
def test_a_page_of_another_site_is_refused_even_with_the_cookie(gate: Gate, origin: str) -> None:
    for to_socket in (True, False):
        assert gate.refusal(asked(origin=origin, cookie=gate.cookie, socket=to_socket)) == OTHER_SITE


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "LOCALHOST:8000"])
def test_our_own_page_is_let_through(host: str) -> None:
    assert HERE.refusal(asked(host, f"http://{host.lower()}", socket=True)) is None


def test_a_socket_must_say_who_asks() -> None:
    assert HERE.refusal(asked(socket=True)) == OTHER_SITE


def test_behind_a_proxy_with_encryption_our_page_is_ours_too() -> None:
    gate = Gate(token=TOKEN, names=None)
    host = "reader.example"
    assert gate.refusal(asked(host, f"https://{host}", cookie=gate.cookie, socket=True)) is None


def test_where_a_token_is_needed_it_or_the_cookie_is_shown() -> None:
    assert ANYWHERE.refusal(asked()) == NO_TOKEN
    assert ANYWHERE.refusal(asked(token=TOKEN)) is None
    assert ANYWHERE.refusal(asked(cookie=ANYWHERE.cookie)) is None
    assert ANYWHERE.refusal(asked(token="", cookie="")) == NO_TOKEN
    assert ANYWHERE.refusal(asked(token=ANYWHERE.cookie, cookie=TOKEN)) == NO_TOKEN
    assert ANYWHERE.refusal(asked(cookie=Gate(token=TOKEN, names=None).cookie)) == NO_TOKEN


@given(st.text())
def test_no_other_text_is_the_token(text: str) -> None:
    assert (ANYWHERE.refusal(asked(token=text)) is None) == (text == TOKEN)
    assert ANYWHERE.refusal(asked(cookie=text)) == NO_TOKEN


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
    place = find_place(host)
    assert place.private is private
    assert (place.names is None) is not private


def test_all_addresses_are_no_private_place() -> None:
    assert not Place(socket.AF_INET6, "::", "::").private
    assert not Place(socket.AF_INET6, "fe80::1%eth0", "fe80::1%eth0").private
    assert Place(socket.AF_INET6, "::1", "::1").private


def test_a_host_that_is_none() -> None:
    with pytest.raises(SettingsError, match="no such address"):
        find_place("nowhere.invalid")
    with pytest.raises(SettingsError, match="no such address"):
        find_place("a" * 300)


def test_a_port_in_use_is_said() -> None:
    place = find_place("127.0.0.1")
    with listen(place, 0) as first:
        port = first.getsockname()[1]
        with pytest.raises(SettingsError, match=rf"port {port} of 127.0.0.1 is in use.*--port 0"):
            listen(place, port)


def test_an_address_of_another_machine_is_said() -> None:
    with pytest.raises(SettingsError, match="that is no address of this machine"):
        listen(find_place("192.0.2.7"), 0)


def test_what_to_open() -> None:
    assert open_address(find_place("127.0.0.1"), 8000, None) == "http://127.0.0.1:8000/"
    assert (
        open_address(Place(socket.AF_INET6, "::1", "::1"), 8000, TOKEN) == f"http://[::1]:8000/?token={TOKEN}"
    )
    everywhere = open_address(find_place("0.0.0.0"), 8000, TOKEN)
    assert "0.0.0.0" not in everywhere
    assert everywhere.endswith(f":8000/?token={TOKEN}")
