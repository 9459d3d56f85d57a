import KeelBase
import KeelModel
import KeelPlan
import KeelState
import Testing

/// An approval names the work and not how it was found.
struct ApprovalTests {
    private static func applied(_ text: String = Manifest.all) -> World {
        var world = World()
        world.apply(text)
        return world
    }

    private static func intent(_ plan: Plan) -> String { plan.approval(lineage: nil).intent }

    private static let edited = Manifest.all.replacing(
        "port: 993\n  userName: one", with: "port: 10993\n  userName: one")

    // MARK: The same work

    @Test func `the same work has the same intent, wherever and whenever it is planned`() throws {
        let world = Self.applied()
        let intent = Self.intent(world.plan(Self.edited))
        // Other places, another order, another time.
        let elsewhere = "# moved down\n\n" + Manifest.two + Self.edited.replacing(Manifest.two, with: "")
        let later = try #require(Timestamp(parsing: "2030-01-01T00:00:00Z"))
        #expect(Self.intent(world.plan(elsewhere, now: later)) == intent)
        // Another run wrote the state since, and nothing in it changed.
        var other = world
        other.state?.serial += 7
        other.state?.written = Written(run: "r", operation: "apply", who: "w", at: later)
        other.edit("EmailAccount/one") { $0.committed?.committedAt = later }
        #expect(Self.intent(other.plan(Self.edited)) == intent)
        // Another grant came into the vault, which has nothing to do with it.
        other.grants["x"] = GrantFacts(profile: "x", subject: "y", status: .candidate)
        #expect(Self.intent(other.plan(Self.edited)) == intent)
    }

    @Test func `that an attempt failed is news and no other work`() {
        for (start, text) in [(World(), Manifest.all), (Self.applied(), Self.edited)] {
            let plan = start.plan(text)
            var failed = start
            failed.apply(plan, failing: [StepID(ResourceAddress(.emailAccount, "one"), .test)])
            let again = failed.plan(text)
            #expect(again.codes("EmailAccount/one")?.contains(.lastAttemptFailed) == true)
            let one = ResourceAddress(.emailAccount, "one")
            #expect(again.items[one] == plan.items[one] && plan.items[one] != nil)
        }
    }

    /// Whether a person consents now or has consented since the approval, the slot is filled.
    @Test func `that somebody has consented since is no other work`() {
        var world = World()
        world.apply(Manifest.desk)
        let text = Manifest.desk + Manifest.mailbox("one")
        let before = world.plan(text)
        world.grants = [
            "c": GrantFacts(
                profile: "desk", subject: "one@example.com", status: .candidate, scopes: ["mail"],
                client: "authorization_code https://login.example.com/token app-1")
        ]
        let after = world.plan(text)
        #expect(before.way("Authorization/desk:one@example.com") != after.way("Authorization/desk:one@example.com"))
        #expect(Self.intent(before) == Self.intent(after))
    }

    // MARK: Other work

    private static let edits: [(from: String, to: String)] = [
        ("imap.example.com", "imap2.example.com"), ("port: 993", "port: 10993"), ("port: 993", "port: 10994"),
        ("mail.pem", "other.pem"), ("team: desk", "team: sales"), ("debug: false", "debug: true"),
        ("debug: false", "proof: deferred"), ("active: true", "active: false"), ("app-1", "app-2"),
        ("\"1\"", "\"2\""), ("[a, b]", "[a]"), ("[a, b]", "[a, b, c]"), ("login.example.com", "login2.example.com"),
        ("idp.pem", "other.pem"), ("one@example.com", "uno@example.com"),
    ]

    @Test func `other work has another intent`() {
        let worlds = [World(), Self.applied()]
        for world in worlds {
            var intents = [Self.intent(world.plan(Manifest.all)), Self.intent(world.plan(""))]
            for edit in Self.edits {
                intents.append(Self.intent(world.plan(Manifest.all.replacing(edit.from, with: edit.to))))
            }
            // Where nothing was applied, nothing is to be done for an empty project.
            #expect(Set(intents).count == intents.count)
        }
    }

