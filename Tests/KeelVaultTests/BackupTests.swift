import Glibc
import KeelBase
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

struct BackupTests {
    private static let entry = AuditEntry(run: "r", actor: "me", action: "vault.restore")

    @Test func `a backup is whole while others write, and is the owner's alone`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            for number in 0..<20 { _ = try await vault.candidate("a\(number)") }
            let target = fixture.directory + "/copies.db"
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let writer = try await fixture.open(.readWrite)
                    for number in 0..<40 { _ = try await writer.candidate("b\(number)") }
                }
                for number in 0..<4 {
                    group.addTask {
                        try await fixture.openWithoutKey(.readOnly)
                            .backUp(to: "\(target).\(number)", files: fixture.files)
                    }
                }
                try await group.waitForAll()
            }
            for number in 0..<4 {
                let copy = VaultFixture(directory: fixture.directory, name: "copies.db.\(number)")
                #expect(try fixture.files.mode(copy.path) == 0o600)
                let opened = try await copy.open(.readOnly)
                #expect(opened.id == vault.id)
                try await opened.checkIntegrity()
                #expect(try await opened.verify().findings.isEmpty)
                #expect(try await opened.snapshot().grants.count >= 20)
            }
            #expect(ScratchDirectory.names(in: fixture.directory).filter { $0.hasPrefix(".") }.isEmpty)
        }
    }

    @Test func `a file that is there is replaced only if that was asked for`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let target = fixture.directory + "/copy.db"
            try fixture.files.create(target, with: [1])
            #expect(await code { try await vault.backUp(to: target, files: fixture.files) } == .exists)
            #expect(try fixture.files.read(target, limit: 9) == [1])
            try await vault.backUp(to: target, replacing: true, files: fixture.files)
            #expect(
                try await VaultFixture(directory: fixture.directory, name: "copy.db").open(.readOnly).id == vault.id)
        }
    }

    @Test func `a copy is quarantined however it is put into place, until it is accepted`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a").id
            _ = try await vault.keep(
                VaultFixture.flow(expires: fixture.clock.now.adding(seconds: 600)), payload: Secret(copying: "v"))
            let other = VaultFixture(directory: fixture.directory, name: "other.db")
            try await vault.backUp(to: other.path, files: fixture.files)
            let copied = fixture.clock.now
            fixture.clock.advance(100)
            let copy = try await other.open(.readWrite)
            #expect(try await copy.quarantine()?.copied == copied)
            #expect(try await other.openWithoutKey(.readOnly).snapshot().quarantine?.copied == copied)
            // What a provider would see is refused; what it gave us before is there.
            #expect(await code { _ = try await copy.refreshTokens(of: grant) } == .quarantined)
            #expect(await code { _ = try await copy.beginRotation(of: grant, run: "r") } == .quarantined)
            #expect(await code { _ = try await copy.candidate("b") } == .quarantined)
            let flow = try #require(try await copy.flows().first)
            #expect(await code { _ = try await copy.redeem(flow.id, run: "r") } == .quarantined)
            #expect(try await copy.accessToken(of: grant) != nil)
            // A token that came all the same is kept.
            try await copy.replaceTokens(of: grant, generation: 1, with: VaultFixture.tokens("2"))
            // A copy of the copy keeps the first one's time.
            let third = VaultFixture(directory: fixture.directory, name: "third.db")
            try await copy.backUp(to: third.path, files: fixture.files)
            #expect(try await third.open(.readOnly).quarantine()?.copied == copied)
            #expect(try await copy.acceptRestored(noting: Self.entry))
            #expect(try await copy.acceptRestored(noting: Self.entry) == false)
            #expect(try await copy.flows().isEmpty)
            #expect(try await copy.refreshTokens(of: grant).count == 2)
            #expect(try await vault.quarantine() == nil)
        }
    }

    @Test func `restored twice in a second, each vault that was there is kept`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let backup = fixture.directory + "/backup.db"
            try await vault.backUp(to: backup, files: fixture.files)
            var kept: Set<String> = []
            for _ in 1...3 {
                let restored = try await fixture.restorer.restore(
                    backup, of: nil, noting: AuditEntry(run: "r", actor: "me", action: "vault.restore"))
                kept.insert(try #require(restored.aside))
            }
            #expect(kept.count == 3)
            for path in kept { #expect(try fixture.files.mode(path) == 0o600) }
        }
    }

    @Test func `restoring keeps what was there, and whoever has the vault open goes on with what is restored`()
        async throws
    {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let (a, b) = (try await vault.candidate("a").id, try await vault.candidate("b").id)
            try await vault.promote(a, for: [VaultFixture.account("a")])
            try await vault.record(AuditEntry(run: "r", actor: "me", action: "first"))
            let backup = fixture.directory + "/backup.db"
            try await vault.backUp(to: backup, files: fixture.files)
            try await vault.replaceTokens(of: a, generation: 1, with: VaultFixture.tokens("a2"))
            let late = try await vault.candidate("late").id
            try await vault.record(AuditEntry(run: "r", actor: "me", action: "second"))
            let restored = try await fixture.restorer.restore(backup, of: nil, noting: Self.entry)
            #expect(restored.vault == vault.id)
            #expect(restored.grants == 2)
            #expect(restored.quarantine.behind == [a, late].sorted())
            #expect(try await vault.snapshot().grants.keys.sorted() == [a, b].sorted())
            #expect(await code { _ = try await vault.refreshTokens(of: a) } == .quarantined)
            #expect(try await vault.audit(atMost: 9).map(\.entry.action) == ["first", "vault.restore"])
            try await vault.verifyAudit()
            // It works as before: the next writer, and the audit that only grows.
            #expect(try await vault.acceptRestored(noting: Self.entry))
            #expect(try await vault.refreshTokens(of: a).map { $0.secret.revealText() } == ["refresh-a"])
            let aside = VaultFixture(
                directory: fixture.directory, name: String(restored.aside?.split(separator: "/").last ?? ""))
            let kept = try await aside.open(.readWrite)
            #expect(try await kept.quarantine() != nil)
            #expect(try await kept.acceptRestored(noting: Self.entry))
            #expect(try await kept.refreshTokens(of: a).map { $0.secret.revealText() } == ["refresh-a2", "refresh-a"])
            #expect(try await kept.grant(late) != nil)
        }
    }

    @Test(arguments: ["gone", "garbage", "empty", "log alone"])
    func `it is restored where the vault is lost or damaged`(state: String) async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a").id
            let backup = fixture.directory + "/backup.db"
            try await vault.backUp(to: backup, files: fixture.files)
            await vault.close()
            switch state {
            case "garbage": try fixture.files.replace(fixture.path, with: [UInt8](repeating: 0x67, count: 8192))
            case "empty": try fixture.files.replace(fixture.path, with: [])
            default: try fixture.files.remove(fixture.path)
            }
            if state == "log alone" { try fixture.files.replace(fixture.path + "-wal", with: [1, 2, 3]) }
            let restored = try await fixture.restorer.restore(backup, of: vault.id, noting: Self.entry)
            // An empty log beside a lost database is kept as well.
            #expect(restored.aside != nil)
            let reopened = try await fixture.open(.readWrite)
            #expect(reopened.id == vault.id)
            #expect(try await reopened.grant(grant) != nil)
            #expect(try fixture.files.mode(fixture.path) == 0o600)
            #expect(try await reopened.acceptRestored(noting: Self.entry))
            #expect(try await reopened.verify().findings.isEmpty)
        }
    }

    @Test func `it is restored on a machine where there is nothing yet`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a").id
            let backup = fixture.directory + "/backup.db"
            try await vault.backUp(to: backup, files: fixture.files)
            let other = VaultFixture(directory: fixture.directory + "/new/machine")
            let restored = try await other.restorer.restore(backup, of: nil, noting: Self.entry)
            #expect(restored.vault == vault.id && restored.aside == nil)
            #expect(try await other.open(.readWrite).grant(grant) != nil)
            #expect(ScratchDirectory.names(in: other.directory) == ["vault.db", "vault.db-shm", "vault.db-wal"])
        }
    }

    @Test func `a backup of another vault is refused by name, and restored if that is meant`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            _ = try await vault.candidate("a")
            let other = VaultFixture(directory: fixture.directory, name: "other.db")
            let foreign = try await other.open()
            let backup = fixture.directory + "/backup.db"
            try await foreign.backUp(to: backup, files: fixture.files)
            let failure = await #expect(throws: VaultFailure.self) {
                _ = try await fixture.restorer.restore(backup, of: nil, noting: Self.entry)
            }
            #expect(failure?.code == .foreign)
            #expect(failure?.reason.contains(foreign.id) == true && failure?.reason.contains(vault.id) == true)
            #expect(try await vault.quarantine() == nil)
            let restored = try await fixture.restorer.restore(
                backup, of: vault.id, allowsOther: true, noting: Self.entry)
            #expect(restored.vault == foreign.id)
            #expect(restored.quarantine.behind.isEmpty)
        }
    }

    @Test func `a backup under another key, or a damaged one, changes nothing`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            _ = try await vault.candidate("a")
            let backup = VaultFixture(directory: fixture.directory, name: "backup.db")
            try await vault.backUp(to: backup.path, files: fixture.files)
            let stranger = VaultRestorer(
                path: fixture.path, files: fixture.files, keys: [Secret(copying: "x")], time: fixture.clock)
            #expect(
                await code { _ = try await stranger.restore(backup.path, of: nil, noting: Self.entry) } == .wrongKey)
            try await backup.patch { bytes in
                for index in 8192..<min(bytes.count, 40_000) { bytes[index] = 0xAA }
            }
            #expect(
                await code { _ = try await fixture.restorer.restore(backup.path, of: nil, noting: Self.entry) }
                    == .corrupt)
            #expect(try await vault.snapshot().grants.count == 1)
            #expect(try await vault.quarantine() == nil)
        }
    }

    @Test func `restoring again and again, beside a writer, ends in a sound vault`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            _ = try await vault.candidate("a")
            let backup = fixture.directory + "/backup.db"
            try await vault.backUp(to: backup, files: fixture.files)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let writer = try await fixture.open(.readWrite)
                    for number in 0..<30 {
                        try await writer.record(AuditEntry(run: "r", actor: "me", action: "n\(number)"))
                    }
                }
                group.addTask {
                    for _ in 0..<3 {
                        fixture.clock.advance(1)
                        _ = try await fixture.restorer.restore(backup, of: nil, noting: Self.entry)
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await vault.verify().findings.isEmpty)
        }
    }
}

