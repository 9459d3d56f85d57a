import KeelBase

extension Vault {
    /// The access token of a grant; nil if it has none. It may have expired: look at `expires`.
    package func accessToken(of grant: GrantID) async throws(VaultFailure) -> AccessToken? {
        let keys = try needKeys()
        return try await reading { connection throws(VaultFailure) in
            try TokenTable(vault: id, keys: keys, connection: connection).access(of: grant)
        }
    }

    /// The refresh tokens of a grant in the order in which to try them. Throws `.quarantined` where the vault is a copy that
    /// nobody has accepted: a provider may end a grant of which an old token is used.
    package func refreshTokens(of grant: GrantID) async throws(VaultFailure) -> [RefreshToken] {
        let keys = try needKeys()
        return try await reading { connection throws(VaultFailure) in
            let tokens = try TokenTable(vault: id, keys: keys, connection: connection).refresh(of: grant)
            if !tokens.isEmpty { try QuarantineMark.requireNone(connection) }
            return tokens
        }
    }

    /// All that a renewal starts from, in one view: whoever waited for another's renewal reads it again.
    package func renewalBasis(of grant: GrantID) async throws(VaultFailure) -> RenewalBasis {
        let keys = try needKeys()
        return try await reading { connection throws(VaultFailure) in
            let record = try verified(GrantTable.existing(grant, connection), connection)
            guard let recipe = try RecipeTable(vault: id, keys: keys, connection: connection).read(of: grant) else {
                throw VaultFailure(.notFound, "it holds no recipe of grant \(grant)")
            }
            // The row is plain, and by it a slot finds its grant; the recipe says for whom it was asked. (A profile may be renamed.)
            guard record.subject.utf8.elementsEqual(recipe.recipe.subject.utf8) else {
                throw VaultFailure(.notAuthentic, "grant \(grant) was given for another subject than its row names")
            }
            let tokens = TokenTable(vault: id, keys: keys, connection: connection)
            return RenewalBasis(
                record: record, recipe: recipe, access: try tokens.access(of: grant),
                refresh: try tokens.refresh(of: grant), interrupted: try IntentTable.rotations(of: grant, connection))
        }
    }

    /// Stores what a renewal gave as the next generation; it is durable when this returns, so only then use or show it.
    ///
    /// `generation` is the one that the caller saw before it asked the server. If another writer was faster this throws
    /// `.conflict`, yet a new refresh token is kept as `pending`: it may be the only one that the server still takes.
    /// `used` is the generation of the refresh token that earned these, if not the current one; that one stays until
    /// the new one has worked, and is the current one if there is no new one. A retired grant takes them too, and stays
    /// retired. `rotation` is fulfilled with it, and so is whatever rotation of the grant was interrupted before. `entry` goes
    /// into the audit with it.
    @discardableResult
    package func replaceTokens(
        of grant: GrantID, generation: Int, with tokens: IssuedTokens, used: Int? = nil,
        rotation intent: IntentID? = nil, noting entry: AuditEntry? = nil
    ) async throws(VaultFailure) -> GrantRecord {
        let keys = try needKeys()
        let (record, isFirst) = try await writing { connection throws(VaultFailure) in
            let now = time.now
            let before = try GrantTable.existing(grant, connection)
            let table = TokenTable(vault: id, keys: keys, connection: connection)
            let next = max(before.generation, try table.newestGeneration(of: grant)) + 1
            if let intent { try IntentTable.close(intent, connection) }
            guard before.generation == generation else {
                if let refresh = tokens.refresh {
                    try table.insert(
                        refresh, .refresh, .pending, of: grant, generation: next, expires: tokens.refreshHorizon,
                        obtained: now)
                }
                return (before, false)
            }
            if let access = tokens.access {
                try table.replaceAccess(
                    access, of: grant, generation: next, expires: tokens.accessExpires, obtained: now)
            }
            if let refresh = tokens.refresh {
                try table.replaceRefresh(
                    refresh, of: grant, generation: next, used: used, expires: tokens.refreshHorizon, obtained: now)
            } else if let used {
                try table.makeCurrent(used, of: grant)
            }
            try IntentTable.closeRotations(of: grant, connection)
            try advance(grant, to: next, tokens, connection, now)
            if let entry { try append(entry, connection) }
            return (try GrantTable.existing(grant, connection), true)
        }
        guard isFirst else {
            throw VaultFailure(.conflict, "grant \(grant) has been renewed by another process meanwhile")
        }
        return record
    }

