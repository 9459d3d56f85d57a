import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelModel
import KeelTestSupport
import Testing

/// A profile is proven before any account uses it.
struct ProfileTesterTests {
    private static func profile(_ lines: String) -> String {
        """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: desk }
        spec:
        \(lines.split(separator: "\n").map { "  \($0)\n" }.joined())
        """
    }

    private static let given = "endpoints: { token: \"\(ScriptedProvider.tokenEndpoint)\" }\n"
    private static let found = "issuer: \"\(ScriptedProvider.issuer)\"\n"
    private static let application =
        "grant: client_credentials\nclient: { id: app-1, secret: { fromEnv: DESK_SECRET } }\nscopes: [mail.imap]"
    private static let person = "grant: authorization_code\nclient: { id: app-2 }\nscopes: [mail.imap]"
    private static let device = "grant: device_code\nclient: { id: app-2 }\nscopes: [mail.imap]"

    private static func metadata(_ endpoints: String...) -> HTTPResponse {
        let host = "https://login.example.com"
        var members: [String: JSON] = ["issuer": .string(ScriptedProvider.issuer)]
        for name in ["token"] + endpoints { members["\(name)_endpoint"] = .string("\(host)/\(name)") }
        return .json(.sorted(members))
    }

    private static func error(_ code: String, status: Int = 400) -> HTTPResponse {
        .json(.object([.init("error", .string(code))]), status: status)
    }

    private static func test(
        _ manifest: String, _ prepare: (EngineRig) -> Void = { _ in }
    ) async throws -> ProfileTester.Result {
        var result: ProfileTester.Result?
        try await EngineRig.run { rig in
            try rig.write(profile(manifest))
            prepare(rig)
            result = try await rig.testProfile()
            // Neither state nor vault nor memory of issuers comes of it.
            #expect(try rig.files.mode(rig.paths.hidden) == nil)
        }
        return try #require(result)
    }

    @Test func `an application's token proves client and grant, with no account there`() async throws {
        let result = try await Self.test(Self.given + Self.application)
        #expect(result.verdicts == [.skipped, .ok, .ok])
        #expect(result.verdict == .ok)
        #expect(result.stages[1].evidence.contains("client_secret_basic"))
        #expect(result.stages[2].evidence.contains("mail.imap"))
        #expect(result.stages[2].elapsed != nil)
    }

    @Test func `what the issuer says is looked at anew, and shown`() async throws {
        let result = try await Self.test(Self.found + Self.application) {
            $0.provider.publish(Self.metadata("revocation"))
        }
        #expect(result.verdicts == [.ok, .ok, .ok])
        #expect(result.stages[0].evidence.contains("token, revocation"))
    }

    @Test func `without metadata nothing else is asked`() async throws {
        let result = try await Self.test(Self.found + Self.application)
        #expect(result.verdicts == [.failed, .skipped, .skipped])
        #expect(result.failures.map(\.diagnostic.code) == ["oauth.metadata_not_found"])
    }

    @Test func `a secret that is not there is the client's failure, and nobody is asked`() async throws {
        try await EngineRig.run { rig in
            var rig = rig
            rig.environment = [:]
            try rig.write(Self.profile(Self.given + Self.application))
            let result = try await rig.testProfile()
            #expect(result.verdicts == [.skipped, .failed, .skipped])
            #expect(result.failures.first?.diagnostic.code == "secret.variable-not-set")
            #expect(rig.transport.exchanges.isEmpty)
        }
    }

    /// Whose fault a refusal is: the client's, what it asks for, or nobody can tell.
    @Test(
        arguments: [
            ("invalid_client", 401, [.skipped, .failed, .skipped]), ("invalid_scope", 400, [.skipped, .ok, .failed]),
            ("server_error", 500, [.skipped, .ambiguous, .failed]),
        ] as [(String, Int, [ProfileTester.Verdict])])
    func `a refusal is told apart`(code: String, status: Int, verdicts: [ProfileTester.Verdict]) async throws {
        let result = try await Self.test(Self.given + Self.application) { rig in
            rig.transport.respond { _ throws(ConnectionFailure) in Self.error(code, status: status) }
        }
        #expect(result.verdicts == verdicts)
    }

    @Test func `fewer scopes than declared are the token's failure`() async throws {
        let result = try await Self.test(Self.given + Self.application) { $0.provider.grant(scope: "profile") }
        #expect(result.verdicts == [.skipped, .ok, .failed])
        #expect(result.failures.first?.diagnostic.code == "oauth.insufficient_scope")
    }

    /// The same client by what its provider offers, with the answer of that, and what comes of it.
    @Test(
        arguments: [
            (
                person, "pushed_authorization_request",
                HTTPResponse.json(.object([.init("request_uri", "urn:1")]), status: 201), .ok
            ),
            (person, "pushed_authorization_request", error("invalid_client", status: 401), .failed),
            (device, "device_authorization", error("unauthorized_client"), .failed),
            (person, "token", error("invalid_grant"), .ok),
            (person, "token", error("invalid_client", status: 401), .failed),
            (person, "token", HTTPResponse(status: 400), .ambiguous),
        ] as [(String, String, HTTPResponse, ProfileTester.Verdict)])
    func `a client that needs a person is proven by what the provider offers`(
        manifest: String, endpoint: String, answer: HTTPResponse, verdict: ProfileTester.Verdict
    ) async throws {
        let result = try await Self.test(Self.found + manifest) { rig in
            let metadata =
                endpoint == "token"
                ? Self.metadata("authorization") : Self.metadata("authorization", "device_authorization", endpoint)
            rig.transport.respond { request throws(ConnectionFailure) in
                if request.url.description.contains("/.well-known/") { return metadata }
                return request.url.description.hasSuffix("/\(endpoint)") ? answer : Self.error("invalid_grant")
            }
        }
        #expect(result.verdicts == [.ok, verdict, .skipped])
        #expect(result.verdict == verdict)
        #expect(result.stages[2].evidence.contains("authorize"))
    }
}

extension ProfileTester.Result {
    var verdicts: [ProfileTester.Verdict] { stages.map(\.verdict) }
}

extension EngineRig {
    /// Tests the only profile as `mailkeel test` does.
    func testProfile() async throws -> ProfileTester.Result {
        let project = Project.load(paths, files: files, now: clock.now)
        #expect(!project.report.hasErrors, "\(project.report.diagnostics.map(\.message))")
        let profile = try #require(project.set.profiles.first)
        let tester = ProfileTester(
            paths: paths, ports: ports, secrets: secrets, explanation: FailureExplanation { project.place($0, $1) })
        return await tester.test(profile, of: project.set, in: nil)
    }
}
