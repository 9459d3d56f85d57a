import KeelBase

/// Logs in to an IMAP server and proves that the login is worth something; then it looks for a message where it was told to.
///
/// The proof is a command that needs the mailbox, and where it is asked for, a look into the inbox that changes nothing.
package struct IMAPLoginProbe: ProbeCourse {
    static let methods: Set<LoginMethod> = [.command]
    static let tlsCommand = "STARTTLS"
    static let challengeMark = "+ "

    var talk: ProbeTalk
    /// Whether the proof includes `EXAMINE INBOX`.
    let opensInbox: Bool
    /// The latest announcement that is still valid; TLS and a login end the validity (RFC 9051 sections 6.2, 6.2.1).
    var capabilities: IMAPCapabilities?
    var alerts: [ForeignText] = []
    var step = Step.none
    /// The tag of the command that is under way.
    private(set) var tag = ""
    /// What is left of a `LOGIN` that is told in parts, because some of it stands in literals.
    var parts: [LoginPart] = []
    /// What the search found last.
    var found: String?
    private var commands = 0
    private var reader = IMAPReader()

    /// Which command is under way once logged in.
    enum Step: Equatable {
        case none
        case capabilities
        case mailbox(String)
        case inbox
        case search
        case fetch
    }

    /// A part of a command that follows a continuation.
    struct LoginPart: Sendable {
        let text: String
        /// The password; nil where it follows later.
        let secret: Secret?
    }

    /// A probe of the mailbox that `order` names. It looks into the inbox unless told otherwise.
    package init(_ order: ProbeOrder, opensInbox: Bool = true) {
        if case .find = order.task { self.opensInbox = true } else { self.opensInbox = opensInbox }
        talk = ProbeTalk(order)
    }

    func check() throws(MailFailure) {}

    mutating func next(_ input: inout ArraySlice<UInt8>) throws(ReadingFault) -> IMAPReader.Response? {
        try reader.next(&input)
    }

    mutating func forget() {
        capabilities = nil
        reader = IMAPReader()
    }

    mutating func askCapabilities() -> [ProbeAction] {
        talk.phase = .capability
        return [command("CAPABILITY")]
    }

    mutating func command(_ text: String) -> ProbeAction { talk.say(tagged(text)) }

    mutating func farewell() -> String { tagged("LOGOUT") }

    /// A command's line with a tag of its own.
    mutating func tagged(_ text: String) -> String {
        commands += 1
        tag = "A\(commands)"
        return "\(tag) \(text)"
    }
}
