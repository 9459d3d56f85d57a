import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelTestSupport
import KeelVault
import Testing

struct NamedSecretsTests {
    private static func secrets(_ rig: EngineRig) -> NamedSecrets {
        NamedSecrets(paths: rig.paths, files: rig.files, time: rig.clock, actor: "alice@desk")
    }

    private static func set(_ text: String, _ name: String, _ rig: EngineRig) async throws -> (SealedSecret, [String]) {
        var findings: [String] = []
        let sealed = try await secrets(rig).set(Secret(copying: text), named: name, &findings)
        return (sealed, findings)
    }

    private static func code(_ body: () async throws -> Void) async -> String? {
        let failure = await #expect(throws: EngineFailure.self) { try await body() }
        return failure?.diagnostics.first?.code
    }

    @Test func `the first one makes the vault and its key, and says so`() async throws {
        try await EngineRig.run { rig in
            #expect(try await Self.secrets(rig).list() == nil)
            let (first, made) = try await Self.set("one", "m365", rig)
            #expect(first.revision == 1 && made.count == 1 && made.first?.contains(rig.paths.vaultKey) == true)
            rig.clock.advance(seconds: 60)
            let (second, nothing) = try await Self.set("two", "m365", rig)
            #expect(second.revision == 2 && second.updated == rig.clock.now && nothing.isEmpty)
            #expect(try await Self.set("three", "google", rig).0.revision == 1)
            // The list needs no key.
            try rig.files.preserve(rig.paths.vaultKey, as: rig.paths.vaultKey + ".away")
            try rig.files.remove(rig.paths.vaultKey)
            let listed = try await Self.secrets(rig).list()
            #expect(listed?.map { "\($0.name) \($0.revision)" } == ["google 1", "m365 2"])
        }
    }

    @Test func `each change is in the audit, without the secret`() async throws {
        try await EngineRig.run { rig in
            _ = try await Self.set("s3cret-one", "m365", rig)
            #expect(try await Self.secrets(rig).unset("m365", usedBy: [], force: false))
            let entries = try await rig.withVault { try await $0.audit(atMost: 9) }.map(\.entry)
            #expect(entries.map(\.action) == ["secret.set", "secret.unset"])
            #expect(entries.allSatisfy { $0.actor == "alice@desk" })
            #expect(entries.map(\.detail) == [#"{"name":"m365","revision":1}"#, #"{"name":"m365"}"#])
        }
    }

    @Test(arguments: ["", " x", "x ", "a\nb", "a\u{1B}b", String(repeating: "x", count: 129)])
    func `a name that cannot be shown is refused`(name: String) async throws {
        try await EngineRig.run { rig in
            #expect(await Self.code { _ = try await Self.set("s", name, rig) } == "vault.bad-name")
        }
    }

    @Test func `nothing is no secret, and makes no vault`() async throws {
        try await EngineRig.run { rig in
            let code = await Self.code { _ = try await Self.set("", "m365", rig) }
            #expect(code == "vault.empty-secret")
            let listed = try await Self.secrets(rig).list()
            #expect(listed == nil)
            let isRemoved = try await Self.secrets(rig).unset("m365", usedBy: [], force: false)
            #expect(!isRemoved)
        }
    }

    @Test func `one that the state needs stays, unless it is forced away`() async throws {
        try await EngineRig.run { rig in
            _ = try await Self.set("first-secret", "desk", rig)
            var manifests = Manifests()
            manifests.secret = "fromVault: desk"
            try rig.write(manifests)
            #expect(try NamedSecrets.users(of: "desk", in: try rig.readState()).isEmpty)
            try await rig.apply()
            let users = try NamedSecrets.users(of: "desk", in: try rig.state())
            #expect(users == [EngineRig.profile])
            #expect(try NamedSecrets.users(of: "other", in: try rig.state()).isEmpty)
            let failure = await #expect(throws: EngineFailure.self) {
                _ = try await Self.secrets(rig).unset("desk", usedBy: users, force: false)
            }
            #expect(failure?.diagnostics.first?.message == "desk is the secret of OAuthProfile/desk")
            #expect(try await Self.secrets(rig).unset("desk", usedBy: users, force: true))
            #expect(try await Self.secrets(rig).unset("desk", usedBy: users, force: true) == false)
        }
    }
}
