"""The server of the reader in a browser: what it lets through, its sessions and downloads."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

import aiohttp
import pytest

from reader.web import server
from tests.waiting import eventually, is_running
from tests.web.stage import BROKEN, DRAWING, FAILING, FILE, STUBBORN, resize, serving, sessions

TOKEN = "kestrel-nimbus-0123456789"
PAGES = ("/", "/ws", "/download/some-key", "/page/page.js", "/static/js/textual.js")


async def test_the_page_needs_nothing_from_elsewhere() -> None:
    async with serving() as served:
        status, page, headers = await served.get()
        assert status == 200
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        _, style, _ = await served.get("/page/page.css")
        found = re.findall(r"""(?:src|href)="([^"]+)"|url\("([^"]+)"\)""", page + style)
        named = [one or other for one, other in found if (one or other) not in ("/", "data:,")]
        assert len(named) >= 6
        assert all(name.startswith("/") and not name.startswith("//") for name in named)
        for name in named:
            async with served.client.get(served.address + name) as answer:
                assert answer.status == 200


async def test_without_the_token_there_is_nothing_and_it_is_needed_once() -> None:
    async with serving(token=TOKEN) as served:
        for path in PAGES:
            status, text, headers = await served.get(path, Origin=served.address)
            assert status == 403
            assert "including its token" in text
            assert "Set-Cookie" not in headers
            assert (await served.get(f"{path}?token={TOKEN[:-1]}", Origin=served.address))[0] == 403
        assert not sessions()
        _, _, headers = await served.get(f"/?token={TOKEN}")
        cookie = headers["Set-Cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert TOKEN not in cookie
        assert (await served.get())[0] == 200
        async with served.line() as line:
            assert await line.receive_bytes() == b"80x24"


async def test_another_name_and_another_site_are_refused_and_get_no_reader() -> None:
    async with serving() as served:
        for path in PAGES:
            for headers in ({"Host": "evil.example"}, {"Origin": "http://evil.example"}, {"Origin": "null"}):
                assert (await served.get(path, **headers))[0] == 403
        for origin in ("http://evil.example", "http://127.0.0.1:3000", "null"):
            with pytest.raises(aiohttp.WSServerHandshakeError) as error:
                await served.line(Origin=origin)
            assert error.value.status == 403
        with pytest.raises(aiohttp.WSServerHandshakeError):
            await served.client.ws_connect(f"{served.address}/ws")
        assert not sessions()


async def test_keys_and_sizes_go_in_and_what_is_drawn_comes_out() -> None:
    async with serving() as served, served.line("/ws?width=100&height=30") as line:
        assert await line.receive_bytes() == b"100x30"
        await line.send_str('["stdin", "jé"]')
        assert await line.receive_bytes() == "Djé".encode()
        await line.send_str(resize(60, 20))
        assert await line.receive_bytes() == b'M{"type": "resize", "width": 60, "height": 20}'
        # A size that makes no sense harms nobody.
        await line.send_str(resize(10**9, -5))
        assert await line.receive_bytes() == b'M{"type": "resize", "width": 1000, "height": 1}'
        await line.send_str('["ping", "17"]')
        assert await line.receive_json() == ["pong", "17"]
        for size in ("width=x&height=", "width=999999999999999&height=-1"):
            async with served.line(f"/ws?{size}") as other:
                assert await other.receive_bytes() == b"80x24"
        # What is not understood is passed over.
        for message in ("[]", "17", '["stdin"]', '["stdin", 5]', '["resize", {}]', resize("a", None)):
            await line.send_str(message)
        await line.send_str('["ping", "18"]')
        assert await line.receive_json() == ["pong", "18"]


@pytest.mark.parametrize("message", ["", "{", "[" * 100_000], ids=["empty", "cut", "deep"])
async def test_what_no_page_says_ends_the_session(message: str) -> None:
    async with serving() as served, served.line() as line:
        await line.receive_bytes()
        (pid,) = sessions()
        await line.send_str(message)
        assert (await line.receive()).type in (aiohttp.WSMsgType.CLOSE, aiohttp.WSMsgType.CLOSED)
        await eventually(lambda: not is_running(pid))


async def test_one_that_will_not_end_is_made_to_with_all_that_it_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(server, "PATIENCE", 0.1)
    async with serving(STUBBORN) as served:
        async with served.line() as line:
            started = int(await line.receive_bytes())
            (pid,) = sessions()
        await eventually(lambda: not is_running(pid) and not is_running(started))
        monkeypatch.setattr(server, "PATIENCE", 2.0)  # longer than the server waits for requests when it ends
        line = await served.line()
        started = int(await line.receive_bytes())
        await line.close()
    assert not sessions()
    await eventually(lambda: not is_running(started))


async def test_a_reader_ends_with_its_page_and_all_end_with_the_server() -> None:
    async with serving() as served:
        lines = [await served.line() for _ in range(3)]
        for line in lines:
            await line.receive_bytes()
        assert len(sessions()) == 3
        await lines[0].close()
        await eventually(lambda: len(sessions()) == 2)
    assert not sessions()


async def test_a_reader_whose_page_is_closed_while_it_draws_can_still_end_by_itself(tmp_path: Path) -> None:
    async with serving(DRAWING + f"open({str(tmp_path / 'ended')!r}, 'w')") as served:
        async with served.line() as line:
            await line.receive_bytes()
        await eventually(lambda: not sessions())
    assert (tmp_path / "ended").exists()


async def test_more_pages_than_allowed_are_told_so() -> None:
    async with serving(most=2) as served:
        first, second = await served.line(), await served.line()
        await first.receive_bytes()
        await second.receive_bytes()
        async with served.line() as third:
            assert b"At most 2 readers can be open at once" in await third.receive_bytes()
            assert (await third.receive()).type is aiohttp.WSMsgType.CLOSE
        await first.close()
        async with asyncio.timeout(30):
            while True:  # It is seen a moment later that the first is closed.
                async with served.line() as third:
                    if await third.receive_bytes() == b"80x24":
                        break


async def test_why_a_reader_does_not_start_or_ended_is_shown_in_its_page_without_a_traceback(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with serving(FAILING) as served, served.line() as line:
        shown = await line.receive_bytes()
        assert b"the library is" in shown
        assert b"]0;gone" in shown
        assert b"\x1b]" not in shown
        assert b"\x07" not in shown
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
    async with serving(["/no/such/program"]) as served, served.line() as line:
        assert b"cannot be started" in await line.receive_bytes()
    assert capsys.readouterr() == ("", "")
    async with serving(BROKEN) as served, served.line() as line:
        assert await line.receive_bytes() == b"first"
        shown = await line.receive_bytes()
        assert b"because of an error; open it again" in shown
        assert b"secret" not in shown
        assert (await line.receive()).type is aiohttp.WSMsgType.CLOSE
    out, err = capsys.readouterr()
    assert (out, len(err.splitlines())) == ("", 1)
    assert err.startswith("protocol-reader: A session ended with an error: KeyError")
    assert "\x1b" not in err


async def test_a_file_is_downloaded_once_and_never_shown_as_a_page() -> None:
    async with serving(FILE) as served, served.line() as line:
        assert await line.receive_json() == ["deliver_file_start", "some-key"]
        status, text, headers = await served.get("/download/some-key")
        assert (status, text) == (200, "first, second")
        assert headers["Content-Type"] == "application/octet-stream"
        disposition = headers["Content-Disposition"]
        assert re.fullmatch(r"attachment; filename\*=UTF-8''[A-Za-z0-9%._-]+", disposition)
        assert (await served.get("/download/some-key"))[0] == 404
