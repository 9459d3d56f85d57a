import KeelBase
import KeelPlan
import KeelVault

/// What mends a failure of the vault: words that name the file and, where it is known, the command.
struct VaultRemedy: Sendable {
    /// The project, and its environment.
    var place: ProjectPlace = "."
    /// The slots whose grants a new vault needs; nil where no state was read.
    var slots: [ResourceAddress]?

    func callAsFunction(_ failure: VaultFailure) -> String? {
        let path = failure.path ?? "the vault"
        switch failure.code {
        // Without a state nothing says that there ever was one here: a timer may just look in the wrong place.
        case .missing where slots == nil:
            return
                "if the project is elsewhere, give its directory with --chdir; if it is here, restore the vault from a backup, or \(obtain(namedBy: "plan"))"
        case .missing, .headless: return "restore it from a backup; if it is lost, \(obtain(namedBy: "plan"))"
        case .notAVault: return "restore it from a backup, or \(moveAway(path)) and \(obtain(namedBy: "plan"))"
        case .corrupt, .notAuthentic:
            return "restore it from a backup, or \(moveAway(path)) and \(obtain(namedBy: "test"))"
        case .keyNeeded:
            return
                "put it there, or name its place in MAILKEEL_VAULT_KEY_FILE; if it is lost, \(moveAway(path)) and \(obtain(namedBy: "test"))"
        case .wrongKey:
            return "put the right key back; if it is lost, \(moveAway(path)) and \(obtain(namedBy: "test"))"
        case .foreign: return "put the right vault or state back, or \(obtain(namedBy: "plan"))"
        case .quarantined:
            let (status, accept) = (command(["vault", "status"]), command(["vault", "accept-restore"]))
            return "look at it with `\(status)`, and if it is the newest there is, run `\(accept)`"
        case .exists: return "name another file, or say --force"
        case .tooOpen: return "run `chmod 600 \(ShellWord(path))`"
        case .full: return "free some space there, then run the command again; nothing committed is lost"
        case .readOnly: return "mount it writable, or run this where it is"
        case .locked: return "wait until the other command has ended, then try again"
        case .io: return "check the path, its permissions and the file system"
        case .newerFormat, .needsRecovery, .notFound, .conflict, .inUse, .interrupted, .closed: return nil
        }
    }

    /// What to do about a key file that holds no key.
    func lostKey(_ keyPath: String, vault path: String) -> String {
        "put the right key back; if it is lost, move \(keyPath) away, \(moveAway(path)) and \(obtain(namedBy: "test"))"
    }

    /// What to do about a passphrase that does not open the vault.
    func forgottenPassphrase(vault path: String) -> String {
        "give the one that it was put under last; if it is forgotten, \(moveAway(path)) and \(obtain(namedBy: "test"))"
    }

    private func command(_ words: [String]) -> ProjectCommand { ProjectCommand(words, in: place) }

    private func moveAway(_ path: String) -> String { "move \(path) away, with its -wal and -shm," }

    /// Planning reads no key and no sealed value, so what is wrong with those only a test finds.
    private func obtain(namedBy command: String) -> String {
        guard let slots else { return "run `\(ProjectCommand([command], in: place))`, which names the command" }
        return ReplaceCommand(slots, in: place)?.advice ?? "run `\(ProjectCommand(["apply"], in: place))`"
    }
}
