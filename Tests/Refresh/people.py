"""A person at the sandbox's provider: consent over HTTP, without a browser, and what the provider has counted."""
import base64
import hashlib
import http.client
import json
import secrets
import ssl
import urllib.parse

from command import expect

CLIENT = "mailkeel-sandbox-app"
REDIRECT = "http://127.0.0.1/callback"
SCOPES = "mail openid email offline_access"


class Provider:
    def __init__(self, sandbox):
        self._host = sandbox.issuer.split("//", 1)[1].rstrip("/")
        self._trust = ssl.create_default_context(cafile=str(sandbox.directory / "ca.pem"))

    def refresh_token(self, user):
        """A new consent of this person."""
        verifier = secrets.token_urlsafe(48)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        question = urllib.parse.urlencode({
            "response_type": "code", "client_id": CLIENT, "redirect_uri": REDIRECT, "scope": SCOPES, "state": "s",
            "code_challenge": challenge, "code_challenge_method": "S256", "approve": user})
        status, headers, body = self._ask("GET", f"/authorize?{question}")
        expect(status in (302, 303), f"the sandbox did not redirect: {status} {body[:200]}")
        answer = urllib.parse.parse_qs(urllib.parse.urlsplit(headers["location"]).query)
        status, _, body = self._ask("POST", "/token", {
            "grant_type": "authorization_code", "client_id": CLIENT, "code": answer["code"][0],
            "redirect_uri": REDIRECT, "code_verifier": verifier})
        expect(status == 200, f"the sandbox did not take the code: {status} {body[:200]}")
        return json.loads(body)["refresh_token"]

    def order(self, fault):
        status, _, body = self._ask("POST", "/control/faults", {"fault": fault})
        expect(status in (200, 204), f"the sandbox takes no order {fault}: {status} {body[:200]}")

    def calm(self):
        self._ask("POST", "/control/calm", {})

    def end(self, user):
        self._ask("POST", "/control/end", {"user": user})

    def counts(self):
        _, _, body = self._ask("GET", "/control/counts")
        return json.loads(body)

    def issued(self, grant):
        return self.counts().get(f"token_issued {grant}", 0)

    def _ask(self, method, path, form=None):
        connection = http.client.HTTPSConnection(self._host, timeout=30, context=self._trust)
        try:
            connection.request(
                method, path, urllib.parse.urlencode(form) if form is not None else None,
                {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {})
            response = connection.getresponse()
            return response.status, {name.lower(): value for name, value in response.getheaders()}, response.read().decode()
        finally:
            connection.close()
