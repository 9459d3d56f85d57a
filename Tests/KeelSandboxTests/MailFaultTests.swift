import KeelBase
import KeelSandbox
import Testing

@Suite struct `Faults of mail servers` {
    /// What each ordered answer begins with, and when it comes; those that begin with a protocol's name.
    static let answers: [(SandboxFault, moment: String, String)] = [
        (.smtpBusy, "greeting", "421 4.3.2 "), (.smtpTryLater, "greeting", "421 4.7.0 "),
        (.imapGreetingReferral, "greeting", "* BYE [REFERRAL imap://"),
        (.smtpEHLONotImplemented, "capability", "502 "),
        (.smtpAuthenticationUnsuccessful, "login", "535 5.7.3 Authentication unsuccessful"),
        (.smtpAuthenticationDisabledForTenant, "login", "535 5.7.139 "),
        (.smtpAuthenticationDisabledForMailbox, "login", "535 5.7.139 "),
        (.smtpSecurityDefaults, "login", "535 5.7.139 "), (.smtpCriteriaNotMet, "login", "535 5.7.139 "),
        (.smtpBasicRetired, "login", "550 5.7.30 "), (.smtpTokenExpiresSoon, "login", "501 5.5.127 Token will expire"),
        (.smtpTemporaryAuthenticationFailure, "login", "454 4.7.0 Temporary"),
        (.smtpTooManyLogins, "login", "454 4.7.0 Too many"),
        (.smtpCredentialsNotAccepted, "login", "535 5.7.8 "), (.smtpAuthenticationFailed, "login", "535 5.7.8 Error"),
        (.smtpApplicationPassword, "login", "534 5.7.9 "), (.smtpWebLogin, "login", "534 5.7.14 "),
        (.smtpTLSRequired, "login", "538 5.7.11 "), (.smtpMechanismUnknown, "login", "504 5.7.4 "),
        (.smtpMechanismNotImplemented, "login", "504 5.5.4 "), (.smtpLineTooLong, "login", "500 5.5.6 "),
        (.smtpCommandTooLong, "login", "500 5.3.3 "), (.smtpBadSequence, "login", "503 5.5.1 "),
        (.imapAuthenticateFailed, "login", "a NO AUTHENTICATE failed."),
        (.imapInvalidCredentials, "login", "a NO [AUTHENTICATIONFAILED] Invalid credentials (Failure)"),
        (.imapWebLogin, "login", "a NO [ALERT] Please log in via your web browser"),
        (.imapWebAlert, "login", "a NO [ALERT] Please log in via your web browser"),
        (.imapTooManyConnections, "login", "a NO [ALERT] Too many simultaneous connections."),
        (.imapUnavailable, "login", "a NO [UNAVAILABLE] "), (.imapInUse, "login", "a NO [INUSE] "),
        (.imapLimit, "login", "a NO [LIMIT] "), (.imapPrivacyRequired, "login", "a NO [PRIVACYREQUIRED] "),
        (.imapLoginDisabled, "login", "a BAD LOGINDISABLED"), (.imapContactAdmin, "login", "a NO [CONTACTADMIN] "),
        (.imapExpired, "login", "a NO [EXPIRED] "), (.imapAuthorizationFailed, "login", "a NO [AUTHORIZATIONFAILED] "),
        (.imapConnectionClosed, "login", "* BYE Connection closed. 14"),
        (.imapLoginReferral, "login", "a NO [REFERRAL imap://"),
        (.pop3AuthenticationFailure, "login", "-ERR Authentication failure: "),
        (.pop3TemporaryFailure, "login", "-ERR [SYS/TEMP] "), (.pop3PermanentFailure, "login", "-ERR [SYS/PERM] "),
        (.pop3LoginDelay, "login", "-ERR [LOGIN-DELAY] "), (.pop3InUse, "login", "-ERR [IN-USE] "),
        (.imapNotConnected, "loggedIn", "a BAD User is authenticated but not connected."),
        (.imapTokenExpired, "loggedIn", "* BYE Session invalidated - AccessTokenExpired"),
        (.pop3NotConnected, "loggedIn", "-ERR [SYS/TEMP] "),
        (.imapMailboxReferral, "mailbox", "a NO [REFERRAL imap://"),
        (.smtpNotAuthenticated, "sender", "530 5.7.57 "), (.smtpSendAsDenied, "sender", "550 5.7.60 "),
        (.smtpSenderThreads, "sender", "432 4.3.2 "), (.smtpSubmissionRate, "sender", "421 4.4.2 "),
        (.smtpServerBusy, "sender", "451 4.7.500 "), (.smtpSendAsDeniedAtEnd, "message", "554 5.7.60 "),
        (.smtpMessageRefused, "message", "550 5.7.1 "),
    ]

