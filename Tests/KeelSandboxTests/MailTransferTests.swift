import KeelBase
import KeelSandbox
import Testing

@Suite struct `Mail in the sandbox` {
    private static let message = [
        "From: =?utf-8?q?Support_Desk?= <support@sandbox.example>", "To: billing@sandbox.example",
        "Subject: a \"proof\"", "Message-ID: <proof-1@mailkeel>", "X-Folded: one", " two", "", ".dotted", "second",
        "third",
    ]

    /// Somebody logged in to the SMTP server.
    private func sender(_ rig: SandboxRig) async throws -> Conversation {
        let smtp = try await rig.secured(.smtp)
        let answer = try await rig.logIn("PLAIN", .smtp, smtp)
        try #require(SandboxRig.isWelcome(answer))
        return smtp
    }

    /// Sends the message to somebody; the answer to it.
    private func send(
        _ smtp: Conversation, from sender: String = SandboxRig.mailbox,
        to recipient: String = "billing@sandbox.example",
        _ lines: [String] = message
    ) async throws -> String {
        for command in ["MAIL FROM:<\(sender)> BODY=8BITMIME", "RCPT TO:<\(recipient)>", "DATA"] {
            let answer = try await smtp.ask(command).last ?? ""
            guard answer.hasPrefix("2") || answer.hasPrefix("3") else { return answer }
        }
        for line in lines { try await smtp.send(line.hasPrefix(".") ? "." + line : line) }
        return try await smtp.ask(".").last ?? ""
    }

