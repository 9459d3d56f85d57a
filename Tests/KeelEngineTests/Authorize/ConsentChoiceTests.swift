import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelTestSupport
import Testing

/// Which consents `authorize` asks for.
struct ConsentChoiceTests {
    private static let one = ResourceAddress(.emailAccount, "one")
    private static let slot = ResourceAddress.authorization(profile: "people", subject: "one@example.com")
    private static let second = """
        ---
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: { name: two }
        spec: { type: imap, server: mail.example.com, userName: two@example.com, oauthProfile: people }

        """

    private static func slots(
        _ rig: EngineRig, naming addresses: [ResourceAddress] = [], allowsSeveral: Bool = false
    ) async throws -> [ResourceAddress] {
        let planned = try await rig.plan()
        let choice = try ConsentChoice(naming: addresses, in: planned.project.set, rig.paths.place)
        return try choice.requests(in: planned.plan, allowsSeveral: allowsSeveral).map(\.slot)
    }

    private static func refusal(_ rig: EngineRig, naming addresses: [ResourceAddress] = []) async throws -> Diagnostic {
        let failure = try await #require(throws: EngineFailure.self) { try await slots(rig, naming: addresses) }
        return try #require(failure.diagnostics.first)
    }

    @Test(arguments: [[], [one], [slot]])
    func `what waits is chosen by its own name, by an account's, or because it is the only one`(
        names: [ResourceAddress]
    ) async throws {
        try await EngineRig.run { rig in
            try rig.write(Manifests.person())
            #expect(try await Self.slots(rig, naming: names) == [Self.slot])
        }
    }

    @Test func `where several wait, it must be said which`() async throws {
        try await EngineRig.run { rig in
            try rig.write(Manifests.person() + Self.second)
            let refusal = try await Self.refusal(rig)
            #expect(refusal.code == "authorize.which")
            #expect(refusal.message.hasPrefix("2 authorizations wait"))
            #expect(try await Self.slots(rig, allowsSeveral: true).count == 2)
            #expect(try await Self.slots(rig, naming: [Self.one]) == [Self.slot])
        }
    }

    @Test(arguments: [
        (ResourceAddress(.emailAccount, "onee"), "EmailAccount/one"),
        (.authorization(profile: "people", subject: "one@example.co"), "Authorization/people:one@example.com"),
    ])
    func `what is not there is told, with what may have been meant`(
        name: ResourceAddress, meant: String
    ) async throws {
        try await EngineRig.run { rig in
            try rig.write(Manifests.person())
            let refusal = try await Self.refusal(rig, naming: [name])
            #expect(refusal.code == "authorize.unknown")
            #expect(refusal.help == "did you mean \"\(meant)\"?")
        }
    }

    @Test func `what needs no person is left to apply, and what is in service stays`() async throws {
        try await EngineRig.run { rig in
            #expect(try await Self.refusal(rig, naming: [EngineRig.alpha]).code == "authorize.no-person")
            #expect(try await Self.slots(rig).isEmpty)
            try await rig.apply()
            let refusal = try await Self.refusal(rig, naming: [EngineRig.authorization])
            #expect(refusal.code == "authorize.in-service")
            #expect(refusal.help?.contains("--again") == true)
        }
    }
}
