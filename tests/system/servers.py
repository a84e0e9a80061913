"""A raw TCP server whose connections are played by functions: for what real servers never do."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress

Play = Callable[[socket.socket, bytes], None]

OK = b'HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n{"ok":true}'

BAD_REQUEST = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
TLS_HANDSHAKE = b"\x16\x03"


def answer(raw: bytes) -> Play:
    return lambda connection, _request: connection.sendall(raw)


class Server:
    """Listens on 127.0.0.1 while it is entered. Paths are played as registered; others get OK."""

    def __init__(self) -> None:
        self.requests: list[bytes] = []
        self._plays: dict[bytes, Play] = {}
        self._closing = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._open: list[socket.socket] = []
        self._threads: list[threading.Thread] = []

    @property
    def port(self) -> int:
        return self._socket.getsockname()[1]

    def url(self, path: str = "/healthz") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def on(self, path: str, play: Play) -> str:
        self._plays[path.encode()] = play
        return self.url(path)

    def hang(self, connection: socket.socket, _request: bytes) -> None:
        """Says nothing until the server is closed."""
        self._closing.wait()

    def drip(self, connection: socket.socket, _request: bytes) -> None:
        """One byte of body now and then, for ever."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
        while not self._closing.wait(0.05):
            connection.sendall(b".")

    def endless(self, connection: socket.socket, _request: bytes) -> None:
        """A body that never ends, as fast as it is read."""
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n")
        while not self._closing.is_set():
            connection.sendall(b"x" * 65536)

    def __enter__(self) -> Server:
        self._threads.append(threading.Thread(target=self._accept, daemon=True))
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)  # else the blocked accept() keeps it listening
        self._socket.close()
        for connection in self._open:
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads[1:]:
            thread.join()

    def _accept(self) -> None:
        while not self._closing.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            while request := self._read_request(connection):
                self.requests.append(request)
                path = request.split(b" ", 2)[1]
                play = self._plays.get(path, answer(BAD_REQUEST) if path == b"-" else None)
                if play is None:
                    connection.sendall(OK)
                    continue
                play(connection, request)
                return

    @staticmethod
    def _read_request(connection: socket.socket) -> bytes:
        data = b""
        while b"\r\n\r\n" not in data:
            chunk = connection.recv(65536)
            if not chunk:
                return b""
            data += chunk
            if data.startswith(TLS_HANDSHAKE):
                return b"- - not-http\r\n\r\n"
        return data
