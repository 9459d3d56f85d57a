import KeelBase

/// The rows of `definitions` and `observations`.
enum ObservationTable {
    /// Makes a definition the current one and drops what was observed of another.
    static func register(_ definition: Definition, _ now: Timestamp, _ connection: Connection)
        throws(VaultFailure)
    {
        let values: [SQLValue] = [
            .text(definition.address), .grant(definition.grant), .text(definition.settingsDigest),
        ]
        try connection.run(
            """
            INSERT INTO definitions (address, grant_id, settings_digest, updated) VALUES (?1, ?2, ?3, ?4)
            ON CONFLICT (address) DO UPDATE SET grant_id = excluded.grant_id,
                settings_digest = excluded.settings_digest, updated = excluded.updated
            """,
            values[0], values[1], values[2], .time(now))
        try connection.run(
            "DELETE FROM observations WHERE address = ?1 AND (grant_id IS NOT ?2 OR settings_digest <> ?3)",
            values[0], values[1], values[2])
    }

    /// Writes an observation if it is of the current definition and not older than the one there; says whether it did.
    static func write(_ observation: Observation, _ connection: Connection) throws(VaultFailure) -> Bool {
        try connection.run(
            """
            INSERT INTO observations (address, kind, observer, observed, grant_id, settings_digest, value)
            SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (
                SELECT 1 FROM definitions WHERE address = ?1 AND grant_id IS ?5 AND settings_digest = ?6)
            ON CONFLICT (address, kind) DO UPDATE SET observer = excluded.observer, observed = excluded.observed,
                grant_id = excluded.grant_id, settings_digest = excluded.settings_digest, value = excluded.value
                WHERE excluded.observed >= observations.observed
            """,
            .text(observation.address), .text(observation.kind), .text(observation.observer),
            .time(observation.observed), .grant(observation.grant), .text(observation.settingsDigest),
            .text(observation.value)) > 0
    }

    static func forget(_ address: ResourceAddress, _ connection: Connection) throws(VaultFailure) {
        try connection.run("DELETE FROM observations WHERE address = ?1", .text(address))
        try connection.run("DELETE FROM definitions WHERE address = ?1", .text(address))
    }

    static func all(_ connection: Connection) throws(VaultFailure) -> [Observation] {
        try connection.rows("\(selection) ORDER BY address, kind", body: observation)
    }

    static func of(_ address: ResourceAddress, _ connection: Connection) throws(VaultFailure) -> [Observation] {
        try connection.rows("\(selection) WHERE address = ?1 ORDER BY kind", .text(address), body: observation)
    }

    private static let selection =
        "SELECT address, kind, observer, observed, grant_id, settings_digest, value FROM observations"

    private static func observation(_ row: Row) throws(VaultFailure) -> Observation {
        Observation(
            of: try row.address(0), kind: try row.text(1), observer: try row.text(2), observed: try row.time(3),
            grant: try row.optionalGrant(4), settingsDigest: try row.text(5), value: try row.text(6))
    }
}

extension Vault {
    /// Says which grant and settings are in service from now on; what was observed of others is dropped.
    package func register(_ definitions: [Definition]) async throws(VaultFailure) {
        try await writing { connection throws(VaultFailure) in
            for definition in definitions { try ObservationTable.register(definition, time.now, connection) }
        }
    }

    /// Writes an observation by compare-and-swap. False if it came late: another grant or other settings are in service
    /// now, a newer observation is there, or the resource is not registered.
    package func observe(_ observation: Observation) async throws(VaultFailure) -> Bool {
        try await writing { connection throws(VaultFailure) in try ObservationTable.write(observation, connection) }
    }

    /// The same for many, in one transaction; returns those that came late.
    package func observe(all observations: [Observation]) async throws(VaultFailure) -> [Observation] {
        try await writing { connection throws(VaultFailure) in
            var late: [Observation] = []
            for observation in observations where try !ObservationTable.write(observation, connection) {
                late.append(observation)
            }
            return late
        }
    }

    /// Everything observed of what is in service, by address and kind.
    package func observations() async throws(VaultFailure) -> [Observation] {
        try await reading { connection throws(VaultFailure) in try ObservationTable.all(connection) }
    }

    /// The same of these resources alone.
    package func observations(of addresses: [ResourceAddress]) async throws(VaultFailure) -> [Observation] {
        try await reading { connection throws(VaultFailure) in
            var found: [Observation] = []
            for address in addresses { found += try ObservationTable.of(address, connection) }
            return found
        }
    }
}
