import KeelBase
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// A keeper that is nothing like the local one fits without a change of the engine: stage, authorize there, prove there,
/// activate, verify, record.
struct KeeperTests {
    static let account = EngineRig.alpha

    /// A project whose only account is kept by the ticket system.
    static func run(_ body: (EngineRig, TicketSystem) async throws -> Void) async throws {
        try await EngineRig.run { rig in
            var rig = rig
            let tickets = TicketSystem()
            rig.keepers = [KeeperBinding(TicketKeeper(), tickets)]
            try rig.write(manifest())
            try await body(rig, tickets)
        }
    }

    static func manifest(port: Int = 993, onDestroy: String = "forget") -> String {
        """
        apiVersion: mailkeel/v1
        kind: OAuthProfile
        metadata: { name: desk }
        spec:
          endpoints: { token: "\(ScriptedProvider.tokenEndpoint)" }
          grant: client_credentials
          client: { id: app-1, secret: { fromEnv: DESK_SECRET } }
          scopes: [mail.imap]
        ---
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: alpha }
        spec:
          type: imap
          server: mail.example.com
          port: \(port)
          userName: alpha@example.com
          oauthProfile: desk
          recordIn: tickets
          lifecycle: { onDestroy: \(onDestroy) }

        """
    }

    @Test func `a plan shows every step there, and what the keeper does by itself`() async throws {
        try await Self.run { rig, _ in
            let plan = try await rig.plan().plan
            let kinds = plan.steps.filter { $0.id.address == Self.account }.map(\.id.kind)
            #expect(kinds == [.stage, .authorize, .test, .activate, .verify, .record])
            #expect(
                plan.changes.last?.reasons.contains { $0.code == .implicit && $0.text.contains("Default Sender") }
                    == true)
            // The keeper holds the grant, so the vault gets no slot for it.
            #expect(!plan.changes.contains { $0.address.kind == .authorization })
        }
    }

    @Test func `it is staged out of service and waits for a person; then exactly the rest is done`() async throws {
        try await Self.run { rig, tickets in
            let first = try await rig.apply()
            #expect(first.failures.isEmpty)
            #expect(first.pending == [Self.account])
            #expect(tickets.records(of: Self.account).map(\.isActive) == [false])
            let staged = try rig.record(Self.account)
            #expect(staged.committed == nil)
            #expect(staged.staging?.external == ["id": "id-1"])
            #expect(staged.staging?.writes.allSatisfy(\.isDone) == true)
            // Nobody has consented yet: it waits on, and nothing is written twice.
            #expect(try await rig.applyPending().pending == [Self.account])
            #expect(tickets.writes == ["alpha account", "alpha profile"])
            tickets.consent(to: Self.account)
            let rest = try await rig.applyPending()
            #expect(rest.failures.isEmpty && rest.pending.isEmpty)
            #expect(tickets.writes == ["alpha account", "alpha profile", "alpha active"])
            #expect(tickets.records(of: Self.account).map(\.isActive) == [true])
            let record = try rig.committed(Self.account)
            #expect(record.external == ["id": "id-1"])
            #expect(record.proof?.mechanism == "test connection")
            #expect(try rig.record(Self.account).staging == nil)
            #expect(try PendingStore(rig.paths, files: rig.files).load() == nil)
            #expect(try await rig.plan().plan.isEmpty)
        }
    }

    @Test func `a record that was written while the answer got lost is found again, and not made twice`() async throws {
        try await Self.run { rig, tickets in
            tickets.loseReplies(true)
            let lost = try await rig.apply()
            #expect(lost.codes == ["keeper.unreachable"])
            #expect(try rig.record(Self.account).staging?.writes.map(\.isDone) == [false])
            tickets.loseReplies(false)
            tickets.consent(to: Self.account)
            #expect(try await rig.apply().failures.isEmpty)
            #expect(tickets.records(of: Self.account).map(\.id) == ["id-1"])
            #expect(tickets.writes == ["alpha account", "alpha profile", "alpha active"])
        }
    }

    @Test func `where several records fit none is taken and none is made`() async throws {
        try await Self.run { rig, tickets in
            tickets.loseReplies(true)
            try await rig.apply()
            tickets.loseReplies(false)
            tickets.duplicate(Self.account)
            let report = try await rig.apply()
            #expect(report.codes == ["keeper.ambiguous"])
            #expect(tickets.writes == ["alpha account"])
        }
    }

    @Test func `a proof that fails there leaves it out of service`() async throws {
        try await Self.run { rig, tickets in
            try await rig.apply()
            tickets.consent(to: Self.account)
            tickets.refuseLogins(true)
            let report = try await rig.apply()
            #expect(report.codes == ["keeper.refused"])
            #expect(report.hasUnproven && !report.hasFailed)
            #expect(tickets.records(of: Self.account).map(\.isActive) == [false])
            #expect(try rig.record(Self.account).committed == nil)
        }
    }

    @Test func `a record that is not as written is not committed`() async throws {
        try await Self.run { rig, tickets in
            try await rig.apply()
            tickets.consent(to: Self.account)
            tickets.edit(Self.account, "server", .text("elsewhere.example.com"))
            #expect(try await rig.apply().codes == ["keeper.not-as-written"])
            #expect(try rig.record(Self.account).committed == nil)
        }
    }

    @Test func `renaming goes on with the same record there`() async throws {
        try await Self.run { rig, tickets in
            try await rig.apply()
            tickets.consent(to: Self.account)
            try await rig.apply()
            let omega = ResourceAddress(.emailAccount, "omega")
            tickets.rename(Self.account, to: omega)
            let moved =
                "---\napiVersion: mailkeel/v1\nkind: Moved\nspec: { from: EmailAccount/alpha, to: EmailAccount/omega }\n"
            try rig.write(Self.manifest(port: 1993).replacing("name: alpha", with: "name: omega") + moved)
            #expect(try await rig.apply().failures.isEmpty)
            #expect(tickets.records(of: omega).map(\.id) == ["id-1"])
            #expect(try rig.committed(omega).external == ["id": "id-1"])
            #expect(try rig.state().head(Self.account) == nil)
        }
    }

    @Test func `destroying takes it out of service there when its lifecycle says so`() async throws {
        for policy in ["forget", "deactivate"] {
            try await Self.run { rig, tickets in
                try rig.write(Self.manifest(onDestroy: policy))
                try await rig.apply()
                tickets.consent(to: Self.account)
                try await rig.apply()
                #expect(try await rig.apply(try await rig.plan(destroying: true)).failures.isEmpty)
                #expect(tickets.records(of: Self.account).map(\.isActive) == [policy == "forget"])
                #expect(try rig.state().isEmpty)
            }
        }
    }
}
