"""check_grants.py DIR: proves with a client of its own that the providers of `start DIR` keep to every grant as the tests
believe. Runs with the Python of .build/venv, whose Authlib signs here. Prints all answers.

When this fails, the servers or their configuration are to blame, not mailkeel.
"""
import base64
import hashlib
import json
import pathlib
import secrets
import sys
import time
import urllib.parse

from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

import servers
from person import Person

BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

if len(sys.argv) != 2:
    sys.exit(__doc__)
env = servers.read_env(sys.argv[1])
desk_secret = servers.secret(env["DESK_SECRET_FILE"])
wrong = []


def check(what, answer, *expected):
    """`expected`: what must occur in the answer, a text or lines."""
    text = answer if isinstance(answer, str) else "\n".join(answer)
    print(f"== {what}\n{text}\n")
    wrong.extend(f"{what}: {part!r} is not in the answer" for part in expected if part not in text)


def shown(answer):
    """The answer to a request, without what is secret in it."""
    status, body = answer
    try:
        body = json.dumps({name: "..." if name.endswith(("_token", "_code")) else value
                           for name, value in json.loads(body).items()})
    except ValueError:
        pass
    return f"HTTP {status} {body or '(empty body)'}"


def tokens(answer):
    assert answer[0] == 200, answer
    return json.loads(answer[1])


def person(name):
    return Person(env, name, servers.secret(f"{env['PEOPLE_SECRETS']}/{name}"))


def assertion(key, algorithm, issuer, subject, audience, **more):
    now = int(time.time())
    kind = ECKey if algorithm == "ES256" else RSAKey
    claims = {"iss": issuer, "sub": subject, "aud": audience, "jti": secrets.token_hex(16), "iat": now - 60,
              "nbf": now - 60, "exp": now + 300, **more}
    return jwt.encode({"alg": algorithm, "typ": "JWT"}, claims, kind.import_key(key), algorithms=[algorithm])


# -- a client that shows a key

def by_key(client, algorithm, file, **more):
    key = pathlib.Path(env[file]).read_text().partition("-----BEGIN CERTIFICATE")[0]
    signed = assertion(key, algorithm, client, client, env["GLEWLWYD_TOKEN_ENDPOINT"], **more)
    return servers.ask_token(env, client, None, "private_key_jwt", scope="mail", client_assertion_type=ASSERTION,
                             client_assertion=signed)


for client, algorithm, file in (("signer-rsa", "RS256", "SIGNER_RSA_FILE"), ("signer-rsa", "PS256", "SIGNER_RSA_FILE"),
                                ("signer-ec", "ES256", "SIGNER_EC_FILE")):
    check(f"private_key_jwt, {algorithm}", shown(by_key(client, algorithm, file)), "HTTP 200", '"scope": "mail"')
    token = tokens(by_key(client, algorithm, file))["access_token"]
    check(f"login with it, {algorithm}", servers.imap_login(env, env["MAILBOX"], token), "a OK")
check("another client's key", shown(by_key("signer-ec", "RS256", "SIGNER_RSA_FILE")), "HTTP 403 (empty body)")
check("an expired assertion", shown(by_key("signer-rsa", "RS256", "SIGNER_RSA_FILE", exp=int(time.time()) - 1)),
      "HTTP 403 (empty body)")
check("the issuer as audience", shown(by_key("signer-rsa", "RS256", "SIGNER_RSA_FILE", aud=env["GLEWLWYD_ISSUER"])),
      "HTTP 403 (empty body)")

# -- code with PKCE, consent over HTTP

def code_request(client, **more):
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")
    query = {"response_type": "code", "client_id": client, "redirect_uri": env["REDIRECT_URI"], "scope": "mail",
             "state": secrets.token_hex(8), "code_challenge": challenge, "code_challenge_method": "S256", **more}
    return f"{env['GLEWLWYD_ISSUER']}/auth?" + urllib.parse.urlencode(query), verifier


def redeem(client, url, verifier, method="client_secret_basic"):
    code = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(url).query))["code"]
    return servers.ask_token(env, client, desk_secret if client == "desk" else None, method,
                             grant_type="authorization_code", code=code, redirect_uri=env["REDIRECT_URI"],
                             code_verifier=verifier)