    /// Keeps the refresh token of an answer that is of no use otherwise: where tokens rotate, it is the only one that works
    /// from now on. `used` and `rotation` are as in `replaceTokens`.
    package func rescue(
        _ refresh: Secret, of grant: GrantID, used: Int?, horizon: Timestamp?, rotation intent: IntentID
    ) async throws(VaultFailure) {
        let keys = try needKeys()
        try await writing { connection throws(VaultFailure) in
            let record = try GrantTable.existing(grant, connection)
            let table = TokenTable(vault: id, keys: keys, connection: connection)
            try table.replaceRefresh(
                refresh, of: grant, generation: max(record.generation, try table.newestGeneration(of: grant)) + 1,
                used: used, expires: horizon, obtained: time.now)
            try IntentTable.close(intent, connection)
            try IntentTable.closeRotations(of: grant, connection)
        }
    }

    /// Notes that a renewal failed: the stable code of the problem, its class, and when to try again (nil: not before
    /// somebody acts).
    ///
    /// Nothing else changes; no error deletes a token. Returns the failures since the last success. `generation` is the one
    /// that the caller saw: what failed with tokens that have been replaced since says nothing of the new ones.
    @discardableResult
    package func recordRenewalFailure(
        of grant: GrantID, problem: String, as failureClass: FailureClass? = nil, generation: Int? = nil,
        retry: Timestamp?
    ) async throws(VaultFailure) -> Int {
        try await writing { connection throws(VaultFailure) in
            let record = try GrantTable.existing(grant, connection)
            if let generation, generation != record.generation { return record.renewalFailures }
            try connection.run(
                """
                UPDATE grants SET renewal_failures = renewal_failures + 1, renewal_problem = ?2,
                    renewal_due = CASE status WHEN 'retired' THEN NULL ELSE ?3 END, updated = ?4 WHERE id = ?1
                """,
                .grant(grant), .text(RenewalProblem(code: problem, failureClass: failureClass).stored), .time(retry),
                .time(time.now))
            return record.renewalFailures + 1
        }
    }

    /// Lets a grant that somebody uses be renewed at `due`, if it was to be later. What failed keeps its own time.
    package func hastenRenewal(of grant: GrantID, to due: Timestamp) async throws(VaultFailure) {
        _ = try await writing { connection throws(VaultFailure) in
            try connection.run(
                """
                UPDATE grants SET renewal_due = ?2 WHERE id = ?1 AND status <> 'retired' AND renewal_problem IS NULL
                AND (renewal_due IS NULL OR renewal_due > ?2)
                """, .grant(grant), .time(due))
        }
    }

    /// Ends the interrupted rotations of a grant, of which it is known now what became of them.
    package func abandonRotations(of grant: GrantID) async throws(VaultFailure) {
        try await writing { connection throws(VaultFailure) in try IntentTable.closeRotations(of: grant, connection) }
    }

    /// The grants whose renewal waits for somebody to act, in order.
    package func grantsGivenUp(atMost count: Int) async throws(VaultFailure) -> [GrantRecord] {
        try await reading { connection throws(VaultFailure) in try GrantTable.givenUp(limit: count, connection) }
    }

    /// The accounts that point to a grant, in order. Not verified: for words.
    package func accounts(of grant: GrantID) async throws(VaultFailure) -> [ResourceAddress] {
        try await reading { connection throws(VaultFailure) in
            try connection.rows("SELECT address FROM accounts WHERE grant_id = ?1 ORDER BY address", .grant(grant)) {
                row throws(VaultFailure) in try row.address(0)
            }
        }
    }

    /// A refresh that gave no new refresh token has used the old one, which moves its horizon only if the caller
    /// says so.
    private func advance(
        _ grant: GrantID, to generation: Int, _ tokens: IssuedTokens, _ connection: Connection, _ now: Timestamp
    ) throws(VaultFailure) {
        try connection.run(
            """
            UPDATE grants SET generation = ?2, scopes = ?3, access_expires = ?4, updated = ?7,
                renewal_due = CASE status WHEN 'retired' THEN NULL ELSE ?5 END,
                refresh_horizon = coalesce(?6, refresh_horizon), renewal_failures = 0, renewal_problem = NULL
            WHERE id = ?1
            """,
            .grant(grant), .integer(generation), .text(try ScopeList.text(tokens.scopes)), .time(tokens.accessExpires),
            .time(tokens.renewalDue), .time(tokens.refreshHorizon), .time(now))
    }
}
