import KeelBase

/// Logs in to an IMAP server with a bearer token and proves that the login is worth something.
///
/// A machine without I/O: `start`, then hand it every byte that arrives and do the actions that it
/// returns, in order, until one is `finished`. It speaks over a connection that is secure from the
/// first byte. It shows the credential once, by the one mechanism it was told, and sends nothing after a failure.
package struct IMAPLoginProbe: Sendable {
    /// What was said so far, without credentials.
    package internal(set) var transcript: Transcript
    /// Set as soon as the login is proven; it stands even if the leave-taking fails.
    package internal(set) var proof: LoginProof?

    let mechanism: SASLMechanism
    /// The credential to show, or why there is none.
    let sasl: Result<XOAUTH2, MailFailure>
    var phase = Phase.idle
    /// The latest announcement that is still valid; a login ends the validity (RFC 9051 section 6.2).
    var capabilities: IMAPCapabilities?
    var greeting = ForeignText("")
    var alerts: [ForeignText] = []
    var credentialWasOffered = false
    var mask: CredentialMask
    private var commands = 0
    private var reader = IMAPReader()

    /// Where in the conversation it stands, with the tag of the command that is under way.
    enum Phase: Equatable {
        case idle
        case greeting
        case capabilities(tag: String)
        /// `AUTHENTICATE` was sent alone; the server must ask for the credential.
        case prompt(tag: String)
        /// The credential was sent.
        case verdict(tag: String)
        /// A challenge was answered; only a refusal can follow one that held an error.
        case refusal(tag: String, XOAUTH2.Challenge?, isError: Bool)
        case capabilitiesAgain(tag: String)
        case confirmation(tag: String, command: String)
        case leaving(tag: String)
        case over
    }

    /// A probe of `userName`'s mailbox at `endpoint`. XOAUTH2 is the mechanism that it knows.
    package init(
        userName: String, accessToken: Secret, mechanism: SASLMechanism = .xoauth2, endpoint: HostPort
    ) {
        self.mechanism = mechanism
        sasl =
            if mechanism == .xoauth2 {
                Result { () throws(MailFailure) in try XOAUTH2(userName: userName, accessToken: accessToken) }
            } else {
                .failure(MailFailure(.mechanismNotSupported(mechanism)))
            }
        transcript = Transcript(endpoint: endpoint)
        mask = CredentialMask([accessToken] + ((try? sasl.get()).map { [$0.initialResponse] } ?? []))
    }

    /// Begins; the server speaks first. Finished at once when there is no credential that could be sent.
    package mutating func start() -> [ProbeAction] {
        guard phase == .idle else { return [] }
        if case .failure(let failure) = sasl { return finish(.failure(failure)) }
        phase = .greeting
        return []
    }

    /// Takes the next bytes from the server, cut anyhow. Before `start` and after the end it takes nothing.
    package mutating func receive(_ bytes: [UInt8]) -> [ProbeAction] {
        var input = bytes[...]
        var actions: [ProbeAction] = []
        while phase != .idle, phase != .over {
            do throws(IMAPReader.Fault) {
                guard let response = try reader.next(&input) else { break }
                actions += take(response)
            } catch {
                let failure = MailFailure(error, credentialWasOffered: credentialWasOffered)
                transcript.add(.server, ForeignText("(\(failure.code))"))
                actions += fail(failure)
            }
        }
        return actions
    }

    /// The server closed the connection, or it broke.
    package mutating func receiveEnd() -> [ProbeAction] {
        switch phase {
        case .over: []
        // In `leaving` the proof prevails.
        case .idle, .greeting, .capabilities, .prompt, .leaving: fail(MailFailure(.closedEarly))
        case .verdict: fail(MailFailure(.closedOnCredential(bytes: credentialLength), credentialWasOffered: true))
        case .refusal(_, let challenge, _):
            fail(MailFailure(.authenticationFailed, challenge: challenge, credentialWasOffered: true))
        case .capabilitiesAgain, .confirmation: fail(MailFailure(.postLoginRefused, credentialWasOffered: true))
        }
    }
}

extension IMAPLoginProbe {
    /// The tag of the next command.
    mutating func nextTag() -> String {
        commands += 1
        return "A\(commands)"
    }

    /// Sends a line that holds no secret.
    mutating func send(_ line: String) -> ProbeAction {
        transcript.add(.client, ForeignText(line))
        return .send(Secret(copying: line + "\r\n"), shown: line)
    }

    /// Sends a line that ends with the credential, the only one of its kind.
    mutating func send(_ prefix: String, credential: Secret) -> ProbeAction {
        credentialWasOffered = true
        let shown = prefix + "(\(mechanism.rawValue) credential, \(credential.count) bytes)"
        transcript.add(.client, ForeignText(shown))
        return .send(Secret(copying: Array(prefix.utf8) + credential.reveal() + [0x0D, 0x0A]), shown: shown)
    }

    /// The length of the credential in base 64, in bytes.
    var credentialLength: Int { (try? sasl.get())?.initialResponse.count ?? 0 }

    /// Ends in failure, unless the login was proven before.
    mutating func fail(_ failure: MailFailure) -> [ProbeAction] {
        finish(proof.map { .success($0) } ?? .failure(failure))
    }

    mutating func finish(_ result: Result<LoginProof, MailFailure>) -> [ProbeAction] {
        phase = .over
        return [.finished(result)]
    }
}

extension IMAPLoginProbe: CustomReflectable {
    /// What may be seen in a dump.
    package var customMirror: Mirror { Mirror(self, children: ["transcript": transcript]) }
}