    @Test func `what was found counts too`() throws {
        let world = Self.applied()
        let intent = Self.intent(world.plan(Self.edited))
        var other = world
        other.edit("EmailAccount/one") { $0.committed?.effective["port"]?.value = .integer(143) }
        #expect(Self.intent(other.plan(Self.edited)) != intent)
        other = world
        other.edit("EmailAccount/one") { $0.committed?.grant = "another" }
        #expect(Self.intent(other.plan(Self.edited)) != intent)
        other = world
        let rotated = Manifest.all.replacing("\"1\"", with: "\"2\"")
        let approval = world.plan(rotated).approval(lineage: "l")
        for (id, facts) in world.grants {
            other.grants[id] = GrantFacts(
                profile: facts.profile, subject: facts.subject, status: facts.status, scopes: ["other"],
                client: facts.client)
        }
        #expect(throws: StaleApproval.self) { try approval.remainder(of: other.plan(rotated)) }
        // A vault that is not observed is no difference.
        other.vault = .unreadable("busy")
        _ = try approval.remainder(of: other.plan(rotated))
    }

    @Test func `a request to replace is other work than a rotation`() {
        let world = Self.applied()
        let slot = ResourceAddress.authorization(profile: "idp", subject: "(app)")
        #expect(Self.intent(world.plan(Manifest.all, replacing: [slot])) != Self.intent(world.plan(Manifest.all)))
    }

    // MARK: What is left

