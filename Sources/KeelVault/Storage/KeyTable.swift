import KeelBase
import KeelCrypto

/// The rows of `keys` and `former_keys`: by which keys a vault is sealed, and what is left of those that are gone.
struct KeyTable {
    enum Status: String {
        /// The one that seals.
        case current
        /// The one before: some values may still be under it.
        case retiring
    }

    let vault: String
    let connection: Connection

    /// How each key follows from a passphrase; those that do not are missing.
    func derivations() throws(VaultFailure) -> [KeyIdentifier: PassphraseDerivation] {
        guard try VaultFormat.isAtLeast(3, connection) else { return [:] }
        let rows = try connection.rows("SELECT id, derivation FROM keys WHERE derivation IS NOT NULL") {
            row throws(VaultFailure) in (try Self.identifier(row, 0), try row.text(1))
        }
        var derivations: [KeyIdentifier: PassphraseDerivation] = [:]
        for (id, text) in rows {
            guard let derivation = PassphraseDerivation(parsing: text) else {
                throw VaultFailure(.corrupt, "what leads from the passphrase to the key \(id) is not of our form")
            }
            derivations[id] = derivation
        }
        return derivations
    }

    func all() throws(VaultFailure) -> [(id: KeyIdentifier, status: Status)] {
        try connection.rows("SELECT id, status FROM keys ORDER BY status, id") { row throws(VaultFailure) in
            (try Self.identifier(row, 0), try row.word(1))
        }
    }

    /// Lets keys seal with the right one, after a look at which the vault has now.
    ///
    /// Throws `.wrongKey` where none of them is the vault's.
    func choose(for keys: VaultKeys, _ path: String) throws(VaultFailure) {
        let rows = try all()
        keys.learn(try derivations())
        guard let key = chosen(of: rows, keys) else {
            let place = keys.source.map { " in \($0)" } ?? ""
            let own = rows.first { $0.status == .current }.map { " (\($0.id))" } ?? ""
            let names = keys.identifiers.map(\.description).joined(separator: ", ")
            throw VaultFailure(.wrongKey, "the key\(place) (\(names)) is not the one of \(path)\(own)", path: path)
        }
        keys.use(key)
    }

    /// The same at the beginning of a change, after the keys were known to be right. A vault that was rekeyed since takes back
    /// the key that this process has: what a server has just issued must be stored, under whatever key.
    func follow(_ keys: VaultKeys, _ now: Timestamp) throws(VaultFailure) {
        if let key = chosen(of: try all(), keys) { return keys.use(key) }
        try insert(keys.current, .retiring, now)
    }

    private func chosen(of rows: [(id: KeyIdentifier, status: Status)], _ keys: VaultKeys) -> VaultKey? {
        for status in [Status.current, .retiring] {
            for row in rows where row.status == status {
                if let key = keys.key(row.id) { return key }
            }
        }
        return nil
    }

    /// Throws unless the key opens what was sealed to prove it, and the tables are of the format that this was sealed for.
    /// Returns whether a grant without a code is refused.
    func verify(_ keys: VaultKeys) throws(VaultFailure) -> Bool {
        let demandsCodes = try proofDemandsCodes(keys)
        guard demandsCodes ?? false, try !VaultFormat.isAtLeast(3, connection) else { return demandsCodes ?? true }
        throw VaultFailure(
            .notAuthentic,
            "the vault was given the mark of an older format by somebody without its key; it is not used")
    }

    /// Whether a grant without a code is refused: not before somebody with the key has made all codes.
    func demandsCodes(_ keys: VaultKeys) throws(VaultFailure) -> Bool { try proofDemandsCodes(keys) ?? true }

    /// Seals the proof of the key in use anew, so that from now on grants without a code are refused.
    func demandCodes(_ keys: VaultKeys) throws(VaultFailure) {
        try connection.run(
            "UPDATE keys SET proof = ?2 WHERE id = ?1", .text(keys.identifier), .blob(proof(of: keys.current)))
    }

