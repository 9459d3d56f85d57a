import KeelBase

/// A grant that is to be revoked at its provider and was not yet: its tokens are kept until it is.
package struct Tombstone: Sendable, Hashable {
    package let grant: GrantID
    /// Where it is to be revoked.
    package let endpoint: String
    /// Why it is: `destroy`, `replace`, `command`.
    package let reason: String
    /// How often it was tried. Zero: a run means to as soon as the grant is out of service here.
    package let attempts: Int
    package let created: Timestamp
    /// Nil: not before somebody acts.
    package let nextAttempt: Timestamp?
    /// The stable code of the last failure; `engine.interrupted` before the first.
    package let problem: String
}

/// The rows of `tombstones`.
enum TombstoneTable {
    static func record(_ tombstone: Tombstone, _ connection: Connection) throws(VaultFailure) {
        try connection.run(
            """
            INSERT INTO tombstones (grant_id, endpoint, reason, attempts, created, next_attempt, problem)
            VALUES (?1, ?2, ?3, 1, ?4, ?5, ?6)
            ON CONFLICT (grant_id) DO UPDATE SET endpoint = excluded.endpoint, attempts = attempts + 1,
                next_attempt = excluded.next_attempt, problem = excluded.problem
            """,
            .grant(tombstone.grant), .text(tombstone.endpoint), .text(tombstone.reason), .time(tombstone.created),
            .time(tombstone.nextAttempt), .text(tombstone.problem))
    }

    /// Notes what a run means to do, if nothing is noted yet.
    static func announce(
        _ grant: GrantID, at endpoint: EndpointURL, reason: String, _ now: Timestamp, _ connection: Connection
    ) throws(VaultFailure) {
        try connection.run(
            """
            INSERT INTO tombstones (grant_id, endpoint, reason, attempts, created, next_attempt, problem)
            VALUES (?1, ?2, ?3, 0, ?4, ?4, 'engine.interrupted') ON CONFLICT (grant_id) DO NOTHING
            """,
            .grant(grant), .text(endpoint.description), .text(reason), .time(now))
    }

    static func of(_ grant: GrantID, _ connection: Connection) throws(VaultFailure) -> Tombstone? {
        guard try VaultFormat.isAtLeast(2, connection) else { return nil }
        return try connection.first("\(select) WHERE grant_id = ?1", .grant(grant), body: tombstone)
    }

    static func all(_ connection: Connection) throws(VaultFailure) -> [Tombstone] {
        guard try VaultFormat.isAtLeast(2, connection) else { return [] }
        return try connection.rows("\(select) ORDER BY created, grant_id", body: tombstone)
    }

    /// What is due by `time`; also what is due after `horizon`.
    static func due(
        by time: Timestamp, orAfter horizon: Timestamp, limit: Int, _ connection: Connection
    ) throws(VaultFailure) -> [Tombstone] {
        guard try VaultFormat.isAtLeast(2, connection) else { return [] }
        return try connection.rows(
            "\(select) WHERE next_attempt <= ?1 OR next_attempt > ?2 ORDER BY next_attempt LIMIT ?3", .time(time),
            .time(horizon), .integer(limit), body: tombstone)
    }

    private static let select = """
        SELECT grant_id, endpoint, reason, attempts, created, next_attempt, problem FROM tombstones
        """

    private static func tombstone(_ row: Row) throws(VaultFailure) -> Tombstone {
        Tombstone(
            grant: try row.grant(0), endpoint: try row.text(1), reason: try row.text(2), attempts: try row.integer(3),
            created: try row.time(4), nextAttempt: try row.optionalTime(5), problem: try row.text(6))
    }
}

extension Vault {
    /// Notes that a grant is to be revoked as soon as it is out of service here: a run that dies in between leaves that to
    /// whatever runs next.
    package func announceRevocation(
        of grant: GrantID, at endpoint: EndpointURL, reason: String
    ) async throws(VaultFailure) {
        try await writing { connection throws(VaultFailure) in
            _ = try GrantTable.existing(grant, connection)
            try TombstoneTable.announce(grant, at: endpoint, reason: reason, time.now, connection)
        }
    }

    /// Notes that a grant could not be revoked: where, why it is to be, the stable code of the problem, and when to try
    /// again (nil: not before somebody acts). The grant is not purged before it is. Returns the tombstone as it stands now.
    @discardableResult
    package func recordRevocationFailure(
        of grant: GrantID, at endpoint: EndpointURL, reason: String, problem: String, retry: Timestamp?
    ) async throws(VaultFailure) -> Tombstone {
        try await writing { connection throws(VaultFailure) in
            _ = try GrantTable.existing(grant, connection)
            try TombstoneTable.record(
                Tombstone(
                    grant: grant, endpoint: endpoint.description, reason: reason, attempts: 1, created: time.now,
                    nextAttempt: retry, problem: problem), connection)
            guard let tombstone = try TombstoneTable.of(grant, connection) else { throw GrantTable.notFound(grant) }
            return tombstone
        }
    }

    /// Notes that a grant is revoked, or that nobody wants that any more. False if it had no tombstone.
    @discardableResult
    package func removeTombstone(of grant: GrantID) async throws(VaultFailure) -> Bool {
        try await writing { connection throws(VaultFailure) in
            try connection.run("DELETE FROM tombstones WHERE grant_id = ?1", .grant(grant)) > 0
        }
    }

    /// All that wait to be revoked, the oldest first.
    package func tombstones() async throws(VaultFailure) -> [Tombstone] {
        try await reading { connection throws(VaultFailure) in try TombstoneTable.all(connection) }
    }

    /// Those to try again by `limit`, the most urgent first. What was put off for longer than anything is was noted by a clock
    /// that was ahead, and is due too.
    package func tombstonesDue(by limit: Timestamp, atMost count: Int) async throws(VaultFailure) -> [Tombstone] {
        try await reading { connection throws(VaultFailure) in
            let horizon = max(limit, time.now).adding(seconds: Self.longestRest)
            return try TombstoneTable.due(by: limit, orAfter: horizon, limit: count, connection)
        }
    }

    /// In seconds: a revocation is tried again after a day at the latest, and the clocks of two machines may be five minutes
    /// apart.
    private static let longestRest: Int64 = 86_400 + 300
}
