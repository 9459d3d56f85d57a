"""What manifests can say, through the whole program: variables, environments, sets, selectors, secrets, layout, first projects."""
import json
import re
import shutil
import xml.dom.minidom

from casebook import Complaints, case
from command import expect
from project import APPLY
from sandbox import ADDRESSES

PROJECT = """apiVersion: mailkeel/v1
kind: Project
metadata: {{ name: test }}
spec:
{spec}
"""
ACCOUNTS = {address for address in ADDRESSES if address.startswith("EmailAccount/")}


def say(project, spec):
    """Gives the project a project file."""
    indented = "\n".join(f"  {line}" for line in spec.strip("\n").splitlines())
    (project.directory / "mailkeel.yaml").write_text(PROJECT.format(spec=indented))


def edit(project, name, pattern, replacement):
    path = project.directory / name
    text, count = re.subn(pattern, replacement, path.read_text())
    expect(count, f"{name} holds nothing like {pattern}")
    path.write_text(text)


def objects(answer):
    return [json.loads(line) for line in answer.out.splitlines()]


@case("two environments of one project: what one commits, the other does not see")
def environments(bench):
    project = bench.project()
    say(project, """
variables:
  label: {}
environments:
  prod:
    variables: { label: production }
  test:
    variables: { label: testing }
    state: states/test.json
""")
    edit(project, "accounts.yaml", r"name: support\n", "name: support\n  labels: { stage: \"${var.label}\" }\n")
    project.run("plan").exits(1).says("--env", "prod", "test")
    project.run("validate", "--env", "prud").exits(1).says("did you mean \"prod\"")
    project.run("validate", "--all-environments").exits(0)
    # What is approved for one is approved for no other, though both are empty and want the same.
    project.run("plan", "--env", "test", "--out", "test.plan").exits(0)
    project.run("apply", "--env", "prod", "test.plan").exits(4).says("made for environment test", "environment prod")
    intent = json.loads(project.run("plan", "--env", "test", "--json").exits(0).out)["intent"]
    project.run("apply", "--env", "prod", "--plan-hash", intent).exits(4)
    expect(not (project.directory / ".mailkeel/prod/state.json").exists(), "a plan for test was applied in prod")
    project.apply("--env", "prod").exits(0)
    project.run("plan", "--env", "prod", "--detailed-exitcode").exits(0)
    project.run("plan", "--env", "test", "--detailed-exitcode").exits(2).says("testing")
    project.apply("--env", "test").exits(0)
    expect((project.directory / "states/test.json").exists(), "the state is not where the environment says")
    expect((project.directory / ".mailkeel/prod/state.json").exists(), "prod has no state of its own")
    expect("production" in project.run("show", "--env", "prod").exits(0).out, "prod has another label")
    for name in ("prod", "test"):
        project.run("test", "--env", name).exits(0)
        project.run("token", "support", "--env", name).exits(0)
    project.run("destroy", "--auto-approve", "--env", "test").exits(0)
    project.run("plan", "--env", "prod", "--detailed-exitcode").exits(0)


@case("variables: the command line over files over the environment over the project file; a wrong one says where it came from")
def variables(bench):
    project = bench.project()
    say(project, "variables:\n  desk: { default: one }\n  on: { type: boolean, default: true }")
    edit(project, "accounts.yaml", r"name: support\n", "name: support\n  labels: { desk: \"${var.desk}\" }\n")
    edit(project, "accounts.yaml", r"userName: alerts@", "active: ${var.on}\n  userName: alerts@")
    (project.directory / "values.txt").write_text("desk: three\n")
    sources = (((), {}, "one"), ((), {"MAILKEEL_VAR_desk": "two"}, "two"),
               (("--var-file", "values.txt"), {"MAILKEEL_VAR_desk": "two"}, "three"),
               (("--var-file", "values.txt", "--var", "desk=four"), {"MAILKEEL_VAR_desk": "two"}, "four"))
    for arguments, more, value in sources:
        answer = project.run("plan", *arguments, environment={**project.variables, **more}).exits(0)
        expect(f"desk: {value} }}" in answer.out, f"the plan with {arguments} and {more} does not say {value}")
    project.run("plan", "--var", "desc=x").exits(1).says("did you mean \"desk\"")
    project.run("validate", "--var", "on=yes").exits(1).says("--var", "true or false")
    project.apply("--var", "on=false").exits(0)
    project.run("test", "--json").exits(0).says(r'"untested":\["EmailAccount/alerts"\]').does_not_say('"address":"EmailAccount/alerts"')


