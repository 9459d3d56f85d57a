import KeelBase
import KeelSandbox
import Testing

@Suite struct `Faults of STARTTLS` {
    /// The question for capabilities, and STARTTLS, as each protocol has them.
    private static let commands: [MailProtocol: (capabilities: String, startTLS: String)] = [
        .smtp: ("EHLO client.example", "STARTTLS"), .imap: ("a CAPABILITY", "a STARTTLS"), .pop3: ("CAPA", "STLS"),
    ]

    /// Asks for capabilities, and for TLS.
    private func ask(_ service: MailProtocol, _ rig: SandboxRig) async throws -> (
        offer: [String], answer: [String], Conversation
    ) {
        let conversation = try await rig.mail(service, .starttls)
        let greeting = try await conversation.line() ?? ""
        let (capabilities, startTLS) = try #require(Self.commands[service])
        let offer =
            service == .pop3 ? try await conversation.list(capabilities) : try await conversation.ask(capabilities)
        return ([greeting] + offer, try await conversation.ask(startTLS), conversation)
    }

    static let refusals: [(SandboxFault, [MailProtocol: String])] = [
        (.mailStartTLSAbsent, [.smtp: "500 5.5.1 ", .imap: "a BAD ", .pop3: "-ERR "]),
        (.mailStartTLSUnknown, [.smtp: "500 5.5.1 ", .imap: "a BAD ", .pop3: "-ERR "]),
        (.mailStartTLSRefused, [.smtp: "454 4.7.0 ", .imap: "a NO ", .pop3: "-ERR [SYS/TEMP] "]),
        (.mailStartTLSContinue, [.smtp: "334 ", .imap: "+ ", .pop3: "+ "]),
    ]

