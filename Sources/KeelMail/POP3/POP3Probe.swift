import KeelBase
import KeelCrypto

/// Logs in to a POP3 server and proves that the login is worth something, by `STAT`, which changes nothing; then it looks for a
/// message where it was told to.
///
/// The credential never stands on the line of `AUTH`, which has room for 255 bytes (RFC 5034 section 4).
package struct POP3Probe: ProbeCourse {
    static let methods: Set<LoginMethod> = [.command, .apop]
    static let tlsCommand = "STLS"
    static let challengeMark = "+ "

    var talk: ProbeTalk
    /// The latest announcement; nil where the server has none.
    var capabilities: POP3Capabilities?
    /// A list that is arriving.
    var list: POP3List?
    /// The greeting's stamp. TLS ends its validity: before it, anybody could have chosen it.
    var stamp: [UInt8]?
    /// The message that is looked at; nil before the search.
    var position: Int?
    /// The last that is looked at.
    var lastPosition = 1
    private var lines = LineReader()

    /// A probe of the mailbox that `order` names.
    package init(_ order: ProbeOrder) { talk = ProbeTalk(order) }

    func check() throws(MailFailure) {
        let declared = talk.order.login.choice.declared
        if declared == .command || declared == .apop { try checkName() }
    }

    /// A name of `USER` and `APOP` ends at the first blank.
    func checkName() throws(MailFailure) {
        if talk.order.login.userName.utf8.contains(where: { $0 <= 0x20 }) { throw MailFailure(.unusableUserName) }
    }

    mutating func next(_ input: inout ArraySlice<UInt8>) throws(ReadingFault) -> [UInt8]? { try lines.next(&input) }

    mutating func forget() {
        capabilities = nil
        list = nil
        stamp = nil
        lines = LineReader()
    }

    mutating func askCapabilities() -> [ProbeAction] {
        talk.phase = .capability
        return [talk.say("CAPA")]
    }

    mutating func command(_ text: String) -> ProbeAction { talk.say(text) }

    mutating func authenticate(_ exchange: SASLExchange) -> [ProbeAction] { [talk.say("AUTH \(exchange.name)")] }

    mutating func farewell() -> String { "QUIT" }

    mutating func logIn(by method: LoginMethod, _ secret: Secret?) throws(MailFailure) -> [ProbeAction] {
        guard let secret else { throw MailFailure(.methodNotOfProtocol) }
        try checkName()
        let name = talk.order.login.userName
        switch method {
        case .command:
            talk.phase = .prompt
            return [talk.say("USER \(name)")]
        case .apop:
            talk.phase = .verdict
            let digest = LoginDigest.md5.hash(Secret(copying: (stamp ?? []) + secret.reveal()))
            let text = Secret(copying: Hexadecimal.text(digest.reveal()))
            return [talk.say("APOP \(name) ", secret: text, shown: "(digest, \(text.count) bytes)")]
        case .sasl, .none: throw MailFailure(.methodNotOfProtocol)
        }
    }

    /// `USER` was taken.
    mutating func sendPassword() -> [ProbeAction] {
        guard let password = talk.order.login.credential?.secret else { return [] }
        talk.phase = .verdict
        return [talk.say("PASS ", secret: password, shown: "(password, \(password.count) bytes)")]
    }
}
