"""Cases of consent: a person at Glewlwyd, here or elsewhere, and what comes after. Whose browser it is, `person.py` plays."""
import json
import re
import time
import urllib.parse

import servers
from cases import Log, case, login_of
from person import Person
from project import expect
from command import wait_until
from relay import Relay
from terminal import Terminal

LEAD, OTHER, POCKET = "lead@people.test", "other@people.test", "lead@pocket.test"
SLOT = "Authorization/glewlwyd:lead@people.test"


def desk(project, grant="authorization_code", **changes):
    """The profile of an application that keeps a secret."""
    redirect = {"redirectURI": project.env["REDIRECT_URI"]} if grant == "authorization_code" else {}
    return project.profile({"grant": grant, "client": project.client(project.env["DESK_SECRET_FILE"], "desk"),
                            **redirect, **changes})


def pocket(project, grant):
    """The profile of an application that cannot keep one."""
    redirect = {"redirectURI": project.env["REDIRECT_URI"]} if grant == "authorization_code" else {}
    return project.profile({"grant": grant, "client": {"id": "pocket", "authentication": "none"}, **redirect})


def mailbox(project, user=LEAD, **changes):
    return project.account("lead", {"userName": user, **changes})


def person(project, name=LEAD):
    return Person(project.env, name, servers.secret(f"{project.env['PEOPLE_SECRETS']}/{name}"))


class Front:
    """Stands before Glewlwyd's token endpoint: `asked` are the grants that it was asked for, each of which takes `delay` seconds;
    the `endpoints` of a profile lead through it."""

    def __init__(self, project, delay=0):
        self._env, self._delay, self.asked = project.env, delay, []
        self._relay = Relay(self._forward, learn=lambda name, value: None)
        path = urllib.parse.urlsplit(self._env["GLEWLWYD_TOKEN_ENDPOINT"]).path
        self.endpoints = {"token": self._relay.address + path}

    def _forward(self, _, body, headers):
        self.asked += urllib.parse.parse_qs(body.decode())["grant_type"]
        time.sleep(self._delay)
        return servers.post(self._env, self._env["GLEWLWYD_TOKEN_ENDPOINT"], body, headers)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._relay.stop()


def pends(project, *documents):
    """Apply does all but what needs a person, and names the command for that."""
    project.write(*documents)
    project.apply().exits(8).says("must consent")


def begun(project, slot=SLOT, *options):
    """What `authorize --start` prints for programs."""
    answer = project.run("authorize", slot, "--start", "--json", *options).exits(0)
    return next(line for line in map(json.loads, answer.out.splitlines()) if line["type"] == "consent_started")


def served(project, user=LEAD):
    """Applies what was approved and waited; the mail server lets the person in, and nothing is left to do."""
    mail = Log(project.env["DOVECOT_LOG"])
    project.run("apply", "--pending").exits(0)
    mail.must_show(login_of(user))
    project.plan("--detailed-exitcode").exits(0).says(r"No changes\.")


def consented(project, *documents, slot=SLOT, who=LEAD):
    pends(project, *documents)
    project.run("authorize", slot, "--resume", given=person(project, who).consent(begun(project, slot)["link"])).exits(0)
    served(project, who)


# -- code with PKCE

@case("consent elsewhere: a link, and the address that the browser ended at")
def code(project):
    consented(project, desk(project), mailbox(project))
    expect(person(project).grants("desk")[0] > 0, "the provider knows of no grant")
    token = project.run("token", "lead", shows_token=True).exits(0).out.strip()
    expect(any(line.startswith("S: a OK") for line in servers.imap_login(project.env, LEAD, token)),
           "the mail server refuses the token that `token` printed")


@case("consent by an application without a secret")
def code_without_secret(project):
    consented(project, pocket(project, "authorization_code"), mailbox(project, POCKET),
              slot=f"Authorization/glewlwyd:{POCKET}", who=POCKET)


