"""Odd surroundings: nobody reads, nobody answers, no home, no space for the output, standard streams that are closed."""
import os
import pwd
import subprocess

from casebook import Complaints, case
from command import expect
from mounts import Namespace
from project import APPLY
from sandbox import ADDRESSES

EVERY = (("validate",), ("plan",), ("plan", "--json"), ("state", "list"), ("state", "list", "--json"), ("show",), ("test",),
         ("token", "support"))
DESTROY = ("destroy", "--auto-approve")


def shell(script):
    """Runs the program, with its arguments, inside of a shell script as "$@"."""
    return "bash", "-c", script, "bash"


@case("the reader of the output leaves: no error, and apply does its work to the end")
def reader_leaves(bench):
    project = bench.applied()
    complaints = Complaints()
    head = shell('set -o pipefail; "$@" | head -1 >/dev/null; exit "${PIPESTATUS[0]}"')
    gone = shell('"$@" | true; exit "${PIPESTATUS[0]}"')
    for name, within in (("head -1", head), ("true", gone)):
        for arguments in EVERY:
            complaints.attempt(f"{' '.join(arguments)} | {name}", lambda: project.run(*arguments, within=within).exits(0))
        for more in ((), ("--json",)):
            def applies():
                project.change()
                project.apply(*more, within=within).exits(0)
                project.is_clean()
            complaints.attempt(f"apply {' '.join(more)} | {name}", applies)
        def nobody_reads_errors():
            project.change()
            project.apply(within=shell('"$@" 2> >(true)')).exits(0)
            project.is_clean()
        complaints.attempt("apply 2> >(true)", nobody_reads_errors)
    complaints.settle()


@case("nobody can answer: apply asks, gets the end of input, says that it was cancelled, and changes nothing")
def nobody_answers(bench):
    project = bench.project()
    for within in ((), shell('"$@" </dev/null'), shell('"$@" <&-')):
        project.run("apply", within=within).exits(1).says("cancelled")
        expect(not project.hidden.exists(), "it wrote something though nobody said yes")
    project.run("apply", within=shell('echo no | "$@"')).exits(1).says("cancelled")
    project.run("apply", within=shell('printf yes | "$@"')).exits(0).says("apply complete")
    project.is_clean()
    project.run("destroy").exits(1).says("cancelled")
    project.is_clean()
    project.run("apply", "--json").exits(64).says("--auto-approve")


@case("closed standard streams: nothing that is meant for people gets into a file")
def closed_streams(bench):
    complaints = Complaints()
    for number, closed in enumerate(("<&-", ">&-", "2>&-", "<&- >&-", "<&- 2>&-", ">&- 2>&-", "<&- >&- 2>&-")):
        def attempt():
            project = bench.project(f"closed-{number}")
            within = shell(f'"$@" {closed}')
            commands = (APPLY, ("test",), ("token", "support"), ("plan",), ("state", "list"), DESTROY, APPLY)
            answers = [project.run(*arguments, within=within) for arguments in commands]
            # A closed output may be reported as a failure; whatever was done must be whole.
            stray = [path.name for path in project.hidden.rglob("*.lock") if path.stat().st_size]
            expect(not stray, f"something was written into {', '.join(stray)}")
            expect({answer.code for answer in answers} <= {0, 1}, f"they exited with {[answer.code for answer in answers]}")
            project.converges()
        complaints.attempt(closed, attempt)
    complaints.settle()


@case("the output goes to a full disk: exit code 1, said on standard error")
def full_output(bench):
    project = bench.applied()
    complaints = Complaints()
    with open("/dev/full", "wb") as full:
        for arguments in (*EVERY, ("schema", "EmailAccount"), ("--version",), ("--help",)):
            if not project.run(*arguments).out:
                continue
            def attempt():
                project.run(*arguments, stdout=full).exits(1).says("no space left|standard output")
            complaints.attempt(" ".join(arguments), attempt)
        for more in ((), ("--json",)):
            def applies():
                project.change()
                project.apply(*more, stdout=full).exits(1).says("no space left|standard output")
                project.agrees()
                project.converges()
            complaints.attempt(f"apply {' '.join(more)}", applies)
        for arguments in (("validate",), ("plan",), APPLY, ("test",)):
            # Words for people are not worth a failure of the work.
            complaints.attempt(f"{' '.join(arguments)} 2>/dev/full", lambda: project.run(*arguments, stderr=full).exits(0))
    complaints.settle()
    project.is_clean()


