import KeelBase
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// What a killed run left behind is mended by the next one, which says so.
struct RecoveryTests {
    @Test func `a candidate that the journal names is put into service`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let old = try #require(GrantID(parsing: try rig.committed(EngineRig.alpha).grant ?? ""))
            let candidate = try await rig.addCandidate()
            var slot = try rig.committed(EngineRig.authorization)
            slot.grant = candidate.text
            var alpha = try rig.committed(EngineRig.alpha)
            alpha.grant = candidate.text
            try await rig.leave(
                (EngineRig.authorization, ResourceRecord(committed: slot)),
                (EngineRig.alpha, ResourceRecord(committed: alpha)))
            // It comes to no more than the promotion: the logins of the two others fail.
            rig.admit(refusing: "beta", "gamma")
            let report = try await rig.apply()
            #expect(report.findings.count == 2)
            #expect(report.findings.first?.contains("killed") == true)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.grants[candidate]?.status == .current)
            #expect(snapshot.accounts[EngineRig.alpha] == candidate)
            #expect(snapshot.accounts[EngineRig.beta] == old)
            #expect(snapshot.grants[old]?.status == .current)
            #expect(try rig.text(rig.paths.state.journal) == nil)
            #expect(try await rig.apply().findings.isEmpty)
        }
    }

    @Test func `observations of what was put into service so count`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let candidate = try await rig.addCandidate()
            var records: [(ResourceAddress, ResourceRecord?)] = []
            for address in [EngineRig.authorization, EngineRig.alpha] {
                var record = try rig.committed(address)
                record.grant = candidate.text
                records.append((address, ResourceRecord(committed: record)))
            }
            try await rig.leave(records[0], records[1])
            try await rig.apply()
            let record = try rig.committed(EngineRig.alpha)
            let observation = Observation(
                of: EngineRig.alpha, kind: "connected", observer: "test", observed: rig.clock.now, grant: candidate,
                settingsDigest: record.settingsDigest, value: "{}")
            #expect(try await rig.withVault { try await $0.observe(observation) })
        }
    }

    @Test func `a candidate that nobody names is retired if it cost no person's time, and kept if it did`() async throws
    {
        try await EngineRig.run { rig in
            try await rig.apply()
            let cache = try await rig.addCandidate(.clientCredentials)
            let consent = try await rig.addCandidate(.authorizationCode)
            let report = try await rig.apply()
            #expect(report.findings.count == 1)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.grants[cache]?.status == .retired)
            #expect(snapshot.grants[consent]?.status == .candidate)
        }
    }

    @Test func `a leftover journal counts as committed, and is folded in and reported`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let record = try rig.committed(EngineRig.gamma)
            try await rig.leave((EngineRig.gamma, nil))
            #expect(try rig.readState()?.committed(EngineRig.gamma) == nil)
            let planned = try await rig.plan()
            #expect(planned.plan.changes.map(\.address) == [EngineRig.gamma])
            let report = try await rig.apply(planned)
            #expect(report.findings.first?.contains("did not finish") == true)
            #expect(try rig.committed(EngineRig.gamma).effective == record.effective)
            #expect(try rig.text(rig.paths.state.journal) == nil)
        }
    }

    @Test func `an account whose removal was interrupted is forgotten by the vault too`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            // The journal line of a removal is there, and the vault was never told.
            try await rig.leave((EngineRig.gamma, nil))
            let report = try await rig.apply(try await rig.plan(destroying: true))
            #expect(report.failures.isEmpty)
            #expect(report.findings.contains { $0.contains("forgotten") })
            let snapshot = try await rig.snapshot()
            #expect(snapshot.accounts.isEmpty)
            #expect(snapshot.grants.values.allSatisfy { $0.status == .retired })
        }
    }

    @Test func `a state that lost its memory takes nothing out of service`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let served = try await rig.snapshot().accounts
            try rig.files.remove(rig.paths.state.state)
            rig.admit(refusing: "alpha", "beta", "gamma")
            let report = try await rig.apply()
            #expect(report.codes.count == 3)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.accounts == served)
            #expect(snapshot.grants[try #require(served[EngineRig.alpha])]?.status == .current)
        }
    }

    @Test func `a vault that is lost is made again, and everything that it held is obtained again`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            for name in ScratchDirectory.names(in: rig.paths.state.directory) where name.hasPrefix("vault.db") {
                try rig.files.remove("\(rig.paths.state.directory)/\(name)")
            }
            #expect(try await rig.plan().plan.isEmpty)
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            #expect(try await rig.apply().failures.isEmpty)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.accounts.count == 3)
            #expect(try rig.state().vault == snapshot.vault)
        }
    }
}

extension EngineRig {
    /// A candidate in the vault that no record names.
    func addCandidate(_ type: GrantType = .clientCredentials) async throws -> GrantID {
        let recipe = Recipe(
            grantType: type, profile: "desk", subject: "(app)",
            tokenEndpoint: try EndpointURL(parsing: ScriptedProvider.tokenEndpoint), clientID: "app-1",
            clientAuthentication: .basic, scopes: ["mail.imap"], marginSeconds: 600)
        let draft = GrantDraft(profile: "desk", subject: "(app)", clientDigest: "client", type: type, run: "killed")
        let tokens = IssuedTokens(
            access: Secret(copying: "token-candidate"), accessExpires: clock.now.adding(seconds: 3600),
            scopes: ["mail.imap"])
        return try await withVault { try await $0.addCandidate(draft, recipe, tokens).id }
    }
}
