extension Explanation {
    /// What a run meets on this machine: secrets, files, keepers, and itself.
    static let run = secrets + files + keepers + engine + sandbox

    private static let secrets = [
        Explanation(
            "secret.variable-not-set", "The variable with a secret is not set", "The manifest names it after fromEnv.",
            fix: "Set it where mailkeel runs; cron and services do not have your shell's."),
        Explanation(
            "secret.file-unusable", "The file with a secret cannot be used",
            "It is missing, empty, open to others, or no regular file.", fix: "Do what the message says of it."),
        Explanation(
            "secret.command-not-found", "The command that gives a secret is not there",
            "The manifest names it after fromCommand.",
            fix: "Install it, or give its whole path."),
        Explanation(
            "secret.command-not-executable", "The command that gives a secret may not be run",
            "It lacks the permission.",
            fix: "Run chmod +x on it."),
        Explanation(
            "secret.command-failed", "The command that gives a secret failed", "It ended with an error.",
            fix: "Run it by hand in the project's directory to see why."),
        Explanation(
            "secret.command-timed-out", "The command that gives a secret took too long",
            "It may wait for somebody to type.",
            fix: "Let it run without a terminal, and answer sooner."),
        Explanation(
            "secret.command-printed-too-much", "The command printed more than a secret",
            "Only the secret may be on its standard output.",
            fix: "Let it print the secret alone."),
        Explanation(
            "secret.command-stopped", "The command that gives a secret was stopped", "A signal ended it, or this run.",
            fix: "Run this again."),
        Explanation(
            "secret.not-in-vault", "The vault has no secret of this name", "The manifest names it after fromVault.",
            fix: "Store it with mailkeel vault set NAME."),
        Explanation(
            "secret.vault-unusable", "The vault with a secret cannot be used", "The message says why.",
            fix: "Mend the vault first; mailkeel vault status looks at it."),
        Explanation(
            "secret.empty", "A secret is empty", "An empty secret is always a mistake.",
            fix: "Put it where it comes from."),
    ]

    private static let files = [
        Explanation(
            "file.permissionDenied", "The system does not allow it",
            "The permissions of the file or of a directory above it forbid it.",
            fix: "Check whose it is, and who runs mailkeel."),
        Explanation(
            "file.noSpace", "No space is left", "Nothing that was committed is lost.",
            fix: "Free some, then run the command again."),
        Explanation(
            "file.readOnly", "The file system cannot be written", "It is mounted to be read.",
            fix: "Mount it writable, or run this elsewhere."),
        Explanation(
            "file.isDirectory", "A directory stands where a file should", "It is left alone.", fix: "Check the path."),
        Explanation(
            "file.notDirectory", "A file stands where a directory should", "It is left alone.", fix: "Check the path."),
        Explanation(
            "file.tooLarge", "The file is larger than what is read",
            "A limit keeps a wrong file from using up the memory.", fix: "Check the path."),
        Explanation(
            "file.exists", "There is a file already", "Nothing is overwritten unasked.", fix: "Name another file."),
        Explanation(
            "file.other", "The system refused", "The message has its words.", fix: "Check the path and the file system."
        ),
    ]

    private static let keepers = [
        Explanation(
            "keeper.absent", "The keeper has no record of the account", "It was there when it was last written.",
            fix: "Look whether somebody removed it there."),
        Explanation(
            "keeper.ambiguous", "The keeper has several records that fit", "None is taken or made until one is left.",
            fix: "Remove the wrong ones there."),
        Explanation(
            "keeper.unreadable", "The keeper did not show its record", "It was not reached, or refused.",
            fix: "Try again later."),
        Explanation(
            "keeper.not-as-written", "The keeper shows something else than was written",
            "Somebody or something there changes it.",
            fix: "Look at the record there, then apply again."),
    ]

    private static let engine = [
        Explanation(
            "engine.no-grant", "There is no grant for it", "It was not authorized yet, or its grant was removed.",
            fix: "Run mailkeel apply."),
        Explanation(
            "engine.grant-retired", "The grant was replaced or forgotten",
            "Grants out of service are kept for a while, and not renewed.",
            fix: "Run mailkeel plan: it says what serves the account now."),
        Explanation(
            "engine.needs-person", "Only a person can grant it", "Programs cannot obtain this kind of grant alone.",
            fix: "Run mailkeel authorize."),
        Explanation(
            "test.no-sender", "No account that is to be tested sends mail",
            "test --send-to lets SMTP accounts send a message; IMAP and POP3 accounts only receive.",
            fix: "Name an SMTP account."),
        Explanation(
            "engine.interrupted", "The run was stopped before this was done", "What was finished by then is kept.",
            fix: "Run the command again."),
        Explanation(
            "engine.no-vault", "The run has no vault", "It is a mistake of Mailkeel's.", fix: "Please report it."),
        Explanation(
            "engine.no-keeper", "The run does not reach the keeper", "The project no longer names it.",
            fix: "Put the keeper back into the project file."),
        Explanation(
            "engine.no-record", "A step has no record to write", "It is a mistake of Mailkeel's.",
            fix: "Please report it."),
    ]

    private static let sandbox = [
        Explanation(
            "sandbox.signals", "The sandbox cannot watch for signals", "The system refused.", fix: "Start it again."),
        Explanation(
            "sandbox.bad_issuer_path", "The issuer's path cannot be used", "It becomes a part of URLs.",
            fix: "Give a path such as /tenant."),
        Explanation(
            "sandbox.certificate", "The sandbox could not make its certificate", "It is a mistake of Mailkeel's.",
            fix: "Please report it."),
        Explanation(
            "sandbox.provider", "The sandbox's provider does not start", "The port is taken, or may not be used.",
            fix: "Give another port, or 0 for any."),
        Explanation(
            "sandbox.mail", "A mail server of the sandbox does not start", "The port is taken, or may not be used.",
            fix: "Give another port, or 0 for any."),
        Explanation(
            "sandbox.foreign_file", "The directory holds a file that is not the sandbox's",
            "Nothing of somebody else's is overwritten.", fix: "Give an empty directory."),
        Explanation(
            "sandbox.unusable_secret", "A secret of the sandbox cannot be used", "The message says which.",
            fix: "Remove the file, and it is made anew."),
        Explanation(
            "sandbox.unknown_user", "The sandbox has no such user", "The message names those it has.",
            fix: "Correct the name."),
        Explanation(
            "sandbox.unusable_key", "A key of the sandbox cannot be used", "The message says which.",
            fix: "Remove the file, and it is made anew."),
        Explanation(
            "sandbox.file", "A file of the sandbox cannot be read or written", "The system refused.",
            fix: "Check the directory and its permissions."),
    ]
}
