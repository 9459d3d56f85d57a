"""The ports of the servers, by name. Both who starts them and who visits them goes by these names."""
import random
import socket

PROTOCOLS = ("imap", "pop3", "smtp")
SECURITIES = ("tls", "starttls")
# What no careful client accepts; each is a certificate in DIR/tls.
BAD = ("expired", "wrongname", "untrusted", "selfsigned")


def mail(protocol, security="tls", certificate="good"):
    """The name of a mail server's port: IMAP, IMAP_STARTTLS, IMAP_EXPIRED, IMAP_STARTTLS_EXPIRED and so on."""
    return "_".join([protocol, *[security] * (security != "tls"), *[certificate] * (certificate != "good")]).upper()


def mail_ports(*protocols):
    """(protocol, security, certificate, name) of each port of these protocols."""
    return [(protocol, security, certificate, mail(protocol, security, certificate))
            for protocol in protocols for security in SECURITIES for certificate in ("good", *BAD)]


# At SMTP_LATE the sender is judged when a recipient is named, and not before, as Postfix does it unless it is told otherwise.
NAMES = ("GLEWLWYD", "BEARER", "REDIRECT", "REFUSED", "SMTP_LATE", *(f"HTTPS_{name.upper()}" for name in BAD),
         *(name for *_, name in mail_ports(*PROTOCOLS)))


def free(names=NAMES):
    """A port for each of these names, on which nothing listens. They lie below those that Linux gives to outgoing connections,
    so that no client of this machine comes upon one by chance; another server may, hence the attempts of `start`."""
    found = []
    for port in random.sample(range(20000, 32000), 1000):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        found.append(port)
        if len(found) == len(names):
            return dict(zip(names, found))
    raise OSError("no free ports between 20000 and 32000")
