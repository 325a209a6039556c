# SPDX-License-Identifier: Apache-2.0
"""Between a writer and Postgres: loses the answers of transactions that were committed."""

import contextlib
import random
import socket
import threading

# CommandComplete of a COMMIT. Postgres says it once the transaction is there to stay.
COMMITTED = b"C\x00\x00\x00\x0bCOMMIT\x00"


class CommitCutter:
    """Listens on a port of its own and passes everything on, except what it loses: at a COMMIT's
    answer both sides find the connection closed, by a `chance` of 0 to 1, `cuts_max` times."""

    def __init__(self, port, seed, chance=0.5, cuts_max=1 << 30):
        self.target = port
        self.chance = chance
        self.cuts_max = cuts_max
        self.cuts = 0
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._open = set()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            left = list(self._open)
        for each in left:
            close(each)

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                close(client)
                continue
            server.settimeout(None)
            with self._lock:
                self._open |= {client, server}
            threading.Thread(target=self._ask, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answer, args=(server, client), daemon=True).start()

    def _ask(self, client, server):
        with contextlib.suppress(OSError):
            while chunk := client.recv(1 << 16):
                server.sendall(chunk)
        self._part(client, server)

    def _answer(self, server, client):
        tail = b""
        with contextlib.suppress(OSError):
            while chunk := server.recv(1 << 16):
                window = tail + chunk
                if COMMITTED in window and self._draw():
                    break
                tail = window[-len(COMMITTED) + 1 :]
                client.sendall(chunk)
        self._part(client, server)

    def _draw(self):
        with self._lock:
            cut = self.cuts < self.cuts_max and self._random.random() < self.chance
            self.cuts += cut
            return cut

    def _part(self, *sides):
        for each in sides:
            close(each)
        with self._lock:
            self._open -= set(sides)


def close(connection):
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
