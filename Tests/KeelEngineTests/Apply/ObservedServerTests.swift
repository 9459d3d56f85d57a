import KeelBase
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// What an apply keeps of the servers that it proved accounts at.
struct ObservedServerTests {
    /// What is kept of capabilities, by account.
    private static func offers(_ rig: EngineRig) async throws -> [Observation] {
        try await rig.snapshot().observations.filter { $0.kind == ObservedFacts.offerKind }
    }

    /// Makes it so that an account's server showed another mechanism when somebody looked before.
    private static func rewrite(_ account: ResourceAddress, _ rig: EngineRig) async throws {
        try await rig.withVault { vault in
            let seen = try #require(
                try await vault.observations().first { $0.address == account && $0.kind == ObservedFacts.offerKind })
            let old = ObservedFacts.Offer(capabilities: ["IMAP4rev1", "SASL-IR"], mechanisms: ["CRAM-MD5"])
            let isKept = try await vault.observe(
                Observation(
                    of: seen.address, kind: seen.kind, observer: "test", observed: rig.clock.now, grant: seen.grant,
                    settingsDigest: seen.settingsDigest, value: old.json.text()))
            #expect(isKept)
        }
    }

    @Test func `what a server showed is kept of each account that was proven, of the grant that proved it`()
        async throws
    {
        try await EngineRig.run { rig in
            rig.admit(refusing: "beta")
            try await rig.apply()
            let seen = try await Self.offers(rig)
            #expect(seen.map(\.address) == [EngineRig.alpha, EngineRig.gamma])
            #expect(seen.allSatisfy { $0.observer == "apply" && $0.observed == rig.clock.now })
            #expect(seen.allSatisfy { $0.value.contains(#""mechanisms":["XOAUTH2","PLAIN"]"#) })
            let committed = try rig.committed(EngineRig.alpha)
            #expect(seen[0].grant?.text == committed.grant && seen[0].settingsDigest == committed.settingsDigest)
        }
    }

    @Test func `the first test after an apply tells what changed since`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try await Self.rewrite(EngineRig.alpha, rig)
            let results = try await rig.test()
            #expect(
                results[0].changes.map(\.words) == [
                    "AUTH=CRAM-MD5 is gone", "AUTH=XOAUTH2 is new", "AUTH=PLAIN is new",
                ])
            #expect(results[1].changes.isEmpty && results[2].changes.isEmpty)
        }
    }

    @Test func `an apply that sees something changed says so once for a server, for the next test cannot`() async throws
    {
        try await EngineRig.run { rig in
            let deferred = Manifests().text.replacing("userName:", with: "proof: deferred\n  userName:")
            try rig.write(deferred)
            #expect(try await rig.apply().findings.allSatisfy { !$0.contains("mail.example.com") })
            _ = try await rig.test()
            for account in EngineRig.accounts { try await Self.rewrite(account, rig) }
            try rig.write(Manifests())
            let findings = try await rig.apply().findings
            #expect(
                findings.first
                    == "mail.example.com:993 is not as it was seen last: AUTH=CRAM-MD5 is gone (EmailAccount/alpha and 2 more)."
            )
            #expect(findings.count == 3)
            #expect(try await rig.test().allSatisfy(\.changes.isEmpty))
        }
    }

    @Test func `of changed settings it begins anew`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try await Self.rewrite(EngineRig.alpha, rig)
            var manifests = Manifests()
            manifests.alpha.port = 1993
            rig.mail.set(HostPort(host: "mail.example.com", port: 1993), nil)
            try rig.write(manifests)
            #expect(try await rig.apply().findings.isEmpty)
            let seen = try await Self.offers(rig)
            #expect(seen.map(\.address) == EngineRig.accounts)
            let committed = try rig.committed(EngineRig.alpha)
            #expect(seen[0].settingsDigest == committed.settingsDigest)
            #expect(try await rig.test().allSatisfy(\.changes.isEmpty))
        }
    }

    @Test func `a proof that failed changes nothing of what is kept`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try await Self.offers(rig)
            var manifests = Manifests()
            manifests.alpha.port = 1993
            rig.mail.set(HostPort(host: "mail.example.com", port: 1993), .timedOut)
            try rig.write(manifests)
            rig.clock.advance(seconds: 60)
            #expect(try await rig.apply().codes == ["connection.timed_out"])
            #expect(try await Self.offers(rig) == before)
        }
    }

    @Test(arguments: ["password: { fromEnv: PASSWORD }", "authentication: none"])
    func `an account without a grant has its server's facts as well`(login: String) async throws {
        let manifest =
            login.hasPrefix("password")
            ? PasswordProofTests.manifest()
            : PasswordProofTests.manifest(
                "type: smtp", login, "password: -", "userName: printer", "from: printer@example.com", "port: 25",
                "connectionSecurity: starttls")
        try await PasswordProofTests.run(manifest) { rig in
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(try await Self.offers(rig).map(\.address) == [PasswordProofTests.desk])
            #expect(try await rig.test([PasswordProofTests.desk]).allSatisfy(\.changes.isEmpty))
        }
    }

    @Test func `an account that was renamed and proven again is kept under its new name`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let moved =
                "---\napiVersion: mailkeel/v1\nkind: Moved\nspec: { from: EmailAccount/alpha, to: EmailAccount/front }\n"
            var manifests = Manifests()
            manifests.alpha = .init("front")
            manifests.alpha.port = 1993
            rig.mail.set(HostPort(host: "mail.example.com", port: 1993), nil)
            try rig.write(manifests.text + moved)
            #expect(try await rig.apply().failures.isEmpty)
            let front = ResourceAddress(.emailAccount, "front")
            #expect(try await Self.offers(rig).map(\.address) == [EngineRig.beta, front, EngineRig.gamma])
        }
    }
}
