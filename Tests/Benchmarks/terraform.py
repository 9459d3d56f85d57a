"""The same number of records with as many fields in Terraform, where there is one: for the scale, not for a goal.

`terraform_data` is built in, so that nothing is downloaded and no provider is started: what is measured is the planner and
the state, as with inactive accounts.
"""

import pathlib
import shutil
import subprocess
import tempfile

from measure import Failed, run_once

RECORD = """resource "terraform_data" "mailbox_{0:05d}" {{
  input = {{
    labels             = {{ team = "desk" }}
    type               = "imap"
    server             = "imap.example.com"
    port               = 993
    connectionSecurity = "tls"
    authentication     = "oauth2"
    userName           = "mailbox-{0:05d}@example.com"
    oauthProfile       = "own"
    active             = false
  }}
}}
"""
SIZES = (1_000, 2_000)
LIMIT = 400  # seconds for one command
NO_OP_RUNS = 3


def rows(mailkeel, make_project, environment):
    """One row for each size and work. `make_project(directory, count)` writes as many accounts for mailkeel."""
    terraform = shutil.which("terraform", path=environment["PATH"])
    if terraform is None:
        yield skipped("terraform", "there is no terraform on the path")
        return
    for count in SIZES:
        with tempfile.TemporaryDirectory() as directory:
            try:
                yield from measure(mailkeel, terraform, make_project, pathlib.Path(directory), count, environment)
            except (Failed, OSError, subprocess.SubprocessError) as error:
                yield skipped(f"terraform with {count:,} resources", str(error))
    yield skipped("terraform with 10,000 resources", "by the figures above it would take more than half an hour")


def measure(mailkeel, terraform, make_project, directory, count, environment):
    environment = environment | {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "HOME": str(directory)}
    ours, theirs = directory / "mailkeel", directory / "terraform"
    ours.mkdir()
    theirs.mkdir()
    make_project(ours, count)
    (theirs / "main.tf").write_text("".join(RECORD.format(number) for number in range(count)))
    in_theirs = [terraform, f"-chdir={theirs}"]
    run_once(in_theirs + ["init", "-input=false"], environment, LIMIT)
    apply = [mailkeel, "apply", "--auto-approve", "--chdir", ours], in_theirs + ["apply", "-auto-approve", "-input=false"]
    plan = [mailkeel, "plan", "--chdir", ours], in_theirs + ["plan", "-input=false"]
    yield row(f"first apply of {count:,} records against terraform", apply, 1, environment)
    yield row(f"no-op plan of {count:,} records against terraform", plan, NO_OP_RUNS, environment)


def row(name, pair, runs, environment):
    """Both in turn; the first apply can be measured once only."""
    taken = [[run_once(command, environment, LIMIT) for command in pair] for _ in range(runs)]
    (mine, my_peak), (other, other_peak) = (sorted(each)[runs // 2] for each in zip(*taken))
    return {
        "name": name, "mailkeel_ms": mine * 1000, "mailkeel_peak_mb": my_peak, "reference_ms": other * 1000,
        "reference_peak_mb": other_peak, "ratio": mine / other, "goal": "", "runs": runs,
    }


def skipped(name, why):
    return {"name": name, "skipped": why}
