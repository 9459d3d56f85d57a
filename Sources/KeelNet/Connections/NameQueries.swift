import Dispatch
import NIOCore
import NIOPosix
import Synchronization

/// The questions for the addresses of one name, both families at once (RFC 8305 section 3), and what was answered.
final class NameQueries: Resolver, Sendable {
    private struct Answers {
        var resolved: ContinuousClock.Instant?
        var addresses: [String] = []
    }

    private let lookup: NameLookup
    private let loop: any EventLoop
    private let answers = Mutex(Answers())

    init(_ lookup: NameLookup, on loop: any EventLoop) {
        self.lookup = lookup
        self.loop = loop
    }

    /// When the first address was known.
    var resolved: ContinuousClock.Instant? { answers.withLock { $0.resolved } }

    /// All that are known so far.
    var addresses: [String] { answers.withLock { $0.addresses } }

    func initiateAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { ask(.version4, host, port) }

    func initiateAAAAQuery(host: String, port: Int) -> EventLoopFuture<[SocketAddress]> { ask(.version6, host, port) }

    /// The system's resolver cannot be interrupted; its late answer is of no consequence.
    func cancelQueries() {}

    private func ask(_ family: NameLookup.Family, _ host: String, _ port: Int) -> EventLoopFuture<[SocketAddress]> {
        let promise = loop.makePromise(of: [SocketAddress].self)
        // A queue of its own gets a thread at once: a resolver that hangs holds up neither event loops nor other names.
        DispatchQueue(label: "mailkeel.names").async { [self] in
            let literals = lookup.addresses(host, family)
            note(literals)
            promise.succeed(literals.compactMap { Self.address($0, port) })
        }
        return promise.futureResult
    }

    private func note(_ literals: [String]) {
        guard !literals.isEmpty else { return }
        answers.withLock { answers in
            answers.resolved = answers.resolved ?? ContinuousClock.now
            answers.addresses += literals
        }
    }

    private static func address(_ literal: String, _ port: Int) -> SocketAddress? {
        // Only the system knows the number of an interface; for a literal it asks nobody.
        literal.contains("%")
            ? try? SocketAddress.makeAddressResolvingHost(literal, port: port)
            : try? SocketAddress(ipAddress: literal, port: port)
    }
}