def refresh(refresh_token, client_secret=desk_secret):
    return servers.ask_token(env, "desk", client_secret, grant_type="refresh_token", refresh_token=refresh_token)


def introspect(token):
    return servers.ask(env, f"{env['GLEWLWYD_ISSUER']}/introspect", {"token": token}, "desk", desk_secret)


lead = person("lead@people.test")
url, verifier = code_request("desk")
back = lead.consent(url)
check("consent", back.replace(env["REDIRECT_URI"], ""), "iss=", "state=", "code=")
check("a wrong verifier", shown(redeem("desk", back, "x" * 43)), 'HTTP 403 {"error": "invalid_code"}')
answer = redeem("desk", back, verifier)
check("code", shown(answer), "HTTP 200", '"refresh_token"', '"scope": "mail"', '"expires_in": 3600')
first = tokens(answer)
check("login of the person", servers.imap_login(env, "lead@people.test", first["access_token"]), "a OK")
check("another's mailbox", servers.imap_login(env, "other@people.test", first["access_token"]), "AUTHENTICATIONFAILED")
check("a shared mailbox", servers.imap_login(env, "shared@people.test", first["access_token"]), "a OK")
check("introspection", shown(introspect(first["access_token"])), '"username": "lead@people.test"', '"active": true')
check("the code again", shown(redeem("desk", back, verifier)), 'HTTP 403 {"error": "invalid_code"}')
check("tokens of a code that came back", shown(refresh(first["refresh_token"])), "HTTP 400 (empty body)")

url, verifier = code_request("desk", scope="openid mail")
check("openid without a nonce", lead.consent(url, "openid mail"), "error=invalid_request", "nonce+required")
url, verifier = code_request("desk", scope="openid mail", nonce="n-1")
identity = tokens(redeem("desk", lead.consent(url, "openid mail"), verifier))["id_token"]
claims = json.loads(base64.urlsafe_b64decode(identity.split(".")[1] + "=="))
check("identity", json.dumps({name: claims.get(name) for name in ("iss", "aud", "nonce", "email")}),
      env["GLEWLWYD_ISSUER"], '"desk"', '"n-1"', "lead@people.test")
check("a scope that nobody knows", lead.consent(code_request("desk", scope="nonsense")[0]), "error=invalid_scope")
check("less granted than asked", lead.consent(code_request("desk", scope="mail calendar")[0], "mail"), "code=")

# -- refresh with rotation

def consented(scope="mail"):
    url, verifier = code_request("desk", scope=scope)
    return tokens(redeem("desk", lead.consent(url, scope), verifier))


old = consented()
new = tokens(refresh(old["refresh_token"]))
check("rotation", str(new["refresh_token"] != old["refresh_token"]), "True")
check("the old access token still works", servers.imap_login(env, "lead@people.test", old["access_token"]), "a OK")
check("an old refresh token", shown(refresh(old["refresh_token"])), "HTTP 400 (empty body)")
check("and then the new one", shown(refresh(new["refresh_token"])), "HTTP 400 (empty body)")
check("an unknown refresh token", shown(refresh("nonsense")), "HTTP 400 (empty body)")
grant = consented()["refresh_token"]
check("a refresh with a wrong secret", shown(refresh(grant, "wrong")), "HTTP 400 (empty body)")
check("has killed the grant", shown(refresh(grant)), "HTTP 400 (empty body)")
grant = consented("mail calendar")["refresh_token"]
check("a refresh for fewer scopes", shown(servers.ask_token(
    env, "desk", desk_secret, grant_type="refresh_token", refresh_token=grant, scope="mail")), '"scope": "mail calendar"')

# -- revocation

grant = consented()
revoke = lambda token, secret=desk_secret: shown(servers.ask(
    env, f"{env['GLEWLWYD_ISSUER']}/revoke", {"token": token, "token_type_hint": "refresh_token"}, "desk", secret))
check("revocation", revoke(grant["refresh_token"]), "HTTP 200")
check("a refresh after it", shown(refresh(grant["refresh_token"])), "HTTP 400 (empty body)")
check("the access token lives on", shown(introspect(grant["access_token"])), '"active": true')
check("revocation of what is not there", revoke("nonsense"), "HTTP 200")
check("revocation with a wrong secret", revoke("nonsense", "wrong"), "HTTP 401")

# -- device code, and a client without a secret

