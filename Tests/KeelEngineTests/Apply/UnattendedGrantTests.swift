import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import Testing

/// Every way to a token that needs nobody, from a manifest to a proven account.
struct UnattendedGrantTests {
    private static let one = ResourceAddress(.emailAccount, "one")
    private static let profile = ResourceAddress(.oauthProfile, "robots")

    /// A profile with these lines, and one account with these.
    private static func manifest(_ profile: String, account: String = "") -> String {
        """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: robots }
        spec:
          endpoints: { token: "\(ScriptedProvider.tokenEndpoint)" }
          scopes: [mail.imap]
        \(profile.split(separator: "\n").map { "  \($0)\n" }.joined())
        \(mailbox("one", account))
        """
    }

    /// One more account, with these lines.
    private static func mailbox(_ name: String, _ lines: String) -> String {
        """
        ---
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: \(name) }
        spec:
          type: imap
          server: mail.example.com
          userName: \(name)@example.com
          oauthProfile: robots
        \(lines)

        """
    }

    private static let serviceAccount = JSON.sorted([
        "type": "service_account", "private_key": .string(StandardKeys.rsa),
        "client_email": "robot@desk.example", "token_uri": .string(ScriptedProvider.tokenEndpoint),
    ]).text()

    private static func run(
        _ manifest: String, secrets: [String: String], _ body: (EngineRig) async throws -> Void
    ) async throws {
        try await EngineRig.run { rig in
            var rig = rig
            rig.environment = secrets
            try rig.write(manifest)
            try await body(rig)
        }
    }

    private static let byAssertion = manifest(
        "grant: client_credentials\nclient: { id: app-1, assertion: { fromEnv: PIPELINE }, authentication: private_key_jwt }"
    )
    private static let byServiceAccount = manifest(
        "grant: jwt_bearer\nclient: { id: app-1 }\nserviceAccount: { fromEnv: ROBOT }")

    private static let byPassword = manifest(
        "grant: password\nclient: { id: app-1 }", account: "  password: { fromEnv: MAILBOX }")

