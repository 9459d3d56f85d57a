"""A disk without space, and a directory that nobody may write to."""
import re

from casebook import Complaints, case
from command import expect
from mounts import Namespace, SmallDisk
from sandbox import ACCOUNTS

ENOUGH = 8192
NO_SPACE = r"no space left on device|disk is full|no space is left"
READ_ONLY = r"read-only file system|nothing can be written|read-only"


def speaks_clearly(answer, cause):
    answer.exits(1).says(cause, r"error\[\w+\.", r"help.*\S")
    expect(re.search(r"\.mailkeel\b", answer.text), f"`{answer.command}` does not name the path")


def fills_up(project, disk):
    """An apply on a full disk fails or does its work; then there is space, and the next one does all of it."""
    before = project.committed
    answer = project.apply()
    expect(answer.code in (0, 1), f"apply exited with {answer.code}")
    expect(not before - project.committed, "what was in service is not any more")
    project.run("plan").exits(0)
    disk.clear()
    disk.grow(ENOUGH)
    project.converges()
    # What it said is judged last, so that unclear words do not hide what it did.
    if answer.code == 1:
        speaks_clearly(answer, NO_SPACE)
    return answer.code


@case("a disk of 64 KiB: the first apply says which file and why; with more space the next one converges")
def small_disk(bench):
    project = bench.project()
    with Namespace() as namespace:
        disk = SmallDisk(namespace, project, 64)
        expect(fills_up(project, disk) == 1, "vault and state found place in 64 KiB")


@case("the disk fills up during the first apply, at every place: nothing breaks, and the next one converges")
def full_at_first(bench):
    complaints, codes = Complaints(), set()
    for leaving in (0, 4, 8, 12, 16, 24, *range(32, 256, 16), 320, 384):
        def attempt():
            project = bench.project(f"left-{leaving}")
            with Namespace() as namespace:
                disk = SmallDisk(namespace, project, 512)
                disk.fill(leaving)
                codes.add(fills_up(project, disk))
        complaints.attempt(f"{leaving} KiB left", attempt)
    complaints.settle()
    expect(codes == {0, 1}, f"the sizes were to lie around what is needed; they ended with {codes}")


@case("the disk fills up during an update, at every place: what was in service still is, and the next one converges")
def full_at_update(bench):
    complaints = Complaints()
    for leaving in (0, 4, 8, 12, 16, 24, 32, 48, 64, 96, 128):
        def attempt():
            project = bench.applied(f"left-{leaving}")
            with Namespace() as namespace:
                disk = SmallDisk(namespace, project, 512)
                project.announce_rotation(2)
                project.change()
                disk.fill(leaving)
                fills_up(project, disk)
        complaints.attempt(f"{leaving} KiB left", attempt)
    complaints.settle()


@case("the disk fills up during destroy: it says so, and the next one ends it")
def full_at_destroy(bench):
    complaints = Complaints()
    for leaving in (0, 4, 8, 12, 16, 32):
        def attempt():
            project = bench.applied(f"left-{leaving}")
            with Namespace() as namespace:
                disk = SmallDisk(namespace, project, 512)
                disk.fill(leaving)
                answer = project.run("destroy", "--auto-approve")
                project.run("plan").exits(0)
                disk.clear()
                project.run("destroy", "--auto-approve").exits(0)
                expect(not project.committed, "something is left in service")
                project.agrees(set())
                project.converges()
                if answer.code != 0:
                    speaks_clearly(answer, NO_SPACE)
        complaints.attempt(f"{leaving} KiB left", attempt)
    complaints.settle()


@case("the disk of the keys is full: says which file and why; with space it converges")
def full_keys(bench):
    project = bench.project()
    with Namespace() as namespace:
        namespace.tmpfs(project.keys, 4)
        seen = namespace.seen(project.keys)
        (seen / "filling").write_bytes(bytes(4096))
        project.within = namespace.within
        answer = project.apply().exits(1)
        expect(not [path for path in seen.iterdir() if path.name != "filling"], "a part of a key is left")
        (seen / "filling").unlink()
        namespace.resize(project.keys, 64)
        project.converges()
    answer.says(NO_SPACE, re.escape(str(project.keys)), r"help.*\S")


@case("a full disk: token and test go on with what is in service")
def full_and_in_service(bench):
    project = bench.applied()
    with Namespace() as namespace:
        SmallDisk(namespace, project, 512).fill(0)
        complaints = Complaints()
        for account in ACCOUNTS:
            complaints.attempt(account, lambda: project.run("token", account).exits(0))
        complaints.attempt("test", lambda: project.run("test").exits(0).says("3 passed"))
        complaints.settle()


@case("a failure that comes before a full disk is not hidden by it")
def two_failures(bench):
    complaints = Complaints()
    for leaving in range(128, 192, 16):
        def attempt():
            project = bench.project(f"left-{leaving}")
            with Namespace() as namespace:
                SmallDisk(namespace, project, 256).fill(leaving)
                answer = project.apply()
            failed = len(re.findall(r"^\S+: Failed: ", answer.err, re.MULTILINE))
            errors = len(re.findall(r"^error\[", answer.err, re.MULTILINE))
            expect(not failed or errors > 1 or "resource:" in answer.err, "apply says that a step failed, and not why")
        complaints.attempt(f"{leaving} KiB left", attempt)
    complaints.settle()


@case("a read-only state directory: apply and destroy say which and why; what only reads works")
def read_only_state(bench):
    project = bench.applied()
    with Namespace() as namespace:
        reads_but_does_not_write(namespace, project, project.hidden)


@case("a read-only project, manifests and keys included")
def read_only_project(bench):
    project = bench.applied()
    with Namespace() as namespace:
        reads_but_does_not_write(namespace, project, project.root)


def reads_but_does_not_write(namespace, project, path):
    before = project.state.read_bytes()
    project.change()
    namespace.read_only(path)
    project.within = namespace.within
    complaints = Complaints()

    def refused(*arguments):
        speaks_clearly(project.run(*arguments, "--auto-approve"), READ_ONLY)

    for command in ("apply", "destroy"):
        complaints.attempt(command, refused, command)
    for arguments in (("plan",), ("validate",), ("state", "list"), ("state", "show", "support"), ("show",)):
        complaints.attempt(" ".join(arguments), lambda: project.run(*arguments).exits(0))
    for account in ACCOUNTS:
        complaints.attempt("token", lambda: expect(project.run("token", account).exits(0).out.strip(), "no token came"))
    complaints.attempt("test", lambda: project.run("test").exits(0))
    expect(project.state.read_bytes() == before, "the state has changed")
    namespace.writable_again(path)
    complaints.settle()
    project.converges()


@case("a read-only directory in which nothing was ever applied: apply says which and why, and works once it may write")
def read_only_at_first(bench):
    project = bench.project()
    with Namespace() as namespace:
        namespace.read_only(project.directory)
        project.within = namespace.within
        project.run("plan").exits(0)
        project.run("validate").exits(0)
        speaks_clearly(project.apply(), READ_ONLY)
        namespace.writable_again(project.directory)
        project.converges()
