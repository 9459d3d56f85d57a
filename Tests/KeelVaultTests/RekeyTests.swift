import Glibc
import KeelBase
import KeelCrypto
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

struct RekeyTests {
    private static let new = Secret(copying: [UInt8](repeating: 0x43, count: 32))
    private static let entry = AuditEntry(run: "r", actor: "me", action: "vault.rekey")

    @Test func `everything opens with the new key, nothing with the old, and the audit still holds`() async throws {
        try await VaultFixture.run { fixture in
            try await Self.fill(fixture)
            let vault = try await fixture.open(.readWrite)
            try await vault.beginRekey(to: Self.new, noting: Self.entry)
            let progress = try await Self.finish(vault)
            #expect(progress.damaged.isEmpty)
            let names = try await vault.keyNames()
            #expect(names.current == KeyIdentifier(of: Self.new))
            #expect(names.retiring.isEmpty)
            #expect(names.former == [KeyIdentifier(of: fixture.key)])
            try await Self.expectAll(in: try await Self.open(fixture, [Self.new]))
            #expect(await code { _ = try await fixture.open(.readOnly) } == .wrongKey)
        }
    }

    @Test func `a key that follows from a passphrase is noted with how it does, for as long as it seals`() async throws
    {
        try await VaultFixture.run { fixture in
            try await Self.fill(fixture)
            let derivation = PassphraseDerivation.random(cost: 14)
            let key = try #require(derivation.key(from: Secret(copying: "correct horse battery staple")))
            let vault = try await fixture.open(.readWrite)
            try await vault.beginRekey(to: key, derivation, noting: Self.entry)
            #expect(try await vault.keyNames().derivations == [KeyIdentifier(of: key): derivation])
            try await Self.finish(vault)
            try await Self.expectAll(in: try await Self.open(fixture, [key]))
            let unkeyed = try await fixture.openWithoutKey(.readOnly)
            #expect(try await unkeyed.keyNames().derivations == [KeyIdentifier(of: key): derivation])
            // A process that still has it, after the vault went to another key, brings both back.
            let late = try await Self.open(fixture, [key], .readWrite)
            let other = try await Self.open(fixture, [key], .readWrite)
            try await other.beginRekey(to: Self.new, noting: Self.entry)
            try await Self.finish(other)
            try await late.setSecret(Secret(copying: "late"), named: "late")
            #expect(try await other.keyNames().derivations == [KeyIdentifier(of: key): derivation])
        }
    }

    @Test(arguments: ["scrypt:15:8:1:", "scrypt:99:8:1:"])
    func `who changes how the key follows from the passphrase gets nothing opened`(other: String) async throws {
        try await VaultFixture.run { fixture in
            let derivation = PassphraseDerivation.random(cost: 14)
            let key = try #require(derivation.key(from: Secret(copying: "correct horse battery staple")))
            let vault = try await Vault.open(
                path: fixture.path, files: fixture.files, keys: [key], derivation: derivation, access: .create,
                time: fixture.clock)
            #expect(try await vault.keyNames().derivations.count == 1)
            await vault.close()
            try await fixture.patch { bytes in fixture.replace("scrypt:14:8:1:", with: other, in: &bytes) }
            let expected: VaultFailure.Code = other.contains("99") ? .corrupt : .notAuthentic
            #expect(await code { _ = try await Self.open(fixture, [key]) } == expected)
        }
    }

    @Test func `a second change of the key keeps the audit of both before it`() async throws {
        try await VaultFixture.run { fixture in
            try await Self.fill(fixture)
            var keys = [fixture.key]
            for byte in [UInt8(0x51), 0x52, 0x53] {
                keys.insert(Secret(copying: [UInt8](repeating: byte, count: 32)), at: 0)
                let vault = try await Self.open(fixture, [keys[1]], .readWrite)
                try await vault.beginRekey(to: keys[0], noting: Self.entry)
                try await Self.finish(vault)
            }
            let vault = try await Self.open(fixture, [keys[0]])
            try await Self.expectAll(in: vault)
            #expect(try await vault.keyNames().former.count == 3)
        }
    }

