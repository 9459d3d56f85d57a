"""Cases of the grants that need no person, of clients that show a key, and of profiles that are proven by themselves."""
import base64
import json
import pathlib
import subprocess
import time

import servers
from cases import Log, added, case, converges, login_of, profile_fails
from project import expect


def signer(project, kind, file=None):
    return {"id": f"signer-{kind}", "authentication": "private_key_jwt",
            "certificate": file or project.env[f"SIGNER_{kind.upper()}_FILE"]}


def robot(project, **changes):
    """The profile of the service account."""
    return {"issuer": project.env["BEARER_ISSUER"], "grant": "jwt_bearer", "client": {"id": "115400000000000000000"},
            "serviceAccount": {"fromFile": project.env["SERVICE_ACCOUNT_FILE"]}, **changes}


def robot_account(project, name, domain="robots.test"):
    return project.account(name, {"userName": f"{name}@{domain}"})


# -- a client that shows a key

def by_key(kind, project):
    provider = Log(project.env["GLEWLWYD_LOG"])
    converges(project, project.account("support"), profile={"client": signer(project, kind)})
    provider.must_show(f"Access token generated for client 'signer-{kind}'")


case("private_key_jwt with an RSA key")(lambda project: by_key("rsa", project))
case("private_key_jwt with a P-256 key")(lambda project: by_key("ec", project))


@case("another client's key")
def foreign_key(project):
    profile_fails(project, {"client": signer(project, "rsa", project.env["ROBOT_KEY_FILE"])}, "403",
                  "administrator of the OAuth application")


@case("a key under a passphrase")
def locked_key(project):
    locked = subprocess.run(["openssl", "pkey", "-in", project.env["SIGNER_RSA_FILE"], "-aes256", "-passout", "pass:x"],
                            check=True, capture_output=True, text=True).stdout
    profile_fails(project, {"client": signer(project, "rsa", project.write_file("locked.pem", locked))},
                  "passphrase", "openssl pkey")


@case("a certificate file that holds no key")
def certificate_alone(project):
    text = pathlib.Path(project.env["SIGNER_RSA_FILE"]).read_text()
    file = project.write_file("certificate.pem", text[text.index("-----BEGIN CERTIFICATE"):])
    profile_fails(project, {"client": signer(project, "rsa", file)}, "without its private key")


@case("an assertion that somebody else signed")
def foreign_assertion(project):
    file = project.write_file("assertion", signed(project.env, "signer-rsa"))
    client = {"id": "signer-rsa", "authentication": "private_key_jwt", "assertion": {"fromFile": file}}
    project.write(project.profile({"client": client}), project.account("support"))
    project.apply().exits(0).says(added(3))


def signed(env, client):
    """A client assertion, made with the openssl command."""
    def part(content):
        return base64.urlsafe_b64encode(content).rstrip(b"=")
    now = int(time.time())
    claims = {"iss": client, "sub": client, "aud": env["GLEWLWYD_TOKEN_ENDPOINT"], "jti": str(time.time_ns()),
              "iat": now, "exp": now + 300}
    message = part(b'{"alg":"RS256","typ":"JWT"}') + b"." + part(json.dumps(claims).encode())
    signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", env["SIGNER_RSA_FILE"]], input=message,
                               capture_output=True, check=True).stdout
    return (message + b"." + part(signature)).decode()


# -- JWT bearer

@case("jwt_bearer, for two mailboxes")
def bearer(project):
    project.write(project.profile(robot(project)), robot_account(project, "a"), robot_account(project, "b"))
    mail = Log(project.env["DOVECOT_LOG"])
    project.apply().exits(0).says(added(5))  # a profile, and an authorization and an account for each mailbox
    for mailbox in ("a@robots.test", "b@robots.test"):
        mail.must_show(login_of(mailbox))
    project.plan("--detailed-exitcode").exits(0)
    token = project.run("token", "b", shows_token=True).exits(0).out.strip()
    said = servers.imap_login(project.env, "b@robots.test", token)
    expect(any(line.startswith("S: a OK") for line in said), "the mail server refuses the token that `token` printed")


