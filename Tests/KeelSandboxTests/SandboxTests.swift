import KeelBase
import KeelSandbox
import KeelTestSupport
import Testing

@Suite struct `The sandbox` {
    @Test func `writes a project whose manifests speak of its servers`() async throws {
        try await withSandbox { rig in
            let names = [
                "README.md", "accounts.yaml", "ca.pem", "profile.yaml", "sandbox.log", "secrets/client-secret",
                "secrets/mailbox-password",
            ]
            #expect(rig.files.paths == ["/project/.gitignore"] + names.map { "/project/\($0)" })
            #expect(rig.files.text("/project/secrets/client-secret") == rig.sandbox.client.secret?.revealText())
            #expect(try rig.files.mode("/project/secrets/client-secret") == 0o600)
            let profile = try #require(rig.files.text("/project/profile.yaml"))
            #expect(profile.contains("\n  issuer: \"\(rig.sandbox.issuer)\"\n"))
            #expect(profile.contains("\n    secret: { fromFile: secrets/client-secret }\n"))
            let accounts = try #require(rig.files.text("/project/accounts.yaml"))
            for name in ["support", "billing", "alerts"] {
                #expect(accounts.contains("\n  name: \(name)\n"))
                #expect(accounts.contains("\n  userName: \(name)@sandbox.example\n"))
            }
            #expect(
                accounts.split(separator: "\n").filter { $0 == "  port: \(rig.sandbox.endpoint(.imap, .tls).port)" }
                    .count == 3)
            #expect(rig.files.text("/project/.gitignore")?.contains("\n/secrets/\n") == true)
            #expect(rig.files.text("/project/README.md")?.contains("| `imap-unavailable` |") == true)
        }
    }

    @Test func `keeps the secret and what its reader edited, and follows new addresses`() async throws {
        let files = InMemoryFileStore()
        var options = SandboxOptions()
        options.directory = "/project"
        let first = try await startOnFixedPorts(&options, files)
        await first.stop()
        let authority = files.text("/project/ca.pem")
        files.put("/project/accounts.yaml", (files.text("/project/accounts.yaml") ?? "") + "# edited\n")
        let second = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        await second.stop()
        #expect(second.client.secret?.matches(try #require(first.client.secret)) == true)
        #expect(second.providerEndpoint == first.providerEndpoint)
        #expect(files.text("/project/accounts.yaml")?.hasSuffix("# edited\n") == true)
        #expect(files.text("/project/ca.pem") != authority)
        options.issuerPath = "/moved"
        let third = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        await third.stop()
        #expect(files.text("/project/profile.yaml")?.contains("/moved\"\n") == true)
        #expect(files.text("/project/accounts.yaml")?.hasSuffix("# edited\n") == false)
    }

    /// Starts on ports that no other test is given by the system, so that they can be had again.
    private func startOnFixedPorts(
        _ options: inout SandboxOptions, _ files: InMemoryFileStore
    ) async throws(SandboxFailure) -> Sandbox {
        var left = 20
        while true {
            let base = Int.random(in: 20_000...30_000)
            options.oauthPort = base
            for (index, place) in MailPlace.allCases.enumerated() { options.mailPorts[place] = base + 1 + index }
            do throws(SandboxFailure) {
                return try await Sandbox.start(options, files: files, time: SystemTimeSource())
            } catch {
                left -= 1
                guard error.isPortTaken, left > 0 else { throw error }
            }
        }
    }

    @Test func `writes accounts that need a person where they are wanted, and keeps them right from then on`()
        async throws
    {
        let files = InMemoryFileStore()
        var options = SandboxOptions()
        options.directory = "/project"
        options.hasPeople = true
        let first = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        await first.stop()
        let text = try #require(files.text("/project/people.yaml"))
        #expect(text.contains("\n  grant: authorization_code\n"))
        #expect(text.contains("\n  grant: device_code\n"))
        #expect(text.contains("\n  userName: support@sandbox.example\n  authorizedAs: lead@sandbox.example\n"))
        options.hasPeople = false
        options.issuerPath = "/moved"
        let second = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        await second.stop()
        #expect(files.text("/project/people.yaml")?.contains("/moved\"\n") == true)
    }

    @Test func `reads keys and a password from files`() async throws {
        let files = InMemoryFileStore()
        files.put("/key.pem", Signer(.es256).publicPEM)
        files.put("/password", "pass word\n")
        files.put("/empty", "\n")
        var options = SandboxOptions()
        options.keyFiles.client = ["/key.pem"]
        options.keyFiles.vouching = ["/key.pem"]
        options.keyFiles.serviceAccount = ["/key.pem"]
        options.keyFiles.userPassword = "/password"
        let sandbox = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        await sandbox.stop()
        #expect(sandbox.client.keys.count == 1)
        #expect(sandbox.client.trustedIssuers.map(\.issuer) == ["https://ci.sandbox.example"])
        for path in ["/missing", "/password"] {
            var wrong = SandboxOptions()
            wrong.keyFiles.client = [path]
            await #expect(throws: SandboxFailure.unusableKey(path: path)) {
                _ = try await Sandbox.start(wrong, files: files, time: SystemTimeSource())
            }
        }
        options.keyFiles.userPassword = "/empty"
        await #expect(throws: SandboxFailure.unusableKey(path: "/empty")) {
            _ = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        }
    }

    @Test(arguments: ["README.md", "people.yaml", "profile.yaml", "accounts.yaml", "ca.pem", ".gitignore"])
    func `touches nobody's files`(name: String) async throws {
        let files = InMemoryFileStore()
        files.put("/project/\(name)", "mine\n")
        var options = SandboxOptions()
        options.directory = "/project"
        await #expect(throws: SandboxFailure.foreignFile(path: "/project/\(name)")) {
            _ = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        }
        #expect(files.paths == ["/project/\(name)"])
        #expect(files.text("/project/\(name)") == "mine\n")
    }

    @Test(arguments: ["", "\n", "two words", "a\nb\n"])
    func `wants a secret of one line`(text: String) async throws {
        let files = InMemoryFileStore()
        files.put("/project/secrets/client-secret", text)
        var options = SandboxOptions()
        options.directory = "/project"
        await #expect(throws: SandboxFailure.unusableSecret(path: "/project/secrets/client-secret")) {
            _ = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        }
    }

    @Test func `leaves nothing running when it cannot start`() async throws {
        try await withSandbox { rig in
            var options = SandboxOptions()
            options.oauthPort = rig.sandbox.providerEndpoint.port
            #expect(await failureCode(options) == "sandbox.provider")
            options.oauthPort = 0
            for place in MailPlace.allCases {
                options.mailPorts = [place: rig.sandbox.endpoint(place.service, place.security).port]
                #expect(await failureCode(options) == "sandbox.mail")
            }
        }
        var options = SandboxOptions()
        options.host = "0.0.0.0"
        #expect(await failureCode(options) == "sandbox.provider")
    }

    /// Why a sandbox of its own cannot start.
    private func failureCode(_ options: SandboxOptions) async -> String? {
        do throws(SandboxFailure) {
            await (try Sandbox.start(options, files: InMemoryFileStore(), time: SystemTimeSource())).stop()
            return nil
        } catch {
            return error.code
        }
    }

    @Test func `lets nobody approve whom it does not know`() async {
        var options = SandboxOptions()
        options.approvesAs = "nobody@sandbox.example"
        #expect(await failureCode(options) == "sandbox.unknown_user")
    }

    @Test func `runs without a directory, and leaves no file`() async throws {
        let files = InMemoryFileStore()
        let sandbox = try await Sandbox.start(SandboxOptions(), files: files, time: SystemTimeSource())
        await sandbox.stop()
        await sandbox.stop()
        #expect(files.paths.isEmpty)
        #expect(sandbox.authorityPEM.hasPrefix("-----BEGIN CERTIFICATE-----\n"))
    }

    @Test func `tells what runs and what to type next`() async throws {
        let files = InMemoryFileStore()
        var options = SandboxOptions()
        options.directory = "/home/it's/project"
        options.faults = [FaultOrder(.imapUnavailable), FaultOrder(.mailSilent, times: 2, at: .pop3)]
        let sandbox = try await Sandbox.start(options, files: files, time: SystemTimeSource())
        await sandbox.stop()
        #expect(
            sandbox.summary == [
                "OAuth provider  \(sandbox.issuer)",
                "SMTP server     \(sandbox.endpoint(.smtp, .tls)) (TLS), \(sandbox.endpoint(.smtp, .starttls)) (STARTTLS)",
                "IMAP server     \(sandbox.endpoint(.imap, .tls)) (TLS), \(sandbox.endpoint(.imap, .starttls)) (STARTTLS)",
                "POP3 server     \(sandbox.endpoint(.pop3, .tls)) (TLS), \(sandbox.endpoint(.pop3, .starttls)) (STARTTLS)",
                "Mailboxes       password sandbox-password",
                "Log             /home/it's/project/sandbox.log",
                "Fault           imap-unavailable: the IMAP server answers every login with "
                    + "`NO [UNAVAILABLE] Temporary authentication failure`",
                "Fault           pop3-silent:2: the mail server takes the connection and says nothing",
                "", "In another terminal:", "",
                "  cd '/home/it'\\''s/project'", "  mailkeel validate", "  mailkeel plan", "  mailkeel apply",
                "  mailkeel test",
            ])
    }

    @Test func `logs each event at once, in order, and no secret`() async throws {
        var leftover: InMemoryFileStore?
        try await withSandbox { rig in
            leftover = rig.files
            let token = try await rig.token()
            _ = try await rig.post("/token", "grant_type=client_credentials", as: .basic("mailkeel-sandbox:planted-1"))
            _ = try await rig.post(
                "/token", "grant_type=client_credentials&x=planted-2", as: .basic("planted-3:planted-4"))
            _ = try await rig.get("/planted-5?token=planted-6")
            _ = try await rig.post("/introspect", "token=\(token)")
            _ = try await rig.post("/introspect", "token=planted-7")
            let imap = try await rig.imap()
            _ = try await imap.line()
            _ = try await imap.ask("a LOGIN planted-8 planted-9")
            _ = try await imap.ask("a AUTHENTICATE XOAUTH2 \(SandboxRig.xoauth2(SandboxRig.mailbox, "planted-10"))")
            try await imap.send("")
            _ = try await imap.line()
            _ = try await imap.ask("a AUTHENTICATE XOAUTH2 \(SandboxRig.xoauth2(SandboxRig.mailbox, token))")
            let text = rig.log.joined(separator: "\n")
            #expect(!text.contains("planted"))
            #expect(!text.contains(token))
            #expect(!text.contains(try #require(rig.sandbox.client.secret).revealText()))
            let events = rig.log.map { $0.split(separator: "\"event\":\"")[1].prefix { $0 != "\"" } }
            #expect(
                events.filter { $0 != "connection" } == [
                    "started", "token_issued", "token_refused", "token_refused", "introspection", "introspection",
                    "login_refused", "login_refused", "login_ok",
                ])
            #expect(rig.log.allSatisfy { $0.hasPrefix("{\"time\":\"20") && $0.hasSuffix("}") })
        }
        #expect(leftover?.text("/project/sandbox.log")?.hasSuffix("\"event\":\"stopped\"}\n") == true)
    }

    @Test func `gives its log's lines to a sink, foreign text cleaned`() {
        let event = SandboxEvent(
            .loginRefused, clientID: "a\"b\\", scopes: ["mail"], mailbox: ForeignText("x\u{1B}[31m\ny"),
            reason: "unknown", token: "token-1")
        #expect(
            String(decoding: event.line(at: Timestamp(seconds: 0)), as: UTF8.self)
                == #"{"time":"1970-01-01T00:00:00Z","event":"login_refused","client_id":"a\"b\\","scopes":["mail"],"#
                + "\"mailbox\":\"x\u{FFFD}[31m y\",\"reason\":\"unknown\",\"token\":\"token-1\"}\n")
    }
}