@case("consent here: the browser comes back to the program that waits")
def code_here(project):
    pends(project, desk(project), mailbox(project))
    with Terminal(project, "authorize", SLOT, "--no-browser") as terminal:
        link = terminal.shows(r"(https://127\.0\.0\.1:\d+/api/oidc/auth\?\S+)\s")[1]
        expect(terminal.shows(LEAD), "it does not say who is to consent")
        back = person(project).consent(link)
        status, page = person(project).come_back(back)
        expect(status == 200 and "close this window" in page, f"the browser was answered {status}: {page[:200]}")
        expect(terminal.finish() == 0, f"it failed: {terminal.text[-500:]}")
        code = re.search(r"code=([^&]+)", back)[1]
        expect(code not in terminal.text, "the code is on the screen")
    served(project)


@case("consent here, the address pasted")
def code_pasted(project):
    pends(project, desk(project), mailbox(project))
    with Terminal(project, "authorize", SLOT, "--no-browser") as terminal:
        link = terminal.shows(r"(https://127\.0\.0\.1:\d+/api/oidc/auth\?\S+)\s")[1]
        back = person(project).consent(link)
        terminal.shows("paste")
        terminal.type(back.encode() + b"\n")
        expect(terminal.finish() == 0, f"it failed: {terminal.text[-500:]}")
        expect(re.search(r"code=([^&]+)", back)[1] not in terminal.text, "the code is on the screen")
    served(project)


@case("another person's consent is refused, and said")
def other_person(project):
    pends(project, desk(project), mailbox(project))
    answer = project.run("authorize", SLOT, "--resume", given=person(project, OTHER).consent(begun(project)["link"]))
    answer.says(OTHER, r"authorizedAs")
    expect(answer.code != 0, "a consent by somebody else was taken")
    mail = Log(project.env["DOVECOT_LOG"])
    project.run("apply", "--pending").exits(8)
    mail.must_not_show("imap-login: Info: Login")


@case("a shared mailbox is opened with the consent of whom authorizedAs names")
def shared(project):
    mail = Log(project.env["DOVECOT_LOG"])
    pends(project, desk(project), mailbox(project, "shared@people.test", authorizedAs=LEAD))
    project.run("authorize", SLOT, "--resume", given=person(project).consent(begun(project)["link"])).exits(0)
    project.run("apply", "--pending").exits(0)
    mail.must_show(login_of("shared@people.test"))


@case("a person who grants less than was asked for")
def granted_less(project):
    pends(project, desk(project, scopes=["mail", "calendar"]), mailbox(project))
    answer = project.run("authorize", SLOT, "--resume", given=person(project).consent(begun(project)["link"], "mail"))
    answer.says("calendar")


@case("a redirect that answers another request")
def foreign_redirect(project):
    pends(project, desk(project), mailbox(project))
    first = person(project).consent(begun(project)["link"])
    begun(project)
    answer = project.run("authorize", SLOT, "--resume", given=first)
    expect(answer.code != 0, "an answer to another request was taken")


@case("an answer is taken once")
def answer_twice(project):
    pends(project, desk(project), mailbox(project))
    back = person(project).consent(begun(project)["link"])
    project.run("authorize", SLOT, "--resume", given=back).exits(0)
    provider = Log(project.env["GLEWLWYD_LOG"])
    answer = project.run("authorize", SLOT, "--resume", given=back)
    provider.must_not_show("code")
    expect("Error" not in answer.text or answer.code != 0, "an error without an exit code")
    served(project)


# -- device code

def device(project, profile, client, who):
    slot = f"Authorization/glewlwyd:{who}"
    pends(project, profile, mailbox(project, who))
    ask = begun(project, slot)
    person(project, who).enter_code(ask["verificationURIComplete"], client)
    project.run("authorize", slot, "--resume").exits(0)
    served(project, who)


@case("device code")
def device_code(project):
    device(project, desk(project, "device_code"), "desk", LEAD)


@case("device code by an application without a secret")
def device_code_without_secret(project):
    device(project, pocket(project, "device_code"), "pocket", POCKET)


@case("device code here, while the person takes time")
def device_code_here(project):
    with Front(project) as front:
        pends(project, desk(project, "device_code", endpoints=front.endpoints), mailbox(project))
        with Terminal(project, "authorize", SLOT, "--no-browser") as terminal:
            code = terminal.shows(r"\b([A-Z0-9]{4}-[A-Z0-9]{4})\b")[1]
            polls = lambda: sum(grant.endswith("device_code") for grant in front.asked)
            wait_until(lambda: polls() >= 3, 30, "it did not ask three times while nobody consented")
            person(project).enter_code(f"{project.env['GLEWLWYD_ISSUER']}/device?code={code}", "desk")
            expect(terminal.finish() == 0, f"it failed: {terminal.text[-500:]}")
        served(project)


