import KeelBase
import KeelCrypto

/// The rows of `recipes`: readable by all, changeable only with the key.
struct RecipeTable {
    let vault: String
    let keys: VaultKeys
    let connection: Connection

    /// Stores the recipe of a grant under the next revision.
    func store(
        _ recipe: Recipe, clientSecret: Secret?, of grant: GrantID, _ now: Timestamp
    ) throws(VaultFailure) {
        let last = try connection.first("SELECT revision FROM recipes WHERE grant_id = ?1", .grant(grant)) {
            row throws(VaultFailure) in try row.integer(0)
        }
        let revision = (last ?? 0) + 1
        let body = try RecipeDocument.text(recipe)
        let sealed = clientSecret.map { keys.seal($0, secretPlace(of: grant, revision)) }
        try connection.run(
            """
            INSERT INTO recipes (grant_id, revision, body, sealed_secret, code, updated) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT (grant_id) DO UPDATE SET revision = excluded.revision, body = excluded.body,
                sealed_secret = excluded.sealed_secret, code = excluded.code, updated = excluded.updated
            """,
            .grant(grant), .integer(revision), .text(body), .blob(sealed),
            .blob(keys.code(.recipe, fields(of: grant, revision, body, sealed))), .time(now))
    }

    /// The recipe of a grant, after its code has been verified.
    func read(of grant: GrantID) throws(VaultFailure) -> StoredRecipe? {
        guard let row = try verified(grant) else { return nil }
        return StoredRecipe(
            recipe: try RecipeDocument.recipe(row.body), clientSecret: row.secret, revision: row.revision)
    }

    /// A row as it was written.
    private struct Verified {
        let revision: Int
        let body: String
        let secret: Secret?
    }

    private func verified(_ grant: GrantID) throws(VaultFailure) -> Verified? {
        try connection.first(
            "SELECT revision, body, sealed_secret, code FROM recipes WHERE grant_id = ?1", .grant(grant)
        ) { row throws(VaultFailure) in
            let revision = try row.integer(0)
            let body = try row.text(1)
            let sealed = try row.optionalBlob(2)
            let what = "the recipe of grant \(grant)"
            try keys.verify(try row.blob(3), .recipe, fields(of: grant, revision, body, sealed), what: what)
            var secret: Secret?
            if let sealed { secret = try keys.open(sealed, secretPlace(of: grant, revision), what: what) }
            return Verified(revision: revision, body: body, secret: secret)
        }
    }

    /// The code of a recipe as it stands there; nil if there is none.
    func code(of grant: GrantID) throws(VaultFailure) -> [UInt8]? {
        try connection.first("SELECT code FROM recipes WHERE grant_id = ?1", .grant(grant)) {
            row throws(VaultFailure) in
            try row.blob(0)
        }
    }

    /// Seals a recipe's secret and makes its code anew under the key that seals now; the recipe and its revision stay.
    func reseal(of grant: GrantID) throws(VaultFailure) {
        guard let row = try verified(grant) else { return }
        let sealed = row.secret.map { keys.seal($0, secretPlace(of: grant, row.revision)) }
        try connection.run(
            "UPDATE recipes SET sealed_secret = ?2, code = ?3 WHERE grant_id = ?1", .grant(grant), .blob(sealed),
            .blob(keys.code(.recipe, fields(of: grant, row.revision, row.body, sealed))))
    }

    private func fields(of grant: GrantID, _ revision: Int, _ body: String, _ sealed: [UInt8]?) -> AuthenticatedFields {
        var fields = AuthenticatedFields(purpose: "vault/recipe/v1", vault, grant.text)
        fields.append(revision)
        fields.append(body)
        fields.append(optional: sealed)
        return fields
    }

    private func secretPlace(of grant: GrantID, _ revision: Int) -> AuthenticatedFields {
        var fields = AuthenticatedFields(purpose: "vault/recipe-secret/v1", vault, grant.text)
        fields.append(revision)
        return fields
    }
}
