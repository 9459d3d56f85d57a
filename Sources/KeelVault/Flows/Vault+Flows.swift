import KeelBase

extension Vault {
    /// Keeps a consent until a person has given it, sealed, so that any process can finish it.
    ///
    /// There is one for each slot: a new one replaces the one there. Expired ones of any slot are swept.
    package func keep(_ draft: FlowDraft, payload: Secret) async throws(VaultFailure) -> Flow {
        let keys = try needKeys()
        return try await writing { connection throws(VaultFailure) in
            try QuarantineMark.requireNone(connection)
            try FlowTable.makeRoom(for: draft, at: time.now, connection)
            let flow = Flow(id: .random(), draft: draft, created: time.now)
            try FlowTable(vault: id, keys: keys, connection: connection).insert(flow, payload)
            return flow
        }
    }

    /// The consent that is open for a slot; nil if there is none, or it has expired.
    package func flow(profile: String, subject: String) async throws(VaultFailure) -> Flow? {
        try await reading { connection throws(VaultFailure) in
            try FlowTable.open(for: profile, subject, at: time.now, connection)
        }
    }

    /// All that have not expired, the oldest first. No key is needed for that.
    package func flows() async throws(VaultFailure) -> [Flow] {
        try await reading { connection throws(VaultFailure) in try FlowTable.all(at: time.now, connection) }
    }

    /// A consent with its payload, which stays where it is: for polling. Nil if there is none, or it has expired.
    package func opened(_ flow: FlowID) async throws(VaultFailure) -> OpenedFlow? {
        let keys = try needKeys()
        return try await reading { connection throws(VaultFailure) in
            try live(flow, FlowTable(vault: id, keys: keys, connection: connection))
        }
    }

    /// Puts another payload in the place of a consent's, as when a server asked for slower polling. False if it is gone.
    @discardableResult
    package func replacePayload(of flow: FlowID, with payload: Secret) async throws(VaultFailure) -> Bool {
        let keys = try needKeys()
        return try await writing { connection throws(VaultFailure) in
            let table = FlowTable(vault: id, keys: keys, connection: connection)
            guard let opened = try live(flow, table) else { return false }
            try table.replacePayload(of: opened.flow, with: payload)
            return true
        }
    }

    /// Reads and removes a consent in one transaction, so that exactly one process finishes it. Nil if there is none, or it
    /// has expired.
    package func take(_ flow: FlowID) async throws(VaultFailure) -> OpenedFlow? {
        let keys = try needKeys()
        return try await writing { connection throws(VaultFailure) in
            try taken(flow, keys, connection)
        }
    }

    /// Takes a consent and notes durably, in the same transaction, that its code is about to be exchanged: a process that
    /// dies from here on leaves a trace. `addCandidate` fulfils the intent.
    package func redeem(
        _ flow: FlowID, run: String
    ) async throws(VaultFailure) -> (opened: OpenedFlow, intent: Intent)? {
        let keys = try needKeys()
        return try await writing { connection throws(VaultFailure) in
            guard let opened = try taken(flow, keys, connection) else { return nil }
            let draft = opened.flow.draft
            let intent = Intent(redeemedFor: draft.profile, draft.subject, run: run, at: time.now)
            try IntentTable.insert(intent, connection)
            return (opened, intent)
        }
    }

    /// Forgets a consent that nobody wants any more.
    package func drop(_ flow: FlowID) async throws(VaultFailure) {
        try await writing { connection throws(VaultFailure) in try FlowTable.remove(flow, connection) }
    }

    private func taken(
        _ flow: FlowID, _ keys: VaultKeys, _ connection: Connection
    ) throws(VaultFailure) -> OpenedFlow? {
        try QuarantineMark.requireNone(connection)
        guard let opened = try live(flow, FlowTable(vault: id, keys: keys, connection: connection)) else { return nil }
        try FlowTable.remove(flow, connection)
        return opened
    }

    private func live(_ flow: FlowID, _ table: FlowTable) throws(VaultFailure) -> OpenedFlow? {
        guard try VaultFormat.isAtLeast(2, table.connection), let opened = try table.opened(flow),
            opened.flow.draft.expires > time.now
        else { return nil }
        return opened
    }
}
