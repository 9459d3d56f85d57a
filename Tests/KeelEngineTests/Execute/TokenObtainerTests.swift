import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelOAuth
import KeelTestSupport
import Testing

/// What is said when a token endpoint refuses a first request.
struct TokenObtainerTests {
    private func refusal(_ grant: GrantType, _ endpoint: String, error: String) async throws -> Diagnostic {
        let transport = ScriptedTransport { _ in
            HTTPResponse(status: 401, body: Secret(copying: #"{"error":"\#(error)"}"#))
        }
        let tokens = TokenObtainer(
            transport: transport, time: FixedTimeSource(), explanation: FailureExplanation { _, _ in nil })
        let terms = GrantTerms(
            grant: grant, subject: "desk@example.com", tokenEndpoint: try EndpointURL(parsing: endpoint),
            clientID: "app",
            method: .none,
            credentials: ClientCredentials([
                .clientCertificate: Secret(copying: StandardKeys.p256), .password: Secret(copying: "hush"),
            ]), scopes: ["mail"], parameters: [:], trust: .system)
        let failure = await #expect(throws: StepFailure.self) {
            _ = try await tokens.obtain(terms, for: ResourceAddress(.oauthProfile, "p"))
        }
        return try #require(failure?.diagnostic)
    }

    @Test(arguments: [
        (GrantType.jwtBearer, "https://oauth2.googleapis.com/token", "unauthorized_client", "domain-wide delegation"),
        (.jwtBearer, "https://login.example.com/token", "unauthorized_client", "may not act for this subject"),
        (.jwtBearer, "https://login.example.com/token", "invalid_client", "who signed the assertion"),
        (.password, "https://login.example.com/token", "invalid_grant", "password is wrong"),
        (.clientCredentials, "https://login.example.com/token", "unauthorized_client", "may not use this grant"),
    ])
    func `the grant decides what an error means`(
        grant: GrantType, endpoint: String, error: String, words: String
    ) async throws {
        let diagnostic = try await refusal(grant, endpoint, error: error)
        #expect(diagnostic.code == "oauth.\(error)")
        #expect(diagnostic.message.contains(words), "\(diagnostic.message)")
    }

    @Test(arguments: [(GrantType.jwtBearer, true), (.password, true), (.clientCredentials, false)])
    func `it says whom a refused request was for`(grant: GrantType, namesSubject: Bool) async throws {
        let diagnostic = try await refusal(grant, "https://login.example.com/token", error: "invalid_grant")
        #expect(diagnostic.notes.contains { $0.message == "asked for desk@example.com" } == namesSubject)
    }
}
