import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

/// Secrets from commands and from the vault, through plan, apply and renewal.
struct SecretSourceTests {
    private static func manifests(_ secret: String, version: String = "1") -> Manifests {
        var manifests = Manifests()
        manifests.secret = secret
        manifests.secretVersion = version
        return manifests
    }

    private static func putIntoVault(_ text: String, _ rig: EngineRig) async throws {
        var findings: [String] = []
        let vault = try await VaultAccessor(paths: rig.paths, files: rig.files, time: rig.clock).openOrCreate(&findings)
        try await vault.setSecret(Secret(copying: text), named: "desk")
        await vault.close()
    }

    private static func token(_ rig: EngineRig) async throws -> String {
        try await rig.withVault { vault in
            let grants = GrantTokens(
                paths: rig.paths, ports: rig.ports, secrets: rig.secrets,
                explanation: FailureExplanation { _, _ in nil })
            return try await grants.accessToken(of: EngineRig.alpha, in: vault, actor: "test").token.revealText()
        }
    }

    @Test func `a command's secret is fetched once for a run, and again for a renewal`() async throws {
        try await EngineRig.run { rig in
            rig.programs.respond { _ throws(ProcessFailure) in .printing("first-secret\n") }
            try rig.write(Self.manifests("fromCommand: [pass, show, desk]"))
            let planned = try await rig.plan()
            #expect(rig.programs.requests.isEmpty)
            let report = try await rig.apply(planned)
            #expect(report.failures.isEmpty && rig.programs.requests.map(\.command) == [["pass", "show", "desk"]])
            #expect(rig.programs.requests.first?.directory == rig.paths.directory)
            let record = try rig.committed(EngineRig.profile)
            #expect(record.fingerprints["client.secret"] != nil)
            #expect(
                record.effective["client.secret"]?.value
                    == .secret(SecretSource(.command(["pass", "show", "desk"]), version: "1")))
            // Nothing to do: nothing is run.
            #expect(try await rig.plan().plan.steps.isEmpty && rig.programs.requests.count == 1)
            rig.clock.advance(seconds: 7_200)
            #expect(try await Self.token(rig) == "token-2" && rig.programs.requests.count == 2)
        }
    }

    @Test func `a command that fails is one failure, and nothing is sent`() async throws {
        try await EngineRig.run { rig in
            rig.programs.respond { _ throws(ProcessFailure) in
                ProcessResult(ending: .exited(1), output: Secret(copying: "half"), complaint: ForeignText("is locked"))
            }
            try rig.write(Self.manifests("fromCommand: [pass, show, desk]"))
            let report = try await rig.apply()
            #expect(report.codes == ["secret.command-failed"] && rig.transport.exchanges.isEmpty)
            let diagnostic = try #require(report.failures.first?.diagnostic)
            #expect(diagnostic.message == "client.secret: the command pass ended with status 1")
            #expect(diagnostic.notes.map(\.message) == ["it said: is locked"] && diagnostic.range != nil)
            #expect(try rig.record(EngineRig.profile).failure?.message == diagnostic.message)
        }
    }

    @Test func `the vault's secret serves apply and renewal, also before the first state`() async throws {
        try await EngineRig.run { rig in
            try await Self.putIntoVault("first-secret", rig)
            try rig.write(Self.manifests("fromVault: desk"))
            let report = try await rig.apply()
            // The project key is new; the vault and its key are not.
            #expect(report.failures.isEmpty && report.findings.count == 1)
            #expect(try rig.committed(EngineRig.profile).fingerprints["client.secret"] != nil)
            rig.clock.advance(seconds: 7_200)
            #expect(try await Self.token(rig) == "token-2")
            // A rotation: the next renewal takes the new one, and a new version lets apply prove it.
            rig.provider.rotate(to: "second-secret")
            try await Self.putIntoVault("second-secret", rig)
            #expect(try await rig.plan().plan.steps.isEmpty)
            rig.clock.advance(seconds: 7_200)
            #expect(try await Self.token(rig) == "token-3")
            try rig.write(Self.manifests("fromVault: desk", version: "2"))
            #expect(try await rig.apply().failures.isEmpty)
        }
    }

    @Test func `a secret that the vault lacks is named with the command that stores it`() async throws {
        try await EngineRig.run { rig in
            try rig.write(Self.manifests("fromVault: desk"))
            let report = try await rig.apply()
            #expect(report.codes == ["secret.not-in-vault"] && rig.transport.exchanges.isEmpty)
            #expect(report.failures.first?.diagnostic.help?.contains("mailkeel vault set desk --chdir") == true)
            try await Self.putIntoVault("first-secret", rig)
            #expect(try await rig.apply().failures.isEmpty)
        }
    }

    @Test func `planning opens no key`() async throws {
        try await EngineRig.run { rig in
            try await Self.putIntoVault("first-secret", rig)
            try rig.write(Self.manifests("fromVault: desk"))
            try rig.files.remove(rig.paths.vaultKey)
            #expect(try await rig.plan().plan.steps.isEmpty == false)
        }
    }
}
