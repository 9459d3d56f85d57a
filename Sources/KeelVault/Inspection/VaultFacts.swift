import KeelBase
import KeelCrypto

/// What can be said of a vault as a whole without a key.
package struct VaultFacts: Sendable {
    package let format: Int
    package let created: Timestamp?
    package let keys: VaultKeyNames
    /// How many bytes the database takes, without its log.
    package let size: Int
    package let secrets: Int
    package let auditLength: Int
    package let lastAudit: Timestamp?
    package let endpoints: [EndpointHealth]
}

extension Vault {
    /// The vault as a whole. No key is needed for that.
    package func facts() async throws(VaultFailure) -> VaultFacts {
        let names = try await keyNames()
        return try await reading { connection throws(VaultFailure) in
            func number(_ query: String) throws(VaultFailure) -> Int {
                try connection.first(query) { row throws(VaultFailure) in try row.integer(0) } ?? 0
            }
            let created = try connection.first("SELECT value FROM meta WHERE name = 'created'") {
                row throws(VaultFailure) in try row.text(0)
            }
            let last = try connection.first("SELECT time FROM audit ORDER BY sequence DESC LIMIT 1") {
                row throws(VaultFailure) in try row.time(0)
            }
            return VaultFacts(
                format: try VaultFormat.format(of: connection), created: created.flatMap { Timestamp(parsing: $0) },
                keys: names, size: try number("PRAGMA page_count") * number("PRAGMA page_size"),
                secrets: try number("SELECT count(*) FROM secrets"),
                auditLength: try number("SELECT count(*) FROM audit"), lastAudit: last,
                endpoints: try EndpointTable.all(connection))
        }
    }
}
