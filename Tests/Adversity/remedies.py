"""Does what the program's words tell a person to do, and nothing else."""
import pathlib
import re
import shlex
import shutil

from command import expect

AWAY = r"(?:move|rename|put|take) (\S*/\S+?) (?:away|aside)\b"
# The file that the headline names.
THIS_AWAY = r"(?:move|rename|put|take) (?:it|them|the \w+) (?:away|aside)\b"
HEADLINE = r"error\[[\w.-]+\]: (?:vault: |key file )?(\S*/\S+?):? "
RESTORE = r"(?:restore|copy|put)\b.*?\bfrom\b.*?(\S*\.mailkeel/\S+?)[;,.)`']*(?:\s|$)"


def follow(project, answer, damaged=None):
    """Follows the words of an answer literally: moves away what is to be moved, restores what is to be restored, and runs
    the commands that it names. `damaged` is the file that a restored one replaces."""
    text = " ".join(answer.text.split())
    named = re.findall(AWAY, text) + (re.findall(HEADLINE, text)[:1] if re.search(THIS_AWAY, text) else [])
    moved = [located(project, path) for path in named]
    for path in moved:
        # It may be told twice.
        if path.exists():
            shutil.move(path, project.root / f"moved-{path.name}")
    commands = list(commands_in(answer.text))
    source = re.search(RESTORE, text)
    if source and damaged is not None and not commands:
        source = located(project, source[1])
        expect(source.exists(), f"`{answer.command}` advises to restore {source.name}, and there is no such file")
        shutil.copy(source, damaged)
    expect(moved or commands or source, f"`{answer.command}` names nothing that a person could do: {first_error(answer)}")
    for words in commands:
        project.run(*words).exits(0)


def commands_in(text):
    """The commands that a text names, as far as they can be typed as they stand."""
    seen = set()
    for found in re.finditer(r"mailkeel ((?:apply|state push|state rm)\b[^\n`;]*)", text):
        words = []
        for word in shlex.split(found[1].replace("\"", "'") if found[1].count("'") % 2 == 0 else found[1].replace("'", "")):
            if words and not word.startswith("--") and "/" not in word and word not in ("push", "rm"):
                break
            words.append(word.rstrip(",."))
        # `--replace AUTHORIZATION` is nothing that can be typed.
        if words[-1] == "--replace" or tuple(words) in seen:
            continue
        seen.add(tuple(words))
        if words[0] == "apply" and "--auto-approve" not in words:
            words.append("--auto-approve")
        yield words


def first_error(answer):
    lines = [line for line in answer.text.splitlines() if re.match(r"error|note:|the vault", line, re.IGNORECASE)]
    return next((line for line in lines if "not compared" not in line), answer.text.strip()[:120])


def located(project, path):
    """A path that the program named, as this test sees it."""
    path = pathlib.Path(path.strip("`'\""))
    return project.hidden / path.relative_to(project.directory / ".mailkeel") if path.is_absolute() and \
        path.is_relative_to(project.directory / ".mailkeel") else path
