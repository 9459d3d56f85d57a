import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// Fields whose changes are not acted on, and proofs that may come later.
struct LifecycleTests {
    // MARK: ignoreChanges

    private static func ignoring(_ fields: String) -> String {
        Manifest.idp + Manifest.account("one", "lifecycle: { ignoreChanges: [\(fields)] }")
    }

    private static func applied(_ text: String) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    @Test(arguments: [
        ("server", "imap.example.com", "imap2.example.com"), ("port", "port: 993", "port: 10993"),
        ("port", "  port: 993\n", ""), ("tls.caFile", "mail.pem", "other.pem"),
        ("debug", "debug: false", "debug: true"),
        ("tls.caFile", "  tls: { caFile: mail.pem }\n", ""), ("metadata.labels", "team: desk", "team: sales"),
        ("metadata.labels", ", labels: { team: desk }", ""), ("active", "active: true", "active: false"),
    ])
    func `a change that is ignored is no change`(field: String, from: String, to: String) throws {
        let text = Self.ignoring(field)
        try #require(text.contains(from))
        let world = Self.applied(text)
        #expect(world.plan(text.replacing(from, with: to)).isEmpty)
    }

    @Test func `what is ignored stays as it was committed when another field changes`() {
        let text = Self.ignoring("server, metadata.labels")
        var world = Self.applied(text)
        let edited = text.replacing("imap.example.com", with: "evil.example").replacing("team: desk", with: "team: x")
            .replacing("port: 993", with: "port: 10993")
        let plan = world.plan(edited)
        #expect(plan.change("EmailAccount/one")?.fields.map(\.field) == ["port"])
        guard case .test(let work)? = plan.step("EmailAccount/one#test")?.work else {
            Issue.record("there is no test")
            return
        }
        #expect(work.endpoint == HostPort(host: "imap.example.com", port: 10993))
        world.apply(plan)
        let record = world.committed("EmailAccount/one")
        #expect(record?.effective["server"]?.value == .text("imap.example.com"))
        #expect(record?.declared["server"] == .text("imap.example.com"))
        #expect(record?.declared["metadata.labels"] == .map(["team": "desk"]))
        #expect(world.plan(edited).isEmpty)
    }

    @Test func `a new account has nothing to keep`() {
        let plan = World().plan(Self.ignoring("server").replacing("imap.example.com", with: "imap2.example.com"))
        #expect(plan.planned("EmailAccount/one")?.values.effective["server"]?.value == .text("imap2.example.com"))
    }

    /// It was switched off somewhere else, and that is to be left alone.
    @Test func `an account that stays switched off asks for no grant`() {
        let text = Self.ignoring("active")
        var world = Self.applied(text.replacing("active: true", with: "active: false"))
        let plan = world.plan(text)
        #expect(plan.isEmpty)
        // Nor when something else of it changes.
        let renamed = world.plan(text.replacing("team: desk", with: "team: sales"))
        #expect(renamed.stepNames == ["EmailAccount/one#record"])
        world.apply(renamed)
        #expect(world.committed("Authorization/idp:(app)") == nil)
    }

    /// It was switched on, and the manifest's other opinion is ignored: then it goes with its profile.
    @Test func `an account that stays switched on is proven with its profile's new grant`() {
        let text = Self.ignoring("active")
        var world = Self.applied(text)
        let edited = text.replacing("active: true", with: "active: false").replacing("app-1", with: "app-2")
        let plan = world.plan(edited)
        #expect(plan.obtainedNames == ["idp:(app)"] && plan.testedNames == ["one"])
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(edited).isEmpty)
    }

    // MARK: proof: deferred

    private static let deferred = Manifest.idp + Manifest.account("one", "proof: deferred")
    private static let required = Manifest.idp + Manifest.one

    @Test func `a deferred proof puts into service without a login, and says so`() {
        var world = World()
        let plan = world.plan(Self.deferred)
        #expect(plan.testedNames.isEmpty && plan.obtainedNames == ["idp:(app)"])
        #expect(plan.codes("EmailAccount/one") == [.unproven])
        #expect(plan.planned("EmailAccount/one")?.proof == PlannedRecord.Proof.none)
        plan.expectOrdered()
        world.apply(plan)
        let record = world.committed("EmailAccount/one")
        #expect(record?.proof == nil && record?.grant == world.committed("Authorization/idp:(app)")?.grant)

        let later = world.plan(Self.deferred)
        #expect(later.isEmpty)
        let note = later.notes.first { $0.code == "plan.unproven" }
        #expect(note?.message == "1 account in service UNPROVEN, because the proof is deferred: one")
    }

    @Test func `a proof that becomes required is made`() {
        var world = Self.applied(Self.deferred)
        let plan = world.plan(Self.required)
        #expect(plan.stepNames == ["EmailAccount/one#test", "EmailAccount/one#record"])
        #expect(plan.codes("EmailAccount/one") == [.neverProven])
        world.apply(plan)
        #expect(world.committed("EmailAccount/one")?.proof != nil)
        #expect(
            world.plan(Self.required).isEmpty
                && world.plan(Self.required).notes.allSatisfy { $0.code != "plan.unproven" })
    }

    /// The proof that it has is of settings that it has no longer.
    @Test func `a change of what was proven leaves it unproven`() {
        var world = Self.applied(Self.required)
        world.apply(Self.deferred)
        #expect(world.committed("EmailAccount/one")?.proof != nil)
        let plan = world.plan(Self.deferred.replacing("port: 993", with: "port: 10993"))
        #expect(plan.testedNames.isEmpty && plan.codes("EmailAccount/one") == [.newHost, .unproven])
        world.apply(plan)
        #expect(world.committed("EmailAccount/one")?.proof == nil)
    }

    @Test func `a new grant leaves it unproven too, and does not promise a proof`() throws {
        var world = Self.applied(Self.deferred)
        let edited = Self.deferred.replacing("version: \"1\"", with: "version: \"2\"")
        let plan = world.plan(edited)
        #expect(plan.testedNames.isEmpty)
        #expect(plan.codes("EmailAccount/one") == [.newGrant, .unproven])
        let first = try #require(plan.reasons("EmailAccount/one")?.first)
        #expect(!first.contains("proven"))
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.committed("EmailAccount/one")?.grant == world.committed("Authorization/idp:(app)")?.grant)
        #expect(world.plan(edited).isEmpty)
    }
}
