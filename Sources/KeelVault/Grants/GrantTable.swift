import KeelBase

/// The rows of `grants`.
enum GrantTable {
    static func row(of grant: GrantID, _ connection: Connection) throws(VaultFailure) -> GrantRecord? {
        try connection.first("\(select) WHERE id = ?1", .grant(grant), body: record)
    }

    /// The same, but its absence is a failure.
    static func existing(_ grant: GrantID, _ connection: Connection) throws(VaultFailure) -> GrantRecord {
        guard let record = try row(of: grant, connection) else { throw notFound(grant) }
        return record
    }

    static func all(_ connection: Connection) throws(VaultFailure) -> [GrantRecord] {
        try connection.rows("\(select) ORDER BY id", body: record)
    }

    /// All of a slot, the newest first.
    static func of(_ profile: String, _ subject: String, _ connection: Connection) throws(VaultFailure) -> [GrantRecord]
    {
        try connection.rows(
            "\(select) WHERE profile = ?1 AND subject = ?2 ORDER BY created DESC, id DESC", .text(profile),
            .text(subject), body: record)
    }

    /// All of a profile.
    static func of(profile: String, _ connection: Connection) throws(VaultFailure) -> [GrantID] {
        try connection.rows("SELECT id FROM grants WHERE profile = ?1 ORDER BY id", .text(profile)) {
            row throws(VaultFailure) in try row.grant(0)
        }
    }

    /// What is due by `time`, the most urgent first; read from an index, so what is not due costs nothing.
    static func due(by time: Timestamp, limit: Int, _ connection: Connection) throws(VaultFailure) -> [GrantRecord] {
        try connection.rows(
            "\(select) WHERE renewal_due <= ?1 ORDER BY renewal_due LIMIT ?2", .time(time), .integer(limit),
            body: record)
    }

    /// What is due far from now and was written later than now: the clock was wrong then. Of those that are due last only a
    /// thousand are looked at, so that it costs the same however many there are.
    static func dueByWrongClock(
        after time: Timestamp, writtenAfter now: Timestamp, limit: Int, _ connection: Connection
    ) throws(VaultFailure) -> [GrantRecord] {
        try connection.rows(
            """
            \(select) WHERE updated > ?2 AND id IN (
                SELECT id FROM grants WHERE renewal_due > ?1 ORDER BY renewal_due DESC LIMIT 1000)
            ORDER BY renewal_due LIMIT ?3
            """, .time(time), .time(now), .integer(limit), body: record)
    }

    /// What waits for somebody to act; told from what is due never by its problem.
    static func givenUp(limit: Int, _ connection: Connection) throws(VaultFailure) -> [GrantRecord] {
        try connection.rows(
            """
            \(select) WHERE renewal_due IS NULL AND renewal_problem IS NOT NULL AND status <> 'retired'
            ORDER BY profile, subject, id LIMIT ?1
            """,
            .integer(limit), body: record)
    }

    static func insert(_ record: GrantRecord, _ connection: Connection) throws(VaultFailure) {
        try connection.run(
            """
            INSERT INTO grants (id, profile, subject, client_digest, issuer, provider_subject, type, scopes, status,
                generation, created, updated, access_expires, renewal_due, refresh_horizon, run)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16)
            """,
            .grant(record.id), .text(record.profile), .text(record.subject), .text(record.clientDigest),
            .text(record.issuer), .text(record.providerSubject), .text(record.type.rawValue),
            .text(try ScopeList.text(record.scopes)), .text(record.status.rawValue), .integer(record.generation),
            .time(record.created), .time(record.updated), .time(record.accessExpires), .time(record.renewalDue),
            .time(record.refreshHorizon), .text(record.run))
    }

    static func notFound(_ grant: GrantID) -> VaultFailure { VaultFailure(.notFound, "it holds no grant \(grant)") }

    private static let select = """
        SELECT id, profile, subject, client_digest, issuer, provider_subject, type, scopes, status, generation,
            created, updated, retired, access_expires, renewal_due, renewal_failures, renewal_problem,
            refresh_horizon, run FROM grants
        """

    private static func record(_ row: Row) throws(VaultFailure) -> GrantRecord {
        let problem = try row.optionalText(16).map { RenewalProblem(stored: $0) }
        return GrantRecord(
            id: try row.grant(0), profile: try row.text(1), subject: try row.text(2), clientDigest: try row.text(3),
            issuer: try row.optionalText(4), providerSubject: try row.optionalText(5), type: try row.word(6),
            scopes: try ScopeList.scopes(try row.text(7)), status: try row.word(8), generation: try row.integer(9),
            created: try row.time(10), updated: try row.time(11), retired: try row.optionalTime(12),
            accessExpires: try row.optionalTime(13), renewalDue: try row.optionalTime(14),
            renewalFailures: try row.integer(15), renewalProblem: problem?.code,
            renewalProblemClass: problem?.failureClass, refreshHorizon: try row.optionalTime(17), run: try row.text(18))
    }
}
