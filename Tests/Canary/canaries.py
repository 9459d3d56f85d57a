"""Secrets to look for, and the forms in which one can leak: each as the bytes that would then stand somewhere."""
import base64
import hashlib
import json
import urllib.parse

# Forms that say nothing more where the whole stands in clear.
PARTS = ("beginning", "end")


class Canary:
    """A secret with a name that may be shown. `home` names the files that rightly hold it."""

    def __init__(self, name, secret, *home):
        self.name, self.secret, self.home = name, secret, {str(path) for path in home}
        self.forms = forms(secret)


def forms(secret):
    """Every form by name. Percent-encoding and JSON's escapes count only where they change anything."""
    percent = urllib.parse.quote(secret, safe="-._~").encode()
    found = {"raw": secret, "beginning": secret[:20], "end": secret[-16:], **_encoded("", secret)}
    if percent != secret:
        found["percent"] = percent
        found["percent, lower case"] = _lower_escapes(percent)
        found |= _encoded("percent, ", percent)  # as client_secret_basic does it (RFC 6749 section 2.3.1)
    if secret.isascii():
        escaped = json.dumps(secret.decode())[1:-1].encode()
        for name, form in (("JSON", escaped), ("JSON, slashes escaped", escaped.replace(b"/", b"\\/"))):
            if form != secret:
                found[name] = form
    digest = hashlib.sha256(secret).digest()
    found |= {"SHA-256": digest, "SHA-256 hex": digest.hex().encode(), "SHA-256 HEX": digest.hex().upper().encode(),
              "SHA-256 base64": base64.b64encode(digest)[:-1], "SHA-256 base64url": base64.urlsafe_b64encode(digest)[:-1]}
    return found


def login(mailbox, token):
    """The initial response of XOAUTH2, which holds the token and is sent in base64."""
    return f"user={mailbox}\x01auth=Bearer ".encode() + token + b"\x01\x01"


def _encoded(prefix, data):
    found = {f"{prefix}hex": data.hex().encode(), f"{prefix}HEX": data.hex().upper().encode()}
    for offset in range(3):
        standard = _inner_base64(data, offset)
        found[f"{prefix}base64 at {offset}"] = standard
        found[f"{prefix}base64url at {offset}"] = standard.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def _inner_base64(data, offset):
    """The characters that `data` alone decides when `offset` bytes stand before it in the group of three."""
    encoded = base64.b64encode(b"\0" * offset + data)
    first = -(-offset * 8 // 6)
    last = (offset + len(data)) * 8 // 6
    return encoded[first:last]


def _lower_escapes(percent):
    pieces = percent.split(b"%")
    return pieces[0] + b"".join(b"%" + piece[:2].lower() + piece[2:] for piece in pieces[1:])
