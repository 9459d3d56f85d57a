import KeelBase
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// Renames and releases leave what works as it is.
struct RenameTests {
    private static let renamed = ResourceAddress(.emailAccount, "omega")

    private static func moved(_ from: String, _ to: String) -> String {
        "---\napiVersion: mailkeel/v1\nkind: Moved\nspec: { from: \(from), to: \(to) }\n"
    }

    @Test func `a renamed account keeps its grant and its proof, and nobody is contacted`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try rig.committed(EngineRig.gamma)
            let text = Manifests().text.replacing("name: gamma", with: "name: omega")
            try rig.write(text + Self.moved("EmailAccount/gamma", "EmailAccount/omega"))
            let (dials, requests) = (rig.mail.dials.count, rig.transport.exchanges.count)
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.applied.move == 1)
            #expect(rig.mail.dials.count == dials && rig.transport.exchanges.count == requests)
            let after = try rig.committed(Self.renamed)
            #expect(after.grant == before.grant && after.proof == before.proof)
            #expect(try rig.state().head(EngineRig.gamma) == nil)
            let snapshot = try await rig.snapshot()
            #expect(snapshot.accounts[Self.renamed]?.text == before.grant)
            #expect(snapshot.accounts[EngineRig.gamma] == nil)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `a rename whose run was killed before the vault heard of it is mended`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let record = try rig.record(EngineRig.gamma)
            let text = Manifests().text.replacing("name: gamma", with: "name: omega")
            try rig.write(text + Self.moved("EmailAccount/gamma", "EmailAccount/omega"))
            try await rig.leave((EngineRig.gamma, nil), (Self.renamed, record))
            #expect(try await rig.apply().failures.isEmpty)
            let snapshot = try await rig.snapshot()
            #expect(Set(snapshot.accounts.keys) == [EngineRig.alpha, EngineRig.beta, Self.renamed])
            #expect(snapshot.grants.values.map(\.status) == [.current])
        }
    }

    @Test func `a renamed profile takes its slot and its accounts along without a new grant`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let grant = try rig.committed(EngineRig.authorization).grant
            let text = Manifests().text.replacing("name: desk", with: "name: office")
                .replacing("oauthProfile: desk", with: "oauthProfile: office")
            try rig.write(text + Self.moved("OAuthProfile/desk", "OAuthProfile/office"))
            let requests = rig.transport.exchanges.count
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(rig.transport.exchanges.count == requests)
            let slot = ResourceAddress.authorization(profile: "office", subject: "(app)")
            #expect(try rig.committed(slot).grant == grant)
            #expect(try rig.committed(EngineRig.alpha).dependencies.contains(slot))
            #expect(try rig.state().head(EngineRig.authorization) == nil)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `an account that is released keeps its grant in the vault`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try rig.write(
                "apiVersion: mailkeel/v1\nkind: Removed\nspec: { address: EmailAccount/gamma }\n---\n"
                    + Manifests().text
                    .components("---\n").filter { !$0.contains("name: gamma") }.joined(separator: "---\n"))
            let report = try await rig.apply()
            #expect(report.failures.isEmpty && report.applied.forget == 1 && report.applied.destroy == 0)
            #expect(try rig.state().head(EngineRig.gamma) == nil)
            #expect(try await rig.snapshot().grants.values.map(\.status) == [.current])
            #expect(try await rig.plan().plan.isEmpty)
        }
    }
}

extension String {
    fileprivate func components(_ separator: String) -> [String] {
        var parts: [String] = []
        var rest = self[...]
        while let range = rest.firstRange(of: separator) {
            parts.append(String(rest[..<range.lowerBound]))
            rest = rest[range.upperBound...]
        }
        return parts + [String(rest)]
    }
}
