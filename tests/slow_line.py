"""A slow line to a server on loopback: each answer waits, and a page comes in two halves with a wait before each.

What a browser test reads too early is missing on such a line each time, and not once in a thousand runs.
`python -m tests.slow_line 8000 0.3` prints the port that leads to 8000 and serves until it is ended.
"""

from __future__ import annotations

import asyncio
import sys
from contextlib import suppress

BLOCK = 1 << 20  # bytes that are read at once


async def up(browser: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await browser.read(BLOCK):
            server.write(data)
            await server.drain()
    with suppress(OSError):
        server.write_eof()


async def down(server: asyncio.StreamReader, browser: asyncio.StreamWriter, seconds: float) -> None:
    with suppress(OSError):
        while data := await server.read(BLOCK):
            head, blank, body = data.partition(b"\r\n\r\n")
            parts = [data]
            if head.startswith(b"HTTP/1.1 "):
                await asyncio.sleep(seconds)
                if b"text/html" in head.lower():
                    half = len(body) // 2
                    parts = [head + blank, body[:half], body[half:]]
            for number, part in enumerate(parts):
                await asyncio.sleep(seconds if number else 0)
                browser.write(part)
                await browser.drain()
    browser.close()


async def serve(port: int, seconds: float) -> None:
    async def carry(browser_in: asyncio.StreamReader, browser_out: asyncio.StreamWriter) -> None:
        server_in, server_out = await asyncio.open_connection("127.0.0.1", port)
        await asyncio.gather(up(browser_in, server_out), down(server_in, browser_out, seconds))
        server_out.close()

    line = await asyncio.start_server(carry, "127.0.0.1", 0, limit=2 * BLOCK)
    print(line.sockets[0].getsockname()[1], flush=True)
    await line.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), float(sys.argv[2])))
