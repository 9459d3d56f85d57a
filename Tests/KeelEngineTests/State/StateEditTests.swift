import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelState
import Testing

/// What a change of the state comes to, before anything is written.
struct StateEditTests {
    private static let profile = ResourceAddress(.oauthProfile, "desk")
    private static let other = ResourceAddress(.oauthProfile, "other")
    private static let slot = ResourceAddress.authorization(profile: "desk", subject: "lead@example.com")
    private static let app = ResourceAddress.authorization(profile: "desk", subject: "(app)")
    private static let a = ResourceAddress(.emailAccount, "a")
    private static let b = ResourceAddress(.emailAccount, "b")
    private static let c = ResourceAddress(.emailAccount, "c")

    /// `a` and `b` share a slot, `c` has one of its own.
    private static let document = StateDocument(
        lineage: "l",
        resources: [
            profile: record(), other: record(),
            slot: record(["profile": "desk"], profile), app: record(["profile": "desk"], profile),
            a: record(["oauthProfile": "desk"], profile, slot), b: record(["oauthProfile": "desk"], profile, slot),
            c: record(["oauthProfile": "desk"], profile, app),
        ])

    private static func record(_ fields: [String: String] = [:], _ dependencies: ResourceAddress...) -> ResourceRecord {
        ResourceRecord(
            committed: CommittedRecord(
                declared: fields["oauthProfile"].map { ["oauthProfile": .text($0)] } ?? [:],
                effective: fields.mapValues { EffectiveValue(.text($0), .manifest) }, dependencies: dependencies,
                committedAt: Timestamp(seconds: 0), run: "run1"))
    }

    private static func code(_ make: () throws(EngineFailure) -> StateEdit) -> String? {
        do throws(EngineFailure) {
            _ = try make()
            return nil
        } catch {
            return error.diagnostics.first?.code
        }
    }

    private static func help(_ make: () throws(EngineFailure) -> StateEdit) -> String {
        do throws(EngineFailure) {
            _ = try make()
            return ""
        } catch {
            return error.diagnostics.first?.help ?? ""
        }
    }

    // MARK: Renaming

    static let refusedMoves: [(ResourceAddress, ResourceAddress, String)] = [
        (ResourceAddress(.emailAccount, "d"), ResourceAddress(.emailAccount, "e"), "state.unknown-address"),
        (a, b, "state.address-taken"),
        (a, a, "state.same-address"),
        (profile, other, "state.address-taken"),
        (a, profile, "state.other-kind"),
        (a, ResourceAddress(.emailAccount, "no name"), "state.no-name"),
        (a, ResourceAddress(.emailAccount, "x/y"), "state.no-name"),
        (slot, ResourceAddress.authorization(profile: "x", subject: "lead@example.com"), "state.slot-follows"),
        (a, slot, "state.slot-follows"),
    ]

    @Test(arguments: refusedMoves)
    func `a move that cannot be is refused`(from: ResourceAddress, to: ResourceAddress, code: String) {
        #expect(Self.code { () throws(EngineFailure) in try .renaming(from, to: to, in: Self.document) } == code)
    }

    @Test func `a mistyped address, or one of another kind, is guessed at`() {
        func help(_ kind: ResourceKind, _ name: String) -> String {
            Self.help { () throws(EngineFailure) in
                try .renaming(ResourceAddress(kind, name), to: ResourceAddress(kind, "new"), in: Self.document)
            }
        }
        #expect(help(.oauthProfile, "dekk").contains("OAuthProfile/desk"))
        #expect(help(.emailAccount, "desk").contains("OAuthProfile/desk"))
        #expect(help(.emailAccount, "nothing-like-it").contains("state list"))
    }

    @Test func `an account is renamed alone`() throws {
        let edit = try StateEdit.renaming(Self.a, to: ResourceAddress(.emailAccount, "new"), in: Self.document)
        #expect(edit.renames.map { "\($0.from) \($0.to)" } == ["EmailAccount/a EmailAccount/new"])
        #expect(edit.rewritten.isEmpty)
        #expect(edit.removed.isEmpty)
    }

    @Test func `a profile takes its slots along, and whoever names it is rewritten`() throws {
        let edit = try StateEdit.renaming(Self.profile, to: ResourceAddress(.oauthProfile, "new"), in: Self.document)
        #expect(
            edit.renames.map { "\($0.from) \($0.to)" } == [
                "OAuthProfile/desk OAuthProfile/new", "Authorization/desk:(app) Authorization/new:(app)",
                "Authorization/desk:lead@example.com Authorization/new:lead@example.com",
            ])
        #expect(edit.rewritten == [Self.a, Self.b, Self.c])
    }

    @Test func `a profile whose slot would meet another one stays`() {
        var document = Self.document
        document.set(ResourceAddress.authorization(profile: "new", subject: "(app)"), Self.record())
        let code = Self.code { () throws(EngineFailure) in
            try .renaming(Self.profile, to: ResourceAddress(.oauthProfile, "new"), in: document)
        }
        #expect(code == "state.address-taken")
    }

    // MARK: Removing

    static let removals: [([ResourceAddress], [ResourceAddress])] = [
        ([a], [a]),
        ([a, b], [slot, a, b]),
        ([b, a, a], [slot, a, b]),
        ([c], [app, c]),
        ([other], [other]),
        ([profile, a, b, c], [profile, app, slot, a, b, c]),
        ([profile, app, slot, a, b, c], [profile, app, slot, a, b, c]),
    ]

    @Test(arguments: removals)
    func `slots that nobody else uses go along`(named: [ResourceAddress], removed: [ResourceAddress]) throws {
        #expect(try StateEdit.removing(named, from: Self.document).removed == removed)
    }

    @Test func `a slot that nobody uses goes with its profile`() throws {
        var document = Self.document
        for address in [Self.a, Self.b, Self.c] { document.set(address, nil) }
        #expect(try StateEdit.removing([Self.profile], from: document).removed == [Self.profile, Self.app, Self.slot])
    }

    static let refusedRemovals: [([ResourceAddress], String)] = [
        ([profile], "state.still-needed"),
        ([profile, a, b], "state.still-needed"),
        ([slot], "state.still-needed"),
        ([slot, a], "state.still-needed"),
        ([a, ResourceAddress(.emailAccount, "d")], "state.unknown-address"),
    ]

    @Test(arguments: refusedRemovals)
    func `what something depends on stays, unless that goes too`(named: [ResourceAddress], code: String) {
        #expect(Self.code { () throws(EngineFailure) in try .removing(named, from: Self.document) } == code)
    }

    @Test func `what stays at a keeper is named`() throws {
        var document = Self.document
        var record = Self.record()
        record.staging = StagingRecord(
            keeper: "tickets", external: ["sys_id": "a1"], at: Timestamp(seconds: 0), run: "run1")
        document.set(Self.a, record)
        let remarks = try StateEdit.removing([Self.a], from: document).remarks
        #expect(remarks == ["EmailAccount/a was begun at tickets and not finished; what is there stays: sys_id a1."])
    }
}
