"""A relay in front of the provider: it passes requests on, and learns every secret that goes by."""
import base64
import http.server
import json
import threading
import urllib.parse

# Fields of requests and of answers whose values nobody else may see.
SECRETS = ("code", "code_verifier", "device_code", "refresh_token", "access_token", "id_token", "token", "client_assertion",
           "password", "client_secret")


class Relay:
    """Listens on a port of loopback, without TLS; `forward(path, body, headers)` answers as `urllib` does."""

    def __init__(self, forward, learn):
        relay = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                relay._learn_form(body, self.headers.get("Authorization", ""))
                try:
                    answer = forward(self.path, body, self.headers)
                except OSError:
                    self.close_connection = True  # the provider hung up: so is it told
                    return
                relay._learn_answer(answer.body)
                content = answer.body.encode()
                self.send_response(answer.status)
                for name in ("Content-Type", "Retry-After", "Cache-Control", "Location"):
                    if answer.headers.get(name):
                        self.send_header(name, answer.headers[name])
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        self._learn = learn
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def _learn_form(self, body, authorization):
        for name, value in urllib.parse.parse_qsl(body.decode(errors="replace")):
            self._take(name, value)
        if authorization.startswith("Basic "):
            self._take("client_secret", urllib.parse.unquote(base64.b64decode(authorization[6:]).decode().partition(":")[2]))

    def _learn_answer(self, body):
        try:
            fields = json.loads(body)
        except ValueError:
            return
        for name, value in fields.items() if isinstance(fields, dict) else ():
            self._take(name, value)

    def _take(self, name, value):
        if name in SECRETS and isinstance(value, str) and len(value) >= 16:
            self._learn(name, value)