    @Test func `are all in this table, or have a test of their own`() {
        let known = Set(Self.answers.map(\.0))
        let others = SandboxFault.allCases.filter { fault in
            !fault.isOfAnyServer && !known.contains(fault)
                && MailProtocol.allCases.contains { fault.rawValue.hasPrefix($0.rawValue + "-") }
        }
        #expect(others == [.imapHugeLiteral, .imapPreauth, .imapGreetingAlert])
    }

    @Test(arguments: answers)
    func `say what providers say, once`(fault: SandboxFault, moment: String, answer: String) async throws {
        let service = try #require(MailProtocol.allCases.first { fault.rawValue.hasPrefix($0.rawValue + "-") })
        try await withSandbox(configure: { $0.faults = [FaultOrder(fault, times: 1)] }) { rig in
            let said = try await said(service, moment, rig)
            #expect(said.last?.hasPrefix(answer) == true, "\(said)")
            #expect(rig.logged("fault", "\"reason\":\"\(fault.rawValue)\"", "\"service\":\"\(service.rawValue)\""))
            let next = try await self.said(service, moment, rig)
            #expect(next.last?.hasPrefix(answer) == false, "\(next)")
        }
    }

    /// The server's answer at that moment.
    private func said(_ service: MailProtocol, _ moment: String, _ rig: SandboxRig) async throws -> [String] {
        let conversation = try await rig.mail(service, .tls)
        let greeting = try #require(try await conversation.line())
        if moment == "greeting" { return [greeting] }
        if service == .smtp {
            let offer = try await conversation.ask("EHLO client.example")
            if moment == "capability" { return offer }
        }
        _ = try await rig.begin("PLAIN", service, conversation)
        try await conversation.send(Base64.text(Array("\0\(SandboxRig.mailbox)\0\(SandboxRig.password)".utf8)))
        let verdict = try await conversation.answer(tag: "a ")
        if moment == "login" { return verdict }
        try #require(SandboxRig.isWelcome(verdict.last ?? ""))
        switch (moment, service) {
        case ("loggedIn", .imap): return try await conversation.ask("a NAMESPACE")
        case ("loggedIn", _): return try await conversation.ask("STAT")
        case ("mailbox", _): return try await conversation.ask("a EXAMINE INBOX")
        default: break
        }
        let mail = try await conversation.ask("MAIL FROM:<\(SandboxRig.mailbox)>")
        if moment == "sender" { return mail }
        _ = try await conversation.ask("RCPT TO:<\(SandboxRig.mailbox)>")
        _ = try await conversation.ask("DATA")
        try await conversation.send("From: \(SandboxRig.mailbox)\r\n")
        return try await conversation.ask(".")
    }

