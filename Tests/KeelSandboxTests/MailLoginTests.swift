import Crypto
import KeelBase
import KeelNet
import KeelSandbox
import Testing

@Suite struct `Logins to the sandbox's mail servers` {
    static let mechanisms = [
        "XOAUTH2", "OAUTHBEARER", "SCRAM-SHA-256", "SCRAM-SHA-1", "CRAM-MD5", "PLAIN", "LOGIN",
    ]

    @Test(arguments: MailPlace.allCases)
    func `work by every mechanism`(place: MailPlace) async throws {
        try await withSandbox { rig in
            let token = try await rig.token()
            for mechanism in Self.mechanisms {
                let conversation = try await rig.secured(place.service, place.security)
                let answer = try await rig.logIn(mechanism, place.service, conversation, token: token)
                #expect(SandboxRig.isWelcome(answer), "\(mechanism): \(answer)")
            }
            #expect(rig.sandbox.counts["login_ok \(place.service.rawValue)"] == Self.mechanisms.count)
            #expect(rig.logged("login_ok", "\"mechanism\":\"CRAM-MD5\"", "\"mailbox\":\"support@sandbox.example\""))
            #expect(rig.sandbox.counts["login_refused"] == nil)
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `fail with a wrong password and an invented token`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            for mechanism in Self.mechanisms {
                let conversation = try await rig.secured(service)
                let answer = try await rig.logIn(
                    mechanism, service, conversation, password: "guessed", token: "invented")
                guard mechanism.contains("OAU") else {
                    #expect(answer.hasPrefix("535 ") || answer.contains("AUTH"), "\(mechanism): \(answer)")
                    continue
                }
                let error = String(decoding: SandboxRig.challenge(answer), as: UTF8.self)
                #expect(error.contains(mechanism == "XOAUTH2" ? #""status":"401""# : #""status":"invalid_token""#))
                #expect(error.contains("openid-configuration") == (mechanism == "OAUTHBEARER"))
                let last = try await rig.respond(mechanism == "XOAUTH2" ? "" : "\u{1}", service, conversation)
                #expect(last.hasPrefix("535 ") || last.contains("AUTH"), "\(mechanism): \(last)")
            }
            #expect(rig.sandbox.counts["login_ok"] == nil)
            #expect(rig.sandbox.counts["login_refused"] == Self.mechanisms.count)
            #expect(!rig.log.joined().contains("guessed"))
        }
    }

    @Test(
        arguments: [
            ("XOAUTH2", "mailbox_not_allowed", nil), ("PLAIN", "unknown_mailbox", nil),
            ("XOAUTH2", "fault_login_refused", .mailLoginRefused), ("PLAIN", "fault_login_refused", .mailLoginRefused),
        ] as [(String, String, SandboxFault?)])
    func `name no mailbox in the log that is none of theirs, for it may be a password`(
        mechanism: String, reason: String, fault: SandboxFault?
    ) async throws {
        try await withSandbox(configure: { $0.faults = fault.map { [FaultOrder($0)] } ?? [] }) { rig in
            let token = try await rig.token()
            let imap = try await rig.secured(.imap)
            _ = try await rig.begin(mechanism, .imap, imap)
            let response =
                mechanism == "PLAIN"
                ? "\0misplaced\0guessed" : "user=misplaced\u{1}auth=Bearer \(token)\u{1}\u{1}"
            _ = try await rig.respond(response, .imap, imap)
            #expect(rig.logged("login_refused", "\"reason\":\"\(reason)\"", "\"mechanism\":\"\(mechanism)\""))
            #expect(!rig.log.joined().contains("misplaced"))
        }
    }

    @Test func `want the error of OAUTHBEARER answered by its own sign`() async throws {
        try await withSandbox { rig in
            let imap = try await rig.secured(.imap)
            _ = try await rig.logIn("OAUTHBEARER", .imap, imap, token: "invented")
            #expect(try await rig.respond("", .imap, imap) == "a BAD that is no response of this mechanism")
        }
    }

    @Test(arguments: [
        ("host=127.0.0.1\u{1}port=@", true), ("host=localhost", true), ("host=127.0.0.1\u{1}port=993", false),
        ("host=imap.example", false), ("port", false),
    ])
    func `hold a token to the server that it is shown to`(pairs: String, isRight: Bool) async throws {
        try await withSandbox { rig in
            let imap = try await rig.secured(.imap)
            _ = try await rig.begin("OAUTHBEARER", .imap, imap)
            let port = String(rig.sandbox.endpoint(.imap, .tls).port)
            let pairs = pairs.replacing("@", with: port)
            let answer = try await rig.respond(
                "n,a=support@sandbox.example,\u{1}\(pairs)\u{1}auth=Bearer \(try await rig.token())\u{1}\u{1}", .imap,
                imap)
            #expect(SandboxRig.isWelcome(answer) == isRight)
            if !isRight {
                #expect(String(decoding: SandboxRig.challenge(answer), as: UTF8.self).contains("invalid_request"))
            }
        }
    }

