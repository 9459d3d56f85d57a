import KeelBase
import KeelCrypto

/// The rows of `flows`. All that stands in a row's plain columns is authenticated with its payload, so that a consent cannot
/// be turned into one for another slot, another client or a longer time.
struct FlowTable {
    let vault: String
    let keys: VaultKeys
    let connection: Connection

    func insert(_ flow: Flow, _ payload: Secret) throws(VaultFailure) {
        let draft = flow.draft
        try connection.run(
            """
            INSERT INTO flows (id, kind, profile, subject, client_digest, run, created, expires, sealed)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """,
            .text(flow.id.text), .text(draft.kind.rawValue), .text(draft.profile), .text(draft.subject),
            .text(draft.clientDigest), .text(draft.run), .time(flow.created), .time(draft.expires),
            .blob(keys.seal(payload, Self.place(of: flow, vault))))
    }

    /// Puts another payload in the place of the one there.
    func replacePayload(of flow: Flow, with payload: Secret) throws(VaultFailure) {
        try connection.run(
            "UPDATE flows SET sealed = ?2 WHERE id = ?1", .text(flow.id.text),
            .blob(keys.seal(payload, Self.place(of: flow, vault))))
    }

    func opened(_ id: FlowID) throws(VaultFailure) -> OpenedFlow? {
        try connection.first("\(Self.select) WHERE id = ?1", .text(id.text)) { row throws(VaultFailure) in
            let flow = try Self.flow(row)
            let payload = try keys.open(
                try row.blob(8), Self.place(of: flow, vault), what: "the pending consent \(flow.id)")
            return OpenedFlow(flow: flow, payload: payload)
        }
    }

    /// All of them, expired ones too, as they are sealed.
    func sealed() throws(VaultFailure) -> [(id: FlowID, sealed: [UInt8])] {
        try connection.rows("\(Self.select) ORDER BY id") { row throws(VaultFailure) in
            (try Self.flow(row).id, try row.blob(8))
        }
    }

    /// Seals a payload under the key that seals now.
    func reseal(_ id: FlowID) throws(VaultFailure) {
        guard let opened = try opened(id) else { return }
        try replacePayload(of: opened.flow, with: opened.payload)
    }

    // MARK: Without a key

    /// All that have not expired, the oldest first.
    static func all(at now: Timestamp, _ connection: Connection) throws(VaultFailure) -> [Flow] {
        guard try VaultFormat.isAtLeast(2, connection) else { return [] }
        return try connection.rows(
            "\(select) WHERE expires > ?1 ORDER BY created, id", .time(now), body: flow)
    }

    static func open(
        for profile: String, _ subject: String, at now: Timestamp, _ connection: Connection
    ) throws(VaultFailure) -> Flow? {
        guard try VaultFormat.isAtLeast(2, connection) else { return nil }
        return try connection.first(
            "\(select) WHERE profile = ?1 AND subject = ?2 AND expires > ?3", .text(profile), .text(subject),
            .time(now), body: flow)
    }

    static func remove(_ id: FlowID, _ connection: Connection) throws(VaultFailure) {
        try connection.run("DELETE FROM flows WHERE id = ?1", .text(id.text))
    }

    /// Removes what cannot be finished any more, and whatever is open for a slot that begins anew.
    static func makeRoom(for draft: FlowDraft, at now: Timestamp, _ connection: Connection) throws(VaultFailure) {
        try connection.run(
            "DELETE FROM flows WHERE expires <= ?1 OR (profile = ?2 AND subject = ?3)", .time(now),
            .text(draft.profile), .text(draft.subject))
    }

    /// How a sealed payload is bound to its row.
    static func place(of flow: Flow, _ vault: String) -> AuthenticatedFields {
        let draft = flow.draft
        var fields = AuthenticatedFields(
            purpose: "vault/flow/v1", vault, flow.id.text, draft.kind.rawValue, draft.profile, draft.subject,
            draft.clientDigest, draft.run)
        fields.append(Int(flow.created.seconds))
        fields.append(Int(draft.expires.seconds))
        return fields
    }

    static let select = """
        SELECT id, kind, profile, subject, client_digest, run, created, expires, sealed FROM flows
        """

    static func flow(_ row: Row) throws(VaultFailure) -> Flow {
        guard let id = FlowID(parsing: try row.text(0)) else {
            throw VaultFailure(.corrupt, "a pending consent has no id of ours")
        }
        let draft = FlowDraft(
            kind: try row.word(1), profile: try row.text(2), subject: try row.text(3), clientDigest: try row.text(4),
            run: try row.text(5), expires: try row.time(7))
        return Flow(id: id, draft: draft, created: try row.time(6))
    }
}
