"""bearer.py CONF: a provider of the JWT bearer grant (RFC 7523 section 2.1), judged by Authlib; run by `start`. It also gives
a client that has a secret tokens of any size (RFC 6749 section 4.4): the scope `size-N` makes one of N characters.

CONF is JSON: where to listen, whose assertions are taken, and with which keys. It has metadata (RFC 8414), a token
endpoint, and introspection (RFC 7662) for the mail server. As at Google, an assertion may hold an hour at most, must not
come from the future, and names the scopes itself; each is taken once.
"""
import http.server
import json
import pathlib
import re
import secrets
import ssl
import sys
import time
import urllib.parse

from authlib.oauth2.rfc6749 import (
    AuthorizationServer, ClientMixin, InvalidGrantError, OAuth2Request, TokenMixin, UnauthorizedClientError)
from authlib.oauth2.rfc6749.grants import ClientCredentialsGrant
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload
from authlib.oauth2.rfc6750 import BearerTokenGenerator
from authlib.oauth2.rfc7523 import JWTBearerGrant
from authlib.oauth2.rfc7662 import IntrospectionEndpoint
from joserfc.jwk import KeySet, RSAKey

LIFETIME = 3600
SIZE = re.compile(r"\bsize-(\d{2,5})\b")


class Request(OAuth2Request):
    def __init__(self, method, uri, headers, form):
        super().__init__(method, uri, headers=headers)
        self.payload, self._form = BasicOAuth2Payload(form), form

    @property
    def form(self):
        return self._form


class Client(ClientMixin):
    """A service account; or the mail server, which has a secret and asks about tokens; or who gets tokens of any size."""

    def __init__(self, name, secret=None, key=None, scopes=(), domain=None, asks=False):
        self.name, self.secret, self.key, self.scopes, self.domain, self.asks = name, secret, key, scopes, domain, asks

    def get_client_id(self):
        return self.name

    def get_allowed_scope(self, scope):
        wanted = [part for part in (scope or "").split() if not (self.name == "sizes" and SIZE.fullmatch(part))]
        return scope if wanted and set(wanted) <= set(self.scopes) else None

    def check_client_secret(self, secret):
        return self.secret is not None and secrets.compare_digest(secret, self.secret)

    def check_endpoint_auth_method(self, method, endpoint):
        return method == "client_secret_basic"

    def check_grant_type(self, grant_type):
        return grant_type == (JWTBearerGrant.GRANT_TYPE if self.key else ClientCredentialsGrant.GRANT_TYPE) and not self.asks


class Token(TokenMixin):
    def __init__(self, client, user, fields):
        self.client, self.user, self.fields, self.made = client, user, fields, int(time.time())

    def check_client(self, client):
        return True  # the mail server may ask about all

    def get_scope(self):
        return self.fields["scope"]

    def get_expires_in(self):
        return self.fields["expires_in"]

    def is_expired(self):
        return time.time() >= self.made + self.fields["expires_in"]

    def is_revoked(self):
        return False


class Grant(JWTBearerGrant):
    LEEWAY = 0

    def resolve_issuer_client(self, issuer):
        return self.server.clients.get(issuer)

    def resolve_client_public_key(self, client):
        return KeySet([client.key]) if client.key else KeySet([])

    def get_audiences(self):
        return [self.server.token_endpoint]

    def verify_claims(self, claims):
        super().verify_claims(claims)
        now = time.time()
        if not claims.get("sub"):
            raise InvalidGrantError(description="Missing claim: 'sub'")
        if claims.get("iat", now + 1) > now or claims["exp"] - claims["iat"] > 3600:
            raise InvalidGrantError(description="Invalid JWT: Token must be a short-lived token (60 minutes)")
        if claims.get("jti") in self.server.seen:
            raise InvalidGrantError(description="The assertion was used before")
        self.server.seen.add(claims.get("jti"))
        # The scopes may stand in the assertion alone.
        self.request.payload.data.setdefault("scope", claims.get("scope", ""))

    def authenticate_user(self, subject):
        return subject if "@" in subject else None

    def has_granted_permission(self, client, user):
        if not user.endswith("@" + client.domain):
            raise UnauthorizedClientError("Client is unauthorized to retrieve access tokens using this method.")  # as Google
        return True