    @Test func `take names with commas and equals signs as GS2 writes them`() async throws {
        let odd = SandboxUser(name: "a=b,c@sandbox.example", subject: "odd")
        try await withSandbox(configure: { $0.users.append(odd) }) { rig in
            let imap = try await rig.secured(.imap)
            _ = try await rig.begin("SCRAM-SHA-256", .imap, imap)
            var scram = HandSCRAM("SCRAM-SHA-256", "a=3Db=2Cc@sandbox.example", SandboxRig.password)
            let challenge = try await rig.respond(scram.first, .imap, imap)
            let final = try await rig.respond(scram.final(SandboxRig.challenge(challenge)), .imap, imap)
            #expect(final.hasPrefix("+ "))
            #expect(SandboxRig.isWelcome(try await rig.respond("", .imap, imap)))
        }
    }

    @Test(arguments: [ConnectionSecurity.tls, .starttls], [true, false])
    func `are bound to the certificate by SCRAM-SHA-256-PLUS`(
        security: ConnectionSecurity, isRight: Bool
    ) async throws {
        try await withSandbox { rig in
            let smtp = try await rig.secured(.smtp, security)
            _ = try await rig.begin("SCRAM-SHA-256-PLUS", .smtp, smtp)
            var hash = try #require(smtp.certificateHash)
            if !isRight { hash[0] ^= 1 }
            var scram = HandSCRAM(
                "SCRAM-SHA-256-PLUS", SandboxRig.mailbox, SandboxRig.password, certificateHash: hash)
            let challenge = try await rig.respond(scram.first, .smtp, smtp)
            let final = try await rig.respond(scram.final(SandboxRig.challenge(challenge)), .smtp, smtp)
            #expect(final.hasPrefix(isRight ? "334 " : "501 "))
            if isRight { #expect(SandboxRig.isWelcome(try await rig.respond("", .smtp, smtp))) }
        }
    }

    @Test(arguments: [
        ("SCRAM-SHA-256", "y,,", false), ("SCRAM-SHA-256", "p=tls-server-end-point,,", false),
        ("SCRAM-SHA-256-PLUS", "n,,", false), ("SCRAM-SHA-256-PLUS", "p=tls-unique,,", false),
        ("SCRAM-SHA-1", "y,,", true),
    ])
    func `notice that somebody cut the binding out`(mechanism: String, header: String, isTaken: Bool) async throws {
        try await withSandbox { rig in
            let imap = try await rig.secured(.imap)
            _ = try await rig.begin(mechanism, .imap, imap)
            let scram = HandSCRAM(mechanism, SandboxRig.mailbox, SandboxRig.password, header: header)
            #expect(try await rig.respond(scram.first, .imap, imap).hasPrefix("+ ") == isTaken)
        }
    }

    @Test(arguments: [
        ("support", SandboxRig.password, true), ("SUPPORT", SandboxRig.password, true), ("support", "wrong", false),
        ("nobody", SandboxRig.password, false),
    ])
    func `work by the commands that each protocol has`(name: String, password: String, isRight: Bool) async throws {
        try await withSandbox { rig in
            let mailbox = "\(name)@sandbox.example"
            let imap = try await rig.secured(.imap)
            let answer = try await imap.ask("a LOGIN \(mailbox) \"\(password)\"")
            #expect(SandboxRig.isWelcome(answer.last ?? "") == isRight)
            let literal = try await rig.secured(.imap)
            #expect(try await literal.ask("a LOGIN {\(mailbox.utf8.count)}") == ["+ go ahead"])
            #expect(try await literal.ask("\(mailbox) {\(password.utf8.count)}") == ["+ go ahead"])
            try await literal.send(password)
            #expect(SandboxRig.isWelcome(try await literal.answer(tag: "a ").last ?? "") == isRight)

            let pop3 = try await rig.secured(.pop3)
            #expect(try await pop3.ask("USER \(mailbox)").first?.hasPrefix("+OK ") == true)
            #expect(SandboxRig.isWelcome(try await pop3.ask("PASS \(password)").first ?? "") == isRight)
            let apop = try await rig.mail(.pop3, .tls)
            let greeting = try #require(try await apop.line())
            let stamp = greeting[try #require(greeting.firstIndex(of: "<"))...]
            let digest = Hexadecimal.text(Insecure.MD5.hash(data: Array((stamp + password).utf8)))
            #expect(SandboxRig.isWelcome(try await apop.ask("APOP \(mailbox) \(digest)").first ?? "") == isRight)
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `are neither offered nor taken before TLS`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            let conversation = try await rig.mail(service, .starttls)
            let greeting = try #require(try await conversation.line())
            var offer: [String]
            let attempts: [(String, String)]
            switch service {
            case .imap:
                offer = [greeting] + (try await conversation.ask("a CAPABILITY"))
                #expect(greeting.contains(" LOGINDISABLED "))
                attempts = [
                    ("a LOGIN support@sandbox.example sandbox-password", "a NO [PRIVACYREQUIRED] "),
                    ("a AUTHENTICATE PLAIN", "a NO [PRIVACYREQUIRED] "),
                ]
            case .smtp:
                offer = try await conversation.ask("EHLO client.example")
                attempts = [
                    ("AUTH PLAIN", "538 5.7.11 "), ("MAIL FROM:<support@sandbox.example>", "530 5.7.0 "),
                ]
            case .pop3:
                offer = try await conversation.list("CAPA")
                #expect(!offer.contains("USER"))
                attempts = [
                    ("USER support@sandbox.example", "-ERR [SYS/PERM] "), ("PASS x", "-ERR [SYS/PERM] "),
                    ("APOP support@sandbox.example 0", "-ERR [SYS/PERM] "), ("AUTH PLAIN", "-ERR [SYS/PERM] "),
                ]
            }
            offer = offer.filter { $0.contains("AUTH") && !$0.contains("AUTH-RESP-CODE") || $0.contains("SASL ") }
            #expect(offer.isEmpty)
            for (command, answer) in attempts {
                #expect(try await conversation.ask(command).last?.hasPrefix(answer) == true, "\(command)")
            }
            #expect(rig.sandbox.counts["login_in_clear"] == (service == .pop3 ? 4 : service == .imap ? 2 : 1))
            #expect(rig.sandbox.counts["login_ok"] == nil)
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `begin anew after STARTTLS`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            let conversation = try await rig.secured(service, .starttls)
            let again = service == .imap ? "a STARTTLS" : service == .smtp ? "STARTTLS" : "STLS"
            let answer = try await conversation.ask(again)
            #expect(answer.last?.contains("TLS stands already") == true)
            let offer =
                service == .imap
                ? try await conversation.ask("a CAPABILITY")
                : service == .smtp ? try await conversation.ask("EHLO x") : try await conversation.list("CAPA")
            #expect(offer.joined().contains("SCRAM-SHA-256-PLUS"))
            #expect(!offer.joined().contains("STARTTLS"))
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `do not obey what came in clear behind STARTTLS`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            let conversation = try await rig.mail(service, .starttls)
            _ = try await conversation.line()
            if service == .smtp { _ = try await conversation.ask("EHLO client.example") }
            let command = service == .imap ? "a STARTTLS" : service == .smtp ? "STARTTLS" : "STLS"
            try await conversation.send(raw: Array("\(command)\r\nb NOOP\r\n".utf8))
            _ = try await conversation.answer(tag: "a ")
            #expect(try await conversation.line() == nil)
            #expect(rig.logged("command_injected", "\"service\":\"\(service.rawValue)\""))
        }
    }

    @Test func `keep a long initial response out of SMTP's and POP3's command line`() async throws {
        try await withSandbox { rig in
            let long = SandboxRig.xoauth2(SandboxRig.mailbox, String(repeating: "t", count: 600))
            let smtp = try await rig.secured(.smtp)
            #expect(try await smtp.ask("AUTH XOAUTH2 \(long)") == ["500 5.5.6 the line is too long"])
            let pop3 = try await rig.secured(.pop3)
            #expect(try await pop3.ask("AUTH XOAUTH2 \(long)") == ["-ERR the line is too long"])
            let short = Base64.text(Array("\0support@sandbox.example\0sandbox-password".utf8))
            #expect(SandboxRig.isWelcome(try await smtp.ask("AUTH PLAIN \(short)").last ?? ""))
            #expect(SandboxRig.isWelcome(try await pop3.ask("AUTH PLAIN \(short)").last ?? ""))
        }
    }
}
