"""Servers on loopback that forward to others: one that lets nothing pass until it is opened."""
import socket
import threading

from command import expect


class Forwarder:
    """Passes bytes between each client and the server that `_meet` finds for it."""

    def __init__(self, port=0):
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._go(self._accept)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # `shutdown` wakes the thread that accepts; closing alone would leave it, and the port with it.
        for each in [self._listener, *self._sockets]:
            self._end(each, socket.SHUT_RDWR)
            each.close()

    def _meet(self, client):
        """The server for this client; None if it has none."""
        raise NotImplementedError

    def _passes(self, piece):
        """Sees what goes through."""

    def _accept(self):
        try:
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                self._go(self._serve, client)
        except OSError:
            pass  # the listener was closed

    def _serve(self, client):
        try:
            server = self._meet(client)
        except OSError:
            server = None
        if server is None:
            return self._end(client, socket.SHUT_RDWR)
        self._sockets.append(server)
        self._go(self._pump, client, server)
        self._pump(server, client)

    def _pump(self, source, drain):
        try:
            while piece := source.recv(65536):
                self._passes(piece)
                drain.sendall(piece)
        except OSError:
            pass  # either side may leave when it likes
        self._end(drain, socket.SHUT_WR)

    @staticmethod
    def _end(end, how):
        try:
            end.shutdown(how)
        except OSError:
            pass  # it has ended already

    @staticmethod
    def _go(work, *arguments):
        threading.Thread(target=work, args=arguments, daemon=True).start()


class Gate(Forwarder):
    """While it is shut, a client meets a server that never answers; once opened, it meets `target`, a port on loopback."""

    def __init__(self, target, port=0):
        self._target = ("127.0.0.1", int(target))
        self._opened, self._arrived = threading.Event(), threading.Semaphore(0)
        super().__init__(port)

    def wait(self, timeout=30):
        """Waits for the next client."""
        expect(self._arrived.acquire(timeout=timeout), f"nobody came to the gate within {timeout} s")

    def open(self):
        self._opened.set()

    def shut(self):
        """For those who come from now on."""
        self._opened.clear()

    def __exit__(self, *_):
        self.open()
        super().__exit__()

    def _meet(self, client):
        self._arrived.release()
        self._opened.wait()
        return socket.create_connection(self._target)
