import KeelBase
import KeelCrypto

/// A credential that a person put into the vault, without the credential.
package struct SealedSecret: Sendable, Hashable {
    package let name: String
    /// 1 and up: goes up each time it is replaced.
    package let revision: Int
    package let updated: Timestamp

    package init(name: String, revision: Int, updated: Timestamp) {
        self.name = name
        self.revision = revision
        self.updated = updated
    }
}

extension Vault {
    /// Seals a credential under a name, for manifests that say `fromVault`; replaces the one there. Gives its revision.
    @discardableResult
    package func setSecret(_ secret: Secret, named name: String) async throws(VaultFailure) -> Int {
        let keys = try needKeys()
        return try await writing { connection throws(VaultFailure) in
            let last = try connection.first("SELECT revision FROM secrets WHERE name = ?1", .text(name)) {
                row throws(VaultFailure) in try row.integer(0)
            }
            let revision = (last ?? 0) + 1
            try connection.run(
                "INSERT OR REPLACE INTO secrets (name, revision, sealed, updated) VALUES (?1, ?2, ?3, ?4)",
                .text(name), .integer(revision), .blob(keys.seal(secret, SecretTable.place(id, name, revision))),
                .time(time.now))
            return revision
        }
    }

    /// The credential of that name; nil if there is none.
    package func secret(named name: String) async throws(VaultFailure) -> Secret? {
        let keys = try needKeys()
        return try await reading { connection throws(VaultFailure) in
            try SecretTable(vault: id, keys: keys, connection: connection).open(name)
        }
    }

    /// Removes the credential of that name; false if there was none.
    @discardableResult
    package func removeSecret(named name: String) async throws(VaultFailure) -> Bool {
        try await writing { connection throws(VaultFailure) in
            try connection.run("DELETE FROM secrets WHERE name = ?1", .text(name)) > 0
        }
    }

    /// All credentials, in order of their names. No key is needed for that.
    package func secrets() async throws(VaultFailure) -> [SealedSecret] {
        try await reading { connection throws(VaultFailure) in
            try connection.rows("SELECT name, revision, updated FROM secrets ORDER BY name") {
                row throws(VaultFailure) in
                SealedSecret(name: try row.text(0), revision: try row.integer(1), updated: try row.time(2))
            }
        }
    }
}

/// The rows of `secrets`.
struct SecretTable {
    let vault: String
    let keys: VaultKeys
    let connection: Connection

    func open(_ name: String) throws(VaultFailure) -> Secret? {
        try connection.first("SELECT sealed, revision FROM secrets WHERE name = ?1", .text(name)) {
            row throws(VaultFailure) in
            try keys.open(
                try row.blob(0), Self.place(vault, name, try row.integer(1)), what: "secret \(ForeignText(name))")
        }
    }

    /// All of them as they are sealed.
    func sealed() throws(VaultFailure) -> [(name: String, sealed: [UInt8])] {
        try connection.rows("SELECT name, sealed FROM secrets ORDER BY name") { row throws(VaultFailure) in
            (try row.text(0), try row.blob(1))
        }
    }

    /// Seals one under the key that seals now; its revision stays.
    func reseal(_ name: String) throws(VaultFailure) {
        guard let secret = try open(name),
            let revision = try connection.first(
                "SELECT revision FROM secrets WHERE name = ?1", .text(name),
                body: { row throws(VaultFailure) in try row.integer(0) })
        else { return }
        try connection.run(
            "UPDATE secrets SET sealed = ?2 WHERE name = ?1", .text(name),
            .blob(keys.seal(secret, Self.place(vault, name, revision))))
    }

    static func place(_ vault: String, _ name: String, _ revision: Int) -> AuthenticatedFields {
        var fields = AuthenticatedFields(purpose: "vault/secret/v1", vault, name)
        fields.append(revision)
        return fields
    }
}