def device(client):
    status, body = servers.ask(env, f"{env['GLEWLWYD_ISSUER']}/device_authorization", {"client_id": client, "scope": "mail"},
                               *(("desk", desk_secret) if client == "desk" else ()))
    assert status == 200, (status, body)
    return json.loads(body)


def poll(client, code):
    return servers.ask_token(env, client, desk_secret if client == "desk" else None,
                             "client_secret_basic" if client == "desk" else "none", grant_type=DEVICE, device_code=code)


def poll_as_asked(client, begun):
    """Polls no sooner than the interval wants, and waits for it once more after each request that came too soon."""
    for _ in range(10):
        time.sleep(begun["interval"])
        if "slow_down" not in (answer := poll(client, begun["device_code"]))[1]:
            break
    return answer


for client, who in (("desk", lead), ("pocket", person("lead@pocket.test"))):
    begun = device(client)
    check(f"device, {client}", json.dumps({name: begun[name] for name in ("expires_in", "interval")}), '"interval": 1')
    check(f"before consent, {client}", shown(poll(client, begun["device_code"])), "authorization_pending")
    # On a busy machine a second may pass between two requests.
    hasty = [shown(poll(client, begun["device_code"])) for _ in range(5)]
    check(f"too soon, {client}", hasty, "slow_down")
    who.enter_code(begun["verification_uri_complete"], client)
    answer = poll_as_asked(client, begun)
    check(f"after consent, {client}", shown(answer), "HTTP 200", '"refresh_token"')
    check(f"login, {client}", servers.imap_login(env, who.name, tokens(answer)["access_token"]), "a OK")
url, verifier = code_request("pocket")
check("code without a secret", shown(redeem("pocket", who.consent(url), verifier, "none")), "HTTP 200")

# -- password, and pushed requests

check("password", shown(servers.ask_token(env, "desk", desk_secret, grant_type="password", username="lead@people.test",
                                          password=servers.secret(f"{env['PEOPLE_SECRETS']}/lead@people.test"),
                                          scope="mail")), "HTTP 200", '"refresh_token"')
pushed = {"response_type": "code", "client_id": "desk", "redirect_uri": env["REDIRECT_URI"], "scope": "mail"}
for name, value, expected in (("right", desk_secret, "HTTP 201"), ("wrong", "wrong", "HTTP 403 (empty body)")):
    check(f"pushed request, {name} secret", shown(servers.ask(
        env, f"{env['GLEWLWYD_ISSUER']}/par", pushed, "desk", value)), expected)

# -- JWT bearer, at the provider on Authlib

account = json.loads(pathlib.Path(env["SERVICE_ACCOUNT_FILE"]).read_text())


def bearer(subject="a@robots.test", **more):
    signed = assertion(more.pop("key", account["private_key"]), "RS256", account["client_email"], subject,
                       account["token_uri"], **{"scope": "mail", **more})
    return servers.ask(env, account["token_uri"], {"grant_type": BEARER, "assertion": signed})


answer = bearer()
check("jwt-bearer", shown(answer), "HTTP 200", '"scope": "mail"', '"expires_in": 3600')
check("login", servers.imap_login(env, "a@robots.test", tokens(answer)["access_token"]), "a OK")
check("another mailbox", servers.imap_login(env, "b@robots.test", tokens(answer)["access_token"]), "AUTHENTICATIONFAILED")
other_key = pathlib.Path(env["SIGNER_RSA_FILE"]).read_text().partition("-----BEGIN CERTIFICATE")[0]
for what, more, expected in (
        ("another key", {"key": other_key}, "invalid_grant"), ("another audience", {"aud": "https://x.test/"}, "invalid_grant"),
        ("a day", {"exp": int(time.time()) + 86400}, "short-lived"), ("the future", {"iat": int(time.time()) + 90}, "invalid_grant"),
        ("the same again", {"jti": "twice"}, "HTTP 200"), ("the same again, now", {"jti": "twice"}, "used before"),
        ("a mailbox elsewhere", {"subject": "a@elsewhere.test"}, "unauthorized_client"), ("no subject", {"subject": ""}, "'sub'"),
        ("another scope", {"scope": "everything"}, "invalid_scope")):
    check(f"jwt-bearer, {what}", shown(bearer(**more)), expected)

if wrong:
    sys.exit("\n".join(wrong))
