import KeelBase
import KeelCrypto

/// The rows of `tokens`: each sealed for its vault, grant, generation and kind, so that none can take another's place.
struct TokenTable {
    enum Kind: String {
        case access, refresh
    }

    let vault: String
    let keys: VaultKeys
    let connection: Connection

    /// The newest generation that any token of the grant has; 0 if it has none.
    func newestGeneration(of grant: GrantID) throws(VaultFailure) -> Int {
        try connection.first(
            "SELECT coalesce(max(generation), 0) FROM tokens WHERE grant_id = ?1", .grant(grant)
        ) { row throws(VaultFailure) in try row.integer(0) } ?? 0
    }

    func insert(
        _ secret: Secret, _ kind: Kind, _ state: RefreshToken.State, of grant: GrantID, generation: Int,
        expires: Timestamp?, obtained: Timestamp
    ) throws(VaultFailure) {
        try connection.run(
            """
            INSERT INTO tokens (grant_id, kind, generation, state, sealed, obtained, expires)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """,
            .grant(grant), .text(kind.rawValue), .integer(generation), .text(state.rawValue),
            .blob(keys.seal(secret, place(of: grant, generation, kind))), .time(obtained), .time(expires))
    }

    /// Puts a new access token in the place of the old one, which nothing can need any more.
    func replaceAccess(
        _ secret: Secret, of grant: GrantID, generation: Int, expires: Timestamp?, obtained: Timestamp
    ) throws(VaultFailure) {
        try connection.run("DELETE FROM tokens WHERE grant_id = ?1 AND kind = 'access'", .grant(grant))
        try insert(secret, .access, .current, of: grant, generation: generation, expires: expires, obtained: obtained)
    }

    /// Makes a new refresh token the current one. Those older than the one that earned it (`used`) have been
    /// outlived twice and go; it and any that came after it stay until the new one has worked.
    func replaceRefresh(
        _ secret: Secret, of grant: GrantID, generation: Int, used: Int?, expires: Timestamp?, obtained: Timestamp
    ) throws(VaultFailure) {
        let current = try connection.first(
            "SELECT generation FROM tokens WHERE grant_id = ?1 AND kind = 'refresh' AND state = 'current'",
            .grant(grant)
        ) { row throws(VaultFailure) in try row.integer(0) }
        try connection.run(
            "DELETE FROM tokens WHERE grant_id = ?1 AND kind = 'refresh' AND generation < ?2",
            .grant(grant), .integer(used ?? current ?? 0))
        try connection.run(
            "UPDATE tokens SET state = 'previous' WHERE grant_id = ?1 AND kind = 'refresh' AND state = 'current'",
            .grant(grant))
        try insert(secret, .refresh, .current, of: grant, generation: generation, expires: expires, obtained: obtained)
    }

    /// Makes a refresh token that has helped out the current one.
    func makeCurrent(_ generation: Int, of grant: GrantID) throws(VaultFailure) {
        let isThere = try connection.first(
            "SELECT 1 FROM tokens WHERE grant_id = ?1 AND kind = 'refresh' AND generation = ?2", .grant(grant),
            .integer(generation)
        ) { _ throws(VaultFailure) in true }
        guard isThere == true else { return }
        try connection.run(
            """
            UPDATE tokens SET state = 'previous'
            WHERE grant_id = ?1 AND kind = 'refresh' AND state = 'current' AND generation <> ?2
            """,
            .grant(grant), .integer(generation))
        try connection.run(
            "UPDATE tokens SET state = 'current' WHERE grant_id = ?1 AND kind = 'refresh' AND generation = ?2",
            .grant(grant), .integer(generation))
    }

    func access(of grant: GrantID) throws(VaultFailure) -> AccessToken? {
        try connection.first(
            """
            SELECT sealed, generation, expires, obtained FROM tokens
            WHERE grant_id = ?1 AND kind = 'access' AND state = 'current'
            """,
            .grant(grant)
        ) { row throws(VaultFailure) in
            let generation = try row.integer(1)
            return AccessToken(
                secret: try open(try row.blob(0), of: grant, generation, .access), obtained: try row.time(3),
                expires: try row.optionalTime(2), generation: generation)
        }
    }

    /// The refresh tokens in the order in which to try them: the current one, then the newest.
    func refresh(of grant: GrantID) throws(VaultFailure) -> [RefreshToken] {
        try connection.rows(
            """
            SELECT sealed, generation, state FROM tokens WHERE grant_id = ?1 AND kind = 'refresh'
            ORDER BY state <> 'current', generation DESC
            """,
            .grant(grant)
        ) { row throws(VaultFailure) in
            let generation = try row.integer(1)
            return RefreshToken(
                secret: try open(try row.blob(0), of: grant, generation, .refresh), generation: generation,
                state: try row.word(2))
        }
    }

    // MARK: Another key

    /// A sealed token and where it stands.
    struct SealedToken {
        let kind: Kind
        let generation: Int
        let sealed: [UInt8]
    }

    func sealed(of grant: GrantID) throws(VaultFailure) -> [SealedToken] {
        try connection.rows(
            "SELECT kind, generation, sealed FROM tokens WHERE grant_id = ?1 ORDER BY kind, generation", .grant(grant)
        ) { row throws(VaultFailure) in
            SealedToken(kind: try row.word(0), generation: try row.integer(1), sealed: try row.blob(2))
        }
    }

    /// Opens a token, which throws where it was changed.
    func verify(_ token: SealedToken, of grant: GrantID) throws(VaultFailure) {
        _ = try open(token.sealed, of: grant, token.generation, token.kind)
    }

    /// Seals a token under the key that seals now.
    func reseal(_ token: SealedToken, of grant: GrantID) throws(VaultFailure) {
        let secret = try open(token.sealed, of: grant, token.generation, token.kind)
        try connection.run(
            "UPDATE tokens SET sealed = ?4 WHERE grant_id = ?1 AND kind = ?2 AND generation = ?3", .grant(grant),
            .text(token.kind.rawValue), .integer(token.generation),
            .blob(keys.seal(secret, place(of: grant, token.generation, token.kind))))
    }

    private func open(
        _ sealed: [UInt8], of grant: GrantID, _ generation: Int, _ kind: Kind
    ) throws(VaultFailure) -> Secret {
        try keys.open(
            sealed, place(of: grant, generation, kind), what: "\(kind.rawValue) token \(generation) of grant \(grant)")
    }

    private func place(of grant: GrantID, _ generation: Int, _ kind: Kind) -> AuthenticatedFields {
        var fields = AuthenticatedFields(purpose: "vault/token/v1", vault, grant.text, kind.rawValue)
        fields.append(generation)
        return fields
    }
}
