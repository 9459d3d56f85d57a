"""A person with a browser, without the browser: signs in at Glewlwyd over its HTTP API, consents, and follows redirects."""
import http.cookiejar
import json
import urllib.error
import urllib.parse
import urllib.request

import servers


class Person:
    def __init__(self, env, name, password):
        self.env, self.name = env, name
        self.origin = f"https://127.0.0.1:{env['GLEWLWYD_PORT']}"
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=servers.trust(env)),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()), _Redirects())
        self._call("POST", "/api/auth/", {"username": name, "password": password})

    def consent(self, url, scopes="mail"):
        """Opens an authorization request, grants `scopes` to its client, and returns where the browser is sent back to."""
        client = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))["client_id"]
        self._call("PUT", f"/api/auth/grant/{client}/", {"scope": scopes})
        # What the page's button does.
        return self._call("GET", url + "&g_continue")

    def come_back(self, url):
        """Follows the redirect to the program that waits at a loopback address: (status, page)."""
        try:
            with urllib.request.urlopen(url, timeout=20) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            return error.code, error.read().decode()

    def enter_code(self, url, client, scopes="mail"):
        """Opens the address of a device request with its code in it, and lets the device in."""
        self._call("PUT", f"/api/auth/grant/{client}/", {"scope": scopes})
        where = self._call("GET", url + "&g_continue")
        assert "deviceComplete" in where, where

    def grants(self, client):
        """How many refresh tokens of this person's the provider knows for a client: (alive, dead)."""
        known = self._grants(client)
        alive = sum(grant["enabled"] for grant in known)
        return alive, len(known) - alive

    def revoke_all(self, client):
        """Takes back whatever a client was granted, at the provider's own page."""
        for grant in self._grants(client):
            if grant["enabled"]:
                self._call("DELETE", f"/api/oidc/token/{urllib.parse.quote(grant['token_hash'], safe='')}")

    def _grants(self, client):
        with self._opener.open(f"{self.origin}/api/oidc/token/?limit=1000", timeout=20) as answer:
            return [grant for grant in json.loads(answer.read()) if grant["client_id"] == client]

    def _call(self, method, path, body=None):
        """The place that the answer redirects to; None when it does not."""
        url = path if path.startswith("https:") else self.origin + path
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {}, method=method)
        with self._opener.open(request, timeout=20) as answer:
            return answer.headers.get("Location")


class _Redirects(urllib.request.HTTPErrorProcessor):
    """Hands redirects back, and fails on errors."""

    def http_response(self, request, response):
        return response if 300 <= response.status < 400 else super().http_response(request, response)

    https_response = http_response
