import KeelBase

/// The server's side of one connection, without I/O: a line in, an answer out.
protocol MailSession {
    /// What the server says first.
    var greeting: MailAnswer { get }
    /// How many bytes of a literal the client was asked for; nil while lines are expected.
    var awaitedBytes: Int? { get }
    /// What the server says before it hangs up on a line that is too long.
    var lineTooLong: MailAnswer { get }

    /// Answers a line of the client, given without its end.
    mutating func receive(_ line: [UInt8]) -> MailAnswer
    /// Takes the bytes that were asked for; the rest of the line follows.
    mutating func receiveLiteral(_ bytes: [UInt8])
    /// TLS stands from now on; nothing that was said before counts (RFC 3207 section 4.2).
    mutating func becameSecure()
}

extension MailSession {
    var awaitedBytes: Int? { nil }

    mutating func receiveLiteral(_ bytes: [UInt8]) {}
}

/// What a session knows of the world.
struct MailSetting {
    let gate: MailboxGate
    let postbox: Postbox
    let time: any TimeSource
    /// Where the connection came in.
    let endpoint: HostPort
    /// The hash of this server's certificate (`tls-server-end-point`, RFC 5929 section 4).
    let certificateHash: [UInt8]
    /// The provider's metadata, for clients that ask where tokens come from.
    let metadataAddress: String
    let faults: MailFaults

    var service: MailProtocol { faults.service }

    /// The name by which the servers go.
    static let hostName = "mail.sandbox.example"

    /// A credential came before TLS: what no client may ever do.
    func loginInClear() -> SandboxEvent {
        SandboxEvent(.loginInClear, service: service.rawValue)
    }

    /// A login that was refused before any credential was judged.
    func loginRefused(_ reason: String) -> SandboxEvent {
        SandboxEvent(.loginRefused, service: service.rawValue, reason: reason)
    }
}

/// The faults that one connection meets.
struct MailFaults {
    let service: MailProtocol
    private let orders: [SandboxFault: FaultOrder]

    /// Takes those that somebody ordered for such a connection; it counts as one time.
    init(_ place: MailPlace, from board: FaultBoard) {
        service = place.service
        let orders = SandboxFault.allCases.filter { $0.isMet(at: place) }
            .compactMap { board.take($0, of: place.service) }
        self.orders = Dictionary(orders.map { ($0.fault, $0) }) { first, _ in first }
    }

    subscript(_ fault: SandboxFault) -> FaultOrder? { orders[fault] }

    func contains(_ fault: SandboxFault) -> Bool { orders[fault] != nil }

    /// As the log names them, in the order of their list.
    var names: [String] {
        SandboxFault.allCases.compactMap { fault in
            orders[fault].map { _ in fault.isOfAnyServer ? fault.name(at: service) : fault.rawValue }
        }
    }

    /// What is said at a moment in place of the usual answer; the first in the list of faults.
    func reply(_ moment: OrderedReply.Moment) -> OrderedReply? {
        SandboxFault.allCases.lazy
            .filter { orders[$0] != nil }
            .compactMap { OrderedReply.table[$0] }
            .first { $0.moment == moment }
    }
}
