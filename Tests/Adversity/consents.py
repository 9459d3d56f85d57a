"""Consents: people who are here, elsewhere, somebody else, or gone; and processes that die with a consent in their hands."""
import concurrent.futures
import json
import pathlib
import re
import shutil
import signal
import urllib.error

from casebook import Complaints, case
from command import Failed, expect
from people import manifest, refresh_token
from project import APPLY
from sandbox import ADDRESSES
from shim import operations
from terminal import Terminal

LEAD, SLOT = "lead@sandbox.example", "Authorization/people:lead@sandbox.example"
DEVICE = "Authorization/device:billing@sandbox.example"


def people(bench, project, *, device=False):
    """Adds an account that needs a person's consent; returns its slot."""
    text = (manifest(bench.sandbox, "device", "device-desk", "billing@sandbox.example", grant="device_code") if device else
            manifest(bench.sandbox, "people", "people-desk", "support@sandbox.example", of_account=[f"authorizedAs: {LEAD}"]))
    (project.directory / "people.yaml").write_text(text)
    return DEVICE if device else SLOT


def wanted(slot):
    name = slot.partition("/")[2].partition(":")[0]
    return ADDRESSES | {slot, f"OAuthProfile/{name}", f"EmailAccount/{name}-desk"}


def started(project, *addresses):
    """What --start gives to be sent on."""
    lines = project.run("authorize", *addresses, "--start", "--json").exits(0).out.splitlines()
    return next(entry for entry in map(json.loads, lines) if entry["type"] == "consent_started")


def consent(bench, project):
    """Where the browser of the one ends who was asked and consents."""
    return bench.sandbox.approve(started(project)["link"], LEAD)


def resume(project, slot, pasted="", **more):
    return with_input(project, pasted, "authorize", slot, "--resume", **more)


def with_input(project, text, *arguments, **more):
    path = project.root / "standard-input"
    path.write_text(text)
    with open(path, "rb") as stream:
        return project.run(*arguments, stdin=stream, **more)


@case("a pipeline is told the command, and never a link or a code")
def in_a_pipeline(bench):
    project = bench.project()
    slot = people(bench, project)
    project.run("authorize").exits(8).says(re.escape(f"mailkeel authorize {slot}")).does_not_say("state=", "https://.*client_id")
    project.apply().exits(8).says("mailkeel authorize").does_not_say("state=")
    project.agrees(ADDRESSES | {"OAuthProfile/people"})


@case("somebody elsewhere consents: a link is sent, its end comes back, and apply proves and commits what was approved")
def elsewhere(bench):
    project = bench.project()
    slot = people(bench, project)
    project.apply().exits(8)
    begun = started(project)
    expect(begun["address"] == slot, f"it began {begun['address']}")
    ended = bench.sandbox.approve(begun["link"], LEAD)
    resume(project, slot, f"  {ended[:60]}\n{ended[60:]}\n").exits(0).does_not_say(re.escape(ended.split("code=")[1][:20]))
    project.run("apply", "--pending").exits(0)
    project.is_clean(wanted(slot))


@case("the address that a browser ended at is refused as an argument, and not repeated")
def as_an_argument(bench):
    project = bench.project()
    slot = people(bench, project)
    ended = consent(bench, project)
    project.run("authorize", slot, "--resume", ended).exits(64).says("standard input").does_not_say("code=", "state=")
    resume(project, slot, ended).exits(0)


@case("a consent before anything was applied is adopted by the first apply")
def before_the_first_apply(bench):
    project = bench.project()
    slot = people(bench, project)
    resume(project, slot, consent(bench, project)).exits(0)
    project.converges(wanted=wanted(slot))


@case("what is no answer, or another request's, spends nothing; the right one is taken after it")
def no_answer(bench):
    project = bench.project()
    slot = people(bench, project)
    begun = started(project)
    ended = bench.sandbox.approve(begun["link"], LEAD)
    code = re.search("code=([^&]+)", ended)[1]
    forged = re.sub("state=[^&]+", "state=AAAAAAAAAAAAAAAAAAAAAA", ended)
    complaints = Complaints()
    for label, text, words in (("nothing", "", "nothing is in it"), ("a bare code", code, "code alone"),
                               ("the link itself", begun["link"], "the link that starts"), ("a forged state", forged, "state"),
                               ("twice a code", ended + "&code=evil", "twice"),
                               ("another issuer", re.sub("iss=[^&]+", "iss=https%3A%2F%2Fevil.example", ended), "issuer")):
        complaints.attempt(label, lambda text=text, words=words: resume(project, slot, text).exits(1).says(words)
                           .does_not_say(re.escape(code)))
    complaints.settle()


@case("another person than the one who was meant is refused, and shown how to say that it was meant")
def another_person(bench):
    project = bench.project()
    slot = people(bench, project)
    ended = bench.sandbox.approve(started(project)["link"], "support@sandbox.example")
    resume(project, slot, ended).exits(1).says("support@sandbox.example", r"authorizedAs: \"?support@sandbox.example")
    project.apply().exits(8)
    resume(project, slot, consent(bench, project)).exits(0)
    project.run("apply", "--pending").exits(0)
    project.is_clean(wanted(slot))