# ---- Homes ----


def without(variables, *names):
    return {name: value for name, value in variables.items() if name not in names}


KEY_FILES = ("MAILKEEL_VAULT_KEY_FILE", "MAILKEEL_PROJECT_KEY_FILE")


@case("no HOME: with key files named, none is needed")
def no_home(bench):
    project = bench.project()
    project.apply(environment=without(project.variables, "HOME")).exits(0)
    project.converges()


@case("no HOME: keys go to the home that the user database names, and that is said")
def home_of_record(bench):
    home = pwd.getpwuid(os.getuid()).pw_dir
    other = bench.project("other")
    with Namespace() as namespace:
        namespace.tmpfs(home, 512)
        other.within = namespace.within
        other.apply(environment=without(other.variables, "HOME", *KEY_FILES)).exits(0).says(rf"{home}/\S*vault\.key")
        key = namespace.seen(home) / ".config/mailkeel/vault.key"
        expect(key.exists() and key.stat().st_mode & 0o777 == 0o600, f"no key of mode 600 at {home}/.config/mailkeel")


@case("a HOME in which nothing can be made: says which path and why, makes nothing; with a good one it converges")
def unusable_home(bench):
    complaints = Complaints()
    homes = {"a file": lambda home: home.write_text(""), "missing, below a file": lambda home: home.parent.write_text("")}
    for number, (name, make) in enumerate(homes.items()):
        def attempt():
            project = bench.project(f"home-{number}")
            home = project.root / "bad" / "home"
            if name == "a file":
                home.parent.mkdir()
            make(home)
            refuses_home(project, home, r"not a directory")
        complaints.attempt(name, attempt)
    complaints.settle()


@case("a HOME that is read-only: likewise")
def read_only_home(bench):
    project = bench.project()
    home = project.root / "bad-home"
    home.mkdir()
    with Namespace() as namespace:
        namespace.read_only(home)
        project.within = namespace.within
        refuses_home(project, home, r"read-only file system")

def refuses_home(project, home, cause):
    environment = {**without(project.variables, *KEY_FILES), "HOME": str(home)}
    project.run("validate", environment=environment).exits(0)
    project.run("plan", environment=environment).exits(0)
    answer = project.apply(environment=environment).exits(1)
    expect(not project.committed, "something is in service though there is no key")
    project.converges()
    answer.says(rf"{home}", cause, r"help.*\S")


@case("LANG=C, no locale at all, TERM=dumb, no environment at all: the same words")
def plain_surroundings(bench):
    project = bench.applied()
    project.change()
    usual = project.run("plan").exits(0)
    keys = {name: project.variables[name] for name in KEY_FILES}
    for name, environment in (("LANG=C", {**project.variables, "LANG": "C", "LC_ALL": "C"}),
                              ("a locale that is not there", {**project.variables, "LC_ALL": "tlh_QO.UTF-8"}),
                              ("TERM=dumb", {**without(project.variables, "NO_COLOR"), "TERM": "dumb"}),
                              ("nothing", keys)):
        answer = project.run("plan", environment=environment).exits(0)
        expect((answer.out, answer.err) == (usual.out, usual.err), f"with {name}, plan says something else")
        expect("\x1b" not in answer.text, f"with {name}, plan shows colours")
    project.apply(environment=keys).exits(0)
    project.is_clean()


@case("few open files are allowed: an error that says so, or success; nothing is lost")
def few_files(bench):
    project = bench.applied()
    for limit in (20, 24, 28, 32, 48):
        project.announce_rotation(limit)
        answer = project.apply(within=shell(f'ulimit -n {limit}; "$@"'))
        expect(answer.code in (0, 1, 6), f"with {limit} files, apply exited with {answer.code}")
        if answer.code:
            answer.says(r"too many open files")
        expect(project.committed == ADDRESSES, "what was in service is not any more")
    project.converges()


@case("the directory is gone, is a file, or was never there: says which")
def no_directory(bench):
    project = bench.project()
    for path, text in (("not-there", "not-there"), ("profile.yaml", "profile.yaml")):
        for command in ("plan", "validate"):
            done = subprocess.run([bench.binary, command, "--chdir", project.directory / path], env=project.variables,
                                  capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=60)
            expect(done.returncode == 1 and text in done.stderr,
                   f"{command} in {path} exited with {done.returncode}: {done.stderr}")
