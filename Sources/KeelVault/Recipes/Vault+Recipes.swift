import KeelBase

extension Vault {
    /// The recipe of a grant, verified; nil if there is none. Throws `.notAuthentic` if it was changed without the key.
    package func recipe(of grant: GrantID) async throws(VaultFailure) -> StoredRecipe? {
        let keys = try needKeys()
        return try await reading { connection throws(VaultFailure) in
            try RecipeTable(vault: id, keys: keys, connection: connection).read(of: grant)
        }
    }

    /// Puts a proven change (another client secret, endpoint or margin) into the recipe of a grant that stays.
    package func replaceRecipe(
        of grant: GrantID, with recipe: Recipe, clientSecret: Secret? = nil
    ) async throws(VaultFailure) {
        let keys = try needKeys()
        try await writing { connection throws(VaultFailure) in
            _ = try GrantTable.existing(grant, connection)
            try RecipeTable(vault: id, keys: keys, connection: connection)
                .store(recipe, clientSecret: clientSecret, of: grant, time.now)
        }
    }
}
