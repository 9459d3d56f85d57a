import KeelBase
import Synchronization

/// Ends a conversation that takes too long, or that nobody waits for any more, by closing its connection.
final class StageWatch: Sendable {
    private struct State {
        var deadline: ContinuousClock.Instant
        var isLate = false
    }

    private let stream: any ByteStream
    private let end: ContinuousClock.Instant
    private let state: Mutex<State>
    private let clock = ContinuousClock()

    /// Nothing may take longer than `whole`, and the first thing no longer than `first`.
    init(_ stream: any ByteStream, whole: Duration, first: Duration) {
        self.stream = stream
        let now = clock.now
        end = now + whole
        state = Mutex(State(deadline: now + min(whole, first)))
    }

    /// Whether it had to end the conversation.
    var isLate: Bool { state.withLock { $0.isLate } }

    /// From now on the next thing may take so long.
    func allow(_ duration: Duration) {
        let deadline = min(end, clock.now + duration)
        state.withLock { $0.deadline = deadline }
    }

    /// Runs `body` under this watch.
    func guarding<Result: Sendable>(_ body: () async -> Result) async -> Result {
        await withTaskGroup { group in
            group.addTask { await self.watch() }
            let result = await body()
            group.cancelAll()
            return result
        }
    }

    private func watch() async {
        while true {
            let deadline = state.withLock { $0.deadline }
            guard (try? await clock.sleep(until: deadline)) != nil else { break }
            let isOver = state.withLock { state in
                state.isLate = state.deadline <= clock.now
                return state.isLate
            }
            if isOver { break }
        }
        await stream.close()
    }
}
