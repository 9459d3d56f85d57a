import KeelBase
import KeelCrypto
import KeelSystem

/// Why no key follows from a passphrase. It never says which passphrase it was, or how near.
enum PassphraseFailure: Error, Sendable, Equatable {
    /// None is given, and nobody can be asked.
    case needed
    /// Another one than the vault was put under.
    case wrong
    case tooShort
    /// Both variables are set.
    case unclear
    case unusable(SecretFileFailure)
    /// The machine has no memory for it.
    case noMemory
}

/// The passphrase that a vault's key follows from: in a variable or a file, else asked for where somebody can answer.
///
/// One for a process: what follows from a passphrase is computed once, which takes half a second.
package actor VaultPassphrase {
    /// Asks somebody, who is not shown what they type; nil where nobody can be asked, or nobody answers.
    package typealias Asking = @Sendable (_ prompt: String) async -> Secret?

    static let variable = "MAILKEEL_VAULT_PASSPHRASE"
    static let fileVariable = "MAILKEEL_VAULT_PASSPHRASE_FILE"
    /// A shorter one is guessed, whatever a guess costs.
    static let shortest = 12
    private static let attempts = 3

    /// Whether a variable says where it is.
    package nonisolated let isGiven: Bool
    private let value: Secret?
    private let file: String?
    private let ask: Asking?
    private let cost: Int?
    /// Those that were typed, the latest first.
    private var typed: [Secret] = []
    private var keys: [PassphraseDerivation: Secret] = [:]

    /// `cost` is what a new vault gets, if not the usual one.
    package init(_ environment: ProcessEnvironment, cost: Int? = nil, ask: Asking? = nil) {
        value = environment.nonEmpty(Self.variable) == nil ? nil : environment.secret(Self.variable)
        file = environment.nonEmpty(Self.fileVariable)
        isGiven = value != nil || file != nil
        self.cost = cost
        self.ask = ask
    }

    /// The key of that name of the vault at `path`. `mayAsk`: whether this is worth a question.
    func key(
        _ name: KeyIdentifier, _ derivation: PassphraseDerivation, of path: String, mayAsk: Bool
    ) async throws(PassphraseFailure) -> Secret {
        if let key = keys[derivation] { return key }
        let known = try given().map { [$0] } ?? []
        for passphrase in known + typed {
            if let key = try key(name, derivation, from: passphrase) { return key }
        }
        guard mayAsk, let ask else { throw known.isEmpty && typed.isEmpty ? .needed : .wrong }
        for attempt in 1...Self.attempts {
            let again = attempt == 1 ? "" : "It is another one. "
            guard let passphrase = await ask("\(again)Passphrase of \(ForeignText(path))"), !passphrase.isEmpty else {
                throw attempt == 1 && known.isEmpty ? .needed : .wrong
            }
            guard let key = try key(name, derivation, from: passphrase) else { continue }
            typed.insert(passphrase, at: 0)
            return key
        }
        throw .wrong
    }

    /// A key for a new vault, from the passphrase that a variable names.
    func newKey() throws(PassphraseFailure) -> (key: Secret, derivation: PassphraseDerivation) {
        guard let passphrase = try given() else { throw .needed }
        return try newKey(from: passphrase)
    }

    /// A new key that follows from a passphrase.
    func newKey(from passphrase: Secret) throws(PassphraseFailure) -> (key: Secret, derivation: PassphraseDerivation) {
        guard passphrase.count >= Self.shortest else { throw .tooShort }
        let derivation = cost.map { .random(cost: $0) } ?? PassphraseDerivation.random()
        guard let key = derivation.key(from: passphrase) else { throw .noMemory }
        keys[derivation] = key
        typed.insert(passphrase, at: 0)
        return (key, derivation)
    }

    /// Takes one that was given for a change of the key, which may be one that goes on.
    func take(_ passphrase: Secret) { typed.insert(passphrase, at: 0) }

    private func given() throws(PassphraseFailure) -> Secret? {
        guard let file else { return value }
        guard value == nil else { throw .unclear }
        do throws(SecretFileFailure) { return try SecretFile.read(file) } catch { throw .unusable(error) }
    }

    private func key(
        _ name: KeyIdentifier, _ derivation: PassphraseDerivation, from passphrase: Secret
    ) throws(PassphraseFailure) -> Secret? {
        guard let key = derivation.key(from: passphrase) else { throw .noMemory }
        guard KeyIdentifier(of: key) == name else { return nil }
        keys[derivation] = key
        return key
    }
}
