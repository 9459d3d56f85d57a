"""Consents, renewals and the vault: all that has a person's tokens in its hands, watched by a relay that learns them."""
import collections
import json
import subprocess
import urllib.parse

from people import CLIENT, SCOPES, manifest, refresh_token
from relay import Relay
from stage import Stage, secret

LEAD = "lead@sandbox.example"
LINK, DEVICE = f"Authorization/link:{LEAD}", "Authorization/device:alerts@sandbox.example"
PROFILES = ("link", "device", "typed", "signed")
RELAYED = 'endpoints: {{ token: "{0}/token", deviceAuthorization: "{0}/device_authorization", revocation: "{0}/revoke" }}'
APPLICATION = f"{{ id: {CLIENT} }}"
# Without one of these the search would have looked for too little.
LEARNT = {"code", "code_verifier", "device_code", "refresh_token", "access_token", "id_token", "client_assertion", "a user's code"}
# What a provider can do to the answer for which everything was done.
MISHAPS = ("token-html", "token-oauth-error", "token-microsoft-error", "token-dropped", "token-type=mac", "token-huge",
           "token-scopes-fewer", "token-no-refresh", "id-token-wrong-nonce", "consent-other-user=billing@sandbox.example")
OF_RENEWALS = ("token-unavailable", "token-oauth-error", "token-google-error", "token-html", "token-type=mac", "token-redirect",
               "token-dropped")


def in_turn(faults):
    """Each fault and at last none, for people and for machines in turn; without a fault for both."""
    forms = ((), ("--json",))
    return [(fault, forms[number % 2]) for number, fault in enumerate(faults)] + [(None, form) for form in forms]