    @Test func `that was sent arrives in IMAP`() async throws {
        try await withSandbox { rig in
            let imap = try await rig.secured(.imap)
            _ = try await imap.ask("a LOGIN billing@sandbox.example \(SandboxRig.password)")
            #expect(
                try await imap.ask("b EXAMINE INBOX") == [
                    "* FLAGS (\\Seen)", "* 0 EXISTS", "* 0 RECENT", "* OK [UIDVALIDITY 1] for this run",
                    "* OK [UIDNEXT 1] the next one", "b OK [READ-ONLY] done",
                ])
            #expect(try await imap.ask("c UID SEARCH ALL") == ["* SEARCH", "c OK done"])
            let smtp = try await sender(rig)
            #expect(try await send(smtp) == "250 2.0.0 delivered")
            #expect(try await imap.ask("d NOOP") == ["* 1 EXISTS", "d OK done"])
            for search in [
                "HEADER Message-ID proof-1@mailkeel", "HEADER \"message-id\" \"<PROOF-1@\"",
                "SUBJECT proof TEXT second",
                "SINCE 1-Jan-2020 FROM support", "UID 1:* UNSEEN",
            ] {
                #expect(try await imap.ask("e UID SEARCH \(search)") == ["* SEARCH 1", "e OK done"], "\(search)")
            }
            for search in ["HEADER Message-ID other", "SEEN", "UID 2:3"] {
                #expect(try await imap.ask("f UID SEARCH \(search)") == ["* SEARCH", "f OK done"], "\(search)")
            }
            let fetched = try await imap.ask(
                "g UID FETCH 1 (FLAGS BODY.PEEK[HEADER.FIELDS (FROM SUBJECT X-FOLDED)] BODY.PEEK[TEXT])")
            #expect(
                fetched == [
                    "* 1 FETCH (UID 1 FLAGS () BODY[HEADER.FIELDS (FROM SUBJECT X-FOLDED)] {101}",
                    "From: =?utf-8?q?Support_Desk?= <support@sandbox.example>", "Subject: a \"proof\"", "X-Folded: one",
                    " two", "", " BODY[TEXT] {24}", ".dotted", "second", "third", ")", "g OK done",
                ])
            let envelope = try await imap.ask("h FETCH 1 (ENVELOPE)").joined(separator: "\n")
            #expect(
                envelope.hasPrefix(
                    "* 1 FETCH (ENVELOPE (NIL {9}\na \"proof\" ((\"=?utf-8?q?Support_Desk?=\" NIL \"support\" "))
            #expect(
                envelope.contains(" ((NIL NIL \"billing\" \"sandbox.example\")) NIL NIL NIL \"<proof-1@mailkeel>\"))"))
            let whole = try await imap.ask("i FETCH 1:* (UID BODY.PEEK[HEADER])")
            #expect(whole[1] == "Return-Path: <support@sandbox.example>")
            #expect(whole[2].hasPrefix("Received: by mail.sandbox.example with ESMTPSA;"))
            for command in ["j FETCH 1 BODY[]", "j STORE 1 +FLAGS (\\Seen)", "j SELECT INBOX", "j EXPUNGE"] {
                #expect(try await imap.ask(command).last?.hasPrefix("j BAD ") == true, "\(command)")
            }
            #expect(rig.logged("delivered", "\"mailbox\":\"support@sandbox.example\""))
        }
    }

    @Test func `that was sent arrives in POP3`() async throws {
        try await withSandbox { rig in
            let smtp = try await sender(rig)
            #expect(try await send(smtp) == "250 2.0.0 delivered")
            #expect(try await send(smtp) == "250 2.0.0 delivered")
            let pop3 = try await rig.secured(.pop3)
            _ = try await pop3.ask("USER billing@sandbox.example")
            _ = try await pop3.ask("PASS \(SandboxRig.password)")
            #expect(try await pop3.ask("STAT").first?.hasPrefix("+OK 2 ") == true)
            #expect(try await pop3.list("UIDL") == ["+OK", "1 1", "2 2"])
            #expect(try await pop3.ask("UIDL 2") == ["+OK 2 2"])
            let top = try await pop3.list("TOP 1 1")
            #expect(top[1] == "Return-Path: <support@sandbox.example>")
            #expect(top.suffix(2) == ["", "..dotted"])
            #expect(try await pop3.list("RETR 1").suffix(3) == ["..dotted", "second", "third"])
            #expect(try await pop3.ask("TOP 3 0") == ["-ERR no such message"])
            #expect(try await pop3.ask("TOP 0 0") == ["-ERR no such message"])
            #expect(try await pop3.ask("DELE 1") == ["-ERR [SYS/PERM] this mailbox is read-only"])
            #expect(try await pop3.ask("QUIT") == ["+OK see you"])
            #expect(try await pop3.line() == nil)
        }
    }

    @Test(arguments: [
        ("billing@sandbox.example", "550 5.7.60 "), ("root@sandbox.example", "550 5.7.60 "), ("", "550 5.7.60 "),
        ("Support@SANDBOX.example", "250 2.1.0 "), ("süd@sandbox.example", "553 5.6.7 "),
    ])
    func `is taken from the login's own address`(address: String, answer: String) async throws {
        try await withSandbox { rig in
            let smtp = try await sender(rig)
            #expect(try await smtp.ask("MAIL FROM:<\(address)>").last?.hasPrefix(answer) == true)
            #expect(rig.sandbox.counts["sender_accepted"] == (answer.hasPrefix("2") ? 1 : nil))
            #expect(try await smtp.ask("RSET") == ["250 2.0.0 done"])
        }
    }

    @Test func `is taken from a mailbox that is shared with the login's owner`() async throws {
        try await withSandbox { rig in
            let smtp = try await rig.secured(.smtp)
            let credential = Base64.text(Array("\0lead@sandbox.example\0\(SandboxRig.password)".utf8))
            #expect(SandboxRig.isWelcome(try await smtp.ask("AUTH PLAIN \(credential)").last ?? ""))
            #expect(try await send(smtp) == "250 2.0.0 delivered")
            let other = Self.message.map { $0.replacing("support@", with: "alerts@") }
            #expect(try await send(smtp, other).hasPrefix("554 5.2.252 SendAsDenied"))
        }
    }

    @Test(arguments: [
        ("RCPT TO:<billing@sandbox.example>", "503 5.5.1 "), ("DATA", "503 5.5.1 "), ("MAIL FROM: <a@b>", "501 5.1.7 "),
        ("MAIL FROM:<support@sandbox.example> SIZE=9999999", "552 5.3.4 "), ("MAIL FROM:<support>", "501 5.1.7 "),
        ("MAIL FROM:<support@sandbox.example> NOVELTY", "555 5.5.4 "), ("AUTH PLAIN", "503 5.5.1 "),
        ("STARTTLS", "503 5.5.1 "), ("VRFY support", "252 "), ("HELO", "501 "), ("TURN", "500 5.5.1 "),
        ("NOOP", "250 "),
        ("MAIL FROM:<support@sandbox.example> SIZE=10 SMTPUTF8", "250 2.1.0 "),
    ])
    func `has its commands in order`(command: String, answer: String) async throws {
        try await withSandbox { rig in
            let smtp = try await sender(rig)
            #expect(try await smtp.ask(command).last?.hasPrefix(answer) == true)
            #expect(try await smtp.ask("QUIT") == ["221 2.0.0 see you"])
        }
    }

    @Test func `goes nowhere else`() async throws {
        try await withSandbox { rig in
            let smtp = try await sender(rig)
            #expect(try await send(smtp, to: "someone@example.com").hasPrefix("550 5.1.1 "))
            let pipelined =
                "RSET\r\nMAIL FROM:<support@sandbox.example>\r\nRCPT TO:<alerts@sandbox.example>\r\nDATA\r\n"
            try await smtp.send(raw: Array(pipelined.utf8))
            for prefix in ["250 ", "250 ", "250 ", "354 "] {
                #expect(try await smtp.line()?.hasPrefix(prefix) == true)
            }
            for _ in 0..<2200 { try await smtp.send(String(repeating: "x", count: 500)) }
            #expect(try await smtp.ask(".").last?.hasPrefix("552 5.3.4 ") == true)
        }
    }

    @Test func `needs a login, and a greeting before it`() async throws {
        try await withSandbox { rig in
            let smtp = try await rig.mail(.smtp, .tls)
            #expect(try await smtp.line() == "220 mail.sandbox.example ESMTP mailkeel sandbox ready")
            #expect(try await smtp.ask("AUTH PLAIN") == ["503 5.5.1 Bad sequence of commands"])
            #expect(
                try await smtp.ask("EHLO client.example") == [
                    "250-mail.sandbox.example greets you", "250-PIPELINING", "250-SIZE 1048576", "250-8BITMIME",
                    "250-SMTPUTF8", "250-ENHANCEDSTATUSCODES",
                    "250 AUTH XOAUTH2 OAUTHBEARER SCRAM-SHA-256-PLUS SCRAM-SHA-256 SCRAM-SHA-1 CRAM-MD5 PLAIN LOGIN",
                ])
            #expect(try await smtp.ask("MAIL FROM:<support@sandbox.example>") == ["530 5.7.0 Authentication required"])
            #expect(try await smtp.ask("AUTH DIGEST-MD5") == ["504 5.5.4 Unrecognized authentication type"])
            #expect(try await smtp.ask("AUTH PLAIN") == ["334 "])
            #expect(try await smtp.ask("*") == ["501 5.7.0 cancelled"])
            #expect(try await smtp.ask("AUTH PLAIN =") == ["501 5.5.2 that is no response of this mechanism"])
            #expect(try await smtp.ask("AUTH PLAIN ====") == ["501 5.5.2 that is not base 64"])
        }
    }

    @Test func `may be sent with a token that is for nothing else`() async throws {
        try await withSandbox(configure: { $0.approvesAs = SandboxRig.mailbox }) { rig in
            let device = try await rig.post(
                "/device_authorization", "client_id=mailkeel-sandbox-app&scope=mail.send", as: .none
            ).json
            _ = try await rig.get("/device?user_code=\(try device.text("user_code"))")
            let token = try await rig.token(
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=mailkeel-sandbox-app"
                    + "&device_code=\(try device.text("device_code"))", as: .none)
            let smtp = try await rig.secured(.smtp)
            #expect(SandboxRig.isWelcome(try await rig.logIn("XOAUTH2", .smtp, smtp, token: token)))
            let imap = try await rig.secured(.imap)
            #expect(try await rig.logIn("XOAUTH2", .imap, imap, token: token).hasPrefix("+ "))
            #expect(rig.logged("login_refused", "\"reason\":\"insufficient_scope\"", "\"service\":\"imap\""))
        }
    }
}
