import KeelBase
import KeelPlan
import KeelState
import Testing

struct VaultObservationTests {
    private static func applied() -> World {
        var world = World()
        world.apply(Manifest.all)
        return world
    }

    @Test(arguments: [
        (VaultObservation.absent, "plan.vault-not-observed"),
        (.unreadable("permission denied"), "plan.vault-not-observed"),
        (.present(id: "other", grants: [:]), "plan.other-vault"),
    ])
    func `a vault that is not observed makes no change`(vault: VaultObservation, note: String) {
        var world = Self.applied()
        world.vault = vault
        let plan = world.plan(Manifest.all)
        #expect(plan.isEmpty && plan.steps.isEmpty)
        #expect(plan.notes.map(\.code).contains(note))
    }

    @Test(arguments: [
        (
            VaultObservation.absent,
            "there is no vault at /p/vault.db, so nothing can log in. If it is lost, run `CMD`"
        ),
        (
            .present(id: "other", grants: [:]),
            "the vault at /p/vault.db (other) is not the one of the state (v), so its grants were not observed. Put the right vault or state back, or run `CMD`"
        ),
        (
            .unreadable("/p/vault.db is damaged", isDamaged: true),
            "the vault was not observed: /p/vault.db is damaged. Restore it from a backup, or move /p/vault.db away, with its -wal and -shm, and run `CMD`"
        ),
        (.unreadable("/p/vault.db: busy"), "the vault was not observed: /p/vault.db: busy"),
    ])
    func `the warning names the file and the command`(vault: VaultObservation, words: String) {
        var world = Self.applied()
        world.vault = vault
        var input = world.input(Manifest.all)
        input.vaultPath = "/p/vault.db"
        input.place = ProjectPlace("/my project", environment: "prod")
        let warnings = Planner(input).plan.notes.filter(\.isWarning).map(\.message)
        let command = "mailkeel apply --replace 'Authorization/idp:(app)' --chdir '/my project' --env prod"
        #expect(warnings == [words.replacing("CMD", with: command)])
    }

    @Test func `a grant that the state's own vault has lost is obtained again`() {
        var world = Self.applied()
        world.grants = [:]
        let plan = world.plan(Manifest.all)
        #expect(plan.reasons("Authorization/idp:(app)") == ["the vault does not hold its grant"])
        #expect(plan.obtainedNames == ["idp:(app)"] && plan.testedNames == ["one", "two"])
        world.apply(plan)
        #expect(world.plan(Manifest.all).isEmpty)
    }

    @Test func `a retired grant is obtained again and its accounts are proven again`() throws {
        var world = Self.applied()
        let grant = try #require(world.committed("Authorization/idp:(app)")?.grant)
        world.grants = [grant: GrantFacts(profile: "idp", subject: "(app)", status: .retired)]
        let plan = world.plan(Manifest.all)
        #expect(plan.reasons("Authorization/idp:(app)") == ["its grant was retired"])
        #expect(plan.obtainedNames == ["idp:(app)"] && plan.testedNames == ["one", "two"])
    }

    @Test func `an authorization without a grant was never obtained`() {
        var world = Self.applied()
        world.edit("Authorization/idp:(app)") { $0.committed?.grant = nil }
        let plan = world.plan(Manifest.all)
        #expect(plan.reasons("Authorization/idp:(app)") == ["it was never obtained"])
    }

    private static let edited = Manifest.all.replacing(
        "port: 993\n  userName: one", with: "port: 10993\n  userName: one")

    @Test func `a test in another vault obtains the grant again, and all its accounts go over`() {
        var world = Self.applied()
        world.vault = .present(id: "other", grants: [:])
        let plan = world.plan(Self.edited)
        #expect(plan.changeNames == ["update EmailAccount/one", "update EmailAccount/two"])
        #expect(plan.obtainedNames == ["idp:(app)"] && plan.testedNames == ["one", "two"])
        plan.expectOrdered()
        world.apply(plan)
        #expect(world.plan(Self.edited).isEmpty)
    }

    /// Where no vault is kept, every run has a grant of its own, and accounts that did not change are left alone.
    @Test func `without a vault, an account keeps the proof of its own run`() {
        var world = Self.applied()
        world.vault = .absent
        let plan = world.plan(Self.edited)
        #expect(plan.changeNames == ["update EmailAccount/one"] && plan.obtainedNames == ["idp:(app)"])
        plan.expectOrdered()
        world.apply(plan)
        world.vault = .absent
        #expect(world.plan(Self.edited).isEmpty)
    }
}
