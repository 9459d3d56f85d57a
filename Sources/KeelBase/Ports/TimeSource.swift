import Glibc

/// The wall clock. (Not `Clock`: that would shadow Swift's.)
package protocol TimeSource: Sendable {
    var now: Timestamp { get }
}

/// The machine's clock.
package struct SystemTimeSource: TimeSource {
    package init() {}

    package var now: Timestamp {
        var value = timespec()
        unsafe clock_gettime(CLOCK_REALTIME, &value)
        return Timestamp(seconds: Int64(value.tv_sec))
    }
}
