"""Files that are damaged, lost, or another project's."""
import hashlib
import json
import random
import re
import shutil
import signal

from casebook import Complaints, case
from command import expect
from interruptions import STALLED, stalled_at_login
from killed import kill
from project import APPLY
from remedies import follow
from sandbox import AUTHORIZATION
from shim import operations

WRITERS = (APPLY, ("destroy", "--auto-approve"))


def contents(project):
    """What stands in the project's files, but for those that hold nothing."""
    return {path.relative_to(project.hidden): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in project.hidden.rglob("*") if path.is_file() and path.stat().st_size and path.suffix != ".lock"
            and not path.name.endswith("-shm")}


def refused(project, *patterns, commands=(("plan",), ("state", "list"), ("test",), *WRITERS)):
    """All of these commands say this, exit with 1 and change nothing; returns what the last one said."""
    before = contents(project)
    for arguments in commands:
        answer = project.run(*arguments).exits(1).says(*patterns)
    after = contents(project)
    changed = sorted(str(path) for path in before.keys() | after.keys() if before.get(path) != after.get(path))
    expect(not changed, f"a refused command has changed {', '.join(changed)}")
    return answer


# ---- The state ----


def twice_applied(bench, name="a"):
    """A project whose backups hold something."""
    project = bench.applied(name)
    project.change()
    project.apply().exits(0)
    return project


