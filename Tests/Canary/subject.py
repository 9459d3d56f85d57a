"""The program under watch: every command's outputs, the files it leaves, and any child that it starts become evidence."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

import command
from canaries import Canary, login
from command import Answer
from evidence import Evidence
from sandbox import ACCOUNTS, mailbox

MANIFESTS = ("profile.yaml", "accounts.yaml", "ca.pem", "secrets")


class Subject:
    def __init__(self, binary, place):
        self.binary, self.place, self.keys = binary, pathlib.Path(place), pathlib.Path(place) / "keys"
        (self.place / "home").mkdir()
        self.variables = command.variables(self.place / "home", self.keys)
        self.evidence, self.canaries, self.labels, self.faults = Evidence(), [], [], []

    def project(self, name, example):
        """A directory with the example's manifests of its own."""
        directory = self.place / name
        directory.mkdir()
        for file in MANIFESTS:
            source = pathlib.Path(example) / file
            (shutil.copytree if source.is_dir() else shutil.copy)(source, directory / file)
        return directory

    def plant(self, name, secret, *home):
        self.canaries.append(Canary(name, secret if isinstance(secret, bytes) else secret.encode(), *home))

    # -- commands

    def run(self, directory, *arguments, exits=None, until=None, children=False, given=None, shows=None, **more):
        """Runs one command. `until(process)` may end it early; `exits`: the codes that show that it met what it was to meet;
        `children`: whether it may start programs; `given`: what stands on its standard input; `shows(text)`: the names of the
        canaries that its standard output is asked for."""
        label, process, watch = self._start(directory, arguments, given, more)
        if until is not None:
            until(process)
        try:
            out, err = process.communicate(given and given.encode(), timeout=120)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            self.faults.append((label, "was not done after 120 s"))
        watch.end()
        if exits is not None and process.returncode not in exits:
            first = (err or out).decode(errors="replace").strip().splitlines()[:1]
            self.faults.append((label, f"exited with {process.returncode}, not with one of {exits}: {first}"))
        if arguments[0] == "token" and process.returncode == 0:
            shown = self._learn_token(out)
        else:
            shown = shows(out.decode()) if shows else ()
        self.evidence.add_output(label, "standard output", out, shown)
        self.evidence.add_output(label, "standard error", err)
        for number, (line, environment) in enumerate(watch.children, 1):
            if not children:
                self.faults.append((label, f"started a child: {line[:80]!r}"))
            self.evidence.add_output(label, f"the command line of child {number}", line)
            self.evidence.add_output(label, f"the environment of child {number}", environment)
        self.keep_files(label)
        return Answer(" ".join(arguments), subprocess.CompletedProcess(arguments, process.returncode, out, err))

    def both(self, directory, *arguments, exits=None, **more):
        """Once for people and once for machines."""
        for form in ((), ("--json",)):
            self.run(directory, *arguments, *form, exits=exits, **more)

    def keep_files(self, label):
        self.evidence.add_files(label, self.place)

    def keep_sandbox(self, sandbox, label):
        """Stops it; what it printed is evidence as well."""
        sandbox.stop()
        self.labels.append(label)
        self.evidence.add_output(label, "standard output", sandbox.out)
        self.evidence.add_output(label, "standard error", sandbox.err)
        self.keep_files(label)

    def _start(self, directory, arguments, given, more):
        label = f"{len(self.labels) + 1}: {' '.join(arguments)} in {pathlib.Path(directory).name}"
        self.labels.append(label)
        process = subprocess.Popen([self.binary, *arguments, "--chdir", directory], env={**self.variables, **more},
                                   cwd=directory, stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        return label, process, ChildWatch(process.pid)

    def _learn_token(self, out):
        """A token that `token` showed is a canary everywhere else, before and after."""
        text = out.decode()
        token = json.loads(text)["accessToken"] if text.startswith("{") else text.strip()
        known = [canary for canary in self.canaries if canary.secret == token.encode()]
        if known:
            return [known[0].name]
        name = f"access token {sum(canary.name.startswith('access token') for canary in self.canaries) + 1}"
        self.plant(name, token)
        for account in ACCOUNTS:
            self.plant(f"XOAUTH2 response of {account} with {name}", login(mailbox(account), token.encode()))
        return [name]


class ChildWatch:
    """Looks again and again whether a process has children, and what their command lines and environments are."""

    def __init__(self, pid):
        self.children, self._seen, self._pid, self._ended = [], set(), pid, threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def end(self):
        self._ended.set()
        self._thread.join()

    def _watch(self):
        while not self._ended.is_set():
            self._look()
            time.sleep(0.001)

    def _look(self):
        tasks = f"/proc/{self._pid}/task"
        try:
            threads = os.listdir(tasks)
        except OSError:
            return  # the process has ended
        for thread in threads:
            for child in set(_read(f"{tasks}/{thread}/children").split()) - self._seen:
                self._seen.add(child)
                self.children.append(tuple(_read(f"/proc/{child.decode()}/{name}") for name in ("cmdline", "environ")))


def _read(path):
    """Empty for what has ended meanwhile."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return b""


def kill_when_asked_for_token(log, number=signal.SIGKILL):
    """For `until`: waits for a token request in the sandbox's log, and kills the process while it waits for the answer."""
    before = log.read_bytes().count(b'"oauth_token"') if log.exists() else 0

    def until(process):
        deadline = time.monotonic() + 20
        while process.poll() is None and time.monotonic() < deadline:
            if log.read_bytes().count(b'"oauth_token"') > before:
                os.kill(process.pid, number)
                if number != signal.SIGKILL:
                    time.sleep(0.2)
                    process.send_signal(number)  # the second one makes it leave at once
                return
            time.sleep(0.01)
    return until
