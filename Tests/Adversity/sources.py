"""Secrets from commands and from the vault: commands that fail, hang or print too much, names that the vault lacks."""
import json
import os

from casebook import Complaints, case
from command import expect, wait_until
from interruptions import CODES, stopped
from project import APPLY
from sandbox import PROFILE

FROM_FILE = "fromFile: secrets/client-secret"


def take_from(project, source):
    path = project.directory / "profile.yaml"
    text = path.read_text()
    assert FROM_FILE in text, "the example takes its secret from elsewhere"
    path.write_text(text.replace(FROM_FILE, source))


def script(project, text, mode=0o700):
    """Has the profile take its secret from a shell script of the project."""
    path = project.directory / "give"
    path.write_text("#!/bin/sh\n" + text)
    path.chmod(mode)
    take_from(project, "fromCommand: [./give, secrets/client-secret]")


@case("a secret from a command: run by apply, once, in the project's directory; never by validate and plan")
def command_works(bench):
    project = bench.project()
    script(project, 'echo ran >>runs; exec cat "$1"\n')
    runs = project.directory / "runs"
    for command in (("validate",), ("plan",), ("plan", "--out", "saved.plan"), ("apply", "--no-color")):
        project.run(*command)
        expect(not runs.exists(), f"{' '.join(command)} ran the command")
    project.apply().exits(0)
    expect(runs.read_text() == "ran\n", f"it was run {len(runs.read_text().split())} times")
    project.is_clean()
    expect(runs.read_text() == "ran\n", "it was run though nothing needed it")


@case("a command that gives no secret: which one, how it ended, what it said; never what it printed; nothing is in service")
def command_fails(bench):
    complaints = Complaints()
    bad = {"status": ("cat $1; echo it is locked >&2; exit 3\n", 0o700, r"\./give ended with status 3", "it is locked"),
           "killed": ("cat $1; kill -9 $$\n", 0o700, r"\./give was killed by signal 9"),
           "nothing": ("exit 0\n", 0o700, r"\./give printed nothing"),
           "much": ("cat $1; exec cat /dev/zero\n", 0o700, r"\./give printed more than 65536 bytes"),
           "echoes": ("cat $1; cat $1 >&2; exit 1\n", 0o700, r"ended with status 1", "withheld"),
           "closed": ("cat $1\n", 0o600, r"give is no file that may be executed", "chmod")}
    for name, (text, mode, *words) in bad.items():
        def attempt():
            project = bench.project(name)
            script(project, text, mode)
            answer = project.apply().exits(1).says("client.secret", r"profile\.yaml:\d+", *words)
            secret = (project.directory / "secrets" / "client-secret").read_text().strip()
            expect(secret not in answer.text, "what it printed is shown")
            expect(not project.committed, "something is in service")
            script_mended(project)
            project.converges()
        complaints.attempt(name, attempt)
    complaints.settle()


def script_mended(project):
    path = project.directory / "give"
    path.write_text('#!/bin/sh\nexec cat "$1"\n')
    path.chmod(0o700)


def is_alive(process):
    try:
        with open(f"/proc/{process}/stat") as file:
            return file.read().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@case("a signal while a command hangs: apply ends in time, and the command and what it started with it")
def command_hangs(bench):
    for number in CODES:
        project = bench.project(number.name)
        script(project, "trap '' TERM; sleep 600 & echo $$ $! >pids; wait; sleep 600\n")
        pids = project.directory / "pids"
        with project.start(*APPLY) as run:
            wait_until(lambda: pids.exists() and pids.read_text().endswith("\n"), 30, "the command was not run")
            stopped(run, number)
        processes = pids.read_text().split()
        wait_until(lambda: not any(map(is_alive, processes)), 5, "the command or its child goes on")
        expect(not project.committed and not project.held_locks(), "something is in service, or a lock is held")
        script_mended(project)
        project.converges()


@case("a secret from the vault: what is missing is named with its command; set, rotated and removed")
def from_vault(bench):
    project = bench.project()
    take_from(project, "fromVault: sandbox")
    key = project.keys / "vault.key"
    project.run("plan").exits(0)
    expect(not key.exists(), "plan made a key")
    project.apply().exits(1).says("secret.not-in-vault", "mailkeel vault set sandbox")
    for source in ("--from-file", "/dev/null"), ("--from-file", "nowhere"), ():
        project.run("vault", "set", "sandbox", *source).exits(1)
    (project.directory / "secrets" / "client-secret").chmod(0o600)
    project.run("vault", "set", "sandbox", "--from-file", "secrets/client-secret").exits(0)
    project.run("vault", "list").exits(0).says(r"sandbox +1 ")
    project.converges()
    project.run("vault", "unset", "sandbox").exits(1).says(PROFILE, "--force")
    # Another that is wrong: what is in service stays, and a new version lets apply see it.
    shell = ("bash", "-c", 'printf "wrong\\n" | "$@"', "bash")
    project.run("vault", "set", "sandbox", within=shell).exits(0).says("revision 2", PROFILE, "version")
    project.run("plan", "--detailed-exitcode").exits(0)
    project.run("test").exits(0)
    project.run("vault", "set", "sandbox", "--from-file", "secrets/client-secret").exits(0)
    path = project.directory / "profile.yaml"
    path.write_text(path.read_text().replace("fromVault: sandbox", 'fromVault: sandbox, version: "2"'))
    project.run("plan", "--detailed-exitcode").exits(2).says("version 2")
    project.converges()
    project.run("vault", "unset", "sandbox", "--force").exits(0)
    project.run("vault", "unset", "sandbox").exits(0).says("nothing to remove")
    # Without the key nothing is sealed, and nothing is lost.
    os.rename(key, key.with_suffix(".away"))
    project.run("vault", "list").exits(0)
    project.run("vault", "set", "sandbox", "--from-file", "secrets/client-secret").exits(1).says("key")


@case("a profile that fails its test is shown with its place in the manifest, as words and as data")
def profile_fails(bench):
    project = bench.project()
    (project.directory / "secrets" / "client-secret").write_text("wrong")
    project.run("test", "OAuthProfile/sandbox").exits(1).says("oauth.invalid_client", "profile.yaml:", "0 passed, 1 failed")
    lines = project.run("test", "OAuthProfile/sandbox", "--json").exits(1).out.splitlines()
    summary = json.loads(lines[-1])
    expect((summary["type"], summary["exitCodes"]) == ("summary", [1]), f"the last line is {lines[-1]}")
