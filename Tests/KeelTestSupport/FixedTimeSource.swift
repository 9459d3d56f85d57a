import KeelBase
import Synchronization

/// A clock that stands still until a test moves it.
package final class FixedTimeSource: TimeSource {
    private let seconds: Mutex<Int64>

    /// Starts on 15 January 2027, 08:00:00 UTC.
    package init(_ start: Timestamp = Timestamp(seconds: 1_800_000_000)) { seconds = Mutex(start.seconds) }

    package var now: Timestamp { Timestamp(seconds: seconds.withLock { $0 }) }

    package func advance(seconds more: Int64) { seconds.withLock { $0 += more } }
}
