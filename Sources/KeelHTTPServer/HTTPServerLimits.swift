/// What a loopback server accepts. Small on purpose: its clients are this program and a browser.
package enum HTTPServerLimits {
    /// The longest request body, in bytes; a longer one is answered with 413.
    package static let body = 64 * 1024
    /// How much of a body that is too long is read and dropped, so that the client sees the 413 and not a reset.
    static let drain = 1024 * 1024
    /// Bytes in one header field; more is answered with 400.
    static let headerField = 8 * 1024
    /// Bytes in all header fields.
    static let headerList = 16 * 1024
    static let headerCount = 64
    /// How long running requests may go on after `stop()`.
    static let grace = Duration.seconds(1)
}

/// What clients may take up.
package struct ClientLimits: Sendable {
    /// Open connections. When all are taken, the one that has waited longest for a request is closed, so that there is a place
    /// for whoever comes next; only where all are being answered further ones wait in the kernel's queue.
    package var connections = 256
    /// How long a client may take for one whole request, from the connection or the last answer on. Programs and browsers send
    /// theirs in one go; who types it by hand has half a minute. A byte now and then does not prolong it.
    package var patience = Duration.seconds(30)

    package init() {}
}
