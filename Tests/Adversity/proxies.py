"""Mail through proxies: by a name that only the proxy can resolve, in each scheme, and what is said when one refuses or dies.

The server's certificate names a host that this machine does not know, so that nothing works but through the proxy."""
import contextlib
import json
import socket

import mailaccounts
from casebook import Complaints, case
from command import expect
from proxy import Proxy
from sandbox import Sandbox

HOST = "other.sandbox.example"
LOGIN, SHOWN = "user:p%40ss-word", "user:p@ss-word"
NAMES = ("imap", "pop3", "smtp")


class Network:
    """A project whose mail servers have a name that leads nowhere, and their sandbox."""

    def __init__(self, bench, stack):
        self.project = bench.empty()
        self.sandbox = stack.enter_context(Sandbox(
            bench.binary, bench.place / "sandbox", self.project.variables, "--jwt-tokens", "--fault", "mail-certificate-wrong-host"))
        accounts = [mailaccounts.account(self.sandbox, name, name, security, server=HOST, profile=profile, mechanism=mechanism)
                    for name, security, profile, mechanism in (("imap", "tls", "sandbox", "XOAUTH2"), ("pop3", "tls", None, None),
                                                               ("smtp", "starttls", None, None))]
        (self.project.directory / "mail.yaml").write_text("---\n".join([mailaccounts.profile(self.sandbox), *accounts]))
        self.places = {(HOST, int(self.sandbox.ports[port])) for port in ("imap", "pop3", "smtp_starttls")}

    def run(self, *arguments, **variables):
        return self.project.run(*arguments, environment={**self.project.variables, **variables})

    def proxy(self, scheme, **more):
        return Proxy(scheme, {HOST: "127.0.0.1"}, **more)

    def failures(self, **variables):
        """The verdict of each account, and what was said of it."""
        answer = self.run("test", "--json", **variables).exits(6)
        lines = [json.loads(line) for line in answer.out.splitlines()]
        expect(SHOWN.partition(":")[2] not in answer.text and LOGIN.partition(":")[2] not in answer.text,
               "it shows the proxy's password")
        codes = {line["address"].partition("/")[2]: (line["stage"], line.get("code"), line.get("responsible"), line["attempts"])
                 for line in lines if line["type"] == "test"}
        said = [line["diagnostic"] for line in lines if line["type"] == "diagnostic"]
        return codes, said


@case("mail by CONNECT and SOCKS 5: the proxy resolves the name, and sees no credential; NO_PROXY and none are heeded")
def proxied(bench):
    with contextlib.ExitStack() as stack:
        network = Network(bench, stack)
        # What goes first proves that the name leads nowhere from here.
        network.run("apply", "--auto-approve").exits(6).says("connection.name_not_resolved", HOST)
        with network.proxy("http") as proxy:
            network.run("apply", "--auto-approve", MAILKEEL_MAIL_PROXY=proxy.address()).exits(0)
        complaints = Complaints()
        for scheme, variable, login in (("http", "MAILKEEL_MAIL_PROXY", None), ("socks5", "MAILKEEL_MAIL_PROXY", None),
                                        ("http", "ALL_PROXY", LOGIN), ("socks5", "all_proxy", LOGIN), ("socks5h", "ALL_PROXY", None)):
            def passes():
                with network.proxy(scheme, login=login and SHOWN) as proxy:
                    answer = network.run("test", **{variable: proxy.address(login)}).exits(0)
                expect(set(proxy.asked) == network.places, f"the proxy was asked for {proxy.asked}")
                expect(len(proxy.heard) > 1000, "next to nothing went through the proxy")
                expect(not mailaccounts.shows_credential(proxy.heard), "the proxy saw a credential")
                expect(b"EHLO" in proxy.heard, "STARTTLS was not spoken through the proxy")
                expect(SHOWN not in answer.text and "p@ss-word" not in answer.text, "it shows the proxy's password")
            complaints.attempt(f"{variable}={scheme}", passes)

        def excepted():
            with network.proxy("socks5") as proxy:
                way = proxy.address()
                network.run("test", ALL_PROXY=way, NO_PROXY="sandbox.example").exits(6).says("connection.name_not_resolved")
                network.run("test", ALL_PROXY=way, MAILKEEL_MAIL_PROXY="none").exits(6).says("connection.name_not_resolved")
                network.run("test", HTTPS_PROXY=way).exits(6).says("connection.name_not_resolved")
                expect(not proxy.asked, "the proxy was asked though it was not to be")
                network.run("test", MAILKEEL_MAIL_PROXY=way, NO_PROXY="*", ALL_PROXY="http://127.0.0.1:1").exits(0)
                expect(set(proxy.asked) == network.places, "MAILKEEL_MAIL_PROXY does not count more than the others")
        complaints.attempt("exceptions", excepted)
        complaints.settle()


