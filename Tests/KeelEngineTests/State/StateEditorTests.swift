import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelSystem
import KeelTestSupport
import KeelVault
import Testing

/// Changes of the state with the real thing: files, journal, history, vault.
struct StateEditorTests {
    private static let renamed = ResourceAddress(.emailAccount, "renamed")
    private static let newProfile = ResourceAddress(.oauthProfile, "counter")
    private static let newSlot = ResourceAddress.authorization(profile: "counter", subject: "(app)")

    @Test func `a renamed account keeps its grant, its proof, and whoever asks the vault for it`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try rig.state()
            let record = try rig.record(EngineRig.gamma)
            let report = try await rig.move(EngineRig.gamma, to: Self.renamed)
            let state = try rig.state()
            #expect(report.serial == state.serial)
            #expect(state.serial == before.serial + 1)
            #expect(state.written?.operation == "state mv")
            #expect(try state.record(Self.renamed) == record)
            #expect(state.head(EngineRig.gamma) == nil)
            let accounts = try await rig.snapshot().accounts
            #expect(accounts[Self.renamed]?.text == record.committed?.grant)
            #expect(accounts[EngineRig.gamma] == nil)
            #expect(try rig.text(rig.paths.state.journal) == nil)
            #expect(try rig.history().map(\.serial).prefix(2) == [state.serial, before.serial])
        }
    }

    @Test func `observations of a renamed account count from then on`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try await rig.move(EngineRig.gamma, to: Self.renamed)
            let record = try rig.committed(Self.renamed)
            let observation = Observation(
                of: Self.renamed, kind: "connected", observer: "test", observed: rig.clock.now,
                grant: GrantID(parsing: try #require(record.grant)), settingsDigest: record.settingsDigest, value: "{}")
            #expect(try await rig.withVault { try await $0.observe(observation) })
        }
    }

    @Test func `after a profile was renamed, in the manifests as well, there is nothing to do`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try await rig.move(EngineRig.profile, to: Self.newProfile)
            #expect(try await !rig.plan().plan.isEmpty)
            try rig.write(Manifests().text.replacing("desk", with: "counter"))
            #expect(try await rig.plan().plan.isEmpty)
            let grant = try rig.committed(Self.newSlot).grant
            let facts = try await rig.snapshot().grants[try #require(grant.flatMap(GrantID.init(parsing:)))]
            #expect(facts?.profile == "counter")
        }
    }

    @Test func `what a kill left between the state and the vault is mended by the next apply`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let document = try rig.state()
            let move = try StateEdit.renaming(EngineRig.profile, to: Self.newProfile, in: document)
            let rename = try StateEdit.renaming(EngineRig.gamma, to: Self.renamed, in: document)
            let removal = try StateEdit.removing([EngineRig.beta], from: document)
            try await rig.leave(entries: move.entries + rename.entries + removal.entries)
            var manifests = Manifests().text.replacing("oauthProfile: desk", with: "oauthProfile: counter")
            manifests = manifests.replacing("{ name: desk }", with: "{ name: counter }")
            manifests = manifests.replacing("{ name: gamma }", with: "{ name: renamed }")
            try rig.write(manifests)
            rig.admit(refusing: "beta")
            _ = try await rig.apply()
            let snapshot = try await rig.snapshot()
            let grant = try #require(try rig.committed(Self.newSlot).grant.flatMap(GrantID.init(parsing:)))
            #expect(snapshot.accounts == [EngineRig.alpha: grant, Self.renamed: grant])
            #expect(snapshot.grants[grant]?.profile == "counter")
            #expect(snapshot.grants[grant]?.status == .current)
        }
    }

    @Test func `a removed account is forgotten by the vault, and its grant stays sealed`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let grant = try #require(try rig.committed(EngineRig.alpha).grant.flatMap(GrantID.init(parsing:)))
            let report = try await rig.remove(EngineRig.accounts)
            #expect(report.edit.removed == [EngineRig.authorization] + EngineRig.accounts)
            #expect(try rig.state().addresses == [EngineRig.profile])
            let snapshot = try await rig.snapshot()
            #expect(snapshot.accounts.isEmpty)
            #expect(snapshot.grants[grant]?.status == .current)
        }
    }

    @Test func `without a vault the state is changed all the same`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            for name in ScratchDirectory.names(in: rig.paths.state.directory) where name.hasPrefix("vault.db") {
                try rig.files.remove("\(rig.paths.state.directory)/\(name)")
            }
            #expect(try await rig.move(EngineRig.gamma, to: Self.renamed).findings.isEmpty)
            #expect(try rig.state().head(Self.renamed) != nil)
        }
    }

    @Test func `a vault that cannot be opened is left as it is, which is said`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let key = try #require(try rig.files.read(rig.paths.vaultKey, limit: 4096))
            try rig.files.remove(rig.paths.vaultKey)
            let findings = try await rig.move(EngineRig.gamma, to: Self.renamed).findings
            #expect(findings.count == 1)
            #expect(findings.first?.contains("next apply") == true)
            try rig.files.create(rig.paths.vaultKey, with: key)
            try rig.write(Manifests().text.replacing("{ name: gamma }", with: "{ name: renamed }"))
            _ = try await rig.apply()
            #expect(try await rig.snapshot().accounts.keys.sorted() == [EngineRig.alpha, EngineRig.beta, Self.renamed])
        }
    }

    @Test func `looking ahead writes nothing and takes no lock`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try (rig.text(rig.paths.state.state), rig.history())
            let lock = try await rig.hold()
            defer { lock.unlock() }
            let edit = try rig.editor("state rm").preview { document throws(EngineFailure) in
                try .removing([EngineRig.alpha], from: document)
            }
            #expect(edit.removed == [EngineRig.alpha])
            #expect(try rig.text(rig.paths.state.state) == before.0)
            #expect(try rig.history() == before.1)
        }
    }

    @Test func `while another run holds the lock nothing is changed, and the holder is named`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let lock = try await rig.hold()
            defer { lock.unlock() }
            let failure = await #expect(throws: EngineFailure.self) {
                try await rig.move(EngineRig.gamma, to: Self.renamed)
            }
            #expect(failure?.reason == .locked)
            #expect(failure?.holder?.id == "other")
            #expect(try rig.state().head(EngineRig.gamma) != nil)
        }
    }

    @Test func `where there is no state none is made`() async throws {
        try await EngineRig.run { rig in
            let failure = await #expect(throws: EngineFailure.self) {
                try await rig.move(EngineRig.gamma, to: Self.renamed)
            }
            #expect(failure?.diagnostics.first?.code == "state.none")
            let made = try rig.files.mode(rig.paths.state.directory)
            #expect(made == nil)
        }
    }

    @Test func `a refused change leaves the state as it is`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try rig.text(rig.paths.state.state)
            await #expect(throws: EngineFailure.self) { try await rig.move(EngineRig.gamma, to: EngineRig.beta) }
            #expect(try rig.text(rig.paths.state.state) == before)
        }
    }

    @Test func `an earlier state is pushed only with force, and the vault follows it by the next apply`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let before = try #require(try rig.files.read(rig.paths.state.state, limit: .max))
            try await rig.remove(EngineRig.accounts)
            let failure = await #expect(throws: EngineFailure.self) {
                try await rig.editor("state push").push(before, force: false)
            }
            #expect(failure?.diagnostics.first?.code == "state.older-serial")
            let serial = try rig.state().serial
            #expect(try await rig.editor("state push").push(before, force: true) == .replaced(serial: serial + 1))
            #expect(try await rig.editor("state push").push(before, force: true) == .unchanged(serial: serial + 1))
            #expect(try rig.state().written?.operation == "state push")
            try await rig.apply()
            #expect(try await rig.snapshot().accounts.keys.sorted() == EngineRig.accounts)
        }
    }
}

