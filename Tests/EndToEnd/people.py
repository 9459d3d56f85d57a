"""Who consents at the sandbox's provider: the manifest of an account that needs it, and what a program that is not ours gets."""
import base64
import hashlib
import json
import secrets
import urllib.parse

from command import expect

CLIENT = "mailkeel-sandbox-app"
REDIRECT = "http://127.0.0.1/callback"
SCOPES = "mail openid email offline_access"
MANIFEST = """\
apiVersion: mailkeel/v1
kind: OAuthProfile
metadata: {{ name: {name} }}
spec:
  issuer: "{issuer}"
  grant: {grant}
  client: {client}
  scopes: [{scopes}]
  tls: {{ caFile: ca.pem }}
{of_profile}---
apiVersion: mailkeel/v1
kind: EmailAccount
metadata: {{ name: {account} }}
spec:
  type: imap
  server: 127.0.0.1
  port: {port}
  connectionSecurity: tls
  authentication: oauth2
  userName: {mailbox}
  oauthProfile: {name}
  tls: {{ caFile: ca.pem }}
{of_account}"""


def manifest(sandbox, name, account, mailbox, grant="authorization_code", client=f"{{ id: {CLIENT} }}", scopes=SCOPES,
             of_profile=(), of_account=()):
    """An application and an account that uses it, with more lines for either."""
    lines = lambda more: "".join(f"  {line}\n" for line in more)
    return MANIFEST.format(
        name=name, account=account, mailbox=mailbox, grant=grant, client=client, scopes=", ".join(scopes.split()),
        issuer=sandbox.issuer, port=sandbox.imap_port, of_profile=lines(of_profile), of_account=lines(of_account))


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