@case("a sensitive variable: only from the environment, only as a secret, and in no output")
def sensitive(bench):
    project = bench.project()
    secret = (project.directory / "secrets/client-secret").read_text().strip()
    say(project, "variables:\n  client_secret: { sensitive: true }")
    edit(project, "profile.yaml", r"secret: \{.*\}", 'secret: "${var.client_secret}"')
    project.run("plan").exits(0)
    project.apply().exits(1).says("MAILKEEL_SECRET_client_secret")
    given = {**project.variables, "MAILKEEL_SECRET_client_secret": secret}
    project.run(*APPLY, environment=given).exits(0)
    project.run("plan", "--detailed-exitcode", environment=given).exits(0)
    project.run("plan", "--var", f"client_secret={secret}").exits(1).says("MAILKEEL_SECRET_client_secret")
    edit(project, "accounts.yaml", r"userName: alerts@sandbox.example", 'userName: "${var.client_secret}"')
    project.run("validate", environment=given).exits(1).says("lint.sensitive-variable")
    # A branch that no longer calls it sensitive has nothing to show.
    say(project, "variables:\n  client_secret: {}")
    project.run("plan", environment=given).exits(1).says("manifest.unset-variable")
    said = "".join(answer.text for answer in project.answers)
    expect(secret not in said, "the secret is in the output")
    expect(secret not in project.state.read_text(), "the secret is in the state")


@case("a set from a CSV file: a row added is an account, a row gone is destroyed, a mistake is shown in its cell")
def sets(bench):
    project = bench.project()
    accounts = (project.directory / "accounts.yaml").read_text()
    port = re.search(r"port: (\d+)", accounts)[1]
    (project.directory / "accounts.yaml").write_text(f"""apiVersion: mailkeel/v1
kind: EmailAccountSet
metadata: {{ name: desks, labels: {{ team: "${{item.team}}" }} }}
spec:
  key: name
  csv: desks.csv
  account:
    type: imap
    server: 127.0.0.1
    port: {port}
    userName: "${{item.name}}@sandbox.example"
    active: "${{item.active}}"
    oauthProfile: sandbox
    tls: {{ caFile: ca.pem }}
""")
    table = project.directory / "desks.csv"
    table.write_text("name,team,active\nsupport,desk,\nbilling,money,true\n")
    project.apply().exits(0)
    project.run("state", "list").says("EmailAccount/desks.support", "EmailAccount/desks.billing")
    table.write_text("name,team,active\r\nbilling,\"money\",true\r\nsupport,desk,\r\nalerts,night,true\r\n")
    project.run("plan").exits(0).says("1 to add, 0 to change, 0 to destroy")
    project.apply().exits(0)
    project.run("test").exits(0).says("3 passed")
    table.write_text("name,team,active\nsupport,desk,\nbilling,money,true\nalerts,night,maybe\n")
    project.run("validate").exits(1).says(r"desks\.csv:4:14")
    table.write_text("name,team,active\nsupport,desk,\nbilling,money,true\n")
    project.apply().exits(0).says("1 destroyed")


@case("a selector: plan, apply and test keep to the accounts with the label")
def selector(bench):
    project = bench.project()
    for name in ("support", "billing"):
        edit(project, "accounts.yaml", rf"name: {name}\n", f"name: {name}\n  labels: {{ team: {name} }}\n")
    project.run("plan", "--selector", "team=support").exits(0).says("EmailAccount/support").does_not_say("EmailAccount/billing")
    project.apply("--selector", "team=support").exits(0)
    expect({"EmailAccount/support"} == project.committed & ACCOUNTS, "it committed other accounts than those selected")
    project.run("plan", "--selector", "team=support", "--detailed-exitcode").exits(0)
    project.run("plan", "--selector", "team in (billing,sales)", "--out", "part.plan").exits(0)
    project.run("apply", "part.plan").exits(0)
    expect({"EmailAccount/support", "EmailAccount/billing"} == project.committed & ACCOUNTS, "the saved part did something else")
    project.run("test", "--selector", "team!=support", "--json").exits(0).says("billing").does_not_say("EmailAccount/support")
    project.run("plan", "--selector", "team in (").exits(64).says("--selector")
    project.converges()


@case("a secret from a command and one from the vault; a command that fails says so without its output")
def secret_sources(bench):
    project = bench.project()
    secret = (project.directory / "secrets/client-secret").read_text().strip()
    (project.directory / "mark").mkdir()
    command = '[sh, -c, "touch mark/ran; cat secrets/client-secret"]'
    edit(project, "profile.yaml", r"secret: \{.*\}", f"secret: {{ fromCommand: {command} }}")
    project.run("validate").exits(0)
    project.run("plan").exits(0)
    expect(not (project.directory / "mark/ran").exists(), "validate or plan ran the command")
    project.apply().exits(0)
    project.is_clean()
    edit(project, "profile.yaml", r"secret: \{.*\}", 'secret: { fromCommand: [sh, -c, "echo lea\"\"ked; echo why it failed >&2; exit 3"], version: b }')
    project.apply().exits(1).says("why it failed", "3").does_not_say("leaked")
    edit(project, "profile.yaml", r"secret: \{.*\}", "secret: { fromCommand: [no-such-program], version: c }")
    project.apply().exits(1).says("no-such-program")
    edit(project, "profile.yaml", r"secret: \{.*\}", "secret: { fromVault: sandbox-client, version: d }")
    project.apply().exits(1).says("mailkeel vault set sandbox-client")
    stored = project.run("vault", "set", "sandbox-client", within=("bash", "-c", f'printf "%s\\n" "{secret}" | "$@"', "bash"))
    stored.exits(0).does_not_say(re.escape(secret))
    project.run("vault", "list").exits(0).says("sandbox-client").does_not_say(re.escape(secret))
    project.apply().exits(0)
    project.is_clean()


