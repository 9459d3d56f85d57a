"""A server on loopback that accepts every connection and lets nothing pass, until it is opened and forwards to another."""
import socket
import threading

from command import expect


class Gate:
    """While it is shut, a client meets a server that never answers; once opened, it meets `target`, a port on loopback."""

    def __init__(self, target, port=0):
        self._target = ("127.0.0.1", int(target))
        self._opened, self._arrived = threading.Event(), threading.Semaphore(0)
        self._sockets = []
        self._listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._go(self._accept)

    def wait(self, timeout=30):
        """Waits for the next client."""
        expect(self._arrived.acquire(timeout=timeout), f"nobody came to the gate within {timeout} s")

    def open(self):
        self._opened.set()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.open()
        # `shutdown` wakes the thread that accepts; closing alone would leave it, and the port with it.
        for each in [self._listener, *self._sockets]:
            self._end(each, socket.SHUT_RDWR)
            each.close()

    def _accept(self):
        try:
            while True:
                client, _ = self._listener.accept()
                self._sockets.append(client)
                self._arrived.release()
                self._go(self._serve, client)
        except OSError:
            pass  # the gate was closed

    def _serve(self, client):
        self._opened.wait()
        try:
            server = socket.create_connection(self._target)
        except OSError:
            return self._end(client, socket.SHUT_RDWR)
        self._sockets.append(server)
        self._go(self._pump, client, server)
        self._pump(server, client)

    def _pump(self, source, drain):
        try:
            while piece := source.recv(65536):
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
