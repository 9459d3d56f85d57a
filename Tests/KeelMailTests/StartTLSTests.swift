import KeelBase
import KeelMail
import KeelTestSupport
import Testing

/// What somebody between a client and its server can do while the connection is in clear. Each attack ends without a
/// credential and without a command beyond those that lead to TLS; its twin, the same server without the attack, logs in.
@Suite struct StartTLSTests {
    /// One protocol's server: what it says in clear, and what it says once TLS stands.
    struct Server: Sendable {
        let name: String
        let greeting: String
        let capabilities: [String]
        let goAhead: String
        let secure: [String]
        /// All that may ever be said in clear.
        let clearWire: String

        func probe() -> any LoginProbe {
            let order = Talk.order(.sasl(.xoauth2), .starttls)
            return switch name {
            case "SMTP": SMTPProbe(order, sender: "a@contoso.example", clientName: "keel.example")
            case "IMAP": IMAPLoginProbe(order)
            default: POP3Probe(order)
            }
        }
    }

    static let smtp = Server(
        name: "SMTP", greeting: "220 mx", capabilities: ["250-mx", "250-AUTH PLAIN", "250 STARTTLS"], goAhead: "220 go",
        secure: ["250-mx", "250 AUTH XOAUTH2", "334 ", "235 in", "250 ok", "250 ok", "221 bye"],
        clearWire: "EHLO keel.example\r\nSTARTTLS\r\n")
    static let imap = Server(
        name: "IMAP", greeting: "* OK hi", capabilities: ["* CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED", "A1 OK"],
        goAhead: "A2 OK go",
        secure: [
            "* CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2 NAMESPACE", "A3 OK",
            "A4 OK [CAPABILITY IMAP4rev1 NAMESPACE] in",
            "A5 OK", "* 3 EXISTS", "A6 OK [READ-ONLY] seen", "* BYE",
        ],
        clearWire: "A1 CAPABILITY\r\nA2 STARTTLS\r\n")
    static let pop3 = Server(
        name: "POP3", greeting: "+OK hi <1@x>", capabilities: ["+OK", "STLS", "USER", "."], goAhead: "+OK go",
        secure: ["+OK", "SASL XOAUTH2", ".", "+ ", "+OK in", "+OK 1 2", "+OK bye"], clearWire: "CAPA\r\nSTLS\r\n")
    static let servers = [smtp, imap, pop3]

    private func play(_ server: Server, _ clear: [String], secure: [String]? = nil) throws -> Talk.Outcome {
        let outcome = try Talk.play(server.probe(), clear, secure: secure ?? server.secure)
        #expect(server.clearWire.hasPrefix(outcome.clearWire))
        return outcome
    }

    /// An attack got the client to say nothing it should not, and to trust nothing.
    private func expectDefeat(_ outcome: Talk.Outcome, _ kind: MailFailure.Kind) {
        #expect(outcome.failure?.kind == kind)
        #expect(outcome.failure?.credentialWasOffered == false)
        #expect(outcome.failure?.wasBeforeTLS == true)
        #expect(outcome.wire.isEmpty && outcome.farewell == nil)
    }

    @Test(arguments: servers)
    func `the twin of every attack logs in`(_ server: Server) throws {
        let outcome = try play(server, [server.greeting] + server.capabilities + [server.goAhead])
        let proof = try #require(outcome.proof)
        #expect(outcome.clearWire == server.clearWire)
        #expect(outcome.wire.contains(Talk.bearer))
        // Nothing of what was heard in clear is left.
        #expect(proof.greeting.isEmpty)
        #expect(!proof.capabilities.contains { $0.contains("STARTTLS") || $0 == "STLS" || $0.contains("PLAIN") })
    }

    // MARK: Stripping

    @Test(arguments: [
        (smtp, ["250-mx", "250 AUTH XOAUTH2"]), (smtp, ["250 mx"]), (smtp, ["500 what"]), (smtp, ["502 5.5.1 no"]),
        (imap, ["* CAPABILITY IMAP4rev1 AUTH=XOAUTH2 SASL-IR", "A1 OK"]), (imap, ["A1 NO not now"]),
        (imap, ["A1 BAD what"]),
        (pop3, ["+OK", "SASL XOAUTH2", "USER", "."]), (pop3, ["-ERR what"]), (pop3, ["-ERR [SYS/TEMP] later"]),
    ])
    func `without the offer nothing goes on`(_ server: Server, _ capabilities: [String]) throws {
        expectDefeat(try play(server, [server.greeting] + capabilities), .startTLSNotOffered)
    }