    @Test(arguments: 0...12)
    func `killed between any two of its transactions, it is finished by the next`(steps: Int) async throws {
        try await VaultFixture.run { fixture in
            try await Self.fill(fixture)
            let directory = fixture.directory
            await #expect(processExitsWith: .signal(SIGKILL)) {
                [directory = directory as String, steps = steps as Int] in
                let fixture = VaultFixture(directory: directory)
                let vault = try await fixture.open(.readWrite)
                try await vault.beginRekey(to: Self.new, noting: Self.entry)
                var progress = RekeyProgress()
                for _ in 0..<steps { progress = try await vault.rekey(progress, atMost: 5, noting: Self.entry) }
                kill(getpid(), SIGKILL)
            }
            // In between, who has both keys reads and writes everything, ...
            let both = try await Self.open(fixture, [Self.new, fixture.key], .readWrite)
            try await Self.expectAll(in: both)
            // ... and the new key alone opens the vault, if not all that is in it.
            let alone = try await Self.open(fixture, [Self.new], .readWrite)
            #expect(try await alone.snapshot().grants.count == 3)
            if try await both.keyNames().retiring.isEmpty {
                try await Self.finish(both)
            } else {
                let failure = await code { _ = try await alone.rekey(RekeyProgress(), noting: Self.entry) }
                #expect(failure == .keyNeeded)
                try await both.beginRekey(to: Self.new, noting: Self.entry)
                try await Self.finish(both)
            }
            try await Self.expectAll(in: try await Self.open(fixture, [Self.new]))
        }
    }

    @Test func `who has only the former key works on until the end, and loses nothing after it`() async throws {
        try await VaultFixture.run { fixture in
            try await Self.fill(fixture)
            let old = try await fixture.open(.readWrite)
            let vault = try await fixture.open(.readWrite)
            try await vault.beginRekey(to: Self.new, noting: Self.entry)
            let during = try await old.candidate("during").id
            #expect(try await old.accessToken(of: during)?.secret.revealText() == "access-during")
            try await Self.finish(vault)
            // A server has just issued these, and they are stored whatever the key.
            let after = try await old.candidate("after").id
            try await old.record(AuditEntry(run: "r", actor: "me", action: "late"))
            #expect(try await vault.keyNames().retiring == [KeyIdentifier(of: fixture.key)])
            let both = try await Self.open(fixture, [Self.new, fixture.key], .readWrite)
            #expect(try await both.accessToken(of: during)?.secret.revealText() == "access-during")
            #expect(try await both.accessToken(of: after)?.secret.revealText() == "access-after")
            try await Self.finish(both)
            let alone = try await Self.open(fixture, [Self.new])
            #expect(try await alone.accessToken(of: after)?.secret.revealText() == "access-after")
            try await alone.verifyAudit()
        }
    }

    @Test func `another key is not begun with before the first change is finished`() async throws {
        try await VaultFixture.run { fixture in
            try await Self.fill(fixture)
            let vault = try await fixture.open(.readWrite)
            try await vault.beginRekey(to: Self.new, noting: Self.entry)
            let third = Secret(copying: "third")
            #expect(await code { try await vault.beginRekey(to: third, noting: Self.entry) } == .conflict)
            try await vault.beginRekey(to: Self.new, noting: Self.entry)
        }
    }

    @Test func `what somebody changed does not become authentic`() async throws {
        try await VaultFixture.run { fixture in
            try await Self.fill(fixture)
            try await fixture.patch { bytes in
                fixture.replace("login.example.com", with: "login.attacker.io", in: &bytes)
            }
            let vault = try await fixture.open(.readWrite)
            try await vault.beginRekey(to: Self.new, noting: Self.entry)
            let progress = try await Self.finish(vault)
            #expect(progress.damaged.count == 3)
            #expect(progress.damaged.allSatisfy { $0.hasPrefix("the recipe of grant ") })
            let reopened = try await Self.open(fixture, [Self.new])
            for grant in try await reopened.snapshot().grants.keys {
                #expect(await code { _ = try await reopened.recipe(of: grant) } == .wrongKey)
            }
        }
    }

    // MARK: What there is to be sealed anew

    private static func fill(_ fixture: VaultFixture) async throws {
        let vault = try await fixture.open()
        for name in ["a", "b"] {
            let grant = try await vault.candidate(name).id
            try await vault.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("\(name)2"))
            try await vault.promote(grant, for: [VaultFixture.account(name)])
        }
        _ = try await vault.addCandidate(
            VaultFixture.draft(), VaultFixture.recipe(), clientSecret: Secret(copying: "client-secret"),
            VaultFixture.tokens("c"))
        try await vault.setSecret(Secret(copying: "named"), named: "m365")
        _ = try await vault.keep(
            VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 600)), payload: Secret(copying: "verifier"))
        try await vault.record(AuditEntry(run: "r", actor: "me", action: "first"))
        await vault.close()
    }

    private static func expectAll(in vault: Vault) async throws {
        for name in ["a", "b"] {
            let grant = try #require(try await vault.grant(for: VaultFixture.account(name))).id
            #expect(try await vault.accessToken(of: grant)?.secret.revealText() == "access-\(name)2")
            let refresh = try await vault.refreshTokens(of: grant).map { $0.secret.revealText() }
            #expect(refresh == ["refresh-\(name)2", "refresh-\(name)"])
            #expect(try await vault.recipe(of: grant)?.revision == 1)
        }
        let client = try #require(try await vault.grants(profile: "m365", subject: "desk@example.com").first).id
        #expect(try await vault.recipe(of: client)?.clientSecret?.revealText() == "client-secret")
        #expect(try await vault.secret(named: "m365")?.revealText() == "named")
        let flow = try #require(try await vault.flow(profile: "m365", subject: "desk@example.com"))
        #expect(try await vault.opened(flow.id)?.payload.revealText() == "verifier")
        try await vault.verifyAudit()
    }

    @discardableResult
    private static func finish(_ vault: Vault) async throws -> RekeyProgress {
        var progress = RekeyProgress()
        while !progress.isDone { progress = try await vault.rekey(progress, atMost: 5, noting: entry) }
        return progress
    }

    private static func open(
        _ fixture: VaultFixture, _ keys: [Secret], _ access: VaultAccess = .readOnly
    ) async throws -> Vault {
        try await Vault.open(
            path: fixture.path, files: fixture.files, keys: keys, access: access, time: fixture.clock)
    }
}
