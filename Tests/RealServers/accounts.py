"""As whom Dovecot's parts run."""
import grp
import os
import pwd
import shutil


def users(mail):
    """Debian's users when root starts it, else everything as the one who does. `mail` is where the mailboxes will be."""
    if os.geteuid() == 0:
        shutil.chown(mail, "mail", "mail")
        return {"INTERNAL_USER": "dovecot", "INTERNAL_GROUP": "dovecot", "LOGIN_USER": "dovenull",
                "MAIL_USER": "mail", "MAIL_GROUP": "mail", "CHROOT": "login", "EXTRA_GROUPS": "$default_internal_group"}
    user, group = pwd.getpwuid(os.geteuid()).pw_name, grp.getgrgid(os.getegid()).gr_name
    return {"INTERNAL_USER": user, "INTERNAL_GROUP": group, "LOGIN_USER": user,
            "MAIL_USER": user, "MAIL_GROUP": group, "CHROOT": "", "EXTRA_GROUPS": ""}
