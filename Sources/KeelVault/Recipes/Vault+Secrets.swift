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
                .text(name), .integer(revision), .blob(keys.seal(secret, place(name, revision))), .time(time.now))
            return revision
        }
    }

    /// The credential of that name; nil if there is none.
    package func secret(named name: String) async throws(VaultFailure) -> Secret? {
        let keys = try needKeys()
        return try await reading { connection throws(VaultFailure) in
            try connection.first("SELECT sealed, revision FROM secrets WHERE name = ?1", .text(name)) {
                row throws(VaultFailure) in
                try keys.open(try row.blob(0), place(name, try row.integer(1)), what: "secret \(name)")
            }
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

    private nonisolated func place(_ name: String, _ revision: Int) -> AuthenticatedFields {
        var fields = AuthenticatedFields(purpose: "vault/secret/v1", id, name)
        fields.append(revision)
        return fields
    }
}
