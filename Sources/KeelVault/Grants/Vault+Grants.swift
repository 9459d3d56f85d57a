import KeelBase

extension Vault {
    /// Stores a newly issued grant as a candidate, or retired at once if it was refused, with all that renews it, durably.
    ///
    /// `clientSecret` is sealed beside the recipe; give it only when the recipe has no reference to one.
    /// `redeeming` is the intent under which the grant was asked for; it is fulfilled by the same transaction.
    package func addCandidate(
        _ draft: GrantDraft, _ recipe: Recipe, clientSecret: Secret? = nil, _ tokens: IssuedTokens,
        redeeming intent: IntentID? = nil
    ) async throws(VaultFailure) -> GrantRecord {
        let keys = try needKeys()
        return try await writing { connection throws(VaultFailure) in
            try QuarantineMark.requireNone(connection)
            let now = time.now
            let record = GrantRecord(newFrom: draft, tokens, now)
            try GrantTable.insert(record, connection)
            try RecipeTable(vault: id, keys: keys, connection: connection)
                .store(recipe, clientSecret: clientSecret, of: record.id, now)
            let table = TokenTable(vault: id, keys: keys, connection: connection)
            if let access = tokens.access {
                try table.insert(
                    access, .access, .current, of: record.id, generation: record.generation,
                    expires: tokens.accessExpires, obtained: now)
            }
            if let refresh = tokens.refresh {
                try table.insert(
                    refresh, .refresh, .current, of: record.id, generation: record.generation,
                    expires: tokens.refreshHorizon, obtained: now)
            }
            try codes(connection, keys).renew(record.id)
            if let intent { try IntentTable.close(intent, connection) }
            guard draft.isRefused else { return record }
            try retire(record.id, codes(connection, keys), connection)
            return try GrantTable.existing(record.id, connection)
        }
    }

    /// Puts a grant into service for the accounts that have proven it, in one transaction. Older candidates that allow no more
    /// than it does are retired by it: nobody adopts them any longer, and they would be renewed for nothing.
    ///
    /// `definitions` say which settings the accounts are in service with, so that observations of others are dropped.
    /// A shared grant may be promoted again, for each account as that one proves. Returns the grants that these
    /// accounts pointed to before and to which no account points any more: retire them last. Throws `.notFound`,
    /// `.notAuthentic`, and `.conflict` for a retired grant.
    @discardableResult
    package func promote(
        _ grant: GrantID, for accounts: [ResourceAddress], registering definitions: [Definition] = []
    ) async throws(VaultFailure) -> [GrantID] {
        let keys = try needKeys()
        return try await writing { connection throws(VaultFailure) in
            let now = time.now
            let codes = codes(connection, keys)
            let record = try codes.existing(grant)
            guard record.status != .retired else { throw VaultFailure(.conflict, "grant \(grant) is retired") }
            if record.status == .candidate {
                try connection.run(
                    "UPDATE grants SET status = 'current', updated = ?2 WHERE id = ?1", .grant(grant), .time(now))
                try codes.renew(grant)
                try retireSuperseded(by: record, codes, connection)
            }
            let index = AccountTable(vault: id, connection: connection)
            var former: Set<GrantID> = []
            for account in accounts {
                // Not verified: an entry that somebody changed is being overwritten here.
                if let old = try index.grant(for: account, nil), old != grant { former.insert(old) }
                try index.point(account, to: grant, keys, now)
            }
            for definition in definitions { try ObservationTable.register(definition, now, connection) }
            return try unused(former, index)
        }
    }

    /// Takes an account out of the index, with what was observed of it.
    ///
    /// Returns its grant if no other account points to it.
    @discardableResult
    package func forget(_ account: ResourceAddress) async throws(VaultFailure) -> [GrantID] {
        try await writing { connection throws(VaultFailure) in
            let index = AccountTable(vault: id, connection: connection)
            let grant = try index.grant(for: account, nil)
            try index.remove(account)
            try ObservationTable.forget(account, connection)
            guard let grant else { return [] }
            return try unused([grant], index)
        }
    }

    /// Takes grants out of service; their tokens stay sealed until they are purged.
    ///
    /// Throws `.inUse` if an account points to one of them, and then retires none. Grants that are unknown or
    /// retired already are passed over.
    package func retire(_ grants: [GrantID]) async throws(VaultFailure) {
        let keys = try needKeys()
        try await writing { connection throws(VaultFailure) in
            let index = AccountTable(vault: id, connection: connection)
            let codes = codes(connection, keys)
            for grant in grants {
                guard let record = try GrantTable.row(of: grant, connection), record.status != .retired else {
                    continue
                }
                try codes.verify(record)
                guard try !index.isUsed(grant) else {
                    throw VaultFailure(.inUse, "an account still points to grant \(grant)")
                }
                try retire(grant, codes, connection)
            }
        }
    }

