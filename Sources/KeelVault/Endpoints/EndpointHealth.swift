import KeelBase

/// How a token endpoint has been doing: the breaker that keeps a thousand grants from asking one that is down.
package struct EndpointHealth: Sendable, Hashable {
    package let endpoint: String
    /// Failures since the last success, whichever grant they were for.
    package let failures: Int
    /// Until then nobody should ask; nil: ask.
    package let openUntil: Timestamp?
    /// The stable code of the last failure.
    package let problem: String
    package let updated: Timestamp
}

/// The rows of `endpoints`: only of those that fail.
enum EndpointTable {
    static func health(of endpoint: EndpointURL, _ connection: Connection) throws(VaultFailure) -> EndpointHealth? {
        guard try VaultFormat.isAtLeast(2, connection) else { return nil }
        return try connection.first("\(select) WHERE url = ?1", .text(endpoint.description), body: health)
    }

    /// All that failed last.
    static func all(_ connection: Connection) throws(VaultFailure) -> [EndpointHealth] {
        guard try VaultFormat.isAtLeast(2, connection) else { return [] }
        return try connection.rows("\(select) ORDER BY url", body: health)
    }

    static func store(_ health: EndpointHealth, _ connection: Connection) throws(VaultFailure) {
        try connection.run(
            """
            INSERT OR REPLACE INTO endpoints (url, failures, open_until, problem, updated)
            VALUES (?1, ?2, ?3, ?4, ?5)
            """,
            .text(health.endpoint), .integer(health.failures), .time(health.openUntil), .text(health.problem),
            .time(health.updated))
    }

    private static let select = "SELECT url, failures, open_until, problem, updated FROM endpoints"

    private static func health(_ row: Row) throws(VaultFailure) -> EndpointHealth {
        EndpointHealth(
            endpoint: try row.text(0), failures: try row.integer(1), openUntil: try row.optionalTime(2),
            problem: try row.text(3), updated: try row.time(4))
    }
}

extension Vault {
    /// How an endpoint has been doing; nil if nothing has failed since it last worked.
    package func health(of endpoint: EndpointURL) async throws(VaultFailure) -> EndpointHealth? {
        try await reading { connection throws(VaultFailure) in try EndpointTable.health(of: endpoint, connection) }
    }

    /// Counts a failure of an endpoint: the stable code of the problem, and by `opening`, from the number of failures in a
    /// row, until when nobody should ask (nil: ask on).
    @discardableResult
    package func recordFailure(
        at endpoint: EndpointURL, problem: String, opening: @Sendable (_ failures: Int) -> Timestamp?
    ) async throws(VaultFailure) -> EndpointHealth {
        try await writing { connection throws(VaultFailure) in
            let failures = (try EndpointTable.health(of: endpoint, connection)?.failures ?? 0) + 1
            let health = EndpointHealth(
                endpoint: endpoint.description, failures: failures, openUntil: opening(failures), problem: problem,
                updated: time.now)
            try EndpointTable.store(health, connection)
            return health
        }
    }

    /// Forgets the failures of an endpoint that has worked. Nothing is written where there were none.
    package func recordSuccess(at endpoint: EndpointURL) async throws(VaultFailure) {
        guard try await health(of: endpoint) != nil else { return }
        _ = try await writing { connection throws(VaultFailure) in
            try connection.run("DELETE FROM endpoints WHERE url = ?1", .text(endpoint.description))
        }
    }
}