@case("a proxy that refuses, wants a login, dies or is not there: which variable names it and whose move it is; nothing goes directly")
def refused(bench):
    def meets(code, responsible, *words, attempts=1, variable="MAILKEEL_MAIL_PROXY", shows=None, scheme="http", **more):
        with network.proxy(scheme, **more) as proxy:
            codes, said = network.failures(**{variable: proxy.address(shows)})
        tells(codes, said, code, responsible, attempts, variable, *words)

    def tells(codes, said, code, responsible, attempts, *words):
        wanted = dict.fromkeys(NAMES, ("tcp", code, responsible, attempts))
        expect(codes == wanted, f"it says {codes}")
        for diagnostic in said:
            text = json.dumps(diagnostic, ensure_ascii=False)
            for word in words:
                expect(word in text, f"it does not say {word}: {text}")
            expect(diagnostic.get("help"), f"it says nothing that helps: {text}")

    with contextlib.ExitStack() as stack:
        network = Network(bench, stack)
        with network.proxy("socks5") as proxy:
            network.run("apply", "--auto-approve", MAILKEEL_MAIL_PROXY=proxy.address()).exits(0)
        complaints = Complaints()
        for label, attempt in {
            "403": lambda: meets("connection.proxy_refused", "operator", "403", HOST, refuses=403),
            "503": lambda: meets("connection.proxy_refused", "operator", "503", HOST, refuses=503),
            "not allowed": lambda: meets("connection.proxy_refused", "operator", "not allowed", scheme="socks5", refuses=2),
            "refused beyond": lambda: meets("connection.proxy_did_not_reach", "tenant_administrator", HOST, scheme="socks5", refuses=5),
            "a login is wanted": lambda: meets("connection.proxy_authentication", "operator", "USER:PASSWORD@",
                                               variable="ALL_PROXY", login=SHOWN),
            "another login": lambda: meets("connection.proxy_authentication", "operator", scheme="socks5",
                                           shows="user:other", login=SHOWN),
            "dies": lambda: meets("connection.proxy_refused", "operator", "hanging up", drops=True),
        }.items():
            complaints.attempt(label, attempt)
        with socket.create_server(("127.0.0.1", 0)) as closed:
            port = closed.getsockname()[1]

        def nobody():
            codes, said = network.failures(MAILKEEL_MAIL_PROXY=f"socks5://{LOGIN}@127.0.0.1:{port}")
            tells(codes, said, "connection.proxy_unreached", "operator", 1, f"127.0.0.1:{port}", "MAILKEEL_MAIL_PROXY")

        def unusable():
            codes, said = network.failures(ALL_PROXY=f"https://{LOGIN}@127.0.0.1:{port}")
            tells(codes, said, "connection.proxy_unusable", "operator", 1, "https are not supported", "ALL_PROXY")

        complaints.attempt("nobody is there", nobody)
        complaints.attempt("another scheme", unusable)
        complaints.settle()