@case("a damaged state is refused by everything but token, which goes on; what the words advise mends it")
def damaged_state(bench):
    original = twice_applied(bench)
    content = original.state.read_bytes()
    complaints = Complaints()
    for name, damaged in (("garbage", b"\x00\xffgarbage\n"), ("empty", b""), ("half", content[:len(content) // 2]),
                          ("one byte short", content.rstrip()[:-1]), ("zeros", bytes(len(content))),
                          ("another document", b"[]\n"), ("text after it", content + b"x")):
        def attempt():
            project = original.copy(name.replace(" ", "-"))
            project.state.write_bytes(damaged)
            answer = refused(project, r"state\.corrupt", r"\.mailkeel/state\.json\b", r"help.*\b(backup|history)\b")
            project.run("token", "support").exits(0)
            follow(project, answer, damaged=project.state)
            project.converges()
        complaints.attempt(name, attempt)
    complaints.settle()


@case("a directory in the state's place, or in the journal's: refused; without it, everything is recorded again")
def directory(bench):
    complaints = Complaints()
    for name in ("state.json", "state.json.journal"):
        def attempt():
            project = bench.applied(name)
            path = project.hidden / name
            path.unlink(missing_ok=True)
            path.mkdir()
            refused(project, re.escape(f".mailkeel/{name}"), r"is a directory", r"help.*\S")
            path.rmdir()
            project.converges()
        complaints.attempt(name, attempt)
    complaints.settle()


@case("a state of a newer format is refused and left alone, and the way out is named")
def newer(bench):
    project = bench.applied()
    content = project.state.read_bytes()
    project.state.write_bytes(re.sub(rb'("version": *)\d+', rb"\g<1>4711", content, count=1))
    refused(project, r"newer-format", r"\.mailkeel/state\.json\b", r"4711", r"help.*newer version")
    project.run("token", "support").exits(0)
    project.state.write_bytes(content)
    project.is_clean()


@case("the state is lost: apply records everything again")
def lost_state(bench):
    project = bench.applied()
    project.state.unlink()
    project.run("plan", "--detailed-exitcode").exits(2)
    project.run("token", "support").exits(0)
    project.converges()


@case("a byte is flipped inside a string of the state: refused or mended, never a crash, and never a dead end")
def flipped(bench):
    original = twice_applied(bench)
    content = original.state.read_bytes()
    strings = [match.span(1) for match in re.finditer(rb'"([^"\n]+)"', content)]
    dice = random.Random(4711)
    complaints = Complaints()
    for number, (start, end) in enumerate(dice.sample(strings, 24)):
        place = dice.randrange(start, end)
        text = content[start:end].decode()
        def attempt():
            project = original.copy(f"flip-{number}")
            project.state.write_bytes(content[:place] + bytes([content[place] ^ 1]) + content[place + 1:])
            survives_a_flip(project)
            shutil.rmtree(project.root)
        complaints.attempt(f"byte {place - start} of \"{text}\"", attempt)
    complaints.settle()


def survives_a_flip(project):
    answer = project.run("plan")
    if answer.code == 1:
        answer = refused(project, r"state\.", r"\.mailkeel/state\.json\b", r"help.*\S", commands=(("plan",), APPLY))
        return follow_and_converge(project, answer, project.state)
    answer.exits(0)
    # Something may be missing in the vault of which the state tells wrongly; the note says what to do then.
    answer = project.apply().exits(0)
    # What nobody needed to read is found when somebody looks at it.
    shown = project.run("show")
    follow_and_converge(project, answer if shown.code == 0 else shown, project.state)


def follow_and_converge(project, answer, damaged):
    if answer.code != 0 or project.run("test").code != 0:
        follow(project, answer, damaged=damaged)
    project.converges()


# ---- The journal ----


def leftover(bench, name="a"):
    """A project with the journal of an apply that was killed; its mail servers answer by now."""
    project = bench.project(name)
    with bench.imap_gate(project) as gate, stalled_at_login(bench, project, gate) as run:
        kill(run)
    project.reroute(STALLED.partition("/")[2], bench.sandbox.imap_port)
    expect(journal(project).exists(), "the killed run has left no journal")
    return project


def journal(project):
    return project.hidden / "state.json.journal"


@case("the journal of a killed apply, cut at many lengths: what is whole counts, the rest is passed over")
def cut_journal(bench):
    original = leftover(bench)
    content = journal(original).read_bytes()
    ends = [match.end() for match in re.finditer(b"\n", content)]
    near = {length for end in (0, *ends) for length in (end - 1, end, end + 1) if 0 <= length <= len(content)}
    cut_at(original, content, sorted({*range(0, len(content), 41), *near, len(content)}), sorted(near))
    original.converges().says("earlier run")


@case("the journal of a killed destroy, cut at every length")
def cut_journal_of_destroy(bench):
    original = bench.applied()
    killed_while_folding(bench, original)
    content = journal(original).read_bytes()
    cut_at(original, content, range(len(content) + 1), (), growing=False)
    original.run("destroy", "--auto-approve").exits(0).says("earlier run")
    original.agrees(set())


def killed_while_folding(bench, project):
    """Kills a destroy whose results are all in the journal, before it folds them in."""
    look, trace = project.copy("look"), bench.place / "trace"
    look.run("destroy", "--auto-approve", environment={**look.variables, **bench.shim.variables(look.root, trace)}).exits(0)
    last = max(number for number, (name, _, path) in enumerate(operations(trace), 1)
               if path.endswith("state.json.journal") and name not in ("unlink", "unlinkat", "remove"))
    crash = bench.shim.variables(project.root, bench.place / "crash-trace", last + 1)
    project.run("destroy", "--auto-approve", environment={**project.variables, **crash}).exits(-signal.SIGKILL)
    expect(journal(project).exists(), "the killed destroy has left no journal")


def cut_at(original, content, lengths, applied, growing=True):
    """What counts as committed with a journal of each length; for some lengths, apply runs too."""
    complaints, former, reader = Complaints(), None, original.copy("cut")
    journal(reader).unlink()
    base = reader.committed

    def read(length):
        nonlocal former
        journal(reader).write_bytes(content[:length])
        now = reader.committed
        grown = former is None or (former <= now if growing else former >= now)
        expect(grown, "a longer journal tells of less")
        former = now
        expect(length > 0 or now == base, "an empty journal tells of something")

    def mend(length):
        project = original.copy(f"cut-{length}")
        journal(project).write_bytes(content[:length])
        project.run("plan").exits(0)
        before = project.committed
        project.apply().exits(0)
        expect(before <= project.committed, "what counted as committed is lost")
        project.converges()
        shutil.rmtree(project.root)

    for length in lengths:
        complaints.attempt(f"{length} bytes", read, length)
    for length in applied:
        complaints.attempt(f"{length} bytes, then apply", mend, length)
    complaints.settle()


@case("a journal that is damaged before its last line: refused and left alone; what the words advise mends it")
def damaged_journal(bench):
    original = leftover(bench)
    content = journal(original).read_bytes()
    ends = [match.start() for match in re.finditer(b"\n", content)]
    expect(len(ends) > 1, "the journal has one line only")
    complaints = Complaints()
    for number, end in enumerate(ends[:-1], 1):
        def attempt():
            project = original.copy(f"line-{number}")
            journal(project).write_bytes(content[:end - 5] + bytes([content[end - 5] ^ 1]) + content[end - 4:])
            answer = refused(project, r"state\.", r"state\.json\.journal\b", rf"line {number}\b", r"help.*\S")
            follow(project, answer, damaged=journal(project))
            project.converges()
        complaints.attempt(f"line {number} of {len(ends)}", attempt)
    complaints.settle()


@case("a journal that belongs to another state: refused and left alone; what the words advise mends it")
def foreign_journal(bench):
    original = leftover(bench)
    complaints = Complaints()

    def attempt(name, state):
        project = original.copy(name)
        if state is None:
            project.state.unlink()
        else:
            project.state.write_bytes(state)
        answer = refused(project, r"foreign-journal", r"state\.json\.journal\b", r"help.*\S",
                         commands=(("plan",), ("state", "list"), *WRITERS))
        follow(project, answer)
        expect(not journal(project).exists(), "the journal is still there")
        follow_and_converge(project, project.apply().exits(0), project.state)

    document = json.loads(original.state.read_bytes())
    for name, change in (("another-lineage", {"lineage": "4711"}), ("older", {"serial": document["serial"] - 1})):
        complaints.attempt(name, attempt, name, json.dumps({**document, **change}, indent=2).encode() + b"\n")
    complaints.attempt("no state", attempt, "none", None)
    complaints.settle()


# ---- State and vault do not belong together ----


def without_vault(project):
    for path in project.hidden.glob("vault.db*"):
        path.rmdir() if path.is_dir() else path.unlink()


def cut_in_half(path):
    content = path.read_bytes()
    path.write_bytes(content[:len(content) // 8192 * 4096])


def replace_by_directory(path):
    path.unlink()
    path.mkdir()


LOSSES = {
    "the vault is deleted": without_vault,
    "only vault.db is deleted": lambda project: (project.hidden / "vault.db").unlink(),
    "vault.db is empty": lambda project: (project.hidden / "vault.db").write_bytes(b""),
    "vault.db is garbage": lambda project: (project.hidden / "vault.db").write_bytes(b"garbage\n" * 2048),
    "vault.db is cut in half": lambda project: cut_in_half(project.hidden / "vault.db"),
    "vault.db is a directory": lambda project: replace_by_directory(project.hidden / "vault.db"),
    "the key is deleted": lambda project: (project.keys / "vault.key").unlink(),
    "the key is garbage": lambda project: (project.keys / "vault.key").write_text("garbage\n"),
    "the key is another one": lambda project: shutil.copy(project.keys / "project.key", project.keys / "vault.key"),
}
NAMES_THE_WAY = r"apply --replace \S*Authorization/"


@case("vault or key are lost or damaged: nothing is overwritten, and the way that is documented brings everything back")
def lost_vault(bench):
    complaints = Complaints()
    for name, lose in LOSSES.items():
        def attempt():
            project = bench.applied(name.replace(" ", "-"))
            lose(project)
            before = contents(project)
            project.run("plan").exits(0)
            expect(contents(project) == before, "plan has written something")
            project.apply().exits(0)
            expect(contents(project) == before, "apply has changed something, though it was to leave everything alone")
            project.run("test").exits(1)
            project.run("token", "support").exits(1)
            # As the documentation has it: move the vault away, and have each grant replaced.
            without_vault(project)
            if "garbage" in name:
                (project.keys / "vault.key").unlink(missing_ok=True)
            project.apply("--replace", AUTHORIZATION).exits(0)
            project.converges()
        complaints.attempt(name, attempt)
    complaints.settle()


@case("vault or key are lost or damaged: test names the file and says enough to mend it, token where to look")
def lost_vault_words(bench):
    complaints = Complaints()
    for name, lose in LOSSES.items():
        def test():
            answer = project.run("test").exits(1).says(r"vault\.db|vault\.key", NAMES_THE_WAY)
            follow(project, answer)
            project.converges()

        def token():
            # It reads the vault only, so it cannot know every address.
            project.run("token", "support").exits(1).says(r"vault\.db|vault\.key", r"help.*mailkeel (apply|plan|test)\b")

        project = bench.applied(name.replace(" ", "-"))
        lose(project)
        complaints.attempt(f"token when {name}", token)
        complaints.attempt(f"test when {name}", test)
    complaints.settle()


@case("the vault is lost or damaged: plan names the file, and what to do")
def lost_vault_plan(bench):
    complaints = Complaints()
    for name, lose in LOSSES.items():
        def attempt():
            project = bench.applied(name.replace(" ", "-"))
            lose(project)
            project.run("plan").exits(0).says(r"vault\.db", NAMES_THE_WAY)
        # Planning reads no key.
        if "key" not in name:
            complaints.attempt(name, attempt)
    complaints.settle()


@case("vault or key can be read by others: refused, and the words say what to type")
def too_open(bench):
    complaints = Complaints()
    for name in ("project/.mailkeel/vault.db", "keys/vault.key"):
        def attempt():
            project = bench.applied(name.rpartition("/")[2])
            path = project.root / name
            path.chmod(0o644)
            for arguments in (("test",), ("token", "support")):
                project.run(*arguments).exits(1).says(re.escape(str(path)), r"chmod 600")
            path.chmod(0o600)
            project.is_clean()
        complaints.attempt(name, attempt)
    complaints.settle()


@case("vault.db is lost after a kill -9, its log is not: plan leaves it, and nothing of it gets into a new vault")
def lost_vault_with_a_log(bench):
    complaints = Complaints()
    for name in ("only vault.db is deleted", "vault.db is empty"):
        def attempt():
            project = killed_while_replacing(bench, name.replace(" ", "-"))
            LOSSES[name](project)
            before = contents(project)
            project.run("plan").exits(0)
            after = contents(project)
            project.apply().exits(0)
            project.apply("--replace", AUTHORIZATION).exits(0)
            project.converges()
            expect(after == before, "plan has removed the log of the vault")
        complaints.attempt(name, attempt)
    complaints.settle()


def killed_while_replacing(bench, name):
    """A project that was applied, whose vault has a log of a killed replacement that no checkpoint has folded in."""
    project = bench.applied(name)
    with bench.imap_gate(project) as gate, project.start(*APPLY, "--replace", AUTHORIZATION) as run:
        gate.wait()
        run.until_it_says("support: modifications complete")
        kill(run)
    project.reroute("alerts", bench.sandbox.imap_port)
    expect((project.hidden / "vault.db-wal").stat().st_size > 0, "the killed run has left no log of the vault")
    return project


def of_one_user(bench):
    """Two projects that were applied with the same key."""
    project, other = bench.applied(), bench.project("other")
    for path in project.keys.iterdir():
        shutil.copy(path, other.keys)
    other.apply().exits(0)
    return project, other


@case("another project's vault, or another project's state: the note says so and what to do; nothing is lost by doing it")
def mixed_up(bench):
    project, other = of_one_user(bench)
    exchanged = project.copy("exchanged")
    without_vault(project)
    for path in other.hidden.glob("vault.db*"):
        shutil.copy(path, project.hidden)
    shutil.copy(other.state, exchanged.state)
    complaints = Complaints()
    for name, mixture in (("vault", project), ("state", exchanged)):
        def attempt():
            state, vault = mixture.state.read_bytes(), mixture.vault()
            plan = mixture.run("plan").exits(0)
            answer = mixture.apply().exits(0)
            expect(mixture.state.read_bytes() == state, "apply has changed the state")
            expect(mixture.vault() == vault, "apply has changed grants of a vault that is not its own")
            tested = mixture.run("test").exits(1)
            mixture.apply("--replace", AUTHORIZATION).exits(0)
            mixture.is_clean()
            for said in (plan, answer):
                said.says(r"not the one of the state|(another|other) vault", NAMES_THE_WAY)
            tested.says(r"not the one of the state|(another|other) vault|" + NAMES_THE_WAY)
        complaints.attempt(name, attempt)
    complaints.settle()


@case("another project's vault.db over the log of one's own: refused or mended, never taken for good")
def mixed_vault(bench):
    project, other = killed_while_replacing(bench, "a"), bench.project("other")
    for path in project.keys.iterdir():
        shutil.copy(path, other.keys)
    other.apply().exits(0)
    shutil.copy(other.hidden / "vault.db", project.hidden / "vault.db")
    for arguments in (("plan",), ("test",), ("token", "support"), APPLY):
        answer = project.run(*arguments)
        expect(answer.code in (0, 1), f"`{answer.command}` exited with {answer.code}")
    without_vault(project)
    project.apply("--replace", AUTHORIZATION).exits(0)
    project.converges()