struct InspectionTests {
    @Test func `facts need no key`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            _ = try await vault.candidate("a")
            try await vault.setSecret(Secret(copying: "x"), named: "m365")
            try await vault.record(AuditEntry(run: "r", actor: "me", action: "apply"))
            let facts = try await fixture.openWithoutKey(.readOnly).facts()
            #expect(facts.format == 3)
            #expect(facts.created == fixture.clock.now)
            #expect(facts.keys.retiring.isEmpty && facts.keys.former.isEmpty && facts.keys.current != nil)
            #expect(facts.secrets == 1 && facts.auditLength == 1 && facts.lastAudit == fixture.clock.now)
            #expect(facts.size > 0)
        }
    }

    @Test func `everything that was changed is found, and the rest is counted`() async throws {
        try await VaultFixture.run { fixture in
            let vault = try await fixture.open()
            let grant = try await vault.candidate("a").id
            try await vault.promote(grant, for: [VaultFixture.account("a")])
            try await vault.setSecret(Secret(copying: "x"), named: "m365")
            try await vault.record(AuditEntry(run: "r", actor: "me", action: "token.read.aaaa"))
            let before = try await vault.verify()
            #expect(before.findings.isEmpty)
            #expect(before.sound == 7)
            await vault.close()
            try await fixture.patch { bytes in
                fixture.replace("login.example.com", with: "login.attacker.io", in: &bytes)
                fixture.replace("token.read.aaaa", with: "token.read.bbbb", in: &bytes)
            }
            let after = try await fixture.open(.readOnly).verify()
            #expect(after.sound == 5)
            #expect(after.findings.count == 2)
            #expect(after.findings[0].contains("recipe of grant \(grant)"))
            #expect(after.findings[1].contains("audit entry 1"))
        }
    }
}
