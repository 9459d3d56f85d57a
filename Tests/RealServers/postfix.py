"""A private Postfix: submission with TLS and with STARTTLS on ports with good and bad certificates. Dovecot judges who logs
in, and takes the mail; nothing leaves the machine. Only root can run it."""
import os
import shutil

import dovecot
import processes
from ports import mail_ports
from starting import render, wait_for_mail

# Its queue, as `postfix check` would make it, which takes a second. Dovecot's sockets are in `private`.
QUEUES = ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace")
# Who may send as an address that is not their own.
SENDERS = {f"no-reply@{domain}": f"support@{domain}" for domain in (dovecot.MAIL_DOMAIN, dovecot.PASSWORD_DOMAIN)}


def prepare(directory):
    """What Dovecot needs to find when it starts."""
    queue = directory / "queue"
    queue.mkdir()
    for name in QUEUES:
        (queue / name).mkdir(mode=0o700)
        shutil.chown(queue / name, "postfix")
    for name, mode in (("public", 0o710), ("maildrop", 0o730)):
        (queue / name).mkdir()
        shutil.chown(queue / name, "postfix", "postdrop")
        (queue / name).chmod(mode)
    (queue / "pid").mkdir(mode=0o755)
    for path in (queue, queue / "pid"):
        path.chmod(0o755)


def start(directory, ports, values, domains):
    conf, log = directory / "postfix", directory / "postfix.log"
    conf.mkdir()
    wanted = mail_ports("smtp")
    listeners = [_listener(ports[name], security, directory / "tls" / certificate) for _, security, certificate, name in wanted]
    listeners.append(_listener(ports["SMTP_LATE"], "starttls", directory / "tls/good") + " -o smtpd_delay_reject=yes")
    (conf / "main.cf").write_text(render("postfix-main.cf", {**values, "DOMAINS": " ".join(domains)}))
    (conf / "master.cf").write_text(render("postfix-master.cf", {"LISTENERS": "\n".join(listeners)}))
    (conf / "senders").write_text(_senders())
    # Its parts run as `postfix`, who must be able to read this and to keep a cache here.
    shutil.chown(conf, "postfix")
    for path in (conf, *conf.iterdir()):
        os.chmod(path, 0o755 if path.is_dir() else 0o644)
    process = processes.launch(directory, log, "/usr/lib/postfix/sbin/master", "-c", conf, "-d")
    wait_for_mail("Postfix", process, log, directory, ports, wanted)


def _listener(port, security, certificate):
    wrapped = " -o smtpd_tls_wrappermode=yes" if security == "tls" else ""
    return (f"127.0.0.1:{port} inet n - n - - smtpd -o smtpd_tls_security_level=encrypt{wrapped}"
            f" -o smtpd_tls_chain_files={certificate}.key,{certificate}.pem")


def _senders():
    """A table: an address, and who may send as it."""
    return "".join(f"/^{address}$/ {owner}\n" for address, owner in SENDERS.items()) + "/^(.+)$/ ${1}\n"
