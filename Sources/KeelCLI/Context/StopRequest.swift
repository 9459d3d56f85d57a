import KeelSystem
import Synchronization

/// A request to stop, made by signals: the first lets running steps come to their end for a few seconds and then cuts
/// them off, the second leaves at once. Either way everything that was committed is recorded.
final class StopRequest: Sendable {
    private let signal = Mutex<Int32?>(nil)
    /// How long running steps may go on; recording and unlocking must fit into what is left of 8 s.
    private static let grace = Duration.seconds(5)

    var isRequested: Bool { signal.withLock { $0 != nil } }

    /// The exit code that the signal asks for.
    var status: ExitStatus? {
        signal.withLock { $0 }.map { $0 == SignalNumber.interrupt ? .interrupted : .terminated }
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
                StandardStream.error.write(
                    "\nInterrupt received. Nothing new is started; running steps have a few seconds to end, and what is done is recorded. Interrupt again to leave at once; nothing that was recorded is lost.\n"
                )
                group.addTask {
                    guard (try? await Task.sleep(for: Self.grace)) != nil else { return }
                    cutOff()
                }
            }
            group.cancelAll()
        }
    }
}
