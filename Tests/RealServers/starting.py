"""What starting any of the servers takes: its configuration from a template, and waiting until the right one answers."""
import pathlib
import socket
import ssl
import time

HERE = pathlib.Path(__file__).resolve().parent
READY_WITHIN = 15  # seconds, for each server; they take one


class Failure(Exception):
    """A server is not ready; the message holds the end of its log."""


class Exited(Failure):
    """A server ended by itself, as one does whose port was taken in the meantime."""


class Mismatch(Exception):
    """Somebody answers, but it is not the server that should."""


def render(template, values):
    text = (HERE / "templates" / template).read_text()
    for name, value in values.items():
        text = text.replace(f"@{name}@", value)
    return text


def wait(what, process, log, probe):
    """Calls `probe` until it does not throw, the process has ended, or time is up."""
    deadline = time.monotonic() + READY_WITHIN
    while True:
        ended = process.poll() is not None  # asked first: a stranger may answer at the port of one that ended
        try:
            if not ended:
                return probe()
            error = f"it ended with {process.returncode}"
        except (OSError, ssl.SSLError, Mismatch) as fault:
            error = str(fault)
        if ended or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-20:]) if log.exists() else ""
            raise (Exited if ended else Failure)(f"{what} is not ready ({error}). The end of {log}:\n{tail}")
        time.sleep(0.02)


def handshake(port, chain):
    """A TLS connection to the server that shows this very certificate, good or bad."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    secured = context.wrap_socket(socket.create_connection(("127.0.0.1", port), timeout=5))
    if secured.getpeercert(binary_form=True) != ssl.PEM_cert_to_DER_cert(chain.read_text()):
        secured.close()
        raise Mismatch(f"port {port} shows another certificate than {chain}")
    return secured


def greeting(port, words, farewell, chain=None):
    """Sees that the server greets with these words, and leaves. `chain` is the certificate of a port that begins with TLS."""
    connection = handshake(port, chain) if chain else socket.create_connection(("127.0.0.1", port), timeout=5)
    with connection, connection.makefile("rwb") as stream:
        if not stream.readline().startswith(words):
            raise Mismatch(f"port {port} does not greet with {words.decode()}")
        stream.write(farewell)
        stream.flush()
        stream.read()


WORDS = {"imap": (b"* OK", b"a LOGOUT\r\n"), "pop3": (b"+OK", b"QUIT\r\n"), "smtp": (b"220 ", b"QUIT\r\n")}


def wait_for_mail(what, process, log, directory, ports, wanted):
    """Waits for each port of a mail server: `wanted` are rows of `ports.mail_ports`."""
    for protocol, security, certificate, name in wanted:
        chain = directory / "tls" / f"{certificate}.pem" if security == "tls" else None
        wait(f"{what}'s port {name}", process, log, lambda: greeting(ports[name], *WORDS[protocol], chain))
