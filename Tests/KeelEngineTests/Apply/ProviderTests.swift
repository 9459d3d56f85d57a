import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// How a run deals with what the provider says.
struct ProviderTests {
    private static var discovering: Manifests {
        var manifests = Manifests()
        manifests.endpoint = "issuer: \"\(ScriptedProvider.issuer)\""
        return manifests
    }

    private static func metadata(issuer: String = ScriptedProvider.issuer, methods: [String]) -> HTTPResponse {
        .json(
            .object([
                .init("issuer", .string(issuer)), .init("token_endpoint", .string(ScriptedProvider.tokenEndpoint)),
                .init("token_endpoint_auth_methods_supported", .array(methods.map(JSON.string))),
            ]))
    }

    @Test func `endpoint and client authentication come from the issuer's metadata`() async throws {
        try await EngineRig.run { rig in
            try rig.write(Self.discovering)
            rig.provider.publish(Self.metadata(methods: ["client_secret_post"]))
            #expect(try await rig.apply().failures.isEmpty)
            let token = try #require(rig.transport.exchanges.last)
            #expect(token.url == ScriptedProvider.tokenEndpoint)
            #expect(token.form["client_secret"] == "first-secret")
            #expect(token.request.authorization == nil)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `an issuer without metadata is one failure, with every place that was tried`() async throws {
        try await EngineRig.run { rig in
            try rig.write(Self.discovering)
            let report = try await rig.apply()
            #expect(report.codes == ["oauth.metadata_not_found"])
            let diagnostic = try #require(report.failures.first?.diagnostic)
            #expect(diagnostic.address == EngineRig.profile)
            #expect(diagnostic.range != nil)
            #expect(diagnostic.notes.count == rig.transport.exchanges.count)
            #expect(report.skipped.map(\.address).filter { $0.kind == .emailAccount } == EngineRig.accounts)
            #expect(rig.mail.dials.isEmpty)
        }
    }

    @Test func `the metadata of another issuer is not used`() async throws {
        try await EngineRig.run { rig in
            try rig.write(Self.discovering)
            rig.provider.publish(Self.metadata(issuer: "https://evil.example.com", methods: ["client_secret_basic"]))
            #expect(try await rig.apply().codes == ["oauth.metadata_mismatch"])
            #expect(rig.provider.issued == 0)
        }
    }

    @Test func `a provider that cannot be reached is one failure that names its host`() async throws {
        try await EngineRig.run { rig in
            rig.provider.fail(.timedOut)
            let report = try await rig.apply()
            #expect(report.codes == ["connection.timed_out"])
            #expect(report.failures.first?.diagnostic.message.contains("login.example.com:443") == true)
            #expect(report.hasFailed)
        }
    }

    @Test func `less than was asked for is refused, and what was granted is said`() async throws {
        try await EngineRig.run { rig in
            rig.provider.grant(scope: "profile openid")
            let report = try await rig.apply()
            #expect(report.codes == ["oauth.insufficient_scope"])
            #expect(report.failures.first?.diagnostic.answer?.words.text == "granted: profile openid")
            #expect(rig.mail.dials.isEmpty)
            #expect(try await rig.snapshot().grants.isEmpty)
        }
    }

    @Test func `more than was asked for is taken`() async throws {
        try await EngineRig.run { rig in
            rig.provider.grant(scope: "mail.imap profile")
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
        }
    }

    @Test func `a failure of the provider is remembered, and forgotten when it has passed`() async throws {
        try await EngineRig.run { rig in
            rig.provider.fail(.refused)
            try await rig.apply()
            #expect(try rig.record(EngineRig.profile).failure?.code == "connection.connection_refused")
            rig.provider.fail(nil)
            try await rig.apply()
            #expect(try rig.remembersNoFailure())
        }
    }

    @Test func `a renewal that fails during a run is remembered, and forgotten when it has passed`() async throws {
        try await EngineRig.run { rig in
            var manifests = Manifests()
            try await rig.apply()
            rig.clock.advance(seconds: 7200)
            rig.provider.fail(.refused)
            manifests.alpha.port = 1993
            rig.mail.set(HostPort(host: "mail.example.com", port: 1993), nil)
            try rig.write(manifests)
            #expect(try await rig.apply().hasFailed)
            #expect(try rig.record(EngineRig.alpha).failure?.code == "connection.connection_refused")
            rig.provider.fail(nil)
            #expect(try await rig.apply().failures.isEmpty)
            #expect(try rig.remembersNoFailure())
        }
    }

    @Test func `a secret that was missing for a replacement is no failure once it is there`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            var careless = rig
            careless.environment = [:]
            try await careless.apply(try await rig.plan(replacing: [EngineRig.authorization]))
            #expect(try rig.record(EngineRig.profile).failure?.code == "secret.variable-not-set")
            #expect(try rig.record(EngineRig.profile).committed != nil)
            let planned = try await rig.plan(replacing: [EngineRig.authorization])
            #expect(try await rig.apply(planned).failures.isEmpty)
            #expect(try rig.remembersNoFailure())
        }
    }
}
