import KeelBase
import KeelCrypto

extension Vault {
    /// Seals a credential under a name, for manifests that say `fromVault`; replaces the one there.
    package func setSecret(_ secret: Secret, named name: String) async throws(VaultFailure) {
        let keys = try needKeys()
        try await writing { connection throws(VaultFailure) in
            let last = try connection.first("SELECT revision FROM secrets WHERE name = ?1", .text(name)) {
                row throws(VaultFailure) in try row.integer(0)
            }
            let revision = (last ?? 0) + 1
            try connection.run(
                "INSERT OR REPLACE INTO secrets (name, revision, sealed, updated) VALUES (?1, ?2, ?3, ?4)",
                .text(name), .integer(revision), .blob(keys.seal(secret, place(name, revision))), .time(time.now))
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

    /// Removes the credential of that name; nothing happens if there is none.
    package func removeSecret(named name: String) async throws(VaultFailure) {
        try await writing { connection throws(VaultFailure) in
            _ = try connection.run("DELETE FROM secrets WHERE name = ?1", .text(name))
        }
    }

    /// The names of all credentials, in order.
    package func secretNames() async throws(VaultFailure) -> [String] {
        try await reading { connection throws(VaultFailure) in
            try connection.rows("SELECT name FROM secrets ORDER BY name") { row throws(VaultFailure) in
                try row.text(0)
            }
        }
    }

    private nonisolated func place(_ name: String, _ revision: Int) -> AuthenticatedFields {
        var fields = AuthenticatedFields(purpose: "vault/secret/v1", id, name)
        fields.append(revision)
        return fields
    }
}
