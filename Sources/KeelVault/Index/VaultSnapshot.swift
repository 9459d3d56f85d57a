import KeelBase

/// All that the vault says in clear, in one consistent view: for the planner and for `status`.
///
/// It needs no key, so nothing in it is verified; apply verifies what it uses.
package struct VaultSnapshot: Sendable {
    /// The vault's id.
    package let vault: String
    package let grants: [GrantID: GrantRecord]
    package let accounts: [ResourceAddress: GrantID]
    package let observations: [Observation]
    package let intents: [Intent]
    /// Consents that wait for a person and have not expired.
    package let flows: [Flow]
    package let tombstones: [Tombstone]
    /// What a copy is under that nobody has accepted: then nothing in it counts as observed.
    package let quarantine: Quarantine?

    /// The grant that an account points to.
    package func grant(for account: ResourceAddress) -> GrantRecord? { accounts[account].flatMap { grants[$0] } }

    /// The candidates for a slot and client, the newest first: consents that a failed login did not throw away.
    package func candidates(profile: String, subject: String, clientDigest: String) -> [GrantRecord] {
        grants.values.filter {
            $0.status == .candidate && $0.profile == profile && $0.subject == subject && $0.clientDigest == clientDigest
        }.sorted { ($0.created, $0.id) > ($1.created, $1.id) }
    }
}

extension Vault {
    /// Everything in clear.
    package func snapshot() async throws(VaultFailure) -> VaultSnapshot {
        try await reading { connection throws(VaultFailure) in
            let grants = try GrantTable.all(connection)
            return VaultSnapshot(
                vault: id, grants: Dictionary(grants.map { ($0.id, $0) }) { first, _ in first },
                accounts: try AccountTable.all(connection), observations: try ObservationTable.all(connection),
                intents: try IntentTable.all(connection), flows: try FlowTable.all(at: time.now, connection),
                tombstones: try TombstoneTable.all(connection), quarantine: try QuarantineMark.read(connection))
        }
    }
}
