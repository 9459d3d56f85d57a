import KeelBase
import KeelCrypto
import KeelSystem
import KeelVault
import Testing

/// What somebody can do who may write the file but has no key.
struct TamperTests {
    private let a = VaultFixture.account("a")

    @Test func `a sealed token moved to another grant does not open`() async throws {
        try await VaultFixture.run { fixture in
            let (mine, theirs) = try await twoGrants(fixture)
            try await fixture.patch { bytes in
                let from = try sealedAccess(of: theirs, bytes, fixture)
                let to = try sealedAccess(of: mine, bytes, fixture)
                for offset in 0..<61 { bytes[to + offset] = bytes[from + offset] }
            }
            let vault = try await fixture.open(.readOnly)
            #expect(await code { _ = try await vault.accessToken(of: mine) } == .notAuthentic)
            #expect(try await vault.accessToken(of: theirs) != nil)
        }
    }

    @Test func `a changed endpoint is refused before anything is sent there`() async throws {
        try await VaultFixture.run { fixture in
            let (mine, _) = try await twoGrants(fixture)
            try await fixture.patch { bytes in
                fixture.replace("login.example.com", with: "login.attacker.io", in: &bytes)
            }
            #expect(await code { _ = try await fixture.open(.readOnly).recipe(of: mine) } == .notAuthentic)
        }
    }

    @Test func `a changed code is refused`() async throws {
        try await VaultFixture.run { fixture in
            let (mine, _) = try await twoGrants(fixture)
            let code = [1] + KeyIdentifier(of: fixture.key).bytes
            try await fixture.patch { bytes in
                for start in fixture.starts(of: code, in: bytes) { bytes[start + code.count] ^= 1 }
            }
            let vault = try await fixture.open(.readOnly)
            #expect(await KeelVaultTests.code { _ = try await vault.recipe(of: mine) } == .notAuthentic)
            #expect(await KeelVaultTests.code { _ = try await vault.grant(for: a) } == .notAuthentic)
        }
    }

    @Test func `an account that was pointed at another grant gets none`() async throws {
        try await VaultFixture.run { fixture in
            let (mine, theirs) = try await twoGrants(fixture)
            try await fixture.patch { bytes in
                fixture.replace("\(a)\(mine)", with: "\(a)\(theirs)", in: &bytes)
            }
            #expect(await code { _ = try await fixture.open(.readOnly).grant(for: a) } == .notAuthentic)
            // Whoever reads without a key is shown what stands there.
            let unkeyed = try await fixture.openWithoutKey(.readOnly)
            #expect(try await unkeyed.grant(for: a)?.id == theirs)
        }
    }

    @Test func `a grant that was given another subject is of no use`() async throws {
        try await VaultFixture.run { fixture in
            let (mine, theirs) = try await twoGrants(fixture)
            let vault = try await fixture.open()
            let record = try #require(try await vault.grant(mine))
            await vault.close()
            try await fixture.patch { bytes in
                fixture.replace(
                    "\(mine)\(record.profile)\(record.subject)",
                    with: "\(mine)\(record.profile)X\(record.subject.dropFirst())", in: &bytes)
            }
            let reader = try await fixture.open(.readOnly)
            #expect(await code { _ = try await reader.renewalBasis(of: mine) } == .notAuthentic)
            #expect(try await reader.renewalBasis(of: theirs).refresh.count == 1)
        }
    }

    /// Each as the row before has it, and of the same length.
    @Test(arguments: [
        ("current", "retired"), ("https://a-a.example", "https://b-b.example"), ("oid-of-a", "oid-of-x"),
        ("m365", "M365"),
    ])
    func `a grant whose row was changed is refused`(old: String, new: String) async throws {
        try await VaultFixture.run { fixture in
            let (mine, theirs) = try await twoGrants(fixture)
            var vault = try await fixture.open()
            try await vault.recordIdentity(of: mine, issuer: "https://a-a.example", subject: "oid-of-a")
            let record = try #require(try await vault.grant(mine))
            await vault.close()
            try await fixture.patch { bytes in
                let start = try #require(
                    fixture.starts(of: Array("\(mine)\(record.profile)\(record.subject)client-1".utf8), in: bytes).last)
                let found = try #require(fixture.starts(of: Array(old.utf8), in: bytes).first { $0 > start })
                bytes.replaceSubrange(found..<(found + old.utf8.count), with: Array(new.utf8))
            }
            vault = try await fixture.open()
            #expect(await code { _ = try await vault.grant(mine) } == .notAuthentic)
            #expect(await code { _ = try await vault.grant(for: a) } == .notAuthentic)
            #expect(await code { _ = try await vault.renewalBasis(of: mine) } == .notAuthentic)
            #expect(await code { try await vault.promote(mine, for: [a]) } == .notAuthentic)
            #expect(
                await code {
                    try await vault.recordIdentity(of: mine, issuer: "https://b-b.example", subject: "oid-of-a")
                } == .notAuthentic)
            // An index that names it otherwise is damage in itself.
            if new.contains("-") { #expect(try await vault.verify().findings.count == 1) }
            #expect(try await vault.grant(theirs) != nil)
            // Whatever a server has issued is stored all the same.
            try await vault.replaceTokens(of: mine, generation: 1, with: VaultFixture.tokens("a2"))
            // A change of the key does not make it authentic.
            let new = Secret(copying: [UInt8](repeating: 0x43, count: 32))
            try await vault.beginRekey(to: new, noting: AuditEntry(run: "r", actor: "me", action: "vault.rekey"))
            var progress = RekeyProgress()
            while !progress.isDone {
                progress = try await vault.rekey(
                    progress, noting: AuditEntry(run: "r", actor: "me", action: "vault.rekey"))
            }
            #expect(progress.damaged.count == 1)
        }
    }

    @Test func `the failure names the row and shows no content`() async throws {
        try await VaultFixture.run { fixture in
            let (mine, _) = try await twoGrants(fixture)
            try await fixture.patch { bytes in
                fixture.replace("login.example.com", with: "login.attacker.io", in: &bytes)
            }
            let vault = try await fixture.open(.readOnly)
            let failure = await #expect(throws: VaultFailure.self) { _ = try await vault.recipe(of: mine) }
            #expect(failure?.description.contains(mine.text) == true)
            #expect(failure?.description.contains("attacker") == false)
        }
    }

    @Test func `a row of the wrong form is damage, not a crash`() async throws {
        try await VaultFixture.run { fixture in
            let (mine, _) = try await twoGrants(fixture)
            try await fixture.patch { bytes in
                fixture.replace("authorization_code", with: "authorization_CODE", in: &bytes)
            }
            #expect(await code { _ = try await fixture.open(.readOnly).grant(mine) } == .corrupt)
        }
    }

    /// Two grants, of which account `a` points to the first, in a closed vault.
    private func twoGrants(_ fixture: VaultFixture) async throws -> (GrantID, GrantID) {
        let vault = try await fixture.open()
        let mine = try await vault.candidate("a").id
        let theirs = try await vault.candidate("b").id
        try await vault.promote(mine, for: [a])
        await vault.close()
        return (mine, theirs)
    }

    /// Where the sealed access token of a grant begins: its row holds grant, kind, state and then the value.
    private func sealedAccess(of grant: GrantID, _ bytes: [UInt8], _ fixture: VaultFixture) throws -> Int {
        let row = Array("\(grant)accesscurrent".utf8)
        let start = try #require(fixture.starts(of: row, in: bytes).first) + row.count
        #expect(bytes[start] == 1)
        return start
    }
}
