"""Mounts that only the commands of one case see: a disk that is full, a directory that nobody may write to."""
import os
import pathlib
import subprocess

from casebook import Skipped
from command import expect


class Namespace:
    """A private mount namespace, as long as this lives. Commands enter it by `within`."""

    def __init__(self):
        try:
            # `cat` holds it open, until its input ends: with this process at the latest.
            self._holder = subprocess.Popen(["unshare", "--mount", "--propagation", "private", "cat"],
                                            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        except FileNotFoundError as fault:
            raise Skipped("there is no `unshare` here") from fault
        if not self._echoes():
            self._holder.stdin = None
            _, err = self._holder.communicate()
            raise Skipped(f"no private mounts here: {err.decode(errors='replace').strip()}")
        self.within = ("nsenter", f"--mount=/proc/{self._holder.pid}/ns/mnt")

    def _echoes(self):
        """Whether `cat` runs: then the namespace is there."""
        try:
            self._holder.stdin.write(b"\n")
            self._holder.stdin.flush()
        except BrokenPipeError:
            return False
        return bool(self._holder.stdout.readline())

    def seen(self, path):
        """The same path as seen from outside."""
        return pathlib.Path(f"/proc/{self._holder.pid}/root{path}")

    def run(self, *command):
        done = subprocess.run([*self.within, *map(str, command)], capture_output=True, text=True)
        expect(done.returncode == 0, f"{' '.join(map(str, command))}: {done.stderr.strip()}")

    def tmpfs(self, path, kibibytes):
        self.run("mount", "-t", "tmpfs", "-o", f"size={kibibytes}k,mode=0700", "tmpfs", path)

    def resize(self, path, kibibytes):
        self.run("mount", "-o", f"remount,size={kibibytes}k", path)

    def read_only(self, path):
        self.run("mount", "--bind", path, path)
        self.run("mount", "-o", "remount,bind,ro", path)

    def writable_again(self, path):
        self.run("umount", path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._holder.kill()
        self._holder.communicate()


class SmallDisk:
    """A project whose state and vault are on a disk of their own."""

    def __init__(self, namespace, project, kibibytes):
        self._namespace, self._path = namespace, project.hidden
        project.hidden.mkdir(mode=0o700, exist_ok=True)
        kept = {path.relative_to(project.hidden): path.read_bytes() for path in project.hidden.rglob("*") if path.is_file()}
        namespace.tmpfs(project.hidden, kibibytes)
        project.hidden, project.within = namespace.seen(project.hidden), namespace.within
        for name, content in kept.items():
            (project.hidden / name).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            (project.hidden / name).touch(mode=0o600)
            (project.hidden / name).write_bytes(content)
        self._filling = project.hidden / "filling"

    def fill(self, leaving):
        """Fills it, but for so many KiB."""
        with open(self._filling, "wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)):
                    pass
            except OSError:
                pass  # it is full
            size = os.fstat(file.fileno()).st_size
            expect(size >= leaving * 1024, f"only {size >> 10} KiB were free")
            file.truncate(size - leaving * 1024)

    def clear(self):
        self._filling.unlink(missing_ok=True)

    def grow(self, kibibytes):
        self._namespace.resize(self._path, kibibytes)
