"""The app in a browser: what it writes there. What a visitor can do is tested in `tests/web/test_visitor.py`."""

from __future__ import annotations

import os
from threading import Thread

from reader.app.web_driver import whole_writer


def test_packets_of_two_threads_do_not_mix() -> None:
    size, number = 300_000, 10
    reading, writing = os.pipe()
    write = whole_writer(writing)
    threads = [
        Thread(target=lambda one=one: [write(one * size) for _ in range(number)]) for one in (b"a", b"b")
    ]
    for thread in threads:
        thread.start()
    with open(reading, "rb") as stream:  # noqa: PTH123
        packets = [stream.read(size) for _ in range(2 * number)]
    for thread in threads:
        thread.join()
    os.close(writing)
    assert sorted(packets) == [b"a" * size] * number + [b"b" * size] * number
