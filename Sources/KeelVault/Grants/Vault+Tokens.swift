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

    /// Stores what a renewal gave as the next generation; it is durable when this returns, so only then use or show it.
    ///
    /// `generation` is the one that the caller saw before it asked the server. If another writer was faster this throws
    /// `.conflict`, yet a new refresh token is kept as `pending`: it may be the only one that the server still takes.
    /// `used` is the generation of the refresh token that earned these, if not the current one; that one stays until
    /// the new one has worked. A retired grant takes them too, and stays retired. `rotation` is fulfilled with it.
    @discardableResult
    package func replaceTokens(
        of grant: GrantID, generation: Int, with tokens: IssuedTokens, used: Int? = nil,
        rotation intent: IntentID? = nil
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
            }
            try advance(grant, to: next, tokens, connection, now)
            return (try GrantTable.existing(grant, connection), true)
        }
        guard isFirst else {
            throw VaultFailure(.conflict, "grant \(grant) has been renewed by another process meanwhile")
        }
        return record
    }

    /// Notes that a renewal failed: the stable code of the problem, and when to try again (nil: not before somebody
    /// acts).
    ///
    /// Nothing else changes; no error deletes a token. Returns the failures since the last success.
    @discardableResult
    package func recordRenewalFailure(
        of grant: GrantID, problem: String, retry: Timestamp?
    ) async throws(VaultFailure) -> Int {
        try await writing { connection throws(VaultFailure) in
            try connection.run(
                """
                UPDATE grants SET renewal_failures = renewal_failures + 1, renewal_problem = ?2,
                    renewal_due = CASE status WHEN 'retired' THEN NULL ELSE ?3 END, updated = ?4 WHERE id = ?1
                """,
                .grant(grant), .text(problem), .time(retry), .time(time.now))
            return try GrantTable.existing(grant, connection).renewalFailures
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
