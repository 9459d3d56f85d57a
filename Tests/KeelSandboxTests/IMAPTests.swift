import KeelBase
import KeelSandbox
import Testing

@Suite struct `The sandbox's IMAP server` {
    private static let capabilities =
        "IMAP4rev1 SASL-IR AUTH=XOAUTH2 AUTH=OAUTHBEARER AUTH=SCRAM-SHA-256-PLUS AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-1 "
        + "AUTH=CRAM-MD5 AUTH=PLAIN AUTH=LOGIN NAMESPACE ID"

    @Test func `lets a token in, with and without an initial response`() async throws {
        try await withSandbox { rig in
            let response = SandboxRig.xoauth2(SandboxRig.mailbox, try await rig.token())
            let first = try await rig.imap()
            #expect(
                try await first.line()
                    == "* OK [CAPABILITY \(Self.capabilities)] mailkeel sandbox ready")
            #expect(try await first.ask("a AUTHENTICATE XOAUTH2 \(response)").last?.hasPrefix("a OK ") == true)
            #expect(try await first.ask("b NAMESPACE") == ["* NAMESPACE ((\"\" \"/\")) NIL NIL", "b OK done"])
            #expect(try await first.ask("c LIST \"\" \"\"") == ["* LIST (\\Noselect) \"/\" \"\"", "c OK done"])
            #expect(try await first.ask("d LIST \"\" *") == ["* LIST (\\HasNoChildren) \"/\" INBOX", "d OK done"])
            #expect(try await first.ask("e AUTHENTICATE XOAUTH2").last == "e BAD already authenticated")
            #expect(try await first.ask("f LOGOUT") == ["* BYE see you", "f OK done"])
            #expect(try await first.line() == nil)

            let second = try await rig.imap()
            _ = try await second.line()
            #expect(try await second.ask("a authenticate xoauth2") == ["+ "])
            try await second.send(response)
            #expect(try await second.line()?.hasPrefix("a OK ") == true)
            #expect(rig.logged("login_ok", "\"token\":\"token-1\"", "\"mailbox\":\"support@sandbox.example\""))
            #expect(rig.logged("connection", "\"service\":\"imap\""))
        }
    }

    @Test func `refuses a token with a challenge, and answers after the empty line`() async throws {
        try await withSandbox(configure: { $0.tokenLifetime = 60 }) { rig in
            let imap = try await rig.imap()
            _ = try await imap.line()
            let token = try await rig.token()
            rig.time.advance(seconds: 61)
            for (tag, refused) in [("a", "invented"), ("b", token)] {
                let answer = try await imap.ask(
                    "\(tag) AUTHENTICATE XOAUTH2 \(SandboxRig.xoauth2(SandboxRig.mailbox, refused))")
                let challenge = try #require(answer.last.flatMap { Base64.decode($0.dropFirst(2).utf8) })
                #expect(
                    String(decoding: challenge, as: UTF8.self)
                        == #"{"status":"401","schemes":"bearer","scope":"mail"}"#)
                try await imap.send("")
                #expect(try await imap.line() == "\(tag) NO [AUTHENTICATIONFAILED] Invalid credentials")
            }
            #expect(rig.logged("login_refused", "\"reason\":\"unknown_or_expired_token\""))
        }
    }

    @Test func `wants the scope of its own`() async throws {
        let client = SandboxClient(
            id: "c", secret: Secret(copying: "s"), scopes: ["calendar"], mailboxes: [SandboxRig.mailbox])
        try await withSandbox(configure: { $0.clients = [client] }) { rig in
            let token = try await rig.token(as: .basic("c:s"))
            let imap = try await rig.imap()
            _ = try await imap.line()
            let answer = try await imap.ask(
                "a AUTHENTICATE XOAUTH2 \(SandboxRig.xoauth2(SandboxRig.mailbox, token))")
            #expect(answer.last?.hasPrefix("+ ") == true)
            #expect(rig.logged("login_refused", "\"reason\":\"insufficient_scope\"", "\"client_id\":\"c\""))
        }
    }

    @Test func `keeps a client out of mailboxes that are not its own`() async throws {
        try await withSandbox { rig in
            let imap = try await rig.imap()
            _ = try await imap.line()
            let token = try await rig.token()
            let answer = try await imap.ask(
                "a AUTHENTICATE XOAUTH2 \(SandboxRig.xoauth2("lead@sandbox.example", token))")
            #expect(answer.last?.hasPrefix("a NO [AUTHORIZATIONFAILED] ") == true)
            #expect(rig.logged("login_refused", "\"reason\":\"mailbox_not_allowed\"", "\"mailbox\":\"lead@"))
            #expect(rig.logged("login_refused", "\"token\":\"token-1\""))
            let own = try await imap.ask(
                "b AUTHENTICATE XOAUTH2 \(SandboxRig.xoauth2("Billing@SANDBOX.example", token))")
            #expect(own.last?.hasPrefix("b OK ") == true)
        }
    }

    @Test(arguments: [
        ("support", "support", true), ("support", "billing", false), ("lead", "lead", true),
        ("lead", "billing", true), ("lead", "alerts", false),
    ])
    func `opens a person's mailbox, and those shared with the person`(
        user: String, mailbox: String, isOpen: Bool
    ) async throws {
        try await withSandbox(configure: { $0.approvesAs = "\(user)@sandbox.example" }) { rig in
            let device = try await rig.post("/device_authorization", "client_id=mailkeel-sandbox-app", as: .none).json
            _ = try await rig.get("/device?user_code=\(try device.text("user_code"))")
            let token = try await rig.token(
                "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Adevice_code&client_id=mailkeel-sandbox-app"
                    + "&device_code=\(try device.text("device_code"))", as: .none)
            let imap = try await rig.imap()
            _ = try await imap.line()
            let login = SandboxRig.xoauth2("\(mailbox)@sandbox.example", token)
            let answer = try await imap.ask("a AUTHENTICATE XOAUTH2 \(login)")
            #expect(answer.last?.hasPrefix("a OK ") == isOpen)
        }
    }

    @Test(arguments: [
        ("a CAPABILITY", "* CAPABILITY \(capabilities)"),
        ("a noop", "a OK done"),
        ("a ID NIL", "* ID (\"name\" \"mailkeel sandbox\")"),
        ("a NAMESPACE", "a BAD authenticate first"),
        ("a LIST \"\" \"\"", "a BAD authenticate first"),
        ("a LOGIN user password", "a NO [AUTHENTICATIONFAILED] Invalid credentials"),
        ("a LOGIN user", "a BAD LOGIN name password"),
        ("a LOGIN \"user", "a BAD a string has no end"),
        ("a LOGIN {4}", "+ go ahead"),
        ("a LOGIN {99999}", "a BAD the literal is too long"),
        ("a LOGIN {4+}", "* BYE this server asks before literals"),
        ("a STARTTLS", "a BAD TLS stands already"),
        ("a EXAMINE INBOX", "a BAD authenticate first"),
        ("a SELECT INBOX", "a BAD this server does not know that command"),
        ("a AUTHENTICATE", "a BAD AUTHENTICATE mechanism [initial-response]"),
        ("a AUTHENTICATE DIGEST-MD5", "a NO [CANNOT] unsupported mechanism"),
        ("a AUTHENTICATE PLAIN", "+ "),
        ("a AUTHENTICATE XOAUTH2 $", "a BAD that is not base 64"),
        ("a AUTHENTICATE XOAUTH2 =", "+ eyJzdGF0dXMiOiI0MDAiLCJzY2hlbWVzIjoiYmVhcmVyIiwic2NvcGUiOiJtYWlsIn0="),
        ("a AUTHENTICATE XOAUTH2 *", "a BAD cancelled"),
        ("a", "a BAD no command"),
        ("+ a", "* BAD no tag"),
    ])
    func `answers before login`(command: String, answer: String) async throws {
        try await withSandbox { rig in
            let imap = try await rig.imap()
            _ = try await imap.line()
            try await imap.send(command)
            #expect(try await imap.line() == answer)
        }
    }

    @Test(arguments: [
        ("*", "a BAD cancelled"), ("dXNlcj0=", "+ "), ("dXNlcj0", "a BAD that is not base 64"), ("AQ==", "+ "),
    ])
    func `takes a response in a line of its own`(line: String, prefix: String) async throws {
        try await withSandbox { rig in
            let imap = try await rig.imap()
            _ = try await imap.line()
            _ = try await imap.ask("a AUTHENTICATE XOAUTH2")
            try await imap.send(line)
            #expect(try await imap.line()?.hasPrefix(prefix) == true)
        }
    }

    @Test func `says that an acknowledgement must be empty`() async throws {
        try await withSandbox { rig in
            let imap = try await rig.imap()
            _ = try await imap.line()
            _ = try await imap.ask("a AUTHENTICATE XOAUTH2 =")
            try await imap.send("b NOOP")
            #expect(try await imap.line() == "a BAD that is no response of this mechanism")
            #expect(try await imap.ask("c NOOP") == ["c OK done"])
        }
    }

    @Test func `reads commands however they arrive, and hangs up on endless ones`() async throws {
        try await withSandbox { rig in
            let imap = try await rig.imap()
            _ = try await imap.line()
            try await imap.send("a NOOP\nb NOOP\r\nc NOOP")
            for tag in ["a", "b", "c"] { #expect(try await imap.line() == "\(tag) OK done") }
            try await imap.send("d NOOP " + String(repeating: "x", count: 20_000))
            #expect(try await imap.line() == "* BYE the line is too long")
        }
    }
}
