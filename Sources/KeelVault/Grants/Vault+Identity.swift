import KeelBase

/// Who consented, as the provider named them and we verified it.
package struct ProviderIdentity: Sendable, Hashable {
    package let issuer: String
    package let subject: String
    /// The grant that shows it.
    package let grant: GrantID
}

extension Vault {
    /// All grants of a slot, the newest first. With a key, throws `.notAuthentic` if a row of them was changed.
    package func grants(profile: String, subject: String) async throws(VaultFailure) -> [GrantRecord] {
        try await reading { connection throws(VaultFailure) in try slot(profile, subject, connection) }
    }

    /// The identity that is pinned for a slot and a client: that of its newest grant which has a verified one; nil if none has,
    /// or if a person has accepted since that it is not known. Some providers name a person differently to each client, so
    /// another client's grants say nothing.
    package func identity(
        profile: String, subject: String, clientDigest: String
    ) async throws(VaultFailure) -> ProviderIdentity? {
        try await reading { connection throws(VaultFailure) in
            for record in try slot(profile, subject, connection) where record.clientDigest == clientDigest {
                guard let issuer = record.issuer else { continue }
                guard let subject = record.providerSubject else { return nil }
                return ProviderIdentity(issuer: issuer, subject: subject, grant: record.id)
            }
            return nil
        }
    }

    /// Pins who consented to a grant, after it was verified; `subject` nil: a person accepted that the issuer does not say.
    /// Throws `.conflict` if another is pinned to that grant: the person behind a grant never changes.
    package func recordIdentity(of grant: GrantID, issuer: String, subject: String?) async throws(VaultFailure) {
        let keys = try needKeys()
        try await writing { connection throws(VaultFailure) in
            let codes = codes(connection, keys)
            let record = try codes.existing(grant)
            // Without an issuer the subject there is what the tokens said before anybody was asked.
            if let known = record.issuer,
                known != issuer || record.providerSubject != nil && record.providerSubject != subject
            {
                throw VaultFailure(.conflict, "another identity is pinned to grant \(grant)")
            }
            try connection.run(
                "UPDATE grants SET issuer = ?2, provider_subject = ?3, updated = ?4 WHERE id = ?1", .grant(grant),
                .text(issuer), .text(subject), .time(time.now))
            try codes.renew(grant)
        }
    }

    private func slot(
        _ profile: String, _ subject: String, _ connection: Connection
    ) throws(VaultFailure) -> [GrantRecord] {
        let records = try GrantTable.of(profile, subject, connection)
        for record in records { _ = try verified(record, connection) }
        return records
    }
}
