extension Explanation {
    /// What is wrong with the vault, its key, or a secret in it.
    static let vault = [
        Explanation(
            "vault.missing", "There is no vault where the state says there is one",
            "Grants are kept in the vault; without it every authorization counts as lost.",
            fix:
                "Give the project's directory with --chdir; else restore the vault from a backup, or obtain the grants again as mailkeel plan says."
        ),
        Explanation(
            "vault.locked", "Another process keeps the vault busy", "It did not let go in the time that is waited.",
            fix: "Wait until that command has ended, then try again."),
        Explanation(
            "vault.wrong-key", "The key does not fit the vault", "The vault was made, or rekeyed, with another one.",
            fix: "Put the right key back, or name its place in MAILKEEL_VAULT_KEY_FILE."),
        Explanation(
            "vault.key-needed", "The vault's key is not there", "What was asked needs a sealed value.",
            fix: "Put the key there, or name its place in MAILKEEL_VAULT_KEY_FILE."),
        Explanation(
            "vault.corrupt", "The vault's file is damaged", "It cannot be read as a database.",
            fix: "Restore it from a backup; mailkeel vault backup makes one."),
        Explanation(
            "vault.headless", "The database is gone, and the log of its changes is there",
            "Somebody moved or removed one file of three.",
            fix: "Put the file back, or restore the vault from a backup."),
        Explanation(
            "vault.not-authentic", "A row was changed without the key",
            "Every value is bound to its place. One was edited, moved or taken from another vault, and is not used.",
            fix: "Restore the vault from a backup, and find out who writes there."),
        Explanation(
            "vault.newer-format", "A newer version wrote the vault", "This version does not know all that is in it.",
            fix: "Use the newer version."),
        Explanation(
            "vault.foreign", "The vault is not the one of this state",
            "The state names its vault by id. Another one has none of its grants.",
            fix: "Put the right vault or the right state back."),
        Explanation(
            "vault.quarantined", "A restored vault waits to be accepted",
            "An old copy can hold refresh tokens that were used up since; using one may end a good grant.",
            fix:
                "Look at it with mailkeel vault status; if it is the newest there is, run mailkeel vault accept-restore."
        ),
        Explanation(
            "vault.exists", "There is a file already", "Nothing is overwritten unasked.",
            fix: "Name another file, or say --force."),
        Explanation(
            "vault.not-a-vault", "The file is something else than a vault", "It is another database, or a directory.",
            fix: "Check the path; restore the vault from a backup if it was overwritten."),
        Explanation(
            "vault.too-open", "Others than the owner can open the file", "A vault is its owner's alone.",
            fix: "Run chmod 600 on it."),
        Explanation(
            "vault.full", "No space is left", "Nothing that was committed is lost.",
            fix: "Free some space there, then run the command again."),
        Explanation(
            "vault.read-only", "The vault cannot be written where it lies", "The file system is mounted to be read.",
            fix: "Mount it writable, or run this where it is."),
        Explanation(
            "vault.needs-recovery", "The vault cannot be read without writing",
            "A process that was killed left a log of changes, and reading alone must not fold it in.",
            fix: "Run any command that may write, such as mailkeel refresh."),
        Explanation(
            "vault.io", "The system failed to read or write", "The disk or the file system has trouble.",
            fix: "Check the path, its permissions and the file system."),
        Explanation(
            "vault.not-found", "The vault has no such entry", "The grant or secret was replaced or removed.",
            fix: "Run mailkeel plan: it says what serves the account now."),
        Explanation(
            "vault.conflict", "Another process was faster", "It changed the same entry first; nothing was overwritten.",
            fix: "Run the command again."),
        Explanation(
            "vault.in-use", "An account still points to the grant", "A grant in service is not removed.",
            fix: "Apply what takes the account out of service first."),
        Explanation(
            "vault.interrupted", "The wait for the vault was cut off", "The command was told to stop.",
            fix: "Run the command again."),
        Explanation(
            "vault.closed", "The vault was closed already", "It is a mistake of Mailkeel's.", fix: "Please report it."),
        Explanation(
            "vault.bad-name", "That is no name for a secret", "Names of secrets stand in manifests after fromVault.",
            fix: "Use letters, digits, \"-\", \"_\" and \".\"."),
        Explanation(
            "vault.empty-secret", "Nothing was given to store", "An empty secret is always a mistake.",
            fix: "Give it on standard input or with --from-file."),
        Explanation(
            "vault.secret-file", "The file with the secret cannot be used", "The system refused, or it holds no text.",
            fix: "Name a file that holds the secret alone."),
        Explanation(
            "vault.secret-in-use", "The secret is still needed", "Grants are renewed with it.",
            fix: "Change what uses it first, or say --force."),
        Explanation(
            "key.malformed", "What was given is no key", "A key is 32 random bytes.",
            fix: "Give them as base64 or hexadecimal digits, or the line of a key file."),
        Explanation(
            "key.too-open", "Others than the owner can read the key", "Whoever reads it can open the vault.",
            fix:
                "Run chmod 600 on it; if somebody may have read it, give the vault a new key with mailkeel vault rekey."
        ),
        Explanation(
            "key.inaccessible", "The key file can be neither read nor made", "The system refused.",
            fix: "Check the path and its permissions, or name another with MAILKEEL_VAULT_KEY_FILE."),
        Explanation(
            "key.command-failed", "The command that gives the key failed",
            "It ended with an error, or printed nothing.",
            fix: "Run it by hand to see why."),
        Explanation(
            "key.unclear", "Two places are named for one key", "Nobody could say which of them counts.",
            fix: "Unset one of the variables that the message names."),
        Explanation(
            "key.not-a-file", "The key is where a new one cannot be put",
            "A key from a variable or a command is made and kept elsewhere.",
            fix: "Name a file for the new key with --new-key, and put its line where the old one came from."),
        Explanation(
            "key.passphrase-needed", "The vault's key follows from a passphrase",
            "It was not given, and nobody can be asked where this runs.",
            fix: "Run the command on a terminal, or name a file with the passphrase as docs/vault.md says."),
        Explanation(
            "key.passphrase-wrong", "The passphrase is not the vault's", "Nothing was opened or changed.",
            fix: "Try again; if it is forgotten, restore a backup that has another key, or obtain the grants again."),
        Explanation(
            "key.passphrase-short", "The passphrase is too short", "Whoever has the file could guess it.",
            fix: "Take a longer one; several words are easy to remember."),
        Explanation(
            "key.passphrase-differs", "The two passphrases are not the same",
            "A typing mistake would lock the vault for good.",
            fix: "Run the command again."),
        Explanation(
            "key.passphrase-file", "The file with the passphrase cannot be used",
            "It is missing, empty, or open to others.",
            fix: "Do what the message says of it."),
        Explanation(
            "key.passphrase-memory", "There is not enough memory to make the key from the passphrase",
            "It takes 128 MiB for half a second, so that guessing is slow.", fix: "Try again when they are free."),
        Explanation(
            "key.passphrase-refused", "The command does not take a key from a passphrase",
            "Programs call it often, and making the key costs half a second and much memory each time.",
            fix: "Put the vault under a key file, with mailkeel vault rekey."),
    ]
}