    private func retireSuperseded(
        by record: GrantRecord, _ codes: GrantCodes, _ connection: Connection
    ) throws(VaultFailure) {
        for other in try GrantTable.of(record.profile, record.subject, connection)
        where other.status == .candidate && other.created < record.created
            && other.clientDigest == record.clientDigest && Set(other.scopes).isSubset(of: record.scopes)
        {
            try codes.verify(other)
            try retire(other.id, codes, connection)
        }
    }

    private func retire(
        _ grant: GrantID, _ codes: GrantCodes, _ connection: Connection
    ) throws(VaultFailure) {
        try connection.run(
            """
            UPDATE grants SET status = 'retired', retired = ?2, updated = ?2, renewal_due = NULL
            WHERE id = ?1 AND status <> 'retired'
            """,
            .grant(grant), .time(time.now))
        try codes.renew(grant)
    }

    /// How long retired grants stay sealed, in seconds: 30 days.
    package static let retention: Int64 = 30 * 86_400

    /// Deletes grants that were retired before `limit`, with their tokens and recipes; returns which. Never one that has a
    /// tombstone: its tokens are what revokes it.
    @discardableResult
    package func purge(retiredBefore limit: Timestamp) async throws(VaultFailure) -> [GrantID] {
        try await writing { connection throws(VaultFailure) in
            let grants = try connection.rows(
                """
                SELECT id FROM grants WHERE status = 'retired' AND retired < ?1
                AND NOT EXISTS (SELECT 1 FROM accounts WHERE grant_id = grants.id)
                AND NOT EXISTS (SELECT 1 FROM tombstones WHERE grant_id = grants.id)
                """, .time(limit)
            ) { row throws(VaultFailure) in try row.grant(0) }.sorted()
            for grant in grants { try connection.run("DELETE FROM grants WHERE id = ?1", .grant(grant)) }
            return grants
        }
    }

    /// The grant that an account points to; nil if there is none. With a key, throws `.notAuthentic` if the index
    /// was changed.
    package func grant(for account: ResourceAddress) async throws(VaultFailure) -> GrantRecord? {
        try await reading { connection throws(VaultFailure) in
            let index = AccountTable(vault: id, connection: connection)
            guard let grant = try index.grant(for: account, keys) else { return nil }
            return try verified(GrantTable.existing(grant, connection), connection)
        }
    }

    /// One grant; nil if there is none of that id. With a key, throws `.notAuthentic` if its row was changed.
    package func grant(_ grant: GrantID) async throws(VaultFailure) -> GrantRecord? {
        try await reading { connection throws(VaultFailure) in
            guard let record = try GrantTable.row(of: grant, connection) else { return nil }
            return try verified(record, connection)
        }
    }

    /// The grants to renew by `limit`, the most urgent first. Its cost does not grow with those that are not due.
    ///
    /// What was written while this machine's clock was far ahead is due at once: its times would be believed for years.
    package func grantsDue(by limit: Timestamp, atMost count: Int) async throws(VaultFailure) -> [GrantRecord] {
        let now = time.now
        return try await reading { connection throws(VaultFailure) in
            let due = try GrantTable.due(by: limit, limit: count, connection)
            guard due.count < count else { return due }
            return due
                + (try GrantTable.dueByWrongClock(
                    after: max(limit, now.adding(seconds: Self.longestSleep)), writtenAfter: now.adding(seconds: 300),
                    limit: count - due.count, connection))
        }
    }

    /// In seconds, eleven days: a grant that is due later than that is asked whether it was written in the future. Refresh
    /// tokens of unknown life are used every ten.
    private static let longestSleep: Int64 = 11 * 86_400

    /// The same row, if it is as it was written, as far as that can be told.
    func verified(_ record: GrantRecord, _ connection: Connection) throws(VaultFailure) -> GrantRecord {
        if let keys { try codes(connection, keys).verify(record) }
        return record
    }

    /// The codes of this vault's grants.
    func codes(_ connection: Connection, _ keys: VaultKeys) -> GrantCodes {
        GrantCodes(vault: id, keys: keys, connection: connection)
    }

    private func unused(_ grants: Set<GrantID>, _ index: AccountTable) throws(VaultFailure) -> [GrantID] {
        var unused: [GrantID] = []
        for grant in grants.sorted() where try !index.isUsed(grant) { unused.append(grant) }
        return unused
    }
}

extension GrantRecord {
    /// A candidate of the first generation.
    fileprivate init(newFrom draft: GrantDraft, _ tokens: IssuedTokens, _ now: Timestamp) {
        self.init(
            id: .random(), profile: draft.profile, subject: draft.subject, clientDigest: draft.clientDigest,
            issuer: draft.issuer, providerSubject: draft.providerSubject, type: draft.type,
            scopes: Set(tokens.scopes).sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }, status: .candidate,
            generation: 1, created: now, updated: now, retired: nil, accessExpires: tokens.accessExpires,
            renewalDue: tokens.renewalDue, renewalFailures: 0, renewalProblem: nil,
            renewalProblemClass: nil,
            refreshHorizon: tokens.refreshHorizon, run: draft.run)
    }
}
