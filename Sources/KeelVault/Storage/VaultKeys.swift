import KeelBase
import KeelCrypto

/// The keys that follow from the vault's key, one for each use.
struct VaultKeys: Sendable {
    /// A use of a keyed code.
    enum Use: String, CaseIterable {
        case recipe = "vault/recipe/v1"
        case index = "vault/index/v1"
        case audit = "vault/audit/v1"
    }

    /// The name of the vault's key.
    let identifier: KeyIdentifier
    /// Where the key is from, for messages.
    let source: String?
    private let sealing: Secret
    private let recipe: Secret
    private let index: Secret
    private let audit: Secret

    init(_ key: Secret, from source: String? = nil) {
        self.source = source
        identifier = KeyIdentifier(of: key)
        sealing = KeyDerivation.key(from: key, purpose: "vault/seal/v1")
        recipe = KeyDerivation.key(from: key, purpose: Use.recipe.rawValue)
        index = KeyDerivation.key(from: key, purpose: Use.index.rawValue)
        audit = KeyDerivation.key(from: key, purpose: Use.audit.rawValue)
    }

    func seal(_ secret: Secret, _ place: AuthenticatedFields) -> [UInt8] {
        Sealer.seal(secret, key: sealing, associatedData: place.bytes)
    }

    /// Opens a sealed value; `what` names it in the failure.
    func open(_ sealed: [UInt8], _ place: AuthenticatedFields, what: String) throws(VaultFailure) -> Secret {
        do throws(SealingFailure) {
            return try Sealer.open(sealed, key: sealing, associatedData: place.bytes)
        } catch {
            switch error {
            case .notAuthentic: throw Self.notAuthentic(what)
            case .otherKey: throw VaultFailure(.wrongKey, "\(what) is sealed under another key")
            case .unknownFormat: throw VaultFailure(.corrupt, "\(what) is not a sealed value")
            }
        }
    }

    /// A keyed code as it is stored: version, name of the key, HMAC.
    func code(_ use: Use, _ fields: AuthenticatedFields) -> [UInt8] {
        [Self.codeVersion] + identifier.bytes + MessageAuthentication.code(for: fields.bytes, key: key(use))
    }

    /// Throws `.notAuthentic` unless `code` is the code for these fields.
    func verify(_ code: [UInt8], _ use: Use, _ fields: AuthenticatedFields, what: String) throws(VaultFailure) {
        let header = [Self.codeVersion] + identifier.bytes
        guard code.starts(with: header),
            MessageAuthentication.isValid(Array(code.dropFirst(header.count)), for: fields.bytes, key: key(use))
        else { throw Self.notAuthentic(what) }
    }

    private static let codeVersion: UInt8 = 1

    private static func notAuthentic(_ what: String) -> VaultFailure {
        VaultFailure(.notAuthentic, "\(what) was changed or moved by somebody without the vault's key; it is not used")
    }

    private func key(_ use: Use) -> Secret {
        switch use {
        case .recipe: recipe
        case .index: index
        case .audit: audit
        }
    }
}