    @Test func `a capability in the greeting does no better`() throws {
        expectDefeat(try play(Self.imap, ["* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=XOAUTH2] hi"]), .startTLSNotOffered)
    }

    @Test(arguments: [
        (smtp, "454 4.7.0 no"), (smtp, "501 what"), (smtp, "502 no"), (smtp, "250 ok"), (smtp, "334 "),
        (smtp, "421 bye"),
        (imap, "A2 NO no"), (imap, "A2 BAD what"), (pop3, "-ERR no"), (pop3, "-ERR [SYS/PERM] no"),
    ])
    func `a refusal ends it`(_ server: Server, _ answer: String) throws {
        expectDefeat(try play(server, [server.greeting] + server.capabilities + [answer]), .startTLSRefused)
    }

    @Test(arguments: [
        (imap, "+ go on", MailFailure.Kind.protocolViolation(.unexpectedContinuation)),
        (imap, "* BYE [ALERT] call this number", .byeBeforeLogin), (imap, "A1 OK", .protocolViolation(.unknownTag)),
        (pop3, "+ go on", .protocolViolation(.unexpectedContinuation)), (pop3, "OK", .protocolViolation(.unreadable)),
        (smtp, "OK", .protocolViolation(.unreadable)),
    ])
    func `an answer that is none ends it`(_ server: Server, _ answer: String, _ kind: MailFailure.Kind) throws {
        let outcome = try play(server, [server.greeting] + server.capabilities + [answer])
        expectDefeat(outcome, kind)
        // Words from before TLS could be anybody's, and are called so.
        #expect("\(try #require(outcome.failure))".contains("before TLS"))
    }

    // MARK: Greetings

    @Test(arguments: ["* PREAUTH [CAPABILITY IMAP4rev1 STARTTLS] welcome", "* PREAUTH hi"])
    func `nobody is logged in before TLS`(_ greeting: String) throws {
        expectDefeat(try play(Self.imap, [greeting] + Self.imap.capabilities), .unexpectedPreauth)
    }

    @Test(arguments: [
        (imap, "* BYE [REFERRAL imap://evil.example/] gone"), (smtp, "421 later"), (smtp, "554 never"),
        (pop3, "-ERR [SYS/TEMP] later"),
    ])
    func `a server that takes nobody is left`(_ server: Server, _ greeting: String) throws {
        let outcome = try play(server, [greeting])
        expectDefeat(outcome, .greetingRefused)
        #expect(outcome.clearWire.isEmpty)
    }

    @Test(arguments: [
        (imap, "A1 OK hi"), (imap, "+ hi"), (imap, "220 hi"), (smtp, "354 hi"), (smtp, "221 hi"), (smtp, "\u{1B}[2J"),
        (pop3, "+ hi"), (pop3, "220 hi"), (pop3, "\u{1B}[31m+OK"), (pop3, ""),
    ])
    func `a greeting that is none is left`(_ server: Server, _ greeting: String) throws {
        let outcome = try play(server, [greeting] + server.capabilities)
        expectDefeat(outcome, .protocolViolation(.notAGreeting))
        #expect(outcome.clearWire.isEmpty)
        #expect(!outcome.transcript.contains("\u{1B}"))
    }

    // MARK: Injection

    @Test(arguments: servers)
    func `a whole answer behind the go-ahead is an attack`(_ server: Server) throws {
        // What TLS would bring, brought in clear: a client that keeps its buffer would take it for the server's.
        let outcome = try play(
            server, [server.greeting] + server.capabilities + [server.goAhead] + server.secure)
        expectDefeat(outcome, .injectedBeforeTLS)
        #expect(outcome.clearWire == server.clearWire)
    }