    @Test func `an approval of everything stands as long as nothing is done`() throws {
        let world = Self.applied()
        let plan = world.plan(Self.edited)
        let approval = plan.approval(lineage: "l")
        #expect(try approval.remainder(of: world.plan(Self.edited)) == plan)
        // Somebody wants more now: nobody approved that.
        let more = world.plan(
            Self.edited.replacing("team: desk", with: "team: sales"))
        #expect(throws: StaleApproval(addresses: [ResourceAddress(.emailAccount, "one")])) {
            try approval.remainder(of: more)
        }
        let besides = world.plan(Self.edited + Manifest.account("three"))
        #expect(try approval.remainder(of: besides).stepNames == plan.stepNames)
    }

    @Test func `an account whose grant another run has removed is not done by itself`() {
        let text = Manifest.all
        let approval = Self.applied(Manifest.idp + Manifest.one).plan(text).approval(lineage: "l")
        let two = ResourceAddress(.emailAccount, "two")
        #expect(Array(approval.items.keys) == [two])
        #expect(throws: StaleApproval(addresses: [two])) { try approval.remainder(of: World().plan(text)) }
    }

    @Test func `nothing is destroyed under an account that came since`() {
        let approval = Self.applied(Manifest.idp + Manifest.one).plan("").approval(lineage: "l", destroys: true)
        #expect(throws: StaleApproval.self) { try approval.remainder(of: Self.applied().plan("")) }
    }

    @Test func `changes that others made or changed are named`() {
        var world = Self.applied()
        let edited = Manifest.all.replacing("port: 993", with: "port: 10993")
        let approval = world.plan(edited).approval(lineage: "l")
        world.apply(Self.edited)
        #expect(throws: StaleApproval(addresses: [ResourceAddress(.emailAccount, "one")])) {
            try approval.remainder(of: world.plan(edited))
        }
        world.apply(edited)
        #expect(
            throws: StaleApproval(addresses: [
                ResourceAddress(.emailAccount, "one"), ResourceAddress(.emailAccount, "two"),
            ])
        ) {
            try approval.remainder(of: world.plan(edited))
        }
    }

    /// A run ends before it came to an account: what was approved of that account is still to be done.
    @Test(arguments: [("\"1\"", "\"2\""), ("app-1", "app-2"), ("993", "10993"), ("idp.pem", "other.pem")])
    func `what a run has not come to is still approved`(from: String, to: String) throws {
        let before = Self.applied()
        let edited = Manifest.all.replacing(from, with: to)
        let plan = before.plan(edited)
        let two = ResourceAddress(.emailAccount, "two")
        let item = try #require(plan.items[two])
        var world = before
        world.apply(plan)
        world.state?.set(two, before.record("EmailAccount/two"))
        let rest = try Approval(lineage: "l", items: [two: item]).remainder(of: world.plan(edited))
        #expect(rest.stepNames == ["EmailAccount/two#test", "EmailAccount/two#record"])
        // And so it is when it was tried and failed.
        world = before
        world.apply(plan, failing: [StepID(two, .test)])
        #expect(try Approval(lineage: "l", items: [two: item]).remainder(of: world.plan(edited)).tested == [two])
    }

    @Test func `what waits for a person is still approved when the others are done`() throws {
        var world = World()
        world.apply(Manifest.idp)
        let text = Manifest.all + Manifest.desk + Manifest.mailbox("three")
        let plan = world.plan(text)
        world.apply(plan, consenting: false)
        let pending = plan.items.filter { $0.key.name.hasPrefix("desk:") || $0.key.name == "three" }
        let rest = try Approval(lineage: "l", items: pending).remainder(of: world.plan(text))
        #expect(rest.obtainedNames == ["desk:three@example.com"] && rest.testedNames == ["three"])
        rest.expectOrdered()
        world.apply(rest)
        #expect(world.plan(text).isEmpty)
    }

    // MARK: As it is stored

    private static func saved(_ approval: Approval, _ plan: Plan) -> [UInt8] {
        approval.json(showing: plan.json { _ in .null }).bytes()
    }

    @Test func `an approval can be saved and read`() throws {
        let slot = ResourceAddress.authorization(profile: "idp", subject: "(app)")
        let world = Self.applied()
        let plan = world.plan(Self.edited, replacing: [slot])
        for approval in [
            plan.approval(lineage: "l", replacing: [slot]), plan.approval(lineage: nil, destroys: true),
            Approval(lineage: nil, items: [:]),
        ] {
            let read = try Approval(parsing: Self.saved(approval, plan))
            #expect(read == approval && read.intent == approval.intent)
        }
    }

    @Test func `a file that was damaged or edited is refused`() throws {
        let plan = Self.applied().plan(Self.edited)
        let bytes = Self.saved(plan.approval(lineage: "l"), plan)
        let text = String(decoding: bytes, as: UTF8.self)
        for (from, to) in [
            ("10993", "10994"), ("\"destroys\":false", "\"destroys\":true"),
            ("EmailAccount/one\":", "EmailAccount/two\":"),
        ] {
            try #require(text.contains(from))
            #expect(throws: ApprovalFault.self) { try Approval(parsing: Array(text.replacing(from, with: to).utf8)) }
        }
        for length in stride(from: 0, to: bytes.count, by: 97) {
            #expect(throws: ApprovalFault.self) { try Approval(parsing: Array(bytes.prefix(length))) }
        }
        #expect(Self.fault("{}") == "it is no saved plan")
        let newer = text.replacing("\"format\":1,\"type\":\"approval\"", with: "\"format\":2,\"type\":\"approval\"")
        #expect(Self.fault(newer) == "a newer version of Mailkeel saved it")
    }

    /// Why a text is no approval; nil if it is one.
    private static func fault(_ text: String) -> String? {
        do throws(ApprovalFault) {
            _ = try Approval(parsing: Array(text.utf8))
            return nil
        } catch {
            return error.reason
        }
    }

    /// An approval shows where secrets come from, and never what they are.
    @Test func `intents are made of digests`() {
        for item in World().plan(Manifest.all).items.values {
            #expect(item.utf8.count == 64 && item.utf8.allSatisfy { "0123456789abcdef".utf8.contains($0) })
        }
    }
}
