extension Connection {
    /// Runs `body` as one durable change: when this returns, it is on stable storage; when it throws, nothing happened.
    ///
    /// `BEGIN IMMEDIATE`: a transaction that began as a reader could find at its first write that another was faster.
    func transaction<Result>(
        _ body: () throws(VaultFailure) -> Result
    ) throws(VaultFailure) -> Result {
        try run("BEGIN IMMEDIATE")
        return try finishing(body)
    }

    /// Runs `body` on one unchanging view of the vault.
    func snapshot<Result>(_ body: () throws(VaultFailure) -> Result) throws(VaultFailure) -> Result {
        try run("BEGIN")
        return try finishing(body)
    }

    private func finishing<Result>(_ body: () throws(VaultFailure) -> Result) throws(VaultFailure) -> Result {
        do throws(VaultFailure) {
            let result = try body()
            try run("COMMIT")
            return result
        } catch {
            // Some failures have rolled back already; then this one has nothing to do and may fail.
            _ = try? run("ROLLBACK")
            throw error
        }
    }
}
