# ruff: noqa: E501 - a page's paragraph is a line

"""The sample captures of a crawl: a WARC file and JSON Lines, built from the pages here.

    python -m tests.captures.sample_archives

writes them into `sample_data/` again, the same records and lines every time. What is expected of them lies
beside them, written by hand.
"""

from __future__ import annotations

import gzip
import json
import sys

from tests.captures.archives import HTTP, http, record
from tests.paths import SAMPLE_DATA

FOLDER = SAMPLE_DATA
WARC, ROWS = FOLDER / "crawl.warc.gz", FOLDER / "corpus.jsonl"
EXPECTED = {WARC: FOLDER / "crawl.json", ROWS: FOLDER / "corpus.json"}

TIDES = """\
Enterprise

The spreadsheet that runs the tide tables

For 31 years one file has told a harbor when to open its gates. Last spring it ran out of rows.

A tide gauge wrapped in a plastic bag

Photo: Harriet Oyelaran/Unsplash

The file is called TIDES_FINAL_2. There was never a TIDES_FINAL, and nobody at the port of Wexcombe remembers why.

It was begun in 1991 by Lionel Abara, a dredging clerk with a new computer and a low opinion of the old almanac. Every six minutes since then a line has been added: the time, the level at the outer gate and, in a column that only Abara understands, a number between one and nine.

When the gates open, 40 fishing boats, two ferries and a floating crane move on the word of that sheet. Insurers have accepted it as evidence twice.

In April it reached row 1,048,576 and would take no more.

“We had a tabletop exercise for a cyberattack,” said the harbor master, Odalys Prentiss. “We did not have one for the bottom of the page.”

Replacing it has taken seven months and three contractors. The first proposed a lake of data. The second asked what the number between one and nine was. Abara, who is 78 and was fetched from his allotment, said that it was how much he trusted the gauge that day.

The new system keeps the column.
"""
TEASER = """\
Protocol | Climate

A heat map of every manhole in the city

The sewers have been warm for a century. Somebody finally took their temperature.

Image: Protocol; Getty Images

Under the corner of Alder and Ninth it is 21 degrees Celsius all year round, and the cats have known for decades.

Now a utility wants to sell that warmth back to the people above it.

Keep ReadingShow less

Benedikta Sorrell

Benedikta Sorrell (@bsorrell) is a reporter at Protocol covering climate and the things under streets. She lives in Duluth with a dehumidifier.
"""
WHOLE_PAGE = f"{TIDES}\n{TEASER}\nLatest Stories\n"
LATER_PAGE = f"{TIDES}\nLatest Stories\nBulletins\n"
CUT_PAGE = f"""\
Workplace

The office where nobody may say “circle back”

A list of 14 banned phrases went up in the kitchen. By Friday, people were talking in full sentences.

Photo: Casimir Vandeleur/Getty Images

The list was a joke until somebody laminated it.

Since then, the 60 employees of a mapping company in Halifax have met without touching base, without taking anything offline and, on one long Tuesday, without a single deep dive.

Meetings are shorter by a quarter, according to a tally kept by the receptionist, Wilhelmina Achterberg. She had not been asked to keep one.

{TIDES.split("When the gates open")[0].strip()}

Keep ReadingShow less

Latest Stories
"""


def warc() -> bytes:
    """The WARC file, each record packed for itself."""
    url = "https://www.protocol.com/enterprise/tide-tables"
    body = gzip.compress(WHOLE_PAGE.encode(), mtime=0)
    half = len(body) // 2
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:half], body[half:], b""))
    coded = http(chunks, fields="Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n")
    records = [
        record(
            "software: an invented crawler\r\n", kind="warcinfo", url=None, media="application/warc-fields"
        ),
        record("GET /enterprise/tide-tables HTTP/1.1\r\n\r\n", kind="request", url=url, media=HTTP),
        record(coded, url=url),
        record(
            CUT_PAGE, kind="conversion", url="https://www.protocol.com/workplace/phrases", media="text/plain"
        ),
    ]
    return b"".join(gzip.compress(one, mtime=0) for one in records)


def rows() -> bytes:
    """The JSON Lines, in two forms that corpora have."""
    lines = [
        {
            "url": "https://www.protocol.com/climate/manholes",
            "raw_content": TEASER,
            "date": "20221109 181500",
        },
        {"text": LATER_PAGE, "metadata": {"url": "https://www.protocol.com/tides", "timestamp": 1668016800}},
    ]
    return b"".join(json.dumps(line, ensure_ascii=False).encode() + b"\n" for line in lines)


def main() -> int:
    """Write both."""
    WARC.write_bytes(warc())
    ROWS.write_bytes(rows())
    return 0


if __name__ == "__main__":
    sys.exit(main())
