import KeelSystem
import Synchronization

/// A request to stop, made by signals: the first lets running steps come to their end for a few seconds and then cuts
/// them off, the second leaves at once. Either way everything that was committed is recorded.
final class StopRequest: Sendable {
    private let signal = Mutex<Int32?>(nil)
    /// Whether nothing is under way that needs time to come to its end.
    private let isIdle = Mutex(false)
    /// Who writes to the terminal now, if what it shows must not be garbled.
    private let announcer = Mutex<(@Sendable (String) async -> Void)?>(nil)
    /// How long running steps may go on; recording and unlocking must fit into what is left of 8 s.
    private static let grace = Duration.seconds(5)

    var isRequested: Bool { signal.withLock { $0 != nil } }

    /// The exit code that the signal asks for.
    var status: ExitStatus? {
        signal.withLock { $0 }.map { $0 == SignalNumber.interrupt ? .interrupted : .terminated }
    }

    /// Says whether a signal may cut the run off without delay: while it waits for another run, say.
    func mayBeCutOffAtOnce(_ flag: Bool) { isIdle.withLock { $0 = flag } }

    /// Lets `announcer` say that a signal was heard.
    func announce(by announcer: @escaping @Sendable (String) async -> Void) {
        self.announcer.withLock { $0 = announcer }
    }

    /// Runs `body` while watching for signals.
    func whileWatching<Result: Sendable>(_ body: @escaping @Sendable () async throws -> Result) async throws -> Result {
        guard let watcher = SignalWatcher() else { return try await body() }
        // The command's root: signals come from outside of any task.
        let work = Task { try await body() }
        let watching = Task { await watch(watcher) { work.cancel() } }
        let result = await work.result
        watching.cancel()
        watcher.stop()
        return try result.get()
    }

    private func watch(_ watcher: SignalWatcher, cutOff: @escaping @Sendable () -> Void) async {
        await withTaskGroup { group in
            for await number in watcher.signals {
                let isSecond = signal.withLock { current in
                    defer { current = current ?? number }
                    return current != nil
                }
                if isSecond { SignalNumber.leave(number) }
                await announce()
                let patience = isIdle.withLock { $0 } ? Duration.zero : Self.grace
                group.addTask {
                    guard (try? await Task.sleep(for: patience)) != nil else { return }
                    cutOff()
                }
            }
            group.cancelAll()
        }
    }

    private func announce() async {
        let words =
            "\nInterrupt received. Nothing new is started; running steps have a few seconds to end, and what is done is recorded. Interrupt again to leave at once; nothing that was recorded is lost."
        if let announcer = announcer.withLock({ $0 }) {
            await announcer(words)
        } else {
            StandardStream.error.write(words + "\n")
        }
    }
}