    @Test(arguments: servers, ["\r", "\n", " ", "x", "\u{0}", "\u{16}\u{3}\u{1}"])
    func `one byte behind the go-ahead is an attack`(_ server: Server, _ byte: String) throws {
        var probe = server.probe()
        _ = probe.start()
        let lines = ([server.greeting] + server.capabilities + [server.goAhead]).map { $0 + "\r\n" }.joined()
        let actions = probe.receive(Array((lines + byte).utf8))
        guard case .finished(.failure(let failure))? = actions.last else {
            Issue.record("it goes on")
            return
        }
        #expect(failure.kind == .injectedBeforeTLS)
        #expect(!actions.contains { if case .startTLS = $0 { true } else { false } })
        #expect(probe.tlsStarted(TLSFacts(version: .tls13, chain: [], endPoint: nil)).isEmpty)
    }

    @Test(arguments: servers)
    func `bytes that come while TLS begins are an attack`(_ server: Server) throws {
        var probe = server.probe()
        _ = probe.start()
        let lines = ([server.greeting] + server.capabilities + [server.goAhead]).map { $0 + "\r\n" }.joined()
        guard case .startTLS? = probe.receive(Array(lines.utf8)).last else {
            Issue.record("no TLS")
            return
        }
        #expect(probe.receive([]).isEmpty)
        guard case .finished(.failure(let failure))? = probe.receive([0x20]).last else {
            Issue.record("it goes on")
            return
        }
        #expect(failure.kind == .injectedBeforeTLS)
        #expect(probe.receive(Array("220 x\r\n".utf8)).isEmpty)
    }

    // MARK: Tampering

    @Test(arguments: [
        (smtp, ["250-mx", "250-STARTTLS", "250 AUTH XOAUTH2"], ["250 mx"]),
        (imap, ["* CAPABILITY STARTTLS AUTH=XOAUTH2 SASL-IR", "A1 OK"], ["* CAPABILITY IMAP4rev1", "A3 OK"]),
        (pop3, ["+OK", "STLS", "SASL XOAUTH2", "."], ["+OK", "USER", "."]),
    ])
    func `what was offered in clear is not offered behind TLS`(
        _ server: Server, _ clear: [String], _ secure: [String]
    ) throws {
        let outcome = try play(server, [server.greeting] + clear + [server.goAhead], secure: secure)
        #expect(outcome.failure?.kind == .mechanismNotOffered(offered: []))
        #expect(outcome.failure?.wasBeforeTLS == false)
        #expect(!outcome.wire.contains(Talk.bearer))
        #expect(outcome.farewell?.isEmpty == false)
    }

    @Test func `untagged data and alerts from before TLS leave no trace`() throws {
        let outcome = try play(
            Self.imap,
            [
                "* OK [ALERT] call this number", "* LIST () \"/\" evil", "* 5 EXISTS", "* FLAGS (\\Seen)",
                "* OK [REFERRAL imap://evil.example/] go",
            ] + Self.imap.capabilities + [Self.imap.goAhead])
        #expect(outcome.proof?.alerts == [])
        #expect(outcome.proof?.greeting == ForeignText(""))
    }

    @Test func `a referral is not followed`() throws {
        let outcome = try play(
            Self.imap, [Self.imap.greeting] + Self.imap.capabilities + [Self.imap.goAhead],
            secure: Array(Self.imap.secure.prefix(2)) + ["A4 NO [REFERRAL imap://evil.example/] elsewhere"])
        #expect(outcome.failure?.kind == .authenticationFailed)
        #expect(outcome.failure?.answer?.facts.map(\.text) == ["imap://evil.example/"])
        #expect(outcome.farewell == "A5 LOGOUT\r\n")
    }

    @Test func `a referral from before TLS is not even told`() throws {
        let outcome = try play(Self.imap, ["* BYE [REFERRAL imap://evil.example/] gone"])
        #expect(outcome.failure?.wasBeforeTLS == true)
        #expect(outcome.failure?.answer?.facts == [])
    }

    @Test(arguments: ["A5 NO [REFERRAL imap://evil.example/] elsewhere", "A5 BAD [REFERRAL imap://evil.example/] x"])
    func `a referral of the mailbox is not followed`(_ answer: String) throws {
        let outcome = try play(
            Self.imap, [Self.imap.greeting] + Self.imap.capabilities + [Self.imap.goAhead],
            secure: Array(Self.imap.secure.prefix(3)) + [answer])
        #expect(outcome.failure?.kind == .postLoginRefused)
        #expect(outcome.farewell == "A6 LOGOUT\r\n")
    }