@case("a first project: made by options alone, sound, laid out, and never over what is there")
def first_project(bench):
    project = bench.project()
    for path in list(project.directory.iterdir()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    for path in project.keys.iterdir():
        path.unlink()
    project.run("init").exits(64).says("--provider", "--mailbox")
    (project.directory / ".gitignore").write_text("*.log")
    options = ("--provider", "microsoft365", "--tenant", "contoso.com", "--client-id", "abc", "--mailbox", "support@contoso.com")
    project.run("init", *options).exits(0).says("MAIL_CLIENT_SECRET", "key")
    expect((project.directory / ".gitignore").read_text() == "*.log\n.mailkeel/\n", "it spoilt the .gitignore")
    expect(any(project.keys.iterdir()), "no key was made outside of the project")
    project.run("validate").exits(0).does_not_say("warning")
    project.run("fmt", "--check").exits(0)
    project.run("plan").exits(0).says("2 to add|3 to add")
    project.run("init", *options).exits(1).says("mailkeel.yaml")


@case("fmt: says what it would change, changes it once, keeps what it means, leaves broken files alone")
def layout(bench):
    project = bench.applied()
    path = project.directory / "accounts.yaml"
    path.write_text(path.read_text().replace("  type: imap\n", "     type:    imap   # receives\n").replace("\n", "\r\n")
                    .replace("     type", "  type"))
    project.run("fmt", "--check").exits(3).says("accounts.yaml")
    before = path.read_bytes()
    project.run("fmt", "--check", "--diff").exits(3).says(r"\+  type: imap")
    expect(path.read_bytes() == before, "--check wrote something")
    project.run("fmt").exits(0).says("accounts.yaml")
    project.run("fmt", "--check").exits(0)
    expect("# receives" in path.read_text(), "a comment is lost")
    project.run("plan", "--detailed-exitcode").exits(0)
    broken = project.directory / "profile.yaml"
    broken.write_text(broken.read_text() + "a: [1\n")
    before = broken.read_bytes()
    project.run("fmt").exits(1).says("profile.yaml")
    expect(broken.read_bytes() == before, "it touched a broken file")


@case("mistakes for review tools: each format is well formed and leads to the file from where the job runs")
def review_formats(bench):
    project = bench.project()
    edit(project, "accounts.yaml", r"type: imap", "type: imaq")
    name = project.directory.name
    complaints = Complaints()

    def report(form):
        within = ("bash", "-c", 'cd .. && "$@"', "bash")
        return project.run("validate", "--format", form, "--chdir", name, within=within).exits(1)

    def junit():
        xml.dom.minidom.parseString(report("junit").stdout)

    def gitlab():
        expect(json.loads(report("gitlab").out)[0]["location"]["path"] == f"{name}/accounts.yaml", "another path")

    def sarif():
        run = json.loads(report("sarif").out)["runs"][0]
        place = run["results"][0]["locations"][0]["physicalLocation"]
        expect(place["artifactLocation"]["uri"] == f"{name}/accounts.yaml", "another path")

    def github():
        expect(f"::error file={name}/accounts.yaml,line=" in report("github").out, "no command for the file")

    for check in (junit, gitlab, sarif, github):
        complaints.attempt(check.__name__, check)
    complaints.settle()


@case("explain, providers and schema need no project, and answer machines too")
def knowledge(bench):
    project = bench.project()
    for path in list(project.directory.iterdir()):
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    project.run("explain", "lint.port-security").exits(0).says("STARTTLS")
    project.run("explain", "lint.port-securty").exits(64).says("did you mean lint.port-security")
    expect(objects(project.run("explain", "manifest.bad-value", "--json").exits(0)), "no object")
    project.run("providers").exits(0).says("microsoft365", "google", "fastmail", "icloud")
    project.run("providers", "yandex").exits(0).says("imap.yandex.com")
    project.run("providers", "googel").exits(64).says("did you mean google")
    expect(json.loads(project.run("schema").exits(0).out)["$schema"], "no schema")


@case("a lint finding is silenced by an annotation with a reason, and not without one")
def silenced(bench):
    project = bench.project()
    edit(project, "accounts.yaml", r"userName: support@", "debug: true\n  userName: support@")
    project.run("validate").exits(0).says("lint.debug")
    for reason, code in (("case 4711", 0), ("", 1)):
        edit(project, "accounts.yaml", r"name: support\n(  annotations: .*\n)?",
             f'name: support\n  annotations: {{ allow/lint.debug: "{reason}" }}\n')
        answer = project.run("validate").exits(code)
        if code == 0:
            answer.does_not_say("lint.debug")
