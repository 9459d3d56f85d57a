import KeelBase
import KeelMail
import KeelTestSupport
import Testing

/// A whole conversation with an IMAP server, in memory.
struct Trace {
    static let userName = "desk@contoso.example"
    static let token = Secret(copying: "eyJ0eXAiOiJKV1QifQ.CANARY-0123456789abcdef.sig-CANARY")
    static let endpoint = HostPort(host: "imap.example", port: 993)

    /// The credential's line, as it goes over the wire.
    static let credential = Base64.text(
        Array("user=\(userName)\u{1}auth=Bearer \(token.revealText())\u{1}\u{1}".utf8))
    /// How the credential is shown.
    static let shownCredential = "(XOAUTH2 credential, \(credential.utf8.count) bytes)"

    /// A JSON error as a challenge line.
    static func challenge(_ json: String) -> String { "+ " + Base64.text(Array(json.utf8)) }

    /// What came of a conversation.
    struct Outcome {
        var shown: [String] = []
        var wire: [UInt8] = []
        var result: Result<LoginProof, MailFailure>?
        var transcript = ""
        var dumped = ""
        /// What was said last, to a server that may not listen any more.
        var farewell: String?
        var startedTLS = false

        var wireText: String { String(decoding: wire, as: UTF8.self) }

        var failure: MailFailure? {
            guard case .failure(let failure)? = result else { return nil }
            return failure
        }

        var proof: LoginProof? {
            guard case .success(let proof)? = result else { return nil }
            return proof
        }

        mutating func add(_ actions: [ProbeAction]) {
            for action in actions {
                #expect(result == nil, "an action after the end")
                switch action {
                case .send(let bytes, let shown):
                    wire += bytes.reveal()
                    self.shown.append(shown)
                case .farewell(let bytes, let shown):
                    farewell = String(decoding: bytes.reveal(), as: UTF8.self)
                    self.shown.append(shown)
                case .startTLS: startedTLS = true
                case .finished(let result): self.result = result
                }
                dump(action, to: &dumped)
                dumped += "\(action)"
            }
        }
    }

    /// Plays the server's lines in every way of cutting them, checks that all end alike, and returns the first outcome.
    ///
    /// `ends`: the server closes the connection afterwards.
    static func play(
        _ lines: [String], ends: Bool = false, userName: String = userName, token: Secret = token,
        mechanism: SASLMechanism = .xoauth2, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let bytes = lines.flatMap { line -> [UInt8] in Array(line.utf8) + [0x0D, 0x0A] }
        return try play(
            bytes, ends: ends, userName: userName, token: token, mechanism: mechanism, sourceLocation: sourceLocation)
    }

    static func play(
        _ bytes: [UInt8], ends: Bool = false, userName: String = userName, token: Secret = token,
        mechanism: SASLMechanism = .xoauth2, seeds: Range<UInt64> = 1..<13,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let outcomes = ScriptedBytes.everyWay(bytes, seeds: seeds).map { pieces in
            var probe = IMAPLoginProbe(
                userName: userName, accessToken: token, mechanism: mechanism, endpoint: endpoint)
            var outcome = Outcome()
            outcome.add(probe.start())
            for piece in pieces { outcome.add(probe.receive(piece)) }
            if ends { outcome.add(probe.receiveEnd()) }
            outcome.transcript = probe.transcript.description
            dump(probe, to: &outcome.dumped)
            outcome.dumped += "\(probe) \(String(reflecting: probe)) \(outcome.result.map { "\($0)" } ?? "")"
            return outcome
        }
        let first = try #require(outcomes.first)
        for other in outcomes.dropFirst() {
            #expect(other.wire == first.wire, sourceLocation: sourceLocation)
            #expect(other.shown == first.shown, sourceLocation: sourceLocation)
            #expect(other.result == first.result, sourceLocation: sourceLocation)
            #expect(other.transcript == first.transcript, sourceLocation: sourceLocation)
        }
        expectNoCredential(first, token, sourceLocation)
        return first
    }

    /// Nothing that may be shown holds the token or the credential, whole or in a long piece.
    private static func expectNoCredential(_ outcome: Outcome, _ token: Secret, _ sourceLocation: SourceLocation) {
        let texts = outcome.shown + [outcome.transcript, outcome.dumped, outcome.failure?.description ?? ""]
        for text in texts {
            #expect(!text.contains("CANARY"), sourceLocation: sourceLocation)
            #expect(!text.contains(credential.prefix(32)), sourceLocation: sourceLocation)
        }
    }
}
