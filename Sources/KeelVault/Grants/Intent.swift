import KeelBase
import KeelCrypto

/// The random name of an intent.
package struct IntentID: Hashable, Sendable {
    package let text: String
}

/// What was about to be asked of a server, noted before it was asked.
///
/// One that is left over tells that a process died in between: the server may have issued what we never saw.
package struct Intent: Sendable, Hashable {
    package enum Kind: String, Sendable {
        /// A refresh token is exchanged, which may kill it.
        case rotation
        /// An authorization code is exchanged, which works once (RFC 6749 section 4.1.2).
        case redemption
    }

    package let id: IntentID
    package let kind: Kind
    /// Nil for a redemption: there is no grant yet.
    package let grant: GrantID?
    /// The generation before the rotation.
    package let generation: Int?
    package let profile: String
    package let subject: String
    package let run: String
    package let created: Timestamp
}

extension Intent {
    /// The exchange of an authorization code, or of a device code that has been granted.
    init(redeemedFor profile: String, _ subject: String, run: String, at now: Timestamp) {
        self.init(
            id: IntentID(text: RandomIdentifier.make()), kind: .redemption, grant: nil, generation: nil,
            profile: profile, subject: subject, run: run, created: now)
    }
}

/// The rows of `intents`.
enum IntentTable {
    static func insert(_ intent: Intent, _ connection: Connection) throws(VaultFailure) {
        try connection.run(
            """
            INSERT INTO intents (id, kind, grant_id, generation, profile, subject, run, created)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            """,
            .text(intent.id.text), .text(intent.kind.rawValue), .grant(intent.grant),
            intent.generation.map { .integer($0) } ?? .null, .text(intent.profile), .text(intent.subject),
            .text(intent.run), .time(intent.created))
    }

    static func close(_ intent: IntentID, _ connection: Connection) throws(VaultFailure) {
        try connection.run("DELETE FROM intents WHERE id = ?1", .text(intent.text))
    }

    static func closeRotations(of grant: GrantID, _ connection: Connection) throws(VaultFailure) {
        try connection.run("DELETE FROM intents WHERE grant_id = ?1 AND kind = 'rotation'", .grant(grant))
    }

    static func all(_ connection: Connection) throws(VaultFailure) -> [Intent] {
        try connection.rows("\(select) ORDER BY created, id", body: intent)
    }

    /// The rotations of a grant of which nobody knows what became of them, the oldest first.
    static func rotations(of grant: GrantID, _ connection: Connection) throws(VaultFailure) -> [Intent] {
        try connection.rows(
            "\(select) WHERE grant_id = ?1 AND kind = 'rotation' ORDER BY created, id", .grant(grant), body: intent)
    }

    private static let select = """
        SELECT id, kind, grant_id, generation, profile, subject, run, created FROM intents
        """

    private static func intent(_ row: Row) throws(VaultFailure) -> Intent {
        Intent(
            id: IntentID(text: try row.text(0)), kind: try row.word(1), grant: try row.optionalGrant(2),
            generation: row.isNull(3) ? nil : try row.integer(3), profile: try row.text(4),
            subject: try row.text(5), run: try row.text(6), created: try row.time(7))
    }
}

extension Vault {
    /// Notes durably that a grant's refresh token is about to be exchanged; `replaceTokens` fulfils it.
    package func beginRotation(of grant: GrantID, run: String) async throws(VaultFailure) -> Intent {
        try await writing { connection throws(VaultFailure) in
            try QuarantineMark.requireNone(connection)
            let record = try GrantTable.existing(grant, connection)
            let intent = Intent(
                id: IntentID(text: RandomIdentifier.make()), kind: .rotation, grant: grant,
                generation: record.generation, profile: record.profile, subject: record.subject, run: run,
                created: time.now)
            try IntentTable.insert(intent, connection)
            return intent
        }
    }

    /// Drops an intent of which it is known that the server issued nothing.
    package func abandon(_ intent: IntentID) async throws(VaultFailure) {
        try await writing { connection throws(VaultFailure) in try IntentTable.close(intent, connection) }
    }
}
