"""A bare sink in a process of its own: answers every creation of a message with a fresh number, and keeps nothing.

Run as `python -m cli.benches.sink SECONDS`: it prints its port and serves until its input ends.
"""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import Receive, Scope, Send


@contextmanager
def sink(latency: float) -> Iterator[str]:
    """Run the sink, which waits `latency` seconds before it answers; give its address."""
    command = [sys.executable, "-W", "ignore", "-m", "cli.benches.sink", str(latency)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.stdin.close()
            process.wait(timeout=10)


def serve(latency: float) -> None:
    """Serve on a free port until standard input ends."""
    numbers = iter(range(10**9))

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        while (await receive()).get("more_body"):
            pass
        if latency:
            await asyncio.sleep(latency)
        body = json.dumps({"sid": f"SM{next(numbers):032x}", "status": "accepted"}).encode()
        headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 201, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    # The protocol is named: asyncio turns Nagle's delay off only where it is.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as door:
        door.bind(("127.0.0.1", 0))
        door.listen(2048)
        server = uvicorn.Server(uvicorn.Config(answer, log_level="error", lifespan="off", access_log=False))
        threading.Thread(target=_stop_at_end_of_input, args=(server,), daemon=True).start()
        sys.stdout.write(f"{door.getsockname()[1]}\n")
        sys.stdout.flush()
        server.run(sockets=[door])


def _stop_at_end_of_input(server: uvicorn.Server) -> None:
    sys.stdin.read()
    server.should_exit = True


if __name__ == "__main__":
    serve(float(sys.argv[1]))
