"""Proves the search: a program that leaks one form of a canary at one place is caught there, by that very form."""
import base64
import hashlib
import pathlib
import subprocess
import urllib.parse

from canaries import Canary
from evidence import Evidence

# Its bytes need every kind of escape; of it, `+` and `/` occur in base64 at some offset.
SECRET = b'planted/+canary"&\\%=: ' + bytes(range(0x30, 0x3a)) + b"~>?>?>?ZZ"
PLACES = {"standard output": "cat {leak}", "standard error": "cat {leak} >&2", "a stored file": "cat {leak} > {store}/state.json",
          "the name of a file": "touch \"{store}/$(cat {leak})\""}
# NUL, slashes and line feeds cannot stand in a name, raw digests not well.
NAMEABLE = ("hex", "HEX", "base64url")


def leaks():
    """(form, bytes): what a careless program would write, made with the library's encoders, never with the searcher's."""
    yield "raw", b"secret: " + SECRET + b"\n"
    yield "beginning", SECRET[:24] + b"..."
    yield "end", b"..." + SECRET[-18:]
    yield "hex", SECRET.hex().encode()
    yield "HEX", SECRET.hex().upper().encode()
    percent = urllib.parse.quote(SECRET, safe="-._~").encode()
    yield "percent", percent
    yield "percent, lower case", b"".join(b"%%%02x" % byte if chr(byte) not in UNRESERVED else bytes([byte]) for byte in SECRET)
    for prefix, data in (("", SECRET), ("percent, ", percent)):
        for offset in range(3):
            for before in (b"abc"[:offset], b"mailkeel:x-"[: 9 + offset]):
                if len(before) % 3 != offset:
                    continue
                for after in (b"", b"\n", b"&grant", b"\x01\x01"):
                    whole = before + data + after
                    yield f"{prefix}base64 at {offset}", b"Basic " + base64.b64encode(whole)
                    yield f"{prefix}base64url at {offset}", base64.urlsafe_b64encode(whole).rstrip(b"=")
        yield f"{prefix}hex", b"00" + data.hex().encode() + b"00"
        yield f"{prefix}HEX", data.hex().upper().encode()
    yield "JSON", b'{"secret":"' + SECRET.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"}'
    yield ("JSON, slashes escaped",
           b'"' + SECRET.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"/", b"\\/") + b'"')
    digest = hashlib.sha256(SECRET)
    yield "SHA-256", b"\0\1" + digest.digest()
    yield "SHA-256 hex", b"sha256:" + digest.hexdigest().encode()
    yield "SHA-256 HEX", digest.hexdigest().upper().encode()
    yield "SHA-256 base64", base64.b64encode(digest.digest())
    yield "SHA-256 base64url", base64.urlsafe_b64encode(digest.digest()).rstrip(b"=")


UNRESERVED = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def run(place):
    """(number of proofs that held, what did not hold)."""
    canary = Canary("the planted canary", SECRET, pathlib.Path(place) / "home-of-the-canary")
    known = Canary("another canary", SECRET[::-1])
    wrong, proofs, tested = [], 0, set()
    for number, (form, leak) in enumerate(leaks()):
        tested.add(form)
        for nth, (where, script) in enumerate(PLACES.items()):
            if where == "the name of a file" and not form.startswith(NAMEABLE):
                continue
            found = _findings(pathlib.Path(place) / f"{number}-{nth}", script, leak, [canary, known])
            proofs += 1
            if not any(finding.form == form and finding.canary == canary.name for finding in found):
                wrong.append(f"{form} in {where} was not found")
            if any(finding.canary == known.name for finding in found):
                wrong.append(f"{form} in {where} was taken for another canary")
    for form in canary.forms.keys() - tested:
        wrong.append(f"the form {form} was never planted")
    clean = _findings(pathlib.Path(place) / "clean", PLACES["a stored file"], b"nothing of interest\n", [canary])
    proofs += 1
    if clean:
        wrong.append("something was found where nothing is")
    exempt = Evidence()
    (pathlib.Path(place) / "home-of-the-canary").write_bytes(SECRET)
    exempt.add_files("a command", place)
    exempt.add_output("token", "standard output", SECRET, [canary.name])
    proofs += 1
    if any(finding.command == "token" or finding.where in canary.home for finding in exempt.search([canary])):
        wrong.append("a canary was found in its own home")
    return proofs - len(wrong), wrong


def _findings(place, script, leak, canaries):
    """What is found of a shell script that stands for a leaking program."""
    store = place / "store"
    store.mkdir(parents=True)
    (place / "leak").write_bytes(leak)
    done = subprocess.run(["/bin/sh", "-c", script.format(leak=place / "leak", store=store)], capture_output=True)
    evidence = Evidence()
    evidence.add_output("the script", "standard output", done.stdout)
    evidence.add_output("the script", "standard error", done.stderr)
    evidence.add_files("the script", store)
    return evidence.search(canaries)
