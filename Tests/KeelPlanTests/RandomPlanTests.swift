import KeelBase
import KeelModel
import KeelPlan
import KeelState
import KeelTestSupport
import Testing

/// What holds of every plan, seen on projects that change at random while runs fail at random.
struct RandomPlanTests {
    @Test(arguments: 1...40)
    func `whatever happens, a run that succeeds leaves nothing to do`(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        var project = RandomProject()
        var world = World()
        world.keepers = [TestKeeper()]
        for round in 0..<12 {
            for _ in 0..<Int.random(in: 1...4, using: &generator) { project.change(&generator) }
            let text = project.text
            let place: Comment = "seed \(seed), round \(round)"
            let plan = world.plan(text)
            check(plan, world, text, place)
            if Bool.random(using: &generator) {
                let failing = plan.steps.filter { _ in Int.random(in: 0..<8, using: &generator) == 0 }.map(\.id)
                world.apply(plan, failing: Set(failing), consenting: Bool.random(using: &generator))
                continue
            }
            world.apply(plan)
            let rest = world.plan(text)
            #expect(rest.isEmpty, "\(place): \(rest.changeNames) \(rest.stepNames)\n\(text)")
            checkSettled(world, text, place)
        }
    }

    private func check(_ plan: Plan, _ world: World, _ text: String, _ place: Comment) {
        let again = world.plan(text)
        #expect(again == plan && again.items == plan.items, place)
        plan.expectOrdered()
        let changed = Set(plan.changes.map(\.address))
        #expect(changed.count == plan.changes.count, place)
        for change in plan.changes {
            let isGone = change.action == .delete || change.action == .forget
            let isNew = change.action == .create
            #expect((change.wanted == nil) == isGone, "\(place): \(change.address)")
            // Of a create that failed there is nothing to be found, and it may be taken back.
            #expect(
                isNew ? change.found.record == nil : change.found.record != nil || isGone, "\(place): \(change.address)"
            )
            let isSaid = isNew || !change.fields.isEmpty || !change.reasons.isEmpty
            #expect(isSaid, "\(place): \(change.address) changes for no reason")
        }
        // A step is there because its address changes, because somebody who changes needs what it finds out, or because
        // its grant must be obtained for those who change.
        let needed = Set(plan.steps.flatMap(\.after))
        for step in plan.steps where !changed.contains(step.id.address) {
            let isRenewal = step.id.address.kind == .authorization
            #expect(step.id.kind.isPreparation ? needed.contains(step.id) : isRenewal, "\(place): \(step.id)")
        }
        for step in plan.steps where step.id.kind == .authorize || step.id.kind == .test || step.id.kind == .stage {
            #expect(plan.steps.contains { $0.id == StepID(step.id.address, .record) }, "\(place): \(step.id)")
        }
        for change in plan.changes {
            #expect(plan.steps.contains { $0.id == StepID(change.address, .record) }, "\(place): \(change.address)")
        }
    }

    /// What is in service is what is wanted, and stands on grants that the vault holds.
    private func checkSettled(_ world: World, _ text: String, _ place: Comment) {
        let desired = World.desired(text)
        let state = world.state ?? StateDocument(lineage: "l")
        for account in desired.accounts {
            let committed = world.committed(account.address.description)
            #expect(committed?.declared == account.spec.declared, "\(place): \(account.address)")
            guard account.active, account.keeper == "local" else { continue }
            #expect(account.proof == .deferred || committed?.proof != nil, "\(place): \(account.address)")
            let slot = account.authorization.flatMap { state.head($0)?.grant }
            #expect(slot != nil && committed?.grant == slot, "\(place): \(account.address)")
            let facts = slot.flatMap { world.grants[$0] }
            #expect(facts?.status == .current, "\(place): \(account.address)")
            // It was obtained as the application that the profile is now, and for its scopes.
            let profile = desired.profiles.first { $0.address == account.profile }
            #expect(
                profile.map { facts?.client.hasSuffix(" \($0.clientID)") == true } == true,
                "\(place): \(account.address)")
            let granted = facts?.scopes ?? []
            let needed = profile?.scopes ?? []
            #expect(Set(granted).isSuperset(of: needed), "\(place): \(account.address)")
        }
        let known = Set(state.addresses)
        // An account that is switched off may name a slot that nobody renewed.
        let off = Set(desired.accounts.filter { !$0.active }.map(\.address))
        for address in state.addresses where !off.contains(address) {
            let record = world.committed(address.description)
            #expect(known.isSuperset(of: record?.dependencies ?? []), "\(place): \(address)")
        }
    }
}