class Consents(Stage):
    _copies = ("people", "refused-assertion")

    def people_consent(self):
        subject, self._learnt = self.subject, collections.Counter()
        stored = self.main / "secrets"
        self._make_certificate(stored / "client.pem")
        password = secret("Password")
        (stored / "password").touch(mode=0o600)
        (stored / "password").write_text(password)
        self.restart("--device-interval", "1", "--user-password", str(stored / "password"),
                     "--client-key", str(stored / "client.pem"))
        project = self.project("people")
        subject.plant("a user's password", password, stored / "password",
                      *(self.place / name / "secrets/password" for name in self._copies))
        self._plant_key(stored / "client.pem", *(self.place / name / "secrets/client.pem" for name in self._copies))
        relay = Relay(lambda place, body, headers: self.sandbox.fetch(self.sandbox.issuer + place, body, headers), self._learn)
        try:
            relayed = RELAYED.format(relay.address)
            (project / "people.yaml").write_text(self._manifests(relayed))
            # An assertion is for one address, so that of the relay is refused; that is how it is learnt.
            refused = self.project("refused-assertion")
            (refused / "people.yaml").write_text(self._manifests(relayed, "signed"))
            for command in (("test", "OAuthProfile/signed"), ("apply", "--auto-approve")):
                subject.both(refused, *command, exits=(1,))
            for part in (self._by_link, self._by_device, self._by_adoption, self._in_service, self._renewed, self._kept,
                         self._ended):
                part(project)
        finally:
            relay.stop()
        unseen = LEARNT - self._learnt.keys()
        if unseen:
            subject.faults.append(("the relay", f"never saw: {', '.join(sorted(unseen))}"))

    # -- parts

    def _by_link(self, project):
        run = self.subject.both
        run(project, "apply", "--auto-approve", exits=(8,))
        for command in (("authorize", "--all"), ("authorize", "link-desk")):
            run(project, *command, exits=(8,))
        for fault, form in in_turn(MISHAPS):
            self._order(fault)
            answer = self._approved(project, form)
            for pasted in (answer.replace("state=", "state=x"), answer[:-20] + "%", answer):
                self.subject.run(project, "authorize", LINK, "--again", "--resume", *form, given=pasted + "\n")
        declined = self.sandbox.decline(self._link(project, ("--json",)))
        self.subject.run(project, "authorize", LINK, "--again", "--resume", given=declined)

    def _by_device(self, project):
        for fault, form in in_turn(("device-declined", "token-html")):
            self._order(fault)
            begun = self.subject.run(project, "authorize", DEVICE, "--again", "--start", *form, exits=(0,),
                                     shows=self._code_shown)
            place = started(begun.out)["verificationURIComplete"] if form else begun.out.split()[0]
            self.sandbox.approve(place, "alerts@sandbox.example")
            self.subject.run(project, "authorize", DEVICE, "--again", "--resume", *form)

    def _by_adoption(self, project):
        for fault, form in in_turn(("token-unavailable", "token-type=mac", "token-html")):
            self.sandbox.calm()
            brought = refresh_token(self.sandbox, LEAD)
            self._learn("a refresh token of another program", brought)
            self._order(fault)
            for token in (brought[:-4] + "\x1b[31m", brought):
                self.subject.run(project, "authorize", LINK, "--again", "--adopt", *form, given=token + "\n")

    def _in_service(self, project):
        run = self.subject.both
        run(project, "plan")
        run(project, "apply", "--auto-approve", exits=(0,))
        for profile in PROFILES:
            run(project, "test", f"OAuthProfile/{profile}", exits=(0,))
            self._order("token-oauth-error=invalid_client")
            self.subject.run(project, "test", f"OAuthProfile/{profile}")
            self._order(None)
        self._read(project)

    def _renewed(self, project):
        for fault, form in in_turn(OF_RENEWALS):
            self._order(fault)
            self.subject.run(project, "refresh", "--within", "2h", "--retry-refused", *form)
        self._read(project)

    def _kept(self, project):
        run, copy = self.subject.both, str(self.place / "copy-of-vault.db")
        run(project, "vault", "status", exits=(0,))
        run(project, "vault", "backup", copy, "--force", exits=(0,))
        self.subject.run(project, "vault", "restore", copy, "--json", exits=(0,))
        for command in (("vault", "status"), ("refresh", "--within", "2h"), ("authorize", LINK, "--again", "--start"), ("plan",)):
            run(project, *command)
        run(project, "vault", "accept-restore")
        key = self.place / "another-vault.key"
        self.subject.run(project, "vault", "rekey", "--new-key", str(key), exits=(0,))
        self.subject.plant("another vault key", key.read_text().strip().rpartition(":")[2], key)
        self._changed = {"MAILKEEL_VAULT_KEY_FILE": str(key)}
        for command in (("vault", "status"), ("vault", "rekey", "--new-key", str(key)), ("refresh", "--within", "2h")):
            run(project, *command, **self._changed)
        self._read(project, **self._changed)

    def _ended(self, project):
        self.sandbox.order("revocation-unavailable")
        self.subject.run(project, "destroy", "--auto-approve", "--json", **self._changed)
        self.subject.both(project, "refresh", **self._changed)
        self.subject.both(project, "vault", "status", **self._changed)
        self.sandbox.calm()
        self.subject.both(project, "vault", "purge", "--older-than", "0d", **self._changed)

    # -- pieces

    def _order(self, fault):
        """This fault and no other; none if that is None."""
        self.sandbox.calm()
        if fault:
            self.sandbox.order(fault)

    def _read(self, project, **variables):
        commands = [("plan",), ("show",), ("test",), ("vault", "list"), ("vault", "status"), ("state", "list")]
        commands += [("token", f"{profile}-desk") for profile in PROFILES] + [("state", "show", LINK), ("show", "link-desk")]
        for command in commands:
            self.subject.both(project, *command, **variables)

    def _manifests(self, relayed, *chosen):
        mailboxes = {"link": "support@sandbox.example", "device": "alerts@sandbox.example",
                     "typed": "billing@sandbox.example", "signed": "billing@sandbox.example"}
        kinds = {"link": ("authorization_code", APPLICATION, SCOPES, f"authorizedAs: {LEAD}"),
                 "device": ("device_code", APPLICATION, SCOPES, "active: true"),
                 "typed": ("password", APPLICATION, SCOPES, "password: { fromFile: secrets/password }"),
                 "signed": ("client_credentials",
                            "{ id: mailkeel-sandbox, authentication: private_key_jwt, certificate: secrets/client.pem }",
                            "mail", "active: true")}
        return "".join(
            manifest(self.sandbox, name, f"{name}-desk", mailboxes[name], grant, client, scopes,
                     of_profile=[relayed] * (name in chosen or name != "signed"), of_account=[more]) + "---\n"
            for name, (grant, client, scopes, more) in kinds.items() if name in (chosen or kinds))

    def _link(self, project, form):
        begun = self.subject.run(project, "authorize", LINK, "--again", "--start", *form, exits=(0,), shows=self._link_shown)
        return started(begun.out)["link"] if form else begun.out.split()[0]

    def _approved(self, project, form):
        """Where the browser of a person who consented ends."""
        answer = self.sandbox.approve(self._link(project, form), LEAD)
        self._learn("code", urllib.parse.parse_qs(urllib.parse.urlsplit(answer).query)["code"][0])
        return answer

    def _link_shown(self, text):
        """A link shows its state, for that is what --start is asked for; nothing else may."""
        link = started(text)["link"] if text.startswith("{") else text.split()[0]
        fields = urllib.parse.parse_qs(urllib.parse.urlsplit(link).query)
        return [self._learn(f"the {name} of a link", fields[name][0]) for name in ("state", "nonce")]

    def _code_shown(self, text):
        code = started(text)["code"] if text.startswith("{") else text.split()[-1]
        return [self._learn("a user's code", code)]

    def _learn(self, name, value):
        """Makes a canary of what was seen; the name by which it is known."""
        for canary in self.subject.canaries:
            if canary.secret == value.encode():
                return canary.name
        self._learnt[name] += 1
        name = f"{name} {self._learnt[name]}"
        self.subject.plant(name, value)
        if name.startswith("code_verifier"):
            # Its digest is the challenge, which every link shows (RFC 7636 section 4.2).
            forms = self.subject.canaries[-1].forms
            self.subject.canaries[-1].forms = {form: forms[form] for form in forms if not form.startswith("SHA-256")}
        return name

    def _make_certificate(self, path):
        path.touch(mode=0o600)
        made = subprocess.run(
            ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
             "-subj", "/CN=canary", "-keyout", "-"], check=True, capture_output=True).stdout
        path.write_bytes(made)

    def _plant_key(self, *homes):
        """The number that is the key: how it is written down, everybody may know."""
        shown = subprocess.run(["openssl", "pkey", "-in", homes[0], "-outform", "DER"], check=True, capture_output=True).stdout
        start = shown.index(b"\x02\x01\x01\x04\x20") + 5
        self.subject.plant("the client's private key", shown[start:start + 32], *homes)


def started(text):
    """The object about the consent that was begun; a summary follows it."""
    return next(entry for entry in map(json.loads, text.splitlines()) if entry["type"] == "consent_started")
