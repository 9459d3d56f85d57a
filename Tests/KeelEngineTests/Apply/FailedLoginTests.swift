import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// Logins that fail leave what was in service in service.
struct FailedLoginTests {
    @Test func `one refused login of three leaves two committed and one entry with the reason`() async throws {
        try await EngineRig.run { rig in
            rig.admit(refusing: "beta")
            let report = try await rig.apply()
            #expect(report.failures.map(\.diagnostic.address) == [EngineRig.beta])
            #expect(report.hasUnproven && !report.hasFailed)
            #expect(report.applied.add == 4)
            #expect(report.skipped.isEmpty)
            #expect(try rig.committed(EngineRig.alpha).proof != nil)
            #expect(try rig.committed(EngineRig.gamma).proof != nil)
            let entry = try rig.record(EngineRig.beta)
            #expect(entry.committed == nil)
            #expect(entry.failure?.code == "mail.authentication_failed")
            #expect(entry.failure?.message.contains("mail.example.com:993") == true)
            let snapshot = try await rig.snapshot()
            #expect(Set(snapshot.accounts.keys) == [EngineRig.alpha, EngineRig.gamma])
        }
    }

    @Test func `the next plan is about the refused one only, and needs no new token`() async throws {
        try await EngineRig.run { rig in
            rig.admit(refusing: "beta")
            try await rig.apply()
            let plan = try await rig.plan().plan
            #expect(plan.changes.map(\.address) == [EngineRig.beta])
            #expect(plan.changes.first?.reasons.first?.text.contains("the last attempt failed") == true)
            #expect(plan.authorized.isEmpty)
            rig.admit()
            let report = try await rig.apply()
            #expect(report.failures.isEmpty)
            #expect(rig.provider.issued == 1)
            #expect(try rig.record(EngineRig.beta).failure == nil)
            #expect(try await rig.snapshot().accounts.count == 3)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `a wrong client secret is one failure and one request, and everything waits for it`() async throws {
        try await EngineRig.run { rig in
            rig.provider.rotate(to: "another-secret")
            let report = try await rig.apply()
            #expect(report.codes == ["oauth.invalid_client"])
            #expect(report.failures.first?.diagnostic.address == EngineRig.profile)
            #expect(report.hasFailed)
            #expect(rig.transport.exchanges.count == 1)
            #expect(rig.mail.dials.isEmpty)
            #expect(report.applied == PlanCounts())
            #expect(report.skipped.map(\.address).filter { $0.kind == .emailAccount } == EngineRig.accounts)
            #expect(Set(report.skipped.map(\.because)) == [EngineRig.profile])
            let state = try rig.state()
            #expect(state.addresses.allSatisfy { state.head($0)?.digest == nil })
            #expect(state.addresses == [EngineRig.profile])
            #expect(try await rig.snapshot().grants.isEmpty)
        }
    }

    @Test func `a secret that is not set stops before anything is contacted`() async throws {
        try await EngineRig.run { rig in
            var rig = rig
            rig.environment = [:]
            let report = try await rig.apply()
            #expect(report.codes == ["secret.variable-not-set"])
            #expect(report.failures.first?.diagnostic.range != nil)
            #expect(rig.transport.exchanges.isEmpty)
            #expect(Set(report.skipped.map(\.because)) == [EngineRig.profile])
        }
    }

    @Test func `a failed change of a working account leaves record, proof and grant in service`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try rig.committed(EngineRig.beta)
            let served = try await rig.snapshot().accounts
            var manifests = Manifests()
            manifests.beta.port = 1993
            try rig.write(manifests)
            rig.mail.set(HostPort(host: "mail.example.com", port: 1993), .timedOut)
            let report = try await rig.apply()
            #expect(report.codes == ["connection.timed_out"])
            #expect(report.hasUnproven && !report.hasFailed)
            #expect(try rig.committed(EngineRig.beta) == before)
            #expect(try rig.record(EngineRig.beta).failure?.code == "connection.timed_out")
            #expect(try await rig.snapshot().accounts == served)
            #expect(try await rig.plan().plan.changes.map(\.address) == [EngineRig.beta])
        }
    }

    @Test(arguments: [
        (ConnectionFailure.refused, "connection.connection_refused"),
        (.nameNotResolved(host: "mail.example.com"), "connection.name_not_resolved"),
        (.tls(.untrustedIssuer(issuer: ForeignText("Somebody"))), "connection.certificate_untrusted"),
    ])
    func `a mail server that cannot be reached proves nothing`(failure: ConnectionFailure, code: String) async throws {
        try await EngineRig.run { rig in
            rig.mail.set(EngineRig.imap, failure)
            let report = try await rig.apply()
            #expect(report.codes == [code, code, code])
            #expect(report.hasUnproven && !report.hasFailed)
            #expect(try rig.record(EngineRig.alpha).committed == nil)
            // The client was accepted; that much holds.
            #expect(try rig.committed(EngineRig.profile).fingerprints.count == 1)
        }
    }

    @Test func `a server that hangs up on the credential proves nothing`() async throws {
        try await EngineRig.run { rig in
            rig.mail.decide { $0.userName == "alpha@example.com" ? .hangUp : .accept }
            let report = try await rig.apply()
            #expect(report.codes == ["mail.closed_on_credential"])
            #expect(report.failures.first?.weight == .unproven)
        }
    }

    @Test func `a new secret version proves every account again and retires the old grant last`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let old = try #require(try rig.committed(EngineRig.authorization).grant)
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            rig.admit(refusing: "beta")
            let first = try await rig.apply()
            #expect(first.codes == ["mail.authentication_failed"])
            #expect(rig.mail.logins.count == 6)
            // Beta still works with the old one, so the old one is still in service.
            var snapshot = try await rig.snapshot()
            let new = try #require(try rig.committed(EngineRig.authorization).grant)
            #expect(new != old)
            #expect(snapshot.grants[try id(old)]?.status == .current)
            #expect(snapshot.accounts[EngineRig.beta]?.text == old)
            #expect(try rig.committed(EngineRig.beta).proof?.grant == old)
            #expect(snapshot.accounts[EngineRig.alpha]?.text == new)

            // Beta alone is left to do, and with it the old one goes.
            rig.admit()
            let planned = try await rig.plan()
            #expect(planned.plan.tested == [EngineRig.beta])
            #expect(planned.plan.authorized.isEmpty)
            #expect(try await rig.apply(planned).failures.isEmpty)
            snapshot = try await rig.snapshot()
            #expect(snapshot.grants[try id(old)]?.status == .retired)
            #expect(snapshot.grants[try id(new)]?.status == .current)
            #expect(Set(snapshot.accounts.values.map(\.text)) == [new])
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `a record of an account that was not proven again keeps its grant`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let old = try #require(try rig.committed(EngineRig.beta).grant)
            var manifests = Manifests()
            manifests.secretVersion = "2"
            try rig.write(manifests)
            rig.admit(refusing: "beta")
            try await rig.apply()
            // In one run a login of alpha, then beta goes to rest: the login proves alpha, and nothing of beta.
            manifests.alpha.port = 1993
            manifests.beta.isActive = false
            rig.mail.set(HostPort(host: "mail.example.com", port: 1993), nil)
            try rig.write(manifests)
            let planned = try await rig.plan()
            try #require(planned.plan.tested == [EngineRig.alpha])
            #expect(try await rig.apply(planned, parallelism: 1).failures.isEmpty)
            #expect(try rig.committed(EngineRig.beta).grant == old)
            #expect(try await rig.snapshot().accounts[EngineRig.beta]?.text == old)
        }
    }

    private func id(_ text: String) throws -> GrantID { try #require(GrantID(parsing: text)) }
}