    /// What is done besides the login is done behind TLS alone; without the attack it is done.
    @Test(arguments: [true, false])
    func `no message and no search goes in clear`(_ isAttacked: Bool) throws {
        let find = Talk.order(.sasl(.xoauth2), .starttls, task: .find(messageID: "<1@x>"))
        let submit = Talk.order(.sasl(.xoauth2), .starttls, task: .submit(SubmissionTests.message))
        let talks: [(Server, any LoginProbe, [String])] = [
            (
                Self.smtp, SMTPProbe(submit, sender: nil, clientName: "keel.example"),
                ["235 in", "250 ok", "250 ok", "354 go", "250 queued", "221 bye"]
            ),
            (Self.imap, IMAPLoginProbe(find), ["A7 OK", "A8 OK"]), (Self.pop3, POP3Probe(find), [".", "+OK bye"]),
        ]
        for (server, probe, more) in talks {
            let secure = server.secure.prefix { $0 != "235 in" && $0 != "* BYE" } + more
            let clear = [server.greeting] + server.capabilities + [server.goAhead]
            let outcome = try Talk.play(probe, clear + (isAttacked ? secure : []), secure: Array(secure))
            #expect(outcome.clearWire == server.clearWire)
            if isAttacked {
                expectDefeat(outcome, .injectedBeforeTLS)
            } else {
                #expect(outcome.proof != nil)
                #expect(outcome.proof?.arrival != nil || outcome.proof?.submission != nil)
            }
        }
    }

    @Test func `APOP takes no stamp from before TLS`() throws {
        let probe = POP3Probe(Talk.order(.apop, .starttls))
        let outcome = try Talk.play(
            probe, ["+OK <1896.697170952@x>", "+OK", "STLS", ".", "+OK go"], secure: ["+OK", "USER", "."])
        #expect(outcome.failure?.kind == .mechanismNotOffered(offered: []))
    }

    // MARK: Anything

    /// Lines of servers and attackers in any order, with bytes turned over; `play` checks that all cuts end alike.
    private func noise(_ server: Server, _ lines: [String], seed: UInt64) -> [String] {
        var generator = SeededGenerator(seed: seed)
        let pool = lines + ["", ".", "* BYE", "+ ", "+ e30=", "334 e30=", "A2 OK", "421 x", "-ERR", "220-x", "* X {3}"]
        var noise: [String] = []
        for line in lines {
            if Int.random(in: 0..<6, using: &generator) == 0 {
                noise.append(pool.randomElement(using: &generator) ?? "")
            }
            if Int.random(in: 0..<12, using: &generator) > 0 { noise.append(line) }
        }
        if Bool.random(using: &generator), let index = noise.indices.randomElement(using: &generator) {
            noise[index] += ["{7}", "\r", "\u{0}", " ", "\u{1B}c"].randomElement(using: &generator) ?? ""
        }
        return noise
    }

    @Test(arguments: servers, 1..<120 as Range<UInt64>)
    func `whatever is said in clear brings out no credential`(_ server: Server, _ seed: UInt64) throws {
        let lines = [server.greeting] + server.capabilities + [server.goAhead] + server.secure
        let outcome = try Talk.play(server.probe(), noise(server, lines, seed: seed), ends: true, seeds: 1..<4)
        #expect(outcome.result != nil && outcome.proof == nil)
        #expect(server.clearWire.hasPrefix(outcome.clearWire))
        #expect(outcome.wire.isEmpty || outcome.failure?.wasBeforeTLS == false)
        #expect(!outcome.wire.contains(Talk.bearer))
    }

    @Test(arguments: servers, 1..<120 as Range<UInt64>)
    func `whatever is said behind TLS brings it out once at most, and ends`(_ server: Server, _ seed: UInt64) throws {
        let clear = [server.greeting] + server.capabilities + [server.goAhead]
        let outcome = try Talk.play(
            server.probe(), clear, secure: noise(server, server.secure, seed: seed), ends: true, seeds: 1..<4)
        #expect(outcome.result != nil)
        #expect(outcome.clearWire == server.clearWire)
        #expect(outcome.wire.split(separator: Talk.bearer, omittingEmptySubsequences: false).count <= 2)
    }
}
