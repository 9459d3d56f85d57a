"""A person's consent at the sandbox's provider, for a program that is not ours: the refresh token that it gives is adopted."""
import base64
import hashlib
import json
import secrets
import urllib.parse

from command import expect

CLIENT = "mailkeel-sandbox-app"
REDIRECT = "http://127.0.0.1/callback"
SCOPES = "mail openid email offline_access"


def refresh_token(sandbox, user):
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    question = urllib.parse.urlencode({
        "response_type": "code", "client_id": CLIENT, "redirect_uri": REDIRECT, "scope": SCOPES, "state": "s",
        "code_challenge": challenge, "code_challenge_method": "S256"})
    place = sandbox.approve(f"{sandbox.issuer}/authorize?{question}", user)
    code = urllib.parse.parse_qs(urllib.parse.urlsplit(place).query)["code"][0]
    answer = sandbox.fetch(f"{sandbox.issuer}/token", {
        "grant_type": "authorization_code", "client_id": CLIENT, "code": code, "redirect_uri": REDIRECT,
        "code_verifier": verifier})
    expect(answer.status == 200, f"the sandbox did not take the code: {answer.status} {answer.body[:200]}")
    return json.loads(answer.body)["refresh_token"]


def refreshes(sandbox):
    """How many refreshes the provider has counted."""
    return sandbox.counts().get("token_issued refresh_token", 0)
