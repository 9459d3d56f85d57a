/// Listens on a loopback address for a while.
package protocol LoopbackListening: Sendable {
    /// Listens, and has `handler` answer from then on; port 0 asks for any free port.
    func listen(on address: HostPort, handler: any HTTPHandler) async throws(ListeningFailure) -> any LoopbackListener
}

/// Something that listens until it is stopped.
package protocol LoopbackListener: Sendable {
    /// Where it listens, with the real port.
    var endpoint: HostPort { get }

    /// Returns when nothing listens any more and all answers are sent.
    func stop() async
}

/// Why nothing listens.
package struct ListeningFailure: Error, Sendable, Equatable, CustomStringConvertible {
    package enum Reason: Sendable { case addressInUse, notAllowed, other }

    package let reason: Reason
    /// For people, with the address.
    package let description: String

    package init(_ reason: Reason, _ description: String) {
        self.reason = reason
        self.description = description
    }
}