    /// What the proof of the key in use says of codes; nil if the vault has none. It is sealed for its place, which names how the
    /// key follows from a passphrase; the place before format 3 demanded no codes.
    private func proofDemandsCodes(_ keys: VaultKeys) throws(VaultFailure) -> Bool? {
        let stored = try connection.first("SELECT proof FROM keys WHERE id = ?1", .text(keys.identifier)) {
            row throws(VaultFailure) in try row.blob(0)
        }
        guard let stored else { return nil }
        let derivation = try derivations()[keys.identifier]
        let what = "the proof of the key"
        let opened = try? keys.open(stored, proofPlace(derivation), what: what)
        let content: Secret
        if let opened { content = opened } else { content = try keys.open(stored, formerProofPlace, what: what) }
        guard content.matches(Self.proof) else {
            throw VaultFailure(.corrupt, "the proof of the key says something else")
        }
        return opened != nil
    }

    func insert(_ key: VaultKey, _ status: Status, _ now: Timestamp) throws(VaultFailure) {
        try connection.run(
            "INSERT INTO keys (id, status, proof, created, derivation) VALUES (?1, ?2, ?3, ?4, ?5)",
            .text(key.identifier), .text(status.rawValue), .blob(proof(of: key)), .time(now),
            .text(key.derivation?.description))
    }

    func retire(_ key: KeyIdentifier) throws(VaultFailure) {
        try connection.run("UPDATE keys SET status = 'retiring' WHERE id = ?1", .text(key))
    }

    // MARK: Keys that are gone

    /// Takes a key out of service and keeps what verifies its audit entries.
    func bury(_ key: VaultKey, _ keys: VaultKeys, _ now: Timestamp) throws(VaultFailure) {
        try connection.run("DELETE FROM keys WHERE id = ?1", .text(key.identifier))
        try connection.run(
            "INSERT OR REPLACE INTO former_keys (id, audit, retired) VALUES (?1, ?2, ?3)", .text(key.identifier),
            .blob(keys.seal(key.audit, formerPlace(key.identifier))), .time(now))
    }

    /// The keys that are gone, in order.
    func former() throws(VaultFailure) -> [KeyIdentifier] {
        guard try VaultFormat.isAtLeast(2, connection) else { return [] }
        return try connection.rows("SELECT id FROM former_keys ORDER BY retired, id") { row throws(VaultFailure) in
            try Self.identifier(row, 0)
        }
    }

    /// Gives `keys` what verifies the audit entries of keys that are gone.
    func learnFormer(_ keys: VaultKeys) throws(VaultFailure) {
        for (id, sealed) in try formerRows() {
            let audit = try keys.open(sealed, formerPlace(id), what: "the audit key of the former key \(id)")
            keys.remember(audit: audit, of: id)
        }
    }

    /// Seals what is left of former keys under the key that seals now.
    func resealFormer(_ keys: VaultKeys) throws(VaultFailure) {
        for (id, sealed) in try formerRows() where !keys.isCurrent(sealed: sealed) {
            let audit = try keys.open(sealed, formerPlace(id), what: "the audit key of the former key \(id)")
            try connection.run(
                "UPDATE former_keys SET audit = ?2 WHERE id = ?1", .text(id), .blob(keys.seal(audit, formerPlace(id))))
        }
    }

    private func formerRows() throws(VaultFailure) -> [(id: KeyIdentifier, audit: [UInt8])] {
        guard try VaultFormat.isAtLeast(2, connection) else { return [] }
        return try connection.rows("SELECT id, audit FROM former_keys ORDER BY id") { row throws(VaultFailure) in
            (try Self.identifier(row, 0), try row.blob(1))
        }
    }

    /// A constant: that it can be opened is the proof.
    private static let proof = Secret(copying: "mailkeel vault")

    private func proof(of key: VaultKey) -> [UInt8] {
        Sealer.seal(Self.proof, key: key.sealing, associatedData: proofPlace(key.derivation).bytes)
    }

    private func proofPlace(_ derivation: PassphraseDerivation?) -> AuthenticatedFields {
        AuthenticatedFields(purpose: "vault/proof/v2", vault, derivation?.description ?? "")
    }

    private var formerProofPlace: AuthenticatedFields { AuthenticatedFields(purpose: "vault/proof/v1", vault) }

    private func formerPlace(_ id: KeyIdentifier) -> AuthenticatedFields {
        AuthenticatedFields(purpose: "vault/former-key/v1", vault, id.description)
    }

    private static func identifier(_ row: Row, _ column: Int32) throws(VaultFailure) -> KeyIdentifier {
        guard let identifier = KeyIdentifier(parsing: try row.text(column)) else {
            throw VaultFailure(.corrupt, "a key of the vault has no name of ours")
        }
        return identifier
    }
}
