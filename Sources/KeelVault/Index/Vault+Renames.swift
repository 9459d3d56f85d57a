import KeelBase

extension Vault {
    /// Follows a rename: grants stay sealed as they are, only the names that lead to them change.
    ///
    /// What was observed under the old name is dropped: it is registered anew under the new one. A name that is not here
    /// is passed over, so that it may be repeated.
    package func rename(_ old: ResourceAddress, to new: ResourceAddress) async throws(VaultFailure) {
        let keys = try needKeys()
        try await writing { connection throws(VaultFailure) in
            switch old.kind {
            case .emailAccount:
                let index = AccountTable(vault: id, connection: connection)
                if let grant = try index.grant(for: old, keys) { try index.point(new, to: grant, keys, time.now) }
                try index.remove(old)
                try ObservationTable.forget(old, connection)
            case .oauthProfile:
                let codes = codes(connection, keys)
                for grant in try GrantTable.of(profile: old.name, connection) {
                    _ = try codes.existing(grant)
                    try connection.run(
                        "UPDATE grants SET profile = ?2 WHERE id = ?1", .grant(grant), .text(new.name))
                    try codes.renew(grant)
                }
                // A pending consent is sealed for its profile; it is asked for again under the new name.
                try connection.run("DELETE FROM flows WHERE profile = ?1", .text(old.name))
            // It is found by its grant, which the state names.
            case .authorization: break
            }
        }
    }
}
