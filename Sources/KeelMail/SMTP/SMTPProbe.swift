import KeelBase

/// Logs in to an SMTP server and proves that the account may send as its sender, without sending anything, or sends the
/// message that it was told to send.
///
/// The proof is `MAIL FROM`, taken back by `RSET`; without a sender to try it is `NOOP`. The credential never stands on
/// the line of `AUTH`, which has room for 512 bytes (RFC 4954 section 4).
package struct SMTPProbe: ProbeCourse {
    static let methods: Set<LoginMethod> = [.none]
    static let tlsCommand = "STARTTLS"
    static let challengeMark = "334 "

    var talk: ProbeTalk
    let sender: String?
    private let clientName: String
    /// The latest announcement; TLS ends its validity (RFC 3207 section 4.2).
    var extensions: SMTPExtensions?
    /// Whether the server was greeted by `HELO`, because it knows no extensions.
    var knowsNoExtensions = false
    var step = Step.none
    private var lines = LineReader()
    private var replies = SMTPReplyParser()

    /// Which command is under way once logged in.
    enum Step: Equatable {
        case none
        case noop
        /// `MAIL FROM`.
        case sender(String)
        case reset
        case recipient
        case data
        case message
    }

    /// A probe of the account that `order` names, as a sender of mail from `sender`. `clientName` is this host's name, or
    /// an address in brackets (RFC 5321 section 4.1.3).
    package init(_ order: ProbeOrder, sender: String?, clientName: String = "[127.0.0.1]") {
        if case .submit(let message) = order.task { self.sender = message.from.address } else { self.sender = sender }
        self.clientName = SMTPText.isHostName(clientName) ? clientName : "[127.0.0.1]"
        talk = ProbeTalk(order)
    }

    /// The message that is to be sent.
    var message: MailMessage? { if case .submit(let message) = talk.order.task { message } else { nil } }

    func check() throws(MailFailure) {
        try message?.check()
        if let sender, !SMTPText.isAddress(sender) { throw MailFailure(.unusableSender) }
    }

    mutating func next(_ input: inout ArraySlice<UInt8>) throws(ReadingFault) -> [UInt8]? { try lines.next(&input) }

    /// Takes one line.
    mutating func take(_ raw: [UInt8]) -> [ProbeAction] {
        let line = talk.cleaned(raw)
        // A challenge is read as it came: cut out of base 64, a credential would leave something unreadable.
        let isChallenge = raw.starts(with: "334".utf8) && (talk.phase == .prompt || talk.phase == .verdict)
        if !isChallenge { talk.heard(line) }
        switch replies.take(isChallenge ? raw : line) {
        case .incomplete: return []
        case .unreadable:
            return violation(talk.phase == .greeting ? .notAGreeting : .unreadable, ForeignText(line))
        case .tooMany: return exceeded(.responseTooLarge)
        case .reply(let reply): return take(reply)
        }
    }

    mutating func forget() {
        extensions = nil
        lines = LineReader()
        replies = SMTPReplyParser()
    }

    mutating func askCapabilities() -> [ProbeAction] {
        talk.phase = .capability
        return [talk.say("\(knowsNoExtensions ? "HELO" : "EHLO") \(clientName)")]
    }

    mutating func command(_ text: String) -> ProbeAction { talk.say(text) }

    mutating func authenticate(_ exchange: SASLExchange) -> [ProbeAction] { [talk.say("AUTH \(exchange.name)")] }

    mutating func farewell() -> String { "QUIT" }
}