    @Test(
        arguments: [
            (byAssertion, ["PIPELINE": "signed.by.pipeline"]), (byServiceAccount, ["ROBOT": serviceAccount]),
            (byPassword, ["MAILBOX": "open sesame"]),
        ])
    func `a token comes, a login proves it, and nothing is left to do`(
        manifest: String, secrets: [String: String]
    ) async throws {
        try await Self.run(manifest, secrets: secrets) { rig in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty, "\(report.failures.map(\.diagnostic.message))")
            #expect(try rig.committed(Self.one).proof != nil)
            #expect(try await rig.plan().plan.isEmpty)
            for secret in secrets.values {
                #expect(try rig.text(rig.paths.state.state)?.contains(secret.prefix(40)) == false)
            }
        }
    }

    @Test(
        arguments: [
            (byAssertion, ["PIPELINE": "signed.by.pipeline"]), (byServiceAccount, ["ROBOT": serviceAccount]),
            (byPassword, ["MAILBOX": "open sesame"]),
        ])
    func `it is renewed the same way, from the vault alone`(manifest: String, secrets: [String: String]) async throws {
        try await Self.run(manifest, secrets: secrets) { rig in
            try await rig.apply()
            let before = rig.provider.issued
            rig.clock.advance(seconds: 7_200)
            try rig.files.remove(rig.paths.directory + "/mail.yaml")
            #expect(try await rig.test([Self.one]).map(\.passed) == [true])
            #expect(rig.provider.issued == before + 1)
        }
    }

    @Test func `an assertion acts for the account's mailbox`() async throws {
        try await Self.run(Self.byServiceAccount, secrets: ["ROBOT": Self.serviceAccount]) { rig in
            try await rig.apply()
            let assertion = try #require(rig.transport.exchanges.last?.form["assertion"])
            let claims = try JSON(
                parsing: try #require(Base64.decode(assertion.split(separator: ".")[1].utf8, .url)))
            #expect(claims["sub"] == "one@example.com")
        }
    }

    private static func offers(_ rig: EngineRig) -> Int {
        rig.transport.exchanges.count { $0.form["password"] != nil }
    }

    @Test func `a wrong password is not offered twice`() async throws {
        try await Self.run(Self.byPassword, secrets: ["MAILBOX": "wrong"]) { rig in
            let first = try await rig.apply()
            #expect(first.codes == ["oauth.invalid_grant"])
            #expect(Self.offers(rig) == 1)
            let second = try await rig.apply()
            #expect(second.codes == ["oauth.refused_before"])
            #expect(Self.offers(rig) == 1)
        }
    }

    @Test func `another user's right password does not let the wrong one be offered again`() async throws {
        let two = ResourceAddress(.emailAccount, "two")
        let both = Self.byPassword + Self.mailbox("two", "  password: { fromEnv: CAROL }")
        try await Self.run(Self.byPassword, secrets: ["MAILBOX": "wrong", "CAROL": "open sesame"]) { rig in
            try await rig.apply()
            try rig.write(both)
            try await rig.apply()
            #expect(try rig.committed(two).proof != nil)
            let offered = Self.offers(rig)
            #expect(try await rig.apply().codes == ["oauth.refused_before"])
            #expect(Self.offers(rig) == offered)
        }
    }

    @Test func `a refusal keeps the time that it has, whatever fails later`() async throws {
        try await Self.run(Self.byPassword, secrets: ["MAILBOX": "wrong"]) { rig in
            try await rig.apply()
            let first = rig.clock.now
            rig.clock.advance(seconds: 60)
            for _ in 1...2 {
                let failure = try #require(try await rig.apply().failures.first)
                #expect(failure.diagnostic.message.contains("was refused at \(first)"))
            }
        }
    }

    @Test func `a service account's file that is none is told without a word of it`() async throws {
        try await Self.run(Self.byServiceAccount, secrets: ["ROBOT": "{\"secret\": \"canary\"}"]) { rig in
            let report = try await rig.apply()
            #expect(report.codes == ["oauth.credential_unusable"])
            let diagnostic = try #require(report.failures.first?.diagnostic)
            #expect(diagnostic.address == Self.profile)
            #expect(diagnostic.range != nil)
            #expect(!diagnostic.message.contains("canary") && diagnostic.help?.contains("canary") == false)
            #expect(rig.transport.exchanges.isEmpty)
        }
    }
}

/// A client for which no token can be had without a person.
struct ClientProbeTests {
    private static let profile = ResourceAddress(.oauthProfile, "people")
    private static let slot = ResourceAddress.authorization(profile: "people", subject: "one@example.com")
    private static let one = ResourceAddress(.emailAccount, "one")

    private static func apply(_ answer: HTTPResponse) async throws -> RunReport {
        var report: RunReport?
        try await EngineRig.run { rig in
            try rig.write(Manifests.person())
            rig.transport.respond { _ throws(ConnectionFailure) in answer }
            report = try await rig.apply()
        }
        return try #require(report)
    }

    private static func error(_ code: String, status: Int = 400) -> HTTPResponse {
        .json(.object([.init("error", .string(code))]), status: status)
    }

    @Test(arguments: [error("invalid_grant"), HTTPResponse(status: 400), error("temporarily_unavailable", status: 503)])
    func `a client that is accepted, or may be, waits for its person`(answer: HTTPResponse) async throws {
        let report = try await Self.apply(answer)
        #expect(report.failures.isEmpty)
        #expect(report.pending == [Self.slot, Self.one])
    }

    @Test func `a client that is refused is one failure, and nobody is asked to consent`() async throws {
        let report = try await Self.apply(Self.error("invalid_client", status: 401))
        #expect(report.codes == ["oauth.invalid_client"])
        #expect(report.failures.first?.diagnostic.address == Self.profile)
        #expect(report.pending.isEmpty)
    }

    @Test func `what waits for a person names the command`() async throws {
        let report = try await Self.apply(Self.error("invalid_grant"))
        let actions = report.rows.compactMap { row in
            if case .pending(let action?, _) = row.outcome { action.help } else { nil }
        }
        #expect(actions.count == 1)
        #expect(actions.first?.contains("mailkeel authorize Authorization/people:one@example.com") == true)
    }
}
