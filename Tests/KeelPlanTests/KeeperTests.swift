import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelState
import Testing

/// A keeper turns the changes of its accounts into steps; the planner gives it what it needs to know.
struct KeeperTests {
    private static let address = ResourceAddress(.emailAccount, "out")
    private static let profile = Manifest.idp

    private static func account(_ more: String...) -> String {
        """
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: out }
        spec:
          type: smtp
          server: mail.example.com
          userName: out@example.com
          oauthProfile: idp
          recordIn: remote
        \(more.map { "  \($0)\n" }.joined())---

        """
    }

    private static func world(_ keeper: TestKeeper) -> World {
        var world = World()
        world.keepers = [keeper]
        return world
    }

    /// The goal of the last change that a keeper was handed, in words.
    private static func goal(_ keeper: TestKeeper) -> String {
        switch keeper.changes.last?.goal {
        case .account(let account)?: "account \(account.address.name)"
        case .destroyed(let policy)?: "destroyed \(policy.rawValue)"
        case .released?: "released"
        case nil: "nothing"
        }
    }

    @Test func `a new account is made out of service, authorized, proven and then put into service`() {
        let world = Self.world(TestKeeper())
        let plan = world.plan(Self.profile + Self.account())
        #expect(plan.changeNames == ["create OAuthProfile/idp", "create EmailAccount/out"])
        #expect(
            Dictionary(uniqueKeysWithValues: plan.steps.map { ($0.id.description, $0.after.map(\.description)) }) == [
                "OAuthProfile/idp#record": [],
                "EmailAccount/out#stage": ["OAuthProfile/idp#record"],
                "EmailAccount/out#authorize": ["EmailAccount/out#stage"],
                "EmailAccount/out#test": ["EmailAccount/out#authorize"],
                "EmailAccount/out#activate": ["EmailAccount/out#test"],
                "EmailAccount/out#verify": ["EmailAccount/out#activate"],
                "EmailAccount/out#record": ["EmailAccount/out#verify", "OAuthProfile/idp#record"],
            ])
        plan.expectOrdered()
        guard case .stage(let work)? = plan.step("EmailAccount/out#stage")?.work else {
            Issue.record("nothing is staged")
            return
        }
        #expect(work.writes.map(\.id) == ["account", "trust"] && work.writes.map(\.isRepeatable) == [false, true])
        #expect(plan.planned("EmailAccount/out")?.authorization == nil)
        #expect(plan.planned("EmailAccount/out")?.proof == .login)
    }

    /// The keeper has the tokens, and the vault would only have others.
    @Test func `its accounts have no slot in the vault`() {
        var world = Self.world(TestKeeper())
        let text = Self.profile + Self.account() + Manifest.one
        let plan = world.plan(text)
        #expect(plan.obtainedNames == ["idp:(app)", "out"])
        world.apply(plan)
        #expect(world.committed("EmailAccount/out")?.grant == nil && world.plan(text).isEmpty)
        #expect(world.committed("EmailAccount/out")?.dependencies.map(\.description) == ["OAuthProfile/idp"])
        // The slot is that of `one` alone.
        #expect(world.plan(Self.profile + Self.account()).changeNames.contains("delete Authorization/idp:(app)"))
    }

    @Test func `what the keeper does by itself is a reason`() {
        let world = Self.world(TestKeeper())
        let plan = world.plan(Self.profile + Self.account())
        #expect(plan.codes("EmailAccount/out") == [.implicit])
        #expect(
            plan.reasons("EmailAccount/out") == [
                "the keeper will also change Old Sender: goes out of service: there is one active sender"
            ])
    }

    @Test func `the keeper is told what changes and whether it must be proven`() {
        let keeper = TestKeeper()
        var world = Self.world(keeper)
        world.apply(Self.profile + Self.account())
        #expect(keeper.changes.last?.committed == nil && keeper.changes.last?.needsProof == true)
        _ = world.plan(Self.profile + Self.account("from: desk@example.com"))
        #expect(keeper.changes.last?.effects == [.sender] && keeper.changes.last?.needsProof == true)
        #expect(keeper.changes.last?.fields.map(\.field) == ["from"])
        #expect(keeper.changes.last?.committed == world.committed("EmailAccount/out"))
        _ = world.plan(Self.profile + Self.account("userLabel: Desk"))
        #expect(keeper.changes.last?.effects == [.record] && keeper.changes.last?.needsProof == false)
        // It is proven there, and no login of this machine is planned.
        #expect(keeper.changes.allSatisfy { $0.test == nil && $0.grant.isEmpty })
    }

    @Test(arguments: [
        ("onDestroy: deactivate", ["activate", "record"], "destroyed deactivate"),
        ("onDestroy: forget", ["record"], "destroyed forget"),
    ])
    func `what is destroyed is taken out of service or left, as its manifest said`(
        policy: String, kinds: [String], goal: String
    ) {
        let keeper = TestKeeper()
        var world = Self.world(keeper)
        world.apply(Self.profile + Self.account("lifecycle: { \(policy) }"))
        let plan = world.plan(Self.profile)
        #expect(plan.stepNames == kinds.map { "EmailAccount/out#\($0)" } && Self.goal(keeper) == goal)
        #expect(plan.changeNames == ["delete EmailAccount/out"])
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(Self.profile).isEmpty)
    }

    @Test func `what is declared Removed is left as it is`() {
        let keeper = TestKeeper()
        var world = Self.world(keeper)
        world.apply(Self.profile + Self.account("lifecycle: { onDestroy: deactivate }"))
        let plan = world.plan(Self.profile + Manifest.removed("EmailAccount/out"))
        #expect(plan.changeNames == ["forget EmailAccount/out"] && Self.goal(keeper) == "released")
        #expect(plan.stepNames == ["EmailAccount/out#record"])
    }

    @Test(arguments: [
        RecordReading.absent, .present(KeptRecord(external: ["id": "7"], fields: ["server": .unknown])),
        .ambiguous(["7", "8"]), .unreadable("403"),
    ])
    func `a reading is handed over`(reading: RecordReading) {
        let keeper = TestKeeper()
        var world = Self.world(keeper)
        _ = world.plan(Self.profile + Self.account())
        #expect(keeper.changes.last?.reading == .notObserved)
        world.readings = [Self.address: reading]
        _ = world.plan(Self.profile + Self.account())
        #expect(keeper.changes.last?.reading == reading)
        world.apply(Self.profile + Self.account())
        _ = world.plan(Self.profile)
        #expect(keeper.changes.last?.reading == reading)
    }

    @Test func `what an earlier run began there is finished, whether or not it was in service before`() {
        let keeper = TestKeeper()
        var world = Self.world(keeper)
        let text = Self.profile + Self.account()
        world.apply(world.plan(text), failing: [StepID(Self.address, .test)])
        let staging = world.record("EmailAccount/out")?.staging
        #expect(staging?.writes.map(\.id) == ["account", "trust"])
        let plan = world.plan(text)
        #expect(keeper.changes.last?.staging == staging)
        #expect(plan.codes("EmailAccount/out")?.contains(.unfinished) == true)
        world.apply(plan)
        #expect(world.plan(text).isEmpty)

        let edited = Self.profile + Self.account("from: desk@example.com")
        world.apply(world.plan(edited), failing: [StepID(Self.address, .activate)])
        // Taken back, it is still to be put in order there.
        let back = world.plan(text)
        #expect(back.codes("EmailAccount/out")?.contains(.unfinished) == true)
        world.apply(back)
        #expect(world.plan(text).isEmpty)
    }

    // MARK: What cannot be kept

    @Test func `an unknown keeper is a mistake at its line`() throws {
        let planner = Planner(
            Self.world(TestKeeper()).input(Self.profile + Self.account().replacing("remote", with: "remotr")))
        let diagnostic = try #require(planner.diagnostics.first)
        #expect(planner.diagnostics.count == 1 && diagnostic.code == "plan.unknown-keeper")
        #expect(diagnostic.range?.start.description == "19:13" && diagnostic.address == Self.address)
        #expect(diagnostic.help == "did you mean \"remote\"?" && diagnostic.responsible == .manifestAuthor)
        let none = Planner(World().input(Self.profile + Self.account())).diagnostics.first
        #expect(none?.help == "the keepers are local")
    }

    @Test func `a keeper that is no longer there cannot forget`() {
        var world = Self.world(TestKeeper())
        world.apply(Self.profile + Self.account())
        world.keepers = []
        #expect(world.mistakes(Self.profile) == ["plan.unknown-keeper"])
    }

    @Test func `a field that the keeper has no place for is a mistake`() throws {
        let world = Self.world(TestKeeper(unsupported: ["userLabel", "tls.pin"]))
        #expect(world.mistakes(Self.profile + Self.account()).isEmpty)
        let planner = Planner(world.input(Self.profile + Self.account("userLabel: Desk")))
        let diagnostic = try #require(planner.diagnostics.first)
        #expect(diagnostic.code == "plan.not-supported" && diagnostic.range?.start.description == "20:14")
        #expect(diagnostic.message == "the keeper remote has no place for it")
    }
}
