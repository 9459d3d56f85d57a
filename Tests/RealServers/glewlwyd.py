"""Sets up a fresh Glewlwyd over its admin API."""
import http.cookiejar
import json
import ssl
import subprocess
import urllib.error
import urllib.request

# `mail` opens mailboxes; a token for `calendar` is good, but not for mail.
SCOPES = ("mail", "calendar")
CLIENTS = {
    # They act for themselves: with a secret, and with a key (RFC 7523 section 2.2). The mail server does not know `outsider`.
    "mailkeel": {"authorization_type": ["client_credentials"], "scope": ["mail", "calendar"],
                 "token_endpoint_auth_method": ["client_secret_basic", "client_secret_post"]},
    "outsider": {"authorization_type": ["client_credentials"], "scope": ["mail"],
                 "token_endpoint_auth_method": ["client_secret_basic"]},
    "signer-rsa": {"authorization_type": ["client_credentials"], "scope": ["mail"],
                   "token_endpoint_auth_method": ["private_key_jwt"]},
    "signer-ec": {"authorization_type": ["client_credentials"], "scope": ["mail"],
                  "token_endpoint_auth_method": ["private_key_jwt"]},
    # They act for people: with a secret, and as a program that can keep none.
    "desk": {"authorization_type": ["code", "refresh_token", "device_authorization", "password"], "scope": [],
             "token_endpoint_auth_method": ["client_secret_basic", "client_secret_post"]},
    "pocket": {"authorization_type": ["code", "refresh_token", "device_authorization"], "scope": [],
               "token_endpoint_auth_method": ["none"], "confidential": False},
}

# Glewlwyd 2.7.5 forgets whose token it was when a client authenticates by client_secret_post or private_key_jwt: the token
# itself names the client, its row does not, and introspection then calls it dead. The database fills the gap: to
# introspection such tokens are `mailkeel`'s. What the token endpoint answers is untouched. (5 is the client credentials
# grant.)
REMEMBER_CLIENT = """
CREATE TRIGGER remember_client AFTER INSERT ON gpo_access_token
WHEN NEW.gpoa_authorization_type = 5 AND NEW.gpoa_client_id IS NULL
BEGIN UPDATE gpo_access_token SET gpoa_client_id = 'mailkeel' WHERE gpoa_id = NEW.gpoa_id; END;
"""


class Refused(Exception):
    """Glewlwyd did not take a part of its configuration."""


def configure(origin, ca_file, secrets, keys, people, redirect_uri):
    """Makes an OpenID Connect plugin with every grant that there is, the scopes, the clients (`secrets` and public keys by
    their ids) and the users (passwords by their names)."""
    opener = urllib.request.build_opener(
        urllib.request.HTTPSHandler(context=ssl.create_default_context(cafile=ca_file)),
        urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()))

    def post(path, body):
        request = urllib.request.Request(origin + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
        try:
            opener.open(request, timeout=20).close()
        except urllib.error.HTTPError as error:
            raise Refused(f"POST {path}: HTTP {error.code} {error.read().decode(errors='replace')}") from error

    post("/api/auth/", {"username": "admin", "password": "password"})  # what Debian's schema comes with
    for scope in SCOPES:
        post("/api/scope/", {"name": scope, "display_name": scope, "password_required": False, "scheme": {}})
    post("/api/mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "oidc",
                              "parameters": _plugin(f"{origin}/api/oidc")})
    for client, how in CLIENTS.items():
        given = {name: value for name, value in (("password", secrets.get(client)), ("pubkey", keys.get(client))) if value}
        post("/api/client/", {"client_id": client, "name": client, "enabled": True, "confidential": True,
                              "redirect_uri": [redirect_uri], **given, **how})
    for name, password in people.items():
        post("/api/user/", {"username": name, "name": name.partition("@")[0], "email": name, "password": password,
                            "enabled": True, "scope": ["g_profile", "openid", *SCOPES]})


def _plugin(issuer):
    key = _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    return {
        "iss": issuer,  # below /api/oidc, where discovery is served: for the root, both standard places are 404
        "jwt-type": "ecdsa", "jwt-key-size": "256", "key": key, "cert": _openssl("pkey", "-pubout", text=key),
        "access-token-duration": 3600, "refresh-token-duration": 1209600, "code-duration": 600,
        # Each refresh token works once; when an old one is shown, the newest of its chain dies.
        "refresh-token-rolling": True, "refresh-token-one-use": "always", "auth-type-code-revoke-replayed": True,
        "subject-type": "public", "jwks-show": True, "email-claim": "mandatory", "oauth-as-iss-id": True,
        "allow-non-oidc": True, "auth-type-client-enabled": True, "auth-type-code-enabled": True,
        "auth-type-token-enabled": False, "auth-type-password-enabled": True, "auth-type-device-enabled": True,
        "auth-type-implicit-enabled": False, "auth-type-refresh-enabled": True,
        "device-authorization-expiration": 600, "device-authorization-interval": 1,
        "pkce-allowed": True, "pkce-method-plain-allowed": False, "pkce-required-public-client": True,
        "oauth-par-allowed": True, "oauth-par-required": False, "oauth-par-duration": 90,
        "oauth-par-request_uri-prefix": "urn:glewlwyd:",
        "request-parameter-allow": True, "request-maximum-exp": 3600, "client-pubkey-parameter": "pubkey",
        "introspection-revocation-allowed": True, "introspection-revocation-allow-target-client": True,
        "introspection-revocation-auth-scope": []}


def _openssl(*arguments, text=None):
    return subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True, check=True).stdout
