/// Polls what another process keeps busy, without keeping a thread.
enum BusyRetry {
    /// Tries until it is not `.locked` any more, for at most `limit`; the last failure is thrown then.
    static func run<Result>(
        for limit: Duration, isolation: isolated (any Actor)? = #isolation,
        _ attempt: () throws(VaultFailure) -> Result
    ) async throws(VaultFailure) -> Result {
        let deadline = ContinuousClock.now + limit
        var pause = Duration.milliseconds(5)
        while true {
            do throws(VaultFailure) {
                return try attempt()
            } catch  where error.code == .locked && ContinuousClock.now < deadline {
                try await sleep(pause)
                pause = min(pause * 2, .milliseconds(250))
            }
        }
    }

    /// Sleeps for about that long: two that met once should not meet again.
    static func sleep(_ pause: Duration) async throws(VaultFailure) {
        do {
            try await Task.sleep(for: pause * Double.random(in: 0.5...1.5))
        } catch {
            throw VaultFailure(.interrupted, "interrupted while it waited for another process")
        }
    }
}