/// Manifests that change as people change them.
private struct RandomProject {
    private struct Profile {
        var name: String
        var client = 1
        var secret = 1
        var scopes = ["a"]
        var isPerson: Bool
        var isLabelled = false

        var text: String {
            (isPerson
                ? Manifest.desk.replacing("[mail]", with: "[\(scopes.joined(separator: ", "))]")
                : Manifest.idp.replacing("[a, b]", with: "[\(scopes.joined(separator: ", "))]"))
                .replacing(
                    "name: \(isPerson ? "desk" : "idp")", with: "name: \(name)\(isLabelled ? ", labels: { a: b }" : "")"
                )
                .replacing("app-1", with: "app-\(client)").replacing("\"1\"", with: "\"\(secret)\"")
        }
    }

    private struct Account {
        var name: String
        var mailbox: String
        var profile: Int
        var port = 993
        var isActive = true
        var isDeferred = false
        var isRemote: Bool
        var lead: String?
        var label = "x"
    }

    private var profiles: [Profile] = []
    private var accounts: [Account] = []
    private var words: [String] = []
    private var names = 0

    var text: String {
        profiles.map(\.text).joined()
            + accounts.map { account in
                var more = ["port: \(account.port)", "active: \(account.isActive)"]
                if account.isDeferred { more.append("proof: deferred") }
                if account.isRemote { more.append("recordIn: remote") }
                if let lead = account.lead { more.append("authorizedAs: \(lead)") }
                return """
                    apiVersion: mailkeel/v1
                    kind: EmailAccount
                    metadata: { name: \(account.name), labels: { l: \(account.label) } }
                    spec:
                      type: imap
                      server: imap.example.com
                      userName: \(account.mailbox)@example.com
                      oauthProfile: \(profiles[account.profile].name)
                    \(more.map { "  \($0)\n" }.joined())---

                    """
            }.joined() + words.joined()
    }

    private mutating func fresh(_ prefix: String) -> String {
        names += 1
        return "\(prefix)\(names)"
    }

    mutating func change(_ generator: inout SeededGenerator) {
        guard !profiles.isEmpty, Int.random(in: 0..<12, using: &generator) > 0 else {
            profiles.append(Profile(name: fresh("p"), isPerson: Bool.random(using: &generator)))
            return
        }
        let profile = Int.random(in: profiles.indices, using: &generator)
        guard let account = accounts.indices.randomElement(using: &generator),
            Int.random(in: 0..<4, using: &generator) > 0
        else {
            let name = fresh("a")
            accounts.append(
                Account(
                    name: name, mailbox: name, profile: profile,
                    isActive: Int.random(in: 0..<4, using: &generator) > 0,
                    isRemote: Int.random(in: 0..<5, using: &generator) == 0))
            return
        }
        switch Int.random(in: 0..<18, using: &generator) {
        case 0: profiles[profile].client += 1
        case 1: profiles[profile].secret += 1
        case 2: profiles[profile].scopes = ["a", fresh("s")]
        case 3: profiles[profile].scopes = ["a"]
        case 4: profiles[profile].isLabelled.toggle()
        case 5: rename(profile: profile, &generator)
        case 6: accounts[account].port += 1
        case 7, 8: accounts[account].isActive.toggle()
        case 9: accounts[account].isDeferred.toggle()
        case 10: accounts[account].label = fresh("l")
        case 11: accounts[account].lead = accounts[account].lead == nil ? "lead@example.com" : nil
        case 12: accounts[account].profile = profile
        case 13: accounts[account].mailbox = fresh("m")
        case 14: rename(account: account, &generator)
        case 15:
            words.removeAll()
            accounts.remove(at: account)
        case 16:
            words = [Manifest.removed("EmailAccount/\(accounts[account].name)")]
            accounts.remove(at: account)
        default: words.removeAll()
        }
    }

    /// With a word about it, or as people do who know no better.
    private mutating func rename(profile: Int, _ generator: inout SeededGenerator) {
        let name = fresh("p")
        if Int.random(in: 0..<4, using: &generator) > 0 {
            words.append(Manifest.moved("OAuthProfile/\(profiles[profile].name)", "OAuthProfile/\(name)"))
        } else {
            words.removeAll()
        }
        profiles[profile].name = name
    }

    private mutating func rename(account: Int, _ generator: inout SeededGenerator) {
        let name = fresh("a")
        if Int.random(in: 0..<4, using: &generator) > 0 {
            words.append(Manifest.moved("EmailAccount/\(accounts[account].name)", "EmailAccount/\(name)"))
        } else {
            words.removeAll()
        }
        accounts[account].name = name
    }
}
