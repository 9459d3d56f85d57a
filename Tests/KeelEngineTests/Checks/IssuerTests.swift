import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelTestSupport
import Testing

/// How issuers are found, remembered and believed.
struct IssuerTests {
    private static var manifests: Manifests {
        var manifests = Manifests()
        manifests.endpoint = "issuer: \"\(ScriptedProvider.issuer)\""
        return manifests
    }

    private static func metadata(
        token: String = ScriptedProvider.tokenEndpoint, cacheControl: String? = nil
    ) -> HTTPResponse {
        var response = HTTPResponse.json(
            .object([
                .init("issuer", .string(ScriptedProvider.issuer)), .init("token_endpoint", .string(token)),
            ]))
        if let cacheControl { response.headers.append((name: "Cache-Control", value: cacheControl)) }
        return response
    }

    private static func searches(_ rig: EngineRig) -> Int {
        rig.transport.exchanges.count { $0.url.contains("/.well-known/") }
    }

    /// Applies, then once more after so many seconds; returns how often the issuer was asked.
    private static func searches(
        _ cacheControl: String?, after seconds: Int64, spoiling spoil: (EngineRig) throws -> Void = { _ in }
    ) async throws -> Int {
        var count = 0
        try await EngineRig.run { rig in
            try rig.write(manifests)
            rig.provider.publish(metadata(cacheControl: cacheControl))
            // The directory that remembers is made by the first run, for its state.
            try rig.files.createDirectory(rig.paths.hidden)
            #expect(try await rig.apply().failures.isEmpty)
            try spoil(rig)
            rig.clock.advance(seconds: seconds)
            #expect(
                try await rig.apply(try await rig.plan(replacing: [EngineRig.authorization])).failures.isEmpty)
            count = searches(rig)
        }
        return count
    }

    @Test(
        arguments: [
            (nil, 3_000, 1), (nil, 4_000, 2), ("max-age=60", 30, 1), ("public, max-age=\"60\"", 90, 2),
            ("no-store", 1, 2), ("no-cache", 1, 2), ("max-age=0", 1, 2), ("max-age=99999999", 90_000, 2),
            ("max-age=soon", 1, 2),
        ] as [(String?, Int64, Int)])
    func `a document holds as long as its issuer says, else an hour, and never longer than a day`(
        cacheControl: String?, seconds: Int64, expected: Int
    ) async throws {
        #expect(try await Self.searches(cacheControl, after: seconds) == expected)
    }

    @Test(arguments: ["", "{}", "not JSON", "{\"version\": 9, \"issuers\": {}}"])
    func `a memory that cannot be read is none`(content: String) async throws {
        let count = try await Self.searches(nil, after: 1) { rig in
            try rig.files.replace("\(rig.paths.hidden)/issuers.json", with: Array(content.utf8))
        }
        #expect(count == 2)
    }

    @Test func `a remembered document of another issuer is not believed`() async throws {
        let count = try await Self.searches(nil, after: 1) { rig in
            let path = "\(rig.paths.hidden)/issuers.json"
            let text = try #require(try rig.text(path))
            let forged = text.replacing("\\\"issuer\\\":\\\"https://login", with: "\\\"issuer\\\":\\\"https://evil")
            #expect(forged != text)
            try rig.files.replace(path, with: Array(forged.utf8))
        }
        #expect(count == 2)
    }

    @Test func `profiles of one issuer find it once in a run`() async throws {
        try await EngineRig.run { rig in
            let second = Self.manifests.text.replacing("desk", with: "bureau").replacing("alpha", with: "delta")
                .replacing("beta", with: "epsilon").replacing("gamma", with: "zeta")
            try rig.write(Self.manifests.text + "---\n" + second)
            rig.provider.publish(Self.metadata(cacheControl: "no-store"))
            #expect(try await rig.apply().failures.isEmpty)
            #expect(Self.searches(rig) == 1)
        }
    }

    @Test func `an endpoint on another site is used only if the manifest lists it`() async throws {
        try await EngineRig.run { rig in
            try rig.write(Self.manifests)
            rig.provider.publish(Self.metadata(token: "https://elsewhere.example.net/token"))
            let report = try await rig.apply()
            #expect(report.codes == ["oauth.endpoint_off_site"])
            let diagnostic = try #require(report.failures.first?.diagnostic)
            #expect(
                diagnostic.help?.contains("endpoints: { token: \"https://elsewhere.example.net/token\" }") == true)
            #expect(diagnostic.range != nil)
            #expect(diagnostic.responsible == .manifestAuthor)
            #expect(rig.provider.issued == 0)
        }
    }
}