@case("jwt_bearer is asked anew when its token has run out")
def bearer_renewed(project):
    project.write(project.profile(robot(project)), robot_account(project, "a"))
    project.apply().exits(0)
    first = project.run("token", "a", shows_token=True).exits(0).out
    project.make_due()
    second = project.run("token", "a", shows_token=True).exits(0).out
    expect(first != second, "the token was not asked for anew")


@case("jwt_bearer, a mailbox that the service account may not act for")
def bearer_elsewhere(project):
    mail, provider = Log(project.env["DOVECOT_LOG"]), Log(project.env["BEARER_LOG"])
    project.write(project.profile(robot(project)), robot_account(project, "a"),
                  robot_account(project, "outside", "example.test"))
    answer = project.apply().says("EmailAccount/outside", "unauthorized_client", "who must act")
    expect(answer.code != 0, "an account that nobody may act for was put into service")
    mail.must_show(login_of("a@robots.test"))
    mail.must_not_show(login_of("outside@example.test"))
    provider.must_show("unauthorized_client")


@case("jwt_bearer, a scope that nobody allowed")
def bearer_scope(project):
    project.write(project.profile(robot(project, scopes=["everything"])), robot_account(project, "a"))
    answer = project.apply().says("invalid_scope", "who must act")
    expect(answer.code != 0, "a scope that nobody allowed was granted")


@case("jwt_bearer, a file of another kind")
def bearer_wrong_file(project):
    file = project.write_file("user.json", json.dumps({"type": "authorized_user", "client_id": "x", "refresh_token": "1//x"}))
    provider = Log(project.env["BEARER_LOG"])
    project.write(project.profile(robot(project, serviceAccount={"fromFile": file})), robot_account(project, "a"))
    answer = project.apply().says("credentials of a user")
    expect(answer.code != 0, "a user's credentials were taken for a service account's")
    provider.must_not_show("POST /token")


# -- a person's password

@case("the password grant")
def password(project):
    client = project.client(project.env["DESK_SECRET_FILE"], "desk")
    lead = {"fromFile": f"{project.env['PEOPLE_SECRETS']}/lead@people.test"}
    mail = Log(project.env["DOVECOT_LOG"])
    project.write(project.profile({"grant": "password", "client": client}),
                  project.account("lead", {"userName": "lead@people.test", "password": lead}))
    project.apply().exits(0).says(added(3))
    mail.must_show(login_of("lead@people.test"))
    project.plan("--detailed-exitcode").exits(0)


# -- a profile proves itself

def proof(project, profile, code, *patterns):
    project.write(project.profile(profile))
    return project.run("test", "OAuthProfile/glewlwyd").exits(code).says("metadata", "client", *patterns)


@case("a profile is proven before any account uses it")
def profile_proven(project):
    proof(project, {}, 0, "token", "ok")
    expect(not (project.directory / ".mailkeel/state.json").exists(), "a test wrote a state")


@case("a profile with a wrong secret is not")
def profile_refused(project):
    proof(project, {"client": project.client(project.write_secret("0" * 48))}, 1, "403", "who must act")


def for_people(project, **changes):
    return {"grant": "authorization_code", "client": project.client(project.env["DESK_SECRET_FILE"], "desk"),
            "redirectURI": project.env["REDIRECT_URI"], **changes}


@case("a profile that needs a person is proven without one")
def person_profile_proven(project):
    proof(project, for_people(project), 0, "ok")
    # Glewlwyd refuses a wrong secret without a word, as it does much else.
    wrong = project.client(project.write_secret("0" * 48), "desk")
    proof(project, for_people(project, client=wrong), 0, "ambiguous", "who must act")


@case("a service account is proven")
def robot_proven(project):
    proof(project, robot(project), 0, "ok")
