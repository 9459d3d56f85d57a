"""Cases of the grants that need no person, and of clients that show a key."""
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