class SizedGrant(ClientCredentialsGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic"]


def make_token(scope, **_):
    """The prefix lets the tests find one wherever it should not be."""
    size = SIZE.search(scope or "")
    prefix, length = ("sized-token-", int(size[1])) if size else ("robot-token-", 55)
    return (prefix + secrets.token_urlsafe(length))[:length]


class Introspection(IntrospectionEndpoint):
    CLIENT_AUTH_METHODS = ["client_secret_basic"]

    def query_token(self, token, hint):
        return self.server.tokens.get(token)

    def check_permission(self, token, client, request):
        return client.asks

    def introspect_token(self, token):
        return {"active": True, "username": token.user or token.client.name, "client_id": token.client.name, "scope": token.get_scope(),
                "token_type": "Bearer", "exp": token.made + token.get_expires_in()}


class Server(AuthorizationServer):
    def __init__(self, conf):
        super().__init__()
        self.issuer = f"https://127.0.0.1:{conf['port']}"
        self.token_endpoint = f"{self.issuer}/token"
        key = RSAKey.import_key(pathlib.Path(conf["publicKey"]).read_text(), {"kid": conf["keyID"], "use": "sig"})
        self.clients = {conf["account"]: Client(conf["account"], key=key, scopes=["mail", "calendar"], domain=conf["domain"]),
                        "mailserver": Client("mailserver", secret=conf["introspectionSecret"], asks=True),
                        "sizes": Client("sizes", secret=conf["sizesSecret"], scopes=["mail"])}
        self.tokens, self.seen = {}, set()
        self.register_token_generator("default", BearerTokenGenerator(make_token, expires_generator=LIFETIME))
        self.register_grant(Grant)
        self.register_grant(SizedGrant)
        self.register_endpoint(Introspection)

    def query_client(self, client_id):
        return self.clients.get(client_id)

    def save_token(self, token, request):
        self.tokens[token["access_token"]] = Token(request.client, request.user, token)

    def send_signal(self, name, *arguments, **more):
        pass

    def create_oauth2_request(self, request):
        return request

    def handle_response(self, status, body, headers):
        return status, body, headers

    def answer(self, request):
        path = urllib.parse.urlsplit(request.uri).path
        if request.method == "GET" and path == "/.well-known/oauth-authorization-server":
            return 200, {"issuer": self.issuer, "token_endpoint": self.token_endpoint,
                         "introspection_endpoint": f"{self.issuer}/introspect",
                         "grant_types_supported": [JWTBearerGrant.GRANT_TYPE, ClientCredentialsGrant.GRANT_TYPE],
                         "token_endpoint_auth_methods_supported": ["none", "client_secret_basic"], "response_types_supported": []}, []
        if request.method == "POST" and path == "/token":
            return self.create_token_response(request)
        if request.method == "POST" and path == "/introspect":
            return self.create_endpoint_response("introspection", request)
        return 404, {"error": "not_found"}, []


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 20

    def respond(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        form = dict(urllib.parse.parse_qsl(body, keep_blank_values=True))
        request = Request(self.command, self.server.oauth.issuer + self.path, dict(self.headers), form)
        status, answer, headers = self.server.oauth.answer(request)
        content = json.dumps(answer).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", **dict(headers), "Content-Length": str(len(content))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)
        error = f" {answer.get('error')}: {answer.get('error_description', '')}" if status >= 400 else ""
        self.log_message("%s %s %s%s", self.command, self.path, status, error)

    do_GET = do_POST = respond

    def log_request(self, *_):
        pass  # `respond` logs with the reason


def main(conf):
    server = http.server.ThreadingHTTPServer(("127.0.0.1", conf["port"]), Handler)
    server.oauth = Server(conf)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(conf["certificate"], conf["certificateKey"])
    # Without the handshake at accept, which would let one client hold up all.
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    server.serve_forever()


if __name__ == "__main__":
    main(json.loads(pathlib.Path(sys.argv[1]).read_text()))