    @Test(arguments: refusals, MailProtocol.allCases)
    func `keep TLS away`(refusal: (SandboxFault, [MailProtocol: String]), service: MailProtocol) async throws {
        try await withSandbox(refusal.0) { rig in
            let (offer, answer, _) = try await ask(service, rig)
            let isOffered = offer.contains { $0.contains("STARTTLS") || $0 == "STLS" }
            #expect(isOffered == (refusal.0 != .mailStartTLSAbsent))
            #expect(answer.last?.hasPrefix(refusal.1[service] ?? "?") == true)
            // Nobody meets it where TLS stands from the first byte.
            let secure = try await rig.secured(service)
            #expect(SandboxRig.isWelcome(try await rig.logIn("PLAIN", service, secure)))
            #expect(rig.sandbox.counts["fault"] == 1)
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `slip words in behind the go-ahead`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            try rig.sandbox.order(FaultOrder(.mailStartTLSInjection, times: 1))
            let (_, answer, conversation) = try await ask(service, rig)
            #expect(answer.last?.hasPrefix("220 ") == true || answer.last?.contains("OK ") == true)
            let injected = try #require(try await conversation.line())
            #expect(["250-", "* CAPABILITY ", "+OK"].contains { injected.hasPrefix($0) })

            try rig.sandbox.order(FaultOrder(.mailStartTLSInjectionLater, value: "1", times: 1))
            let (_, _, later) = try await ask(service, rig)
            let late = try #require(try await later.line())
            #expect(["250-", "* CAPABILITY ", "+OK"].contains { late.hasPrefix($0) })
            #expect(rig.sandbox.counts["command_injected"] == nil)
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `offer logins in clear, and take none`(service: MailProtocol) async throws {
        try await withSandbox(.mailClearLogins) { rig in
            let (offer, _, conversation) = try await ask(service, rig)
            #expect(offer.joined().contains("PLAIN"))
            try await conversation.startTLS()
            let again = try await rig.mail(service, .starttls)
            _ = try await again.line()
            if service == .smtp { _ = try await again.ask("EHLO client.example") }
            _ = try await rig.begin("PLAIN", service, again)
            #expect(rig.sandbox.counts["login_in_clear"] == 1)
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `hide what the server can`(service: MailProtocol) async throws {
        try await withSandbox(.mailCapabilityRefused) { rig in
            let (offer, _, _) = try await ask(service, rig)
            let answers: [MailProtocol: String] = [.smtp: "500 5.5.1 ", .imap: "a BAD ", .pop3: "-ERR "]
            #expect(offer.last?.hasPrefix(answers[service] ?? "?") == true)
        }
    }
}

@Suite struct `Faults of logins` {
    @Test(arguments: MailProtocol.allCases)
    func `choose the mechanisms`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            try rig.sandbox.order(FaultOrder(.mailMechanisms, value: "login, XOAUTH2", times: 2))
            for (mechanism, isOffered) in [("LOGIN", true), ("PLAIN", false)] {
                let conversation = try await rig.secured(service)
                let answer = try await rig.begin(mechanism, service, conversation)
                #expect((answer.hasPrefix("+ ") || answer.hasPrefix("334 ")) == isOffered)
            }
            try rig.sandbox.order(FaultOrder(.mailMechanisms, value: "OAUTHBEARER", times: 1))
            let tokens = try await rig.secured(service)
            switch service {
            case .imap:
                #expect(
                    try await tokens.ask("a CAPABILITY").first
                        == "* CAPABILITY IMAP4rev1 SASL-IR AUTH=OAUTHBEARER LOGINDISABLED NAMESPACE ID")
                #expect(try await tokens.ask("a LOGIN a b").last?.hasPrefix("a NO [AUTHENTICATIONFAILED] ") == true)
            case .pop3:
                #expect(!(try await tokens.list("CAPA")).contains("USER"))
                #expect(try await tokens.ask("USER a").last?.hasPrefix("-ERR [AUTH] ") == true)
            case .smtp: #expect(try await tokens.ask("EHLO x").last == "250 AUTH OAUTHBEARER")
            }
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `want a response in a line of its own`(service: MailProtocol) async throws {
        try await withSandbox(.mailNoInitialResponse) { rig in
            let credential = Base64.text(Array("\0\(SandboxRig.mailbox)\0\(SandboxRig.password)".utf8))
            let conversation = try await rig.secured(service)
            let answer = try await rig.begin("PLAIN \(credential)", service, conversation)
            #expect(["501 5.5.4 ", "a BAD ", "-ERR Protocol error."].contains { answer.hasPrefix($0) })
            let other = try await rig.secured(service)
            #expect(SandboxRig.isWelcome(try await rig.logIn("PLAIN", service, other)))
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `refuse what is right, with and without the mechanism's error`(service: MailProtocol) async throws {
        try await withSandbox(.mailLoginRefused) { rig in
            let token = try await rig.token()
            let first = try await rig.secured(service)
            let challenge = try await rig.logIn("XOAUTH2", service, first, token: token)
            #expect(String(decoding: SandboxRig.challenge(challenge), as: UTF8.self).contains(#""status":"401""#))
            try rig.sandbox.order(FaultOrder(.mailNoChallenge))
            for mechanism in ["XOAUTH2", "OAUTHBEARER", "PLAIN"] {
                let conversation = try await rig.secured(service)
                let answer = try await rig.logIn(mechanism, service, conversation, token: token)
                #expect(
                    ["535 5.7.8 ", "a NO [AUTHENTICATIONFAILED] ", "-ERR [AUTH] "].contains { answer.hasPrefix($0) })
            }
            try rig.sandbox.order(FaultOrder(.mailLoginAnswer, value: "NO [OVERQUOTA] full: really"))
            let words = try await rig.secured(service)
            let answer = try await rig.logIn("PLAIN", service, words)
            #expect(answer == (service == .imap ? "a " : "") + "NO [OVERQUOTA] full: really")
        }
    }

    @Test func `bind SCRAM by something else than the certificate`() async throws {
        try await withSandbox(.mailSCRAMOtherBinding) { rig in
            let pop3 = try await rig.secured(.pop3)
            _ = try await rig.begin("SCRAM-SHA-256-PLUS", .pop3, pop3)
            let bound = HandSCRAM("SCRAM-SHA-256-PLUS", SandboxRig.mailbox, SandboxRig.password)
            let challenge = try await rig.respond(bound.first, .pop3, pop3)
            let error = String(decoding: SandboxRig.challenge(challenge), as: UTF8.self)
            #expect(error == "e=unsupported-channel-binding-type")
            #expect(try await rig.respond("", .pop3, pop3).hasPrefix("-ERR [AUTH] "))
            _ = try await rig.begin("SCRAM-SHA-256", .pop3, pop3)
            var free = HandSCRAM("SCRAM-SHA-256", SandboxRig.mailbox, SandboxRig.password)
            let first = try await rig.respond(free.first, .pop3, pop3)
            let final = try await rig.respond(free.final(SandboxRig.challenge(first)), .pop3, pop3)
            #expect(String(decoding: SandboxRig.challenge(final), as: UTF8.self) == free.expected)
        }
    }

    @Test func `let in without knowing the password`() async throws {
        try await withSandbox(.mailSCRAMWrongSignature) { rig in
            let imap = try await rig.secured(.imap)
            _ = try await rig.begin("SCRAM-SHA-256", .imap, imap)
            var scram = HandSCRAM("SCRAM-SHA-256", SandboxRig.mailbox, SandboxRig.password)
            let challenge = try await rig.respond(scram.first, .imap, imap)
            let final = try await rig.respond(scram.final(SandboxRig.challenge(challenge)), .imap, imap)
            let signature = String(decoding: SandboxRig.challenge(final), as: UTF8.self)
            #expect(signature.hasPrefix("v="))
            #expect(signature != scram.expected)
        }
    }
}
