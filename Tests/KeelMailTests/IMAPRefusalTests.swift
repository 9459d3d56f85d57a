import KeelBase
import KeelMail
import Testing

@Suite struct IMAPRefusalTests {
    private let offer = "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi"
    private let loggedIn = "A1 OK [CAPABILITY IMAP4rev1 NAMESPACE] in"

    // MARK: The mechanism's error

    @Test func `a challenge is answered by an empty line and kept beside the refusal`() throws {
        let outcome = try Trace.play([
            offer, Trace.challenge(#"{"status":"401","schemes":"bearer","scope":"mail"}"#),
            "A1 NO [AUTHENTICATIONFAILED] Authentication failed.",
        ])
        #expect(outcome.clearWire == "A1 AUTHENTICATE XOAUTH2 \(Trace.credential)\r\n\r\n")
        #expect(outcome.shown.suffix(2) == ["(empty line)", "A2 LOGOUT"])
        let failure = try #require(outcome.failure)
        #expect(failure.kind == .authenticationFailed)
        #expect(failure.challenge?.status == ForeignText("401"))
        #expect(failure.challenge?.schemes == ForeignText("bearer"))
        #expect(failure.challenge?.scope == ForeignText("mail"))
        #expect(failure.answer?.description == "AUTHENTICATIONFAILED: Authentication failed.")
        #expect(
            failure.description
                == "authentication_failed: AUTHENTICATIONFAILED: Authentication failed. "
                + "(status 401, schemes bearer, scope mail)")
        #expect(
            outcome.transcript.contains("S: + (challenge: status 401, schemes bearer, scope mail)\nC: (empty line)\n"))
    }

    @Test(
        arguments: [
            (#"{"status":400}"#, "400"), (#"{"status":""}"#, nil), (#"{"status":["x"]}"#, nil), ("{}", nil),
            (#"{"status":"4\u001b[0m00"}"#, "4\u{FFFD}[0m00"),
        ] as [(String, String?)])
    func `a challenge of odd content is read as far as it goes`(_ json: String, _ status: String?) throws {
        let failure = try #require(try Trace.play([offer, Trace.challenge(json), "A1 NO no"]).failure)
        #expect(failure.challenge != nil)
        #expect(failure.challenge?.status?.text == status)
    }

    @Test(arguments: ["+ ", "+", "+ !!!!", "+ e30", "+ " + Base64.text(Array("not json".utf8)), "+ W10="])
    func `a challenge that cannot be read is answered all the same`(_ line: String) throws {
        let outcome = try Trace.play([offer, line, "A1 NO no"])
        #expect(outcome.clearWire.hasSuffix("\r\n\r\n"))
        #expect(outcome.failure?.kind == .authenticationFailed)
    }

    @Test func `a second challenge, and success after an error, break the protocol`() throws {
        let error = Trace.challenge(#"{"status":"400"}"#)
        #expect(try Trace.play([offer, error, error]).failure?.kind == .protocolViolation(.repeatedChallenge))
        #expect(
            try Trace.play([offer, error, loggedIn]).failure?.kind == .protocolViolation(.successAfterRefusal))
    }

    @Test func `a close or BYE after the challenge is the refusal that it announced`() throws {
        let error = Trace.challenge(#"{"status":"400"}"#)
        for failure in [
            try Trace.play([offer, error], ends: true).failure, try Trace.play([offer, error, "* BYE go"]).failure,
        ] {
            #expect(failure?.kind == .authenticationFailed)
            #expect(failure?.challenge?.status == ForeignText("400"))
        }
    }

    // MARK: RFC 5530

    struct Coded: Sendable {
        let code: IMAPResponseCode
        let kind: MailFailure.Kind
        let transience: MailFailure.Transience
    }

    static let table = [
        Coded(code: .unavailable, kind: .temporarilyUnavailable, transience: .transient),
        Coded(code: .authenticationFailed, kind: .authenticationFailed, transience: .permanent),
        Coded(code: .authorizationFailed, kind: .authorizationFailed, transience: .permanent),
        Coded(code: .expired, kind: .credentialExpired, transience: .permanent),
        Coded(code: .privacyRequired, kind: .privacyRequired, transience: .permanent),
        Coded(code: .contactAdmin, kind: .contactAdministrator, transience: .permanent),
        Coded(code: .noPerm, kind: .authorizationFailed, transience: .permanent),
        Coded(code: .inUse, kind: .mailboxInUse, transience: .transient),
        Coded(code: .expungeIssued, kind: .authenticationFailed, transience: .permanent),
        Coded(code: .corruption, kind: .serverFault, transience: .unclear),
        Coded(code: .serverBug, kind: .serverFault, transience: .unclear),
        Coded(code: .clientBug, kind: .authenticationFailed, transience: .permanent),
        Coded(code: .cannot, kind: .authenticationFailed, transience: .permanent),
        Coded(code: .limit, kind: .limitReached, transience: .transient),
        Coded(code: .overQuota, kind: .authenticationFailed, transience: .permanent),
        Coded(code: .alreadyExists, kind: .authenticationFailed, transience: .permanent),
        Coded(code: .nonexistent, kind: .authenticationFailed, transience: .permanent),
    ]

    @Test func `the table has every code`() {
        #expect(Self.table.map(\.code) == IMAPResponseCode.allCases)
    }

    @Test(arguments: table)
    func `the code decides what a refused login means`(_ row: Coded) throws {
        let failure = try #require(
            try Trace.play([offer, "A1 NO [\(row.code.rawValue.lowercased()) x] UNAVAILABLE, try later"]).failure)
        #expect(failure.kind == row.kind)
        #expect(failure.transience == row.transience)
        #expect(failure.answer?.code == row.code.rawValue)
        #expect(failure.credentialWasOffered)
    }

    @Test(arguments: table)
    func `after the login a code only tells whether to try again`(_ row: Coded) throws {
        let failure = try #require(
            try Trace.play([offer, loggedIn, "A2 NO [\(row.code.rawValue)] no"]).failure)
        #expect(failure.kind == .postLoginRefused)
        let says = row.kind != .authenticationFailed || row.code == .authenticationFailed
        #expect(failure.transience == (says ? row.transience : .unclear))
    }

    @Test(arguments: [
        "A1 NO [UNAVAILABLE", "A1 NO [] x", "A1 NO UNAVAILABLE", "A1 NO", "A1 NO (UNAVAILABLE) [UNAVAILABLE]",
        "A1 NO [UNAVAILABLEX] x", "A1 NO [ALERT] Too many simultaneous connections",
    ])
    func `words decide nothing`(_ line: String) throws {
        let failure = try #require(try Trace.play([offer, line]).failure)
        #expect(failure.kind == .authenticationFailed)
        #expect(failure.transience == .permanent)
    }

    @Test func `BAD to the login is no refused credential`() throws {
        #expect(try Trace.play([offer, "A1 BAD syntax"]).failure?.kind == .commandRejected)
    }

    // MARK: Before the credential

    @Test func `a mechanism that is not offered is not tried`() throws {
        let outcome = try Trace.play(["* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN auth=login LOGINDISABLED] hi"])
        #expect(outcome.clearWire.isEmpty)
        #expect(outcome.failure?.kind == .mechanismNotOffered(offered: ["PLAIN", "login"]))
        #expect(outcome.failure?.description == "mechanism_not_offered (offered: PLAIN login)")
        #expect(outcome.failure?.credentialWasOffered == false)
    }

    @Test(arguments: [
        ("A1 NO not here", MailFailure.Kind.mechanismRefused), ("A1 BAD what", .commandRejected),
        ("A1 NO [PRIVACYREQUIRED] tls", .privacyRequired), ("A1 NO [UNAVAILABLE] later", .temporarilyUnavailable),
        ("A1 NO [AUTHENTICATIONFAILED] of what?", .mechanismRefused),
        ("A1 OK in", .protocolViolation(.successWithoutCredential)), ("* BYE", .byeBeforeLogin),
    ])
    func `a refusal before the credential was shown is not the credential's`(
        _ line: String, _ kind: MailFailure.Kind
    ) throws {
        let outcome = try Trace.play(["* OK [CAPABILITY AUTH=XOAUTH2] hi", line])
        #expect(outcome.failure?.kind == kind)
        #expect(outcome.failure?.credentialWasOffered == false)
        #expect(outcome.clearWire == "A1 AUTHENTICATE XOAUTH2\r\n")
    }

    @Test(arguments: [["A1 OK done"], ["A1 NO no"], ["A1 BAD no"]])
    func `a server that does not tell its capabilities gets no credential`(_ lines: [String]) throws {
        let outcome = try Trace.play(["* OK hi"] + lines)
        #expect(outcome.failure?.kind == .protocolViolation(.capabilitiesMissing))
        #expect(outcome.clearWire == "A1 CAPABILITY\r\n")
    }

    @Test(arguments: ["a\rb", "a\nb", "a\u{0}b", "a\u{1}auth=Bearer x", "a\r\nb", ""])
    func `a user name that would end its field is refused before anything is sent`(_ userName: String) throws {
        let outcome = try Trace.play([offer], userName: userName)
        #expect(outcome.clearWire.isEmpty)
        #expect(outcome.failure?.kind == .unusableUserName)
    }

    @Test(arguments: ["", "t\u{1}x", "t\r\nx", "tö", "t\u{7F}"])
    func `a token that is none is refused before anything is sent`(_ token: String) throws {
        let outcome = try Trace.play([offer], token: Secret(copying: token))
        #expect(outcome.clearWire.isEmpty)
        #expect(outcome.failure?.kind == .unusableToken)
    }

    @Test(arguments: SASLMechanism.allCases.filter { $0 != .xoauth2 && $0 != .oauthBearer })
    func `a mechanism that carries no token is refused, not replaced`(_ mechanism: SASLMechanism) throws {
        let outcome = try Trace.play(
            ["* OK [CAPABILITY SASL-IR AUTH=XOAUTH2 AUTH=\(mechanism.rawValue)]"], mechanism: mechanism)
        #expect(outcome.clearWire.isEmpty)
        #expect(outcome.failure?.kind == .mechanismNotSupported(mechanism))
    }

    // MARK: After the login

    @Test func `an OK without a mailbox behind it is no login`() throws {
        let failure = try #require(
            try Trace.play([offer, loggedIn, "A2 BAD User is authenticated but not connected."]).failure)
        #expect(failure.kind == .notConnected)
        #expect(failure.transience == .unclear)
        #expect(failure.answer?.words == ForeignText("User is authenticated but not connected."))
    }

    @Test(arguments: [
        (["A1 OK in", "A2 BAD no"], false), (["A1 OK in", "* BYE Session invalidated"], false),
        (["A1 OK in"], true), (["A1 OK [CAPABILITY X] in"], true), (["A1 OK [CAPABILITY X] in", "* BYE"], false),
    ])
    func `whatever ends the session before the proof refuses it`(_ lines: [String], _ ends: Bool) throws {
        #expect(try Trace.play([offer] + lines, ends: ends).failure?.kind == .postLoginRefused)
    }

    @Test(arguments: [[], ["A1 OK in"], ["A1 OK [CAPABILITY X] in"]])
    func `a session whose token ran out says so`(_ lines: [String]) throws {
        let bye = "* BYE Session invalidated - AccessTokenExpired"
        #expect(try Trace.play([offer] + lines + [bye]).failure?.kind == .credentialExpired)
        #expect(try Trace.play([offer] + lines + [bye.lowercased()]).failure?.kind == .credentialExpired)
        // Before the credential was shown, nobody's can have run out.
        #expect(try Trace.play(["* OK [CAPABILITY AUTH=XOAUTH2]", bye]).failure?.kind == .byeBeforeLogin)
    }
}
