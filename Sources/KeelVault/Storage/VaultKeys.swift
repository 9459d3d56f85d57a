import KeelBase
import KeelCrypto

/// What follows from one key: a key for each use.
struct VaultKey: Sendable {
    /// A use of a keyed code.
    enum Use: String, CaseIterable {
        case recipe = "vault/recipe/v1"
        case index = "vault/index/v1"
        case audit = "vault/audit/v1"
        case grant = "vault/grant/v1"
    }

    /// The key's name, as codes carry it.
    let identifier: KeyIdentifier
    /// The name that sealed values carry: that of the key which follows for sealing.
    let sealingIdentifier: KeyIdentifier
    let sealing: Secret
    private let recipe: Secret
    private let index: Secret
    private let grant: Secret
    let audit: Secret
    /// How it follows from a passphrase; nil if it does not.
    fileprivate(set) var derivation: PassphraseDerivation?

    init(_ key: Secret, _ derivation: PassphraseDerivation? = nil) {
        self.derivation = derivation
        identifier = KeyIdentifier(of: key)
        sealing = KeyDerivation.key(from: key, purpose: "vault/seal/v1")
        sealingIdentifier = KeyIdentifier(of: sealing)
        recipe = KeyDerivation.key(from: key, purpose: Use.recipe.rawValue)
        index = KeyDerivation.key(from: key, purpose: Use.index.rawValue)
        grant = KeyDerivation.key(from: key, purpose: Use.grant.rawValue)
        audit = KeyDerivation.key(from: key, purpose: Use.audit.rawValue)
    }

    func key(_ use: Use) -> Secret {
        switch use {
        case .recipe: recipe
        case .index: index
        case .audit: audit
        case .grant: grant
        }
    }
}

/// The keys with which one connection works: it seals with one, and opens with whichever a value names.
///
/// There are two while a vault is being rekeyed. It belongs to one actor, which lets it follow the vault at the beginning of
/// each change.
final class VaultKeys {
    /// Where the keys are from, for messages.
    let source: String?
    /// The one that seals.
    private(set) var current: VaultKey
    private var known: [VaultKey]
    /// The audit keys of those that are gone, opened when the audit is verified.
    private var formerAudit: [KeyIdentifier: Secret] = [:]

    init(_ first: VaultKey, _ others: [VaultKey] = [], from source: String? = nil) {
        current = first
        known = [first] + others
        self.source = source
    }

    /// The name of the key that seals.
    var identifier: KeyIdentifier { current.identifier }

    var identifiers: [KeyIdentifier] { known.map(\.identifier) }

    func key(_ identifier: KeyIdentifier) -> VaultKey? { known.first { $0.identifier == identifier } }

    /// Learns from the vault how keys follow from a passphrase.
    func learn(_ derivations: [KeyIdentifier: PassphraseDerivation]) {
        for index in known.indices { known[index].derivation = derivations[known[index].identifier] }
        current.derivation = derivations[current.identifier]
    }

    /// Seals with this one from now on.
    func use(_ key: VaultKey) {
        if self.key(key.identifier) == nil { known.append(key) }
        current = key
    }

    /// Learns what verifies the audit entries of a key that is gone.
    func remember(audit: Secret, of identifier: KeyIdentifier) { formerAudit[identifier] = audit }

    // MARK: Sealed values

    func seal(_ secret: Secret, _ place: AuthenticatedFields) -> [UInt8] {
        Sealer.seal(secret, key: current.sealing, associatedData: place.bytes)
    }

    /// Opens a sealed value; `what` names it in the failure.
    func open(_ sealed: [UInt8], _ place: AuthenticatedFields, what: String) throws(VaultFailure) -> Secret {
        let name = Sealer.keyIdentifier(of: sealed)
        let key = known.first { $0.sealingIdentifier == name } ?? current
        do throws(SealingFailure) {
            return try Sealer.open(sealed, key: key.sealing, associatedData: place.bytes)
        } catch {
            switch error {
            case .notAuthentic: throw Self.notAuthentic(what)
            case .otherKey: throw VaultFailure(.wrongKey, "\(what) is sealed under another key")
            case .unknownFormat: throw VaultFailure(.corrupt, "\(what) is not a sealed value")
            }
        }
    }

    /// Whether a value is sealed under the key that seals.
    func isCurrent(sealed: [UInt8]) -> Bool { Sealer.keyIdentifier(of: sealed) == current.sealingIdentifier }

    // MARK: Codes

    /// A keyed code as it is stored: version, name of the key, HMAC.
    func code(_ use: VaultKey.Use, _ fields: AuthenticatedFields) -> [UInt8] {
        [Self.codeVersion] + current.identifier.bytes
            + MessageAuthentication.code(for: fields.bytes, key: current.key(use))
    }

    /// Throws `.notAuthentic` unless `code` is the code for these fields under a key that is known here, and `.wrongKey` where
    /// it names another one.
    func verify(_ code: [UInt8], _ use: VaultKey.Use, _ fields: AuthenticatedFields, what: String) throws(VaultFailure)
    {
        let length = 1 + KeyIdentifier.length
        guard code.first == Self.codeVersion, let name = KeyIdentifier(code.dropFirst().prefix(KeyIdentifier.length))
        else { throw Self.notAuthentic(what) }
        guard let key = key(name)?.key(use) ?? (use == .audit ? formerAudit[name] : nil) else {
            throw VaultFailure(.wrongKey, "\(what) carries a code under another key")
        }
        guard MessageAuthentication.isValid(Array(code.dropFirst(length)), for: fields.bytes, key: key) else {
            throw Self.notAuthentic(what)
        }
    }

    /// Whether a code is one under the key that seals.
    func isCurrent(code: [UInt8]) -> Bool { code.starts(with: [Self.codeVersion] + current.identifier.bytes) }

    private static let codeVersion: UInt8 = 1

    private static func notAuthentic(_ what: String) -> VaultFailure {
        VaultFailure(.notAuthentic, "\(what) was changed or moved by somebody without the vault's key; it is not used")
    }
}
