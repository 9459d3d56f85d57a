import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelPlan
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

@testable import KeelEngine

/// A person's consent to one slot, begun and answered without anybody.
enum ConsentRig {
    static let slot = ResourceAddress.authorization(profile: "people", subject: "one@example.com")

    static func run(
        _ manifest: String = Manifests.person(),
        _ body: (EngineRig, Vault, Authorizer, ConsentRequest) async throws -> Void
    ) async throws {
        try await EngineRig.run { rig in
            try rig.write(manifest)
            var findings: [String] = []
            let vault = try await VaultAccessor(paths: rig.paths, files: rig.files, time: rig.clock)
                .openOrCreate(&findings)
            try await body(rig, vault, authorizer(rig, vault), try await request(rig))
            await vault.close()
        }
    }

    static func authorizer(_ rig: EngineRig, _ vault: Vault, run: String = "run-1") -> Authorizer {
        var authorizer = Authorizer(
            vault: vault, paths: rig.paths, ports: rig.ports, secrets: rig.secrets,
            explanation: FailureExplanation { _, _ in nil }, run: run, actor: "alice@desk")
        let clock = rig.clock
        authorizer.sleep = { duration in clock.advance(seconds: duration.components.seconds) }
        return authorizer
    }

    static func request(_ rig: EngineRig) async throws -> ConsentRequest {
        let planned = try await rig.plan()
        return try #require(ConsentRequest.all(in: planned.plan, planned.project.set).first)
    }

    static let uri = (try? RedirectURI(parsing: "http://127.0.0.1:4711/"))

    static func begin(_ authorizer: Authorizer, _ request: ConsentRequest) async throws -> BegunCode {
        try await authorizer.beginCode(request, redirectURI: try #require(uri), lifetime: 600)
    }

    /// What the browser brings when the person has consented.
    static func answer(to begun: BegunCode, code: String = "c0de") throws -> RedirectAnswer {
        try answer(to: begun, with: "code=\(code)")
    }

    /// An answer to this request, whatever it says.
    static func answer(to begun: BegunCode, with parameters: String) throws -> RedirectAnswer {
        try RedirectAnswer(query: Secret(copying: "\(parameters)&state=\(try state(of: begun))"))
    }

    static func state(of begun: BegunCode) throws -> String {
        guard case .link(let link) = begun.consent.ask else { throw NoLink() }
        let state = try #require(link.split(separator: "&").first { $0.hasPrefix("state=") })
        return String(state.dropFirst("state=".count))
    }

    struct NoLink: Error {}

    static func failure(_ body: () async throws -> Void) async throws -> StepFailure {
        try await #require(throws: StepFailure.self) { try await body() }
    }

    static let device = Manifests.person()
        .replacing("grant: authorization_code", with: "grant: device_code")
        .replacing(
            "authorization: \"https://login.example.com/authorize\"",
            with: "deviceAuthorization: \"\(ScriptedConsent.deviceEndpoint)\"")
}

/// Up once.
final class Flag: Sendable {
    private let isUp = Mutex(true)
    func take() -> Bool {
        isUp.withLock { isUp in
            defer { isUp = false }
            return isUp
        }
    }
}
