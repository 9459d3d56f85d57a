"""Sets up a fresh Glewlwyd over its admin API."""
import http.cookiejar
import json
import ssl
import subprocess
import urllib.error
import urllib.request

# `mail` opens mailboxes; a token for `calendar` is good, but not for mail. The mail server does not know `outsider`.
SCOPES = {"mailkeel": ["mail", "calendar"], "outsider": ["mail"]}
METHODS = {"mailkeel": ["client_secret_basic", "client_secret_post"], "outsider": ["client_secret_basic"]}

# Glewlwyd 2.7.5 forgets whose token it was when a client authenticates by client_secret_post: the token itself names
# the client, its row does not, and introspection then calls it dead. One client only may use that method here, so the
# database can fill the gap. What the token endpoint answers is untouched. (5 is the client credentials grant.)
REMEMBER_CLIENT = """
CREATE TRIGGER remember_client AFTER INSERT ON gpo_access_token
WHEN NEW.gpoa_authorization_type = 5 AND NEW.gpoa_client_id IS NULL
BEGIN UPDATE gpo_access_token SET gpoa_client_id = 'mailkeel' WHERE gpoa_id = NEW.gpoa_id; END;
"""


class Refused(Exception):
    """Glewlwyd did not take a part of its configuration."""


def configure(origin, ca_file, secrets):
    """Makes an OpenID Connect plugin with the client credentials grant and introspection, the scopes, and one
    confidential client for each id in `secrets`."""
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
    for scope in ("mail", "calendar"):
        post("/api/scope/", {"name": scope, "display_name": scope, "password_required": False, "scheme": {}})
    post("/api/mod/plugin/", {"module": "oidc", "name": "oidc", "display_name": "oidc",
                              "parameters": _plugin(f"{origin}/api/oidc")})
    for client, secret in secrets.items():
        post("/api/client/", {
            "client_id": client, "name": client, "enabled": True, "confidential": True, "password": secret,
            "token_endpoint_auth_method": METHODS[client],
            "authorization_type": ["client_credentials"], "redirect_uri": [], "scope": SCOPES[client]})


def _plugin(issuer):
    key = _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256")
    return {
        "iss": issuer,  # below /api/oidc, where discovery is served: for the root, both standard places are 404
        "jwt-type": "ecdsa", "jwt-key-size": "256", "key": key, "cert": _openssl("pkey", "-pubout", text=key),
        "access-token-duration": 3600, "refresh-token-duration": 1209600, "code-duration": 600,
        "refresh-token-rolling": True, "subject-type": "public", "jwks-show": True,
        "allow-non-oidc": True, "auth-type-client-enabled": True, "auth-type-code-enabled": False,
        "auth-type-token-enabled": False, "auth-type-password-enabled": False, "auth-type-device-enabled": False,
        "auth-type-implicit-enabled": False, "auth-type-refresh-enabled": False,
        "introspection-revocation-allowed": True, "introspection-revocation-allow-target-client": True,
        "introspection-revocation-auth-scope": []}


def _openssl(*arguments, text=None):
    return subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True, check=True).stdout
