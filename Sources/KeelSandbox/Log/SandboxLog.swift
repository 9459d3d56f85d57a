import KeelBase
import Synchronization

/// What happened, as JSON lines in the order in which it happened; it never holds a token or a secret.
package final class SandboxLog: Sendable {
    private struct State {
        let sink: @Sendable ([UInt8]) -> Void
        var counts: [String: Int] = [:]
    }

    private let time: any TimeSource
    private let state: Mutex<State>

    /// Gives each line, with its line feed, to `sink`, one at a time.
    package init(time: any TimeSource, sink: @escaping @Sendable (_ line: [UInt8]) -> Void) {
        self.time = time
        state = Mutex(State(sink: sink))
    }

    /// Appends each line to `file` at once, so that a reader sees it.
    ///
    /// A line that cannot be written is lost: a full disk is no reason to refuse logins.
    package convenience init(time: any TimeSource, file: any AppendingFile) {
        self.init(time: time) { line in try? file.append(line) }
    }

    func record(_ event: SandboxEvent) {
        state.withLock { state in
            state.counts[event.name.rawValue, default: 0] += 1
            for detail in [event.grant, event.service].compactMap({ $0 }) {
                state.counts["\(event.name.rawValue) \(detail)", default: 0] += 1
            }
            state.sink(event.line(at: time.now))
        }
    }

    /// How often each event happened: by its name, and by its name with its grant or its service, such as
    /// `token_issued refresh_token`.
    package var counts: [String: Int] { state.withLock { $0.counts } }
}