# -- refresh with rotation

def alive(project):
    return person(project).grants("desk")[0]


@case("a refresh rotates, and the next one works as well")
def rotation(project):
    consented(project, desk(project), mailbox(project))
    before = alive(project)
    tokens = {project.run("token", "lead", shows_token=True).exits(0).out}
    for how in ("token", "refresh", "token"):
        project.make_due()
        provider = Log(project.env["GLEWLWYD_LOG"])
        if how == "refresh":
            project.run("refresh").exits(0)
        tokens.add(project.run("token", "lead", shows_token=True).exits(0).out)
        provider.must_show("Access token generated for client 'desk'")
    expect(len(tokens) == 4, f"three refreshes gave {len(tokens) - 1} new tokens")
    expect(alive(project) == before, "a rotation left a refresh token alive, or killed one")
    mail = Log(project.env["DOVECOT_LOG"])
    project.run("test").exits(0)
    mail.must_show(login_of(LEAD))


@case("thirty-two programs ask at once while the provider takes half a second, and it is asked once")
def at_once(project):
    with Front(project, delay=0.5) as front:
        consented(project, desk(project, endpoints=front.endpoints), mailbox(project))
        project.make_due()
        provider = Log(project.env["GLEWLWYD_LOG"])
        front.asked.clear()
        answers = project.together(32, "token", "lead")
        tokens = {project.judge(answer, shows_token=True).exits(0).out for answer in answers}
        asked = len(provider.lines("Access token generated for client 'desk'"))
        expect((asked, front.asked) == (1, ["refresh_token"]), f"the provider was asked for {front.asked}, and gave {asked} tokens")
        expect(len(tokens) == 1, f"there are {len(tokens)} tokens")
        project.make_due()
        project.run("token", "lead", shows_token=True).exits(0)


@case("a grant that its owner revoked asks for its owner")
def revoked_elsewhere(project):
    consented(project, desk(project), mailbox(project))
    person(project).revoke_all("desk")
    project.make_due()
    # Glewlwyd says nothing at all of a refresh token that is dead: it may be the client's fault as well.
    project.run("refresh").exits(1).says("mailkeel authorize .*--again")
    answer = project.run("token", "lead")
    expect(answer.code != 0, "a dead grant gave a token")
    link = begun(project, SLOT, "--again")["link"]
    project.run("authorize", SLOT, "--resume", "--again", given=person(project).consent(link)).exits(0)
    mail = Log(project.env["DOVECOT_LOG"])
    project.apply().exits(0)
    mail.must_show(login_of(LEAD))
    project.plan("--detailed-exitcode").exits(0)
    project.run("token", "lead", shows_token=True).exits(0)


# -- revocation

@case("destroy --revoke ends the grant at the provider")
def destroy_revokes(project):
    consented(project, desk(project), mailbox(project))
    before = alive(project)
    project.run("destroy", "--auto-approve", "--revoke").exits(0).says("revoke")
    expect(alive(project) == before - 1, "the provider still honours the refresh token")


@case("destroy alone forgets, and revokes nothing")
def destroy_forgets(project):
    consented(project, desk(project), mailbox(project))
    before = alive(project)
    project.run("destroy", "--auto-approve").exits(0)
    expect(alive(project) == before, "something was revoked")


# -- moving here from another program

@case("a refresh token of another program is adopted")
def adopted(project):
    status, body = servers.ask_token(
        project.env, "desk", servers.secret(project.env["DESK_SECRET_FILE"]), grant_type="password", username=LEAD,
        password=servers.secret(f"{project.env['PEOPLE_SECRETS']}/{LEAD}"), scope="mail")
    expect(status == 200, body)
    brought = json.loads(body)["refresh_token"]
    project.secrets.append(brought.encode())
    pends(project, desk(project), mailbox(project))
    project.run("authorize", SLOT, "--adopt", given=brought + "\n").exits(0)
    served(project)
