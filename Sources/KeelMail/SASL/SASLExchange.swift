import KeelBase
import KeelCrypto

/// The client's side of one SASL exchange, as lines in base 64, for whichever protocol carries them.
///
/// A machine without I/O: the protocol's machine sends `initialResponse` when the server is ready for it, hands over
/// the text of each challenge and sends the answer. It holds a credential, and shows nothing of it.
package struct SASLExchange: Sendable {
    /// A line to send.
    package struct Line: Sendable {
        /// In base 64, without an end of line; often empty.
        package let text: Secret
        /// Whether it shows the credential.
        package let holdsCredential: Bool
        /// What stands for it in a transcript.
        package let shown: String
    }

    package let mechanism: SASLMechanism
    /// The mechanism's name on the wire: `SCRAM-SHA-256-PLUS` where the connection is bound.
    package let name: String
    /// What the client says first; nil where the server begins.
    package let initialResponse: Line?
    private var course: any SASLCourse
    /// For words of the server's that are kept.
    private var mask: CredentialMask

    /// An exchange by `mechanism`. `offered` are the server's mechanisms, `endPoint` the hash of its certificate
    /// (`tls-server-end-point`), where the connection is over TLS.
    ///
    /// Throws when a value cannot be sent, or when the mechanism does not carry what there is.
    package init(
        _ mechanism: SASLMechanism, userName: String, credential: MailLogin.Credential, endpoint: HostPort,
        offered: [String] = [], endPoint: [UInt8]? = nil, nonce: String = SASLExchange.freshNonce()
    ) throws(MailFailure) {
        var name = mechanism.rawValue
        switch (mechanism, credential) {
        case (.xoauth2, .accessToken(let token)): course = try XOAUTH2(userName: userName, accessToken: token)
        case (.oauthBearer, .accessToken(let token)):
            course = try OAuthBearer(userName: userName, accessToken: token, endpoint: endpoint)
        case (.plain, .password(let password)): course = try Plain(userName: userName, password: password)
        case (.login, .password(let password)): course = try LoginCourse(userName: userName, password: password)
        case (.cramMD5, .password(let password)): course = try CRAMMD5(userName: userName, password: password)
        case (.scramSHA256, .password(let password)), (.scramSHA1, .password(let password)):
            let binding: SCRAM.Binding
            if let endPoint {
                let bound = "\(name)-PLUS"
                let isOffered = offered.contains { $0.uppercased() == bound }
                binding = isOffered ? .endPoint(endPoint) : .notOffered
                if isOffered { name = bound }
            } else {
                binding = .none
            }
            course = try SCRAM(
                mechanism == .scramSHA1 ? .sha1 : .sha256, userName: userName, password: password, binding: binding,
                nonce: nonce)
        case (.xoauth2, .password), (.oauthBearer, .password), (.plain, .accessToken), (.login, .accessToken),
            (.cramMD5, .accessToken), (.scramSHA256, .accessToken), (.scramSHA1, .accessToken):
            throw MailFailure(.mechanismNotSupported(mechanism))
        }
        self.mechanism = mechanism
        self.name = name
        let line = course.initialResponse.map { Self.line($0, name) }
        initialResponse = line
        mask = CredentialMask([credential.secret] + (line.map { $0.holdsCredential ? [$0.text] : [] } ?? []))
    }

    /// A nonce for SCRAM, which no other exchange will have.
    package static func freshNonce() -> String { Base64.text(RandomBytes.make(count: 18)) }

    /// Whether a server that offers `mechanisms` offers this one.
    package static func isOffered(
        _ mechanism: SASLMechanism, among offered: [String], isBindable: Bool = false
    ) -> Bool {
        let names = [mechanism.rawValue] + (isBindable ? [mechanism.rawValue + "-PLUS"] : [])
        return offered.contains { names.contains($0.uppercased()) }
    }

    /// Answers a challenge. Throws when the exchange must be cancelled (`*`).
    package mutating func answer(toBase64 text: some Sequence<UInt8>) throws(MailFailure) -> Line {
        let line = Self.line(try course.answer(to: Base64.decode(text), mask: &mask), name)
        if line.holdsCredential { mask.add(line.text) }
        return line
    }

    /// The error that the mechanism carried, should there have been one.
    package var error: MechanismError? { course.error }

    /// Whether it is bound to the connection.
    var isBound: Bool { name != mechanism.rawValue }

    /// Whether the error is about what the exchange is bound to (RFC 5802 section 7), not about the credential.
    var refusesBinding: Bool {
        switch (mechanism, error?.status?.text) {
        case (.scramSHA256, let word?), (.scramSHA1, let word?): Self.bindingErrors.contains(word)
        default: false
        }
    }

    private static let bindingErrors: Set = [
        "unsupported-channel-binding-type", "channel-binding-not-supported", "channel-bindings-dont-match",
        "server-does-support-channel-binding",
    ]

    /// Why a server's success is not to be believed now; nil when it is.
    package var doubt: MailFailure.Violation? { course.doubt }

    /// Whether a refusal without an error of the mechanism's own leaves open whether the credential was judged at all.
    package var mayCarryError: Bool { mechanism == .xoauth2 || mechanism == .oauthBearer }

    private static func line(_ response: SASLResponse, _ name: String) -> Line {
        let text = Secret(copying: Base64.encode(response.bytes.reveal()))
        let shown =
            if text.isEmpty {
                "(empty line)"
            } else {
                "(\(name) \(response.holdsCredential ? "credential" : "response"), \(text.count) bytes)"
            }
        return Line(text: text, holdsCredential: response.holdsCredential, shown: shown)
    }
}

extension SASLExchange: CustomReflectable {
    package var customMirror: Mirror { Mirror(self, children: ["name": name]) }
}
