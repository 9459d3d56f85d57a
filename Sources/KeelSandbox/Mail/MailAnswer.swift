import KeelBase

/// What a mail server sends, what it does then, and what it logs.
struct MailAnswer {
    enum Sequel: Equatable {
        case goesOn
        case closes
        /// A TLS handshake follows.
        case startsTLS
        /// These bytes again and again, for as long as anybody listens.
        case repeats([UInt8])
    }

    var bytes: [UInt8]
    var sequel: Sequel
    var event: SandboxEvent?

    init(lines: [String], _ sequel: Sequel = .goesOn, event: SandboxEvent? = nil) {
        bytes = lines.flatMap { Array($0.utf8) + [13, 10] }
        self.sequel = sequel
        self.event = event
    }

    init(_ lines: String..., closes: Bool = false, event: SandboxEvent? = nil) {
        self.init(lines: lines, closes ? .closes : .goesOn, event: event)
    }

    /// Whether it tells how a login ended.
    var isVerdict: Bool { event.map { $0.name == .loginOK || $0.name == .loginRefused } ?? false }
}
