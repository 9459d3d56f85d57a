import KeelVault

extension Vault {
    /// Lends it to `body`, and closes it after that, whatever came of it.
    nonisolated func lent<Result>(
        to body: (Vault) async throws(VaultFailure) -> Result
    ) async throws(VaultFailure) -> Result {
        do throws(VaultFailure) {
            let result = try await body(self)
            await close()
            return result
        } catch {
            await close()
            throw error
        }
    }
}
