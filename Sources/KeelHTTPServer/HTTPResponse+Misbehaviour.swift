import KeelBase

// What a server does that is ill or overloaded, for handlers that play one.
extension HTTPResponse {
    /// No response: the server closes the connection without a word. (The number is the one that nginx gave it.)
    package static let hangUp = HTTPResponse(status: 444)

    /// The same, with a pause before each byte of the body.
    package func trickling(_ pause: Duration) -> HTTPResponse {
        var response = self
        response.headers.append((Self.pauseHeader, String(pause / .milliseconds(1))))
        return response
    }

    /// How a handler says it to the server; it is never sent.
    static let pauseHeader = "Keel-Pause"

    var pause: Duration? {
        header(Self.pauseHeader).flatMap { Double($0) }.map { .milliseconds($0) }
    }
}

/// Ends a connection that the handler wants no answer on; the library closes it for any error.
struct HungUp: Error {}
