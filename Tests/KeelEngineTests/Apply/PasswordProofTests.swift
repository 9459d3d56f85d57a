import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelMail
import KeelPlan
import KeelState
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

/// Accounts that log in with a password, or without anything.
struct PasswordProofTests {
    static let desk = ResourceAddress(.emailAccount, "desk")
    private static let host = "mail.example.com"

    static func manifest(_ lines: String..., name: String = "desk") -> String {
        let usual = ["type: imap", "server: \(host)", "userName: desk@example.com", "password: { fromEnv: PASSWORD }"]
        func field(_ line: String) -> Substring { line.prefix { $0 != ":" } }
        let spec = lines + usual.filter { line in !lines.contains { field($0) == field(line) } }
        return "---\napiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: \(name) }\nspec:\n"
            + spec.filter { !$0.hasSuffix(": -") }.map { "  \($0)\n" }.joined()
    }

    /// A project with that account alone, whose right password is `right`.
    static func run(_ manifest: String = manifest(), _ body: (EngineRig) async throws -> Void) async throws {
        try await EngineRig.run { rig in
            var rig = rig
            for port in [25, 110, 143, 465, 587, 993, 995] { rig.mail.set(HostPort(host: host, port: port), nil) }
            rig.mail.decide { $0.token == "right" ? .accept : .refuse }
            rig.environment = ["PASSWORD": "right"]
            try rig.write(manifest)
            try await body(rig)
        }
    }

    // MARK: Proof

    @Test(arguments: [
        ("imap", "tls", 993), ("pop3", "tls", 995), ("smtp", "tls", 465), ("imap", "starttls", 143),
        ("pop3", "starttls", 110), ("smtp", "starttls", 587),
    ])
    func `a password is proven by every protocol, secured in both ways`(
        type: String, security: String, port: Int
    ) async throws {
        try await Self.run(Self.manifest("type: \(type)", "connectionSecurity: \(security)")) { rig in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty, "\(report.failures.map(\.diagnostic))")
            let login = try #require(rig.mail.logins.first)
            #expect(rig.mail.logins.count == 1 && login.endpoint == HostPort(host: Self.host, port: port))
            #expect(login.userName == "desk@example.com" && login.token == "right")
            #expect(rig.mail.senders == (type == "smtp" ? ["desk@example.com"] : []))
            #expect(rig.transport.exchanges.isEmpty)
            let record = try rig.committed(Self.desk)
            #expect(record.proof?.mechanism == "PLAIN" && record.grant == nil && record.proof?.grant == nil)
            #expect(record.fingerprints["password"] != nil && record.dependencies.isEmpty)
            #expect(try rig.text(rig.paths.state.state)?.contains("\"right\"") == false)
            #expect(try await rig.plan().plan.isEmpty)
            #expect(try await rig.test([Self.desk]).map(\.passed) == [true])
        }
    }

    @Test func `who sends must be allowed to`() async throws {
        try await Self.run(Self.manifest("type: smtp", "from: boss@example.com")) { rig in
            rig.mail.decideSenders { $0 != "boss@example.com" }
            let report = try await rig.apply()
            #expect(report.codes == ["mail.sender_refused"] && report.hasUnproven && !report.hasFailed)
            #expect(try rig.record(Self.desk).committed == nil)
            // The password was right: the same is offered again, with another sender.
            try rig.write(Self.manifest("type: smtp", "from: desk@example.com"))
            #expect(try await rig.apply().failures.isEmpty)
            #expect(rig.mail.senders == ["boss@example.com", "desk@example.com"])
        }
    }

    @Test func `a relay that takes mail without a login is asked whether it takes the sender`() async throws {
        let relay = Self.manifest(
            "type: smtp", "authentication: none", "password: -", "userName: printer", "from: printer@example.com",
            "port: 25", "connectionSecurity: starttls")
        try await Self.run(relay) { rig in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty, "\(report.failures.map(\.diagnostic))")
            #expect(rig.mail.logins.isEmpty && rig.mail.senders == ["printer@example.com"])
            #expect(try rig.committed(Self.desk).fingerprints.isEmpty)
            #expect(try await rig.test([Self.desk]).map(\.passed) == [true])
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test(arguments: ["fromFile: secret", "fromCommand: [pass, desk]", "fromVault: desk"])
    func `the password comes from wherever the manifest says`(source: String) async throws {
        try await Self.run(Self.manifest("password: { \(source) }")) { rig in
            var rig = rig
            rig.environment = [:]
            rig.programs.respond { _ throws(ProcessFailure) in .printing("right\n") }
            try rig.files.createDirectory(rig.paths.directory)
            try rig.files.replace(rig.paths.directory + "/secret", with: Array("right\n".utf8))
            var findings: [String] = []
            let vault = try await VaultAccessor(paths: rig.paths, files: rig.files, time: rig.clock)
                .openOrCreate(&findings)
            try await vault.setSecret(Secret(copying: "right"), named: "desk")
            await vault.close()
            let planned = try await rig.plan()
            #expect(rig.programs.requests.isEmpty)
            let report = try await rig.apply(planned)
            #expect(report.failures.isEmpty, "\(report.failures.map(\.diagnostic))")
            #expect(rig.mail.logins.map(\.token) == ["right"])
            #expect(try await rig.test([Self.desk]).map(\.passed) == [true])
        }
    }

    @Test func `a password that is not there is looked for before anybody is contacted`() async throws {
        try await Self.run { rig in
            var rig = rig
            rig.environment = [:]
            let report = try await rig.apply()
            #expect(report.codes == ["secret.variable-not-set"] && report.hasFailed)
            #expect(report.failures.first?.diagnostic.range != nil)
            #expect(rig.mail.dials.isEmpty)
        }
    }

    @Test func `a new version is proven, and what worked stays in service until then`() async throws {
        try await Self.run { rig in
            var rig = rig
            try await rig.apply()
            let before = try rig.committed(Self.desk)
            try rig.write(Self.manifest("password: { fromEnv: PASSWORD, version: \"2\" }"))
            rig.environment = ["PASSWORD": "wrong"]
            #expect(try await rig.apply().codes == ["mail.authentication_failed"])
            #expect(try rig.committed(Self.desk) == before)
            rig.environment = ["PASSWORD": "newer"]
            rig.mail.decide { $0.token == "newer" ? .accept : .refuse }
            #expect(try await rig.apply().failures.isEmpty)
            #expect(try rig.committed(Self.desk).fingerprints["password"] != before.fingerprints["password"])
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `an account that goes over to a token keeps no mark of its password`() async throws {
        try await Self.run { rig in
            var rig = rig
            try await rig.apply()
            rig.environment = ["DESK_SECRET": "first-secret"]
            rig.mail.decide { $0.token.hasPrefix("token-") ? .accept : .refuse }
            try rig.write(Manifests().text + Self.manifest("password: -", "oauthProfile: desk"))
            let report = try await rig.apply()
            #expect(report.failures.isEmpty, "\(report.failures.map(\.diagnostic))")
            let record = try rig.committed(Self.desk)
            #expect(record.fingerprints.isEmpty && record.grant != nil)
        }
    }

    @Test func `a deferred proof asks nobody`() async throws {
        try await Self.run(Self.manifest("proof: deferred")) { rig in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && rig.mail.dials.isEmpty)
            #expect(try rig.committed(Self.desk).proof == nil)
            #expect(try await rig.plan().plan.notes.map(\.code) == ["plan.unproven"])
        }
    }
}
