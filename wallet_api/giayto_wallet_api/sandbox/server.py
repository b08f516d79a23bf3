"""The wallet API on this machine's loopback address, in a thread of this process."""

import errno
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import uvicorn
from litestar import Litestar

from giayto_crypto.errors import GiaytoError

HOST = "127.0.0.1"
_START_SECONDS = 30
_STOP_SECONDS = 5


class PortTakenError(GiaytoError):
    """Another program listens on the port."""

    code = "port_taken"
    message_vi = "Cổng mạng đã có chương trình khác dùng."
    message_en = "Another program uses the port."


class ServerStartError(GiaytoError):
    """The wallet API did not start."""

    code = "server_not_started"
    message_vi = "Không khởi động được máy chủ."
    message_en = "The server did not start."


def take_port(port: int) -> socket.socket:
    """Return a socket that listens on `port` of the loopback address; the caller closes it.

    Raises:
        PortTakenError: another program has it, or this user may not.
    """
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    # Without it a port stays blocked for a minute after the last run.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno in (errno.EADDRINUSE, errno.EACCES):
            raise PortTakenError(
                f"port {port} of {HOST} cannot be used ({error.strerror}): stop the program that uses it, or "
                "choose another with --port (and --fresh, or another --folder, for a sandbox that exists)"
            ) from error
        raise
    return listener


@contextmanager
def serving(app: Litestar, listener: socket.socket) -> Iterator[None]:
    """Serve `app` on `listener` for as long as the block runs, then stop cleanly and close `listener`.

    Raises:
        ServerStartError: it did not come up.
    """
    config = uvicorn.Config(
        app, log_level="warning", access_log=False, server_header=False, timeout_graceful_shutdown=_STOP_SECONDS
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=_run, args=(server, listener), name="wallet-api", daemon=True)
    thread.start()
    try:
        _wait_until_started(server, thread)
        yield
    finally:
        server.should_exit = True
        thread.join(2 * _STOP_SECONDS)
        listener.close()  # a server that did not start leaves it open


def _run(server: uvicorn.Server, listener: socket.socket) -> None:
    with suppress(SystemExit):  # how uvicorn says that the application did not start
        server.run(sockets=[listener])


def _wait_until_started(server: uvicorn.Server, thread: threading.Thread) -> None:
    for _ in range(_START_SECONDS * 20):
        if server.started:
            return
        thread.join(0.05)
        if not thread.is_alive():
            break
    raise ServerStartError("the wallet API ended before it began to serve; its own message stands above")
