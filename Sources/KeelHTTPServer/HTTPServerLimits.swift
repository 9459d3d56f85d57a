import NIOCore

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
    /// Open connections; further ones wait in the kernel's queue.
    static let connections = 256
    /// How long a connection may be silent before or inside a request.
    static let idleTimeout = TimeAmount.seconds(30)
    /// How long running requests may go on after `stop()`.
    static let grace = Duration.seconds(1)
}