@case("a person who declines is heard, and asked again by the next authorize")
def declined(bench):
    project = bench.project()
    slot = people(bench, project)
    resume(project, slot, bench.sandbox.decline(started(project)["link"])).exits(1).says("access_denied|declined|refused")
    resume(project, slot, "x").exits(1).says("--start")
    resume(project, slot, consent(bench, project)).exits(0)


@case("an answer is taken once: whoever comes second is told so, and the consent that came first stays")
def taken_once(bench):
    project = bench.project()
    slot = people(bench, project)
    ended = consent(bench, project)
    resume(project, slot, ended).exits(0)
    resume(project, slot, ended).exits(1)
    project.converges(wanted=wanted(slot))


@case("at a terminal an apply asks for the consent that it needs, hears the browser, and goes on")
def at_a_terminal(bench):
    project = bench.project()
    slot = people(bench, project)
    with Terminal(project, "apply") as terminal:
        terminal.until_it_asks().type(b"yes\n")
        terminal.until_it_shows(r"Waiting on port (\d+)")
        link = terminal.shows(r"(https://\S+state=\S+)")[1]
        ended = bench.sandbox.approve(link, LEAD)
        expect(ended.startswith("http://127.0.0.1:"), f"the browser ends at {ended}")
        strange = ended.split("?")[0]
        expect(bench.sandbox.fetch(f"{strange}?code=evil&state=guess").status == 400, "a stranger's answer was taken")
        expect(bench.sandbox.fetch(strange.replace("127.0.0.1", "localhost") + "/favicon.ico").status == 404, "an icon was served")
        page = bench.sandbox.fetch(ended)
        expect(page.status == 200 and "close this window" in page.body, f"the person saw {page.body}")
        code = terminal.finish()
        expect(code == 0, f"it exited with {code}: {terminal.text[-400:]}")
        expect(re.search("code=([^&]+)", ended)[1] not in terminal.text, "the code is on the screen")
    project.is_clean(wanted(slot))


@case("Ctrl-C while a person is waited for: what is done stays done, nothing listens, the rest is asked for again")
def interrupted(bench):
    project = bench.project()
    slot = people(bench, project)
    with Terminal(project, "apply") as terminal:
        terminal.until_it_asks().type(b"yes\n")
        port = terminal.shows(r"Waiting on port (\d+)")[1]
        terminal.run.signal(signal.SIGINT)
        expect(terminal.finish() == 130, "it did not leave as interrupted")
    try:
        bench.sandbox.fetch(f"http://127.0.0.1:{port}/")
        raise Failed("something still listens")
    except urllib.error.URLError:
        pass
    project.agrees(ADDRESSES | {"OAuthProfile/people"})
    resume(project, slot, consent(bench, project)).exits(0)
    project.run("apply", "--pending").exits(0)
    project.is_clean(wanted(slot))


@case("a code on another device: asked for until it was entered, by whichever process")
def on_a_device(bench):
    project = bench.project()
    slot = people(bench, project, device=True)
    begun = started(project)
    place = begun.get("verificationURIComplete") or f"{begun['verificationURI']}?user_code={begun['code']}"
    bench.sandbox.approve(place, "billing@sandbox.example")
    resume(project, slot).exits(0)
    project.converges(wanted=wanted(slot))


@case("a refresh token that another program held is adopted: tried, replaced where the provider does so, and proven")
def adopted(bench):
    project = bench.project()
    slot = people(bench, project)
    with_input(project, "no-such-token\n", "authorize", slot, "--adopt").exits(1).does_not_say("no-such-token")
    project.apply().exits(8)
    token = refresh_token(bench.sandbox, LEAD)
    with_input(project, token + "\n", "authorize", slot, "--adopt").exits(0).does_not_say(re.escape(token))
    project.run("apply", "--pending").exits(0)
    project.is_clean(wanted(slot))


@case("kill -9 at every change of a file while a code is redeemed: the consent is there, or the next run says what became of it")
def killed_while_redeeming(bench):
    base = bench.project()
    slot = people(bench, base)
    base.apply().exits(8)
    look = base.copy("look")
    trace = look.root.with_suffix(".trace")
    ended = consent(bench, look)
    resume(look, slot, ended, environment={**look.variables, **bench.shim.variables(look.root, trace)}).exits(0)
    complaints = Complaints()
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as workers:
        for point in range(1, len(operations(trace)) + 1):
            workers.submit(complaints.attempt, f"operation {point}", killed_at, bench, base, slot, point)
    complaints.settle()


def killed_at(bench, base, slot, point):
    project = base.copy(f"killed-{point}")
    trace = project.root.with_suffix(".trace")
    ended = consent(bench, project)
    shim = bench.shim.variables(project.root, trace, point)
    answer = resume(project, slot, ended, environment={**project.variables, **shim})
    expect(answer.code in (0, -signal.SIGKILL), f"the run was to be killed, and exited with {answer.code}")
    statuses, _ = project.vault()
    if "candidate" not in statuses.values():
        # The code was sent or not: the same answer finishes it, or the next run tells that it cannot.
        again = resume(project, slot, ended)
        if again.code != 0:
            again.exits(1).says("--start|authorize")
            resume(project, slot, consent(bench, project)).exits(0)
    project.run("apply", "--pending").exits(0)
    project.is_clean(wanted(slot))
    shutil.rmtree(project.root)
    pathlib.Path(trace).unlink(missing_ok=True)