    @Test(arguments: MailProtocol.allCases)
    func `are met at one server or at all`(service: MailProtocol) async throws {
        try await withSandbox(configure: { $0.faults = [FaultOrder(.mailGreetingRefused, at: service)] }) { rig in
            for other in MailProtocol.allCases {
                let greeting = try #require(try await rig.mail(other, .tls).line())
                let isRefusal = ["* BYE ", "554 ", "-ERR "].contains { greeting.hasPrefix($0) }
                #expect(isRefusal == (other == service))
            }
            #expect(rig.logged("fault", "\"reason\":\"\(service.rawValue)-greeting-refused\""))
            rig.sandbox.calm()
            try rig.sandbox.order(FaultOrder(parsing: "mail-greeting=\u{1B}[2J: hello:3"))
            for other in MailProtocol.allCases {
                #expect(try await rig.mail(other, .starttls).line() == "\u{1B}[2J: hello")
            }
            #expect(try await rig.mail(service, .tls).line() != "\u{1B}[2J: hello")
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `close a connection early`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            try rig.sandbox.order(FaultOrder(.mailClosesAfterGreeting, times: 1))
            let first = try await rig.mail(service, .tls)
            #expect(try await first.line() != nil)
            #expect(try await first.line() == nil)
            try rig.sandbox.order(FaultOrder(.mailCut, value: "7", times: 1))
            let second = try await rig.mail(service, .starttls)
            var bytes: [UInt8] = []
            while let more = try await second.read() { bytes += more }
            #expect(bytes.count == 7)
            try rig.sandbox.order(FaultOrder(.mailClosesOnLogin, times: 1))
            let third = try await rig.secured(service)
            #expect(try await rig.logIn("PLAIN", service, third).isEmpty)
            #expect(rig.logged("login_refused", "\"reason\":\"fault_closes_on_login\""))
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `hold answers back`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            // Only that nothing comes can be seen, so the connection is closed by this side, and the sandbox stops.
            try rig.sandbox.order(FaultOrder(.mailSilent, times: 1))
            let silent = try await rig.mail(service, .tls)
            try await silent.send("NOOP")
            try rig.sandbox.order(FaultOrder(.mailLoginSilent, times: 1))
            let second = try await rig.secured(service)
            _ = try await rig.begin("PLAIN", service, second)
            try await second.send(Base64.text(Array("\0\(SandboxRig.mailbox)\0\(SandboxRig.password)".utf8)))
            for fault in [SandboxFault.mailSlow, .mailLoginSlow] {
                try rig.sandbox.order(FaultOrder(fault, value: "1", times: 1))
                let slow = try await rig.secured(service)
                #expect(SandboxRig.isWelcome(try await rig.logIn("PLAIN", service, slow)))
            }
            try rig.sandbox.order(FaultOrder(.mailSlow, times: 1))
            _ = try await rig.mail(service, .tls)
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `cut answers up and put them together`(service: MailProtocol) async throws {
        try await withSandbox { rig in
            try rig.sandbox.order(FaultOrder(.mailTrickle, times: 2))
            let trickle = try await rig.secured(service)
            #expect(SandboxRig.isWelcome(try await rig.logIn("PLAIN", service, trickle)))
            _ = try await rig.secured(service, .starttls)
            try rig.sandbox.order(FaultOrder(.mailCoalesced, times: 1))
            let together = try await rig.secured(service)
            let tag = service == .imap ? "a " : ""
            try await together.send(raw: Array("\(tag)NOOP\r\n\(tag)NOOP\r\n\(tag)NOOP\r\n".utf8))
            let bytes = try #require(try await together.read())
            #expect(bytes.count { $0 == 10 } == 3)
        }
    }

    @Test(arguments: MailProtocol.allCases)
    func `send far too much`(service: MailProtocol) async throws {
        let question = ["smtp": "EHLO client.example", "imap": "a CAPABILITY", "pop3": "CAPA"][service.rawValue] ?? ""
        try await withSandbox { rig in
            try rig.sandbox.order(FaultOrder(.mailHugeLine, value: "100000", times: 1))
            let huge = try await rig.mail(service, .tls)
            _ = try await huge.line()
            var lines = try await huge.ask(question)
            if service == .pop3, let next = try await huge.line() { lines.append(next) }
            #expect(lines.contains { $0.utf8.count >= 100_000 })
            var floods = [SandboxFault.mailEndless]
            if service == .imap { floods.append(.imapHugeLiteral) }
            for fault in floods {
                try rig.sandbox.order(FaultOrder(fault, times: 1))
                let endless = try await rig.mail(service, .tls)
                _ = try await endless.line()
                try await endless.send(question)
                var count = 0
                while count < 1 << 20, let more = try await endless.read() { count += more.count }
                #expect(count >= 1 << 20)
            }
        }
    }

    @Test func `let somebody in who said nothing, and cry`() async throws {
        try await withSandbox(.imapPreauth, .imapGreetingAlert) { rig in
            let imap = try await rig.mail(.imap, .starttls)
            #expect(try await imap.line()?.hasPrefix("* PREAUTH [CAPABILITY ") == true)
            #expect(try await imap.line()?.hasPrefix("* OK [ALERT] ") == true)
            #expect(try await imap.ask("a STARTTLS") == ["a BAD that comes before the login"])
            #expect(try await imap.ask("a NAMESPACE").last == "a OK done")
        }
    }
}