extension EngineRig {
    func editor(_ operation: String) -> StateEditor {
        StateEditor(
            paths: paths, files: files, time: clock,
            options: RunOptions(operation: operation, who: "alice@desk", version: "test", info: "pid 1"))
    }

    @discardableResult
    func move(_ from: ResourceAddress, to: ResourceAddress) async throws -> StateEditor.Report {
        try await editor("state mv").edit { document throws(EngineFailure) in
            try .renaming(from, to: to, in: document)
        }
    }

    @discardableResult
    func remove(_ addresses: [ResourceAddress]) async throws -> StateEditor.Report {
        try await editor("state rm").edit { document throws(EngineFailure) in
            try .removing(addresses, from: document)
        }
    }

    func history() throws -> [HistoryEntry] { try StateStore(paths.state, files: files).history() }

    /// Takes the lock as another run would.
    func hold() async throws -> StateLock {
        try await StateStore(paths.state, files: files).lock(
            LockRecord(
                id: "other", operation: "apply", who: "bob@desk", version: "test", created: clock.now, info: "pid 2",
                path: paths.state.state))
    }

    /// Leaves entries in the journal of a run that was killed.
    func leave(entries: [Journal.Entry]) async throws {
        let writer = StateWriter(run: "killed", operation: "state mv", who: "alice@desk", time: clock)
        let run = try StateStore(paths.state, files: files).begin(writer) { StateDocument(lineage: "lineage") }
        try await run.commit(entries)
    }
}
