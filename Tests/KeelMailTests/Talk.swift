import KeelBase
import KeelMail
import KeelTestSupport
import Testing

/// A whole conversation of any probe, in memory, before and behind STARTTLS.
struct Talk {
    static let userName = "desk@contoso.example"
    static let token = Secret(copying: "eyJ0eXAiOiJKV1QifQ.CANARY-0123456789abcdef.sig-CANARY")
    static let password = Secret(copying: "CANARY, a \"good\" \\ password")

    static func order(
        _ method: LoginMethod, _ security: ConnectionSecurity = .tls, password: Secret = password,
        userName: String = userName, endPoint: [UInt8]? = nil, nonce: String = "nonce", task: ProbeTask = .prove,
        fingerprint: (@Sendable (Secret) -> String)? = nil
    ) -> ProbeOrder {
        let isBearer = method == .sasl(.xoauth2) || method == .sasl(.oauthBearer)
        return ProbeOrder(
            endpoint: HostPort(host: "mail.example", port: 993), security: security,
            login: MailLogin(
                userName: userName, credential: isBearer ? .accessToken(token) : .password(password), method: method),
            task: task, endPoint: endPoint, fingerprint: fingerprint, nonce: { nonce })
    }

    /// `text` as a challenge's base 64.
    static func base64(_ text: String) -> String { Base64.text(Array(text.utf8)) }

    /// XOAUTH2's message.
    static let bearer = base64("user=\(userName)\u{1}auth=Bearer \(token.revealText())\u{1}\u{1}")

    /// What the probe said, and what came of it.
    struct Outcome: Equatable {
        var clearWire = ""
        var wire = ""
        var farewell: String?
        var shown: [String] = []
        var result: Result<LoginProof, MailFailure>?
        var transcript = ""

        var failure: MailFailure? {
            guard case .failure(let failure)? = result else { return nil }
            return failure
        }

        var proof: LoginProof? {
            guard case .success(let proof)? = result else { return nil }
            return proof
        }
    }

    /// Plays the server's lines in every way of cutting them, checks that all end alike, and returns the outcome.
    ///
    /// `secure`: what it says once TLS stands. `ends`: it closes the connection afterwards.
    static func play(
        _ probe: some LoginProbe, _ lines: [String], secure: [String] = [], ends: Bool = false,
        seeds: Range<UInt64> = 1..<9, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        try play(
            probe, bytes: bytes(lines), secure: secure, ends: ends, seeds: seeds, sourceLocation: sourceLocation)
    }

    /// As above, with bytes that need be no lines.
    static func play(
        _ probe: some LoginProbe, bytes clear: [UInt8], secure: [String] = [], ends: Bool = false,
        seeds: Range<UInt64> = 1..<9, sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> Outcome {
        let clear = ScriptedBytes.everyWay(clear, seeds: seeds)
        let behind = ScriptedBytes.everyWay(bytes(secure), seeds: seeds)
        let outcomes = zip(clear, behind).map { play(probe, $0, $1, ends: ends) }
        let first = try #require(outcomes.first)
        for other in outcomes.dropFirst() { #expect(other == first, sourceLocation: sourceLocation) }
        for text in first.shown + [first.transcript, "\(first.result.map { "\($0)" } ?? "")"] {
            #expect(!text.contains("CANARY"), sourceLocation: sourceLocation)
            #expect(!text.contains(bearer.prefix(32)), sourceLocation: sourceLocation)
        }
        return first
    }

    static func bytes(_ lines: [String]) -> [UInt8] { lines.flatMap { Array($0.utf8) + [0x0D, 0x0A] } }

    private static func play(
        _ start: some LoginProbe, _ clear: [[UInt8]], _ secure: [[UInt8]], ends: Bool
    ) -> Outcome {
        var probe = start
        var outcome = Outcome()
        var startsTLS = false
        var isSecure = false
        var dumped = ""
        func take(_ actions: [ProbeAction]) {
            for action in actions {
                #expect(outcome.result == nil, "an action after the end")
                switch action {
                case .send(let bytes, let shown):
                    if isSecure { outcome.wire += bytes.revealText() } else { outcome.clearWire += bytes.revealText() }
                    outcome.shown.append(shown)
                case .farewell(let bytes, let shown):
                    outcome.farewell = (outcome.farewell ?? "") + bytes.revealText()
                    outcome.shown.append(shown)
                case .startTLS: startsTLS = true
                case .finished(let result): outcome.result = result
                }
                dump(action, to: &dumped)
                dumped += "\(action)"
            }
        }
        take(probe.start())
        for piece in clear { take(probe.receive(piece)) }
        if startsTLS, outcome.result == nil {
            isSecure = true
            take(probe.tlsStarted(TLSFacts(version: .tls13, chain: [], endPoint: nil)))
            for piece in secure { take(probe.receive(piece)) }
        }
        if ends { take(probe.receiveEnd()) }
        outcome.transcript = probe.transcript.description
        dump(probe, to: &dumped)
        dumped += "\(probe) \(String(reflecting: probe))"
        #expect(!dumped.contains("CANARY") && !dumped.contains(bearer.prefix(32)))
        return outcome
    }
}
