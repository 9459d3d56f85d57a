import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelTestSupport
import KeelVault
import Testing

@testable import KeelEngine

/// Where a consent is asked for, and who must answer.
struct ConsentContactTests {
    // MARK: Metadata

    private static let withIssuer = Manifests.person().replacing(
        "  endpoints:", with: "  issuer: \"\(ScriptedProvider.issuer)\"\n  endpoints:")

    @Test(arguments: [404, 503])
    func `what is only useful of the metadata is done without, by a consent as by an apply`(status: Int) async throws {
        try await ConsentRig.run(Self.withIssuer) { rig, _, authorizer, request in
            rig.provider.publish(HTTPResponse(status: status))
            rig.person.allow(code: "c0de")
            let begun = try await ConsentRig.begin(authorizer, request)
            _ = try await authorizer.redeem(begun, try ConsentRig.answer(to: begun))
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.pending.isEmpty)
        }
    }

    @Test func `metadata of another issuer are a mistake, for a consent as for an apply`() async throws {
        try await ConsentRig.run(Self.withIssuer) { rig, _, authorizer, request in
            rig.provider.publish(
                .json(
                    .object([
                        .init("issuer", "https://other.example.com"),
                        .init("token_endpoint", .string(ScriptedProvider.tokenEndpoint)),
                    ])))
            let failure = try await ConsentRig.failure { _ = try await ConsentRig.begin(authorizer, request) }
            #expect(failure.diagnostic.code == "oauth.metadata_mismatch")
            #expect(try await rig.apply().codes == ["oauth.metadata_mismatch"])
        }
    }

    // MARK: The issuer

    private static let google = Manifests.person().replacing(
        "endpoints: { authorization: \"https://login.example.com/authorize\", token: \"\(ScriptedProvider.tokenEndpoint)\" }",
        with: "provider: google"
    ).replacing("  scopes: [mail.imap]\n", with: "")

    @Test func `an answer in the name of another issuer than the preset's ends the consent`() async throws {
        try await ConsentRig.run(Self.google) { rig, vault, authorizer, request in
            rig.person.allow(code: "c0de")
            let begun = try await ConsentRig.begin(authorizer, request)
            let answer = try ConsentRig.answer(to: begun, with: "code=c0de&iss=https%3A%2F%2Fevil.example")
            let failure = try await ConsentRig.failure { _ = try await authorizer.redeem(begun, answer) }
            #expect(failure.diagnostic.code == "oauth.unusable_answer")
            #expect(rig.person.redeemed.isEmpty)
            #expect(try await vault.flows().isEmpty)
        }
    }

    @Test(
        arguments: [
            ("https://evil.example", "identity.foreign-token"), ("https://accounts.google.com", nil),
            ("accounts.google.com", nil),
        ] as [(String, String?)])
    func `an ID token of another issuer than the preset's is refused`(issuer: String, code: String?) async throws {
        try await ConsentRig.run(Self.google) { rig, vault, authorizer, request in
            let token = EngineRig.unsignedToken([
                "iss": .string(issuer), "aud": "app-2", "sub": "person-1", "email": "one@example.com",
                "exp": .integer(Int(rig.clock.now.seconds) + 3600),
            ])
            rig.transport.respond { _ throws(ConnectionFailure) in
                .json(
                    .object([
                        .init("access_token", "token-a"), .init("token_type", "Bearer"), .init("expires_in", 3600),
                        .init("refresh_token", "r"), .init("id_token", .string(token.revealText())),
                    ]))
            }
            let begun = try await ConsentRig.begin(authorizer, request)
            let answer = try ConsentRig.answer(to: begun, with: "code=c&iss=https%3A%2F%2Faccounts.google.com")
            if let code {
                let failure = try await ConsentRig.failure { _ = try await authorizer.redeem(begun, answer) }
                #expect(failure.diagnostic.code == code)
            } else {
                _ = try await authorizer.redeem(begun, answer)
                #expect(try await vault.snapshot().grants.values.map(\.providerSubject) == ["person-1"])
            }
        }
    }
}
