"""A proxy on loopback, by CONNECT or SOCKS 5: it resolves names by a table of its own, and keeps all that it was told."""
import base64
import socket
import struct

from gate import Forwarder


class Refused(Exception):
    """What is answered in place of a way."""

    def __init__(self, answer):
        super().__init__(answer)
        self.answer = answer


class Proxy(Forwarder):
    """`hosts` says where a name leads. `login` is what a client must show; `refuses` is the status or the reply that everybody
    gets; `drops` ends each connection when the client has said where it wants to go."""

    def __init__(self, scheme, hosts, login=None, refuses=None, drops=False):
        self._scheme, self._hosts, self._login = scheme, hosts, login
        self._refuses, self._drops = refuses, drops
        # Each place that somebody asked for, and each byte that went through or was said to the proxy itself.
        self.asked, self.heard = [], b""
        super().__init__()

    def address(self, login=None):
        """What a variable names it by."""
        return f"{self._scheme}://{f'{login}@' if login else ''}127.0.0.1:{self.port}"

    def _meet(self, client):
        try:
            place = (self._connect if self._scheme == "http" else self._socks)(client)
        except Refused as refusal:
            client.sendall(refusal.answer)
            return None
        if self._drops:
            return None
        server = socket.create_connection((self._hosts[place[0]], place[1]))
        client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n" if self._scheme == "http"
                       else b"\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x00")
        return server

    def _passes(self, piece):
        self.heard += piece

    def _connect(self, client):
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            head += self._exactly(client, 1)
        host, _, port = head.split()[1].decode().rpartition(":")
        self.asked.append((host, int(port)))
        if self._login and f"Basic {base64.b64encode(self._login.encode()).decode()}" not in head.decode():
            raise Refused(b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n")
        if self._refuses:
            raise Refused(f"HTTP/1.1 {self._refuses} no\r\nContent-Length: 0\r\n\r\n".encode())
        return self.asked[-1]

    def _socks(self, client):
        methods = self._exactly(client, self._exactly(client, 2)[1])
        if self._login:
            if 2 not in methods:
                raise Refused(b"\x05\xff")
            client.sendall(b"\x05\x02")
            user = self._exactly(client, self._exactly(client, 2)[1])
            password = self._exactly(client, self._exactly(client, 1)[0])
            if (user + b":" + password).decode() != self._login:
                raise Refused(b"\x01\x01")
            client.sendall(b"\x01\x00")
        else:
            client.sendall(b"\x05\x00")
        kind = self._exactly(client, 4)[3]
        host = (self._exactly(client, self._exactly(client, 1)[0]).decode() if kind == 3
                else socket.inet_ntoa(self._exactly(client, 4)))
        self.asked.append((host, struct.unpack("!H", self._exactly(client, 2))[0]))
        if self._refuses:
            raise Refused(bytes([5, self._refuses, 0, 1, 0, 0, 0, 0, 0, 0]))
        return self.asked[-1]

    @staticmethod
    def _exactly(client, count):
        """Not a byte more: what follows is not for the proxy."""
        read = b""
        while len(read) < count:
            piece = client.recv(count - len(read))
            if not piece:
                raise OSError("the client has gone")
            read += piece
        return read
