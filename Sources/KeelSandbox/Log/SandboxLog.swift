import KeelBase
import Synchronization

/// What happened, as JSON lines in the order in which it happened; it never holds a token or a secret.
package final class SandboxLog: Sendable {
    private let time: any TimeSource
    private let sink: Mutex<@Sendable ([UInt8]) -> Void>

    /// Gives each line, with its line feed, to `sink`, one at a time.
    package init(time: any TimeSource, sink: @escaping @Sendable (_ line: [UInt8]) -> Void) {
        self.time = time
        self.sink = Mutex(sink)
    }

    /// Appends each line to `file` at once, so that a reader sees it.
    ///
    /// A line that cannot be written is lost: a full disk is no reason to refuse logins.
    package convenience init(time: any TimeSource, file: any AppendingFile) {
        self.init(time: time) { line in try? file.append(line) }
    }

    func record(_ event: SandboxEvent) {
        sink.withLock { sink in sink(event.line(at: time.now)) }
    }
}
