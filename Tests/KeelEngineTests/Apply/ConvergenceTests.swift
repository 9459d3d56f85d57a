import KeelBase
import KeelCrypto
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

struct ConvergenceTests {
    @Test func `a new project is authorized once, proven and committed`() async throws {
        try await EngineRig.run { rig in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(report.applied.add == 5)
            #expect(rig.provider.issued == 1)
            #expect(rig.mail.logins.count == 3)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `a second apply contacts nobody and writes nothing`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try rig.text(rig.paths.state.state)
            let report = try await rig.apply()
            #expect(report.findings.isEmpty)
            #expect(rig.transport.exchanges.count == 1)
            #expect(rig.mail.dials.count == 3)
            #expect(try rig.text(rig.paths.state.state) == before)
        }
    }

    @Test func `the state names grant and proof, and the vault serves the same grant`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let snapshot = try await rig.snapshot()
            let grant = try #require(try rig.committed(EngineRig.authorization).grant)
            #expect(try rig.state().vault == snapshot.vault)
            #expect(snapshot.grants.values.map(\.status) == [.current])
            for account in EngineRig.accounts {
                let record = try rig.committed(account)
                let proof = try #require(record.proof)
                #expect(record.grant == grant)
                #expect(proof.grant == grant)
                #expect(proof.mechanism == "XOAUTH2")
                #expect(proof.at == rig.clock.now)
                #expect(snapshot.accounts[account]?.text == grant)
            }
        }
    }

    @Test func `the fingerprint is an HMAC under the project's key, not the vault's`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let fingerprint = try #require(try rig.committed(EngineRig.profile).fingerprints["client.secret"])
            let secret = Secret(copying: "first-secret")
            func expected(_ path: String) throws -> Fingerprint {
                let stored = try #require(try KeyFile.load(path, rig.files))
                let key = KeyDerivation.key(from: stored, purpose: "fingerprint/v1")
                return Fingerprint(
                    key: KeyIdentifier(of: key).description,
                    code: Hexadecimal.text(MessageAuthentication.code(for: secret, key: key)))
            }
            #expect(try fingerprint == expected(rig.paths.projectKey))
            #expect(try fingerprint != expected(rig.paths.vaultKey))
        }
    }

    @Test func `no file below the project holds the secret or a token in clear`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let hidden = rig.paths.state.directory
            for name in ScratchDirectory.names(in: hidden) where name != "grants" {
                let content = try #require(try rig.files.read("\(hidden)/\(name)", limit: .max))
                let text = String(decoding: content, as: UTF8.self)
                #expect(!text.contains("first-secret"), "\(name)")
                #expect(!text.contains("token-1"), "\(name)")
            }
        }
    }

    @Test func `the first run says where it made keys, the second makes none`() async throws {
        try await EngineRig.run { rig in
            let made = try await rig.apply().findings
            #expect(made.count == 2)
            #expect(made.contains { $0.contains(rig.paths.vaultKey) })
            #expect(made.contains { $0.contains(rig.paths.projectKey) })
            let keys = try [rig.paths.vaultKey, rig.paths.projectKey].map { try rig.text($0) }
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            #expect(try await rig.apply().findings.isEmpty)
            #expect(try [rig.paths.vaultKey, rig.paths.projectKey].map { try rig.text($0) } == keys)
        }
    }

    @Test func `a project key that is absent is made and said, and the vault's stays`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let vaultKey = try rig.text(rig.paths.vaultKey)
            try rig.files.remove(rig.paths.projectKey)
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(report.findings.count == 1)
            #expect(report.findings.first?.contains(rig.paths.projectKey) == true)
            #expect(try rig.text(rig.paths.vaultKey) == vaultKey)
        }
    }

    @Test func `state and vault are kept out of version control and away from other users`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let hidden = rig.paths.state.directory
            #expect(try rig.text(hidden + "/.gitignore")?.contains("\n*\n") == true)
            #expect(try rig.files.mode(hidden) == 0o700)
            for path in [rig.paths.state.state, rig.paths.vault, rig.paths.vaultKey, rig.paths.projectKey] {
                #expect(try rig.files.mode(path) == 0o600, "\(path)")
            }
        }
    }
}
