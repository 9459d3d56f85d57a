import KeelBase
import KeelPlan
import KeelState
import Testing

struct VaultObservationTests {
    private static let slot = ResourceAddress.authorization(profile: "idp", subject: "(app)")

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

    @Test func `a cached grant that is lost is no event`() {
        var world = Self.applied()
        world.vault = .present(id: "v", grants: [:])
        #expect(world.plan(Manifest.all).isEmpty)
    }

    @Test func `a retired grant is obtained again and its accounts are proven again`() throws {
        var world = Self.applied()
        let grant = try #require(world.state?.committed(Self.slot)?.grant)
        world.vault = .present(id: "v", grants: [grant: GrantFacts(profile: "idp", subject: "(app)", status: .retired)])
        let plan = world.plan(Manifest.all)
        #expect(plan.change("Authorization/idp:(app)")?.reasons == ["its grant was retired"])
        #expect(plan.authorized == [Self.slot] && plan.tested.map(\.name) == ["one", "two"])
    }

    @Test func `an authorization without a grant was never obtained`() {
        var world = Self.applied()
        world.state?.resources[Self.slot]?.committed?.grant = nil
        let plan = world.plan(Manifest.all)
        #expect(plan.change("Authorization/idp:(app)")?.reasons == ["it was never obtained"])
    }

    @Test(arguments: [VaultObservation.absent, .present(id: "v", grants: [:]), .present(id: "other", grants: [:])])
    func `a test obtains the grant again when this vault does not hold it`(vault: VaultObservation) {
        var world = Self.applied()
        world.vault = vault
        let plan = world.plan(
            Manifest.all.replacing("port: 993\n  userName: one", with: "port: 10993\n  userName: one"))
        #expect(plan.changeNames == ["update EmailAccount/one"])
        #expect(plan.authorized == [Self.slot] && plan.tested.map(\.name) == ["one"])
        plan.expectOrdered()
    }

    /// Where no vault is kept, every run has a grant of its own, and accounts that did not change are left alone.
    @Test func `without a vault, an account keeps the proof of its own run`() {
        var world = Self.applied()
        world.vault = .absent
        let edited = Manifest.all.replacing("port: 993\n  userName: one", with: "port: 10993\n  userName: one")
        world.apply(world.plan(edited))
        world.vault = .absent
        #expect(world.plan(edited).isEmpty)
    }
}
