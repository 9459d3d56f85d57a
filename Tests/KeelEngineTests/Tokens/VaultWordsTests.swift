import Glibc
import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelTestSupport
import KeelVault
import Testing

/// A vault or key that is lost or damaged: each command names the file and what to type.
struct VaultWordsTests {
    /// What happens to a vault, by name.
    enum Loss: String, CaseIterable {
        case missing, empty, garbage, directory, noKey, otherKey, garbageKey

        func happen(to rig: EngineRig) throws {
            let (vault, key) = (rig.paths.vault, rig.paths.vaultKey)
            switch self {
            case .missing: try rig.files.remove(vault)
            case .empty: try rig.files.replace(vault, with: [])
            case .garbage: try rig.files.replace(vault, with: [UInt8](repeating: 0x67, count: 8192))
            case .directory:
                try rig.files.remove(vault)
                try rig.files.createDirectory(vault)
            case .noKey: try rig.files.remove(key)
            case .otherKey:
                try rig.files.remove(key)
                _ = try KeyFile.create(key, rig.files)
            case .garbageKey: try rig.files.replace(key, with: Array("garbage\n".utf8))
            }
        }

        var isOfKey: Bool { self == .noKey || self == .otherKey || self == .garbageKey }
    }

    @Test(arguments: Loss.allCases)
    func `who has read the state is told the command that mends it`(loss: Loss) async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try loss.happen(to: rig)
            let diagnostic = try await rig.openingFailure(of: try rig.state())
            #expect(diagnostic.message.contains(loss.isOfKey ? rig.paths.vaultKey : rig.paths.vault))
            let help = try #require(diagnostic.help)
            #expect(help.contains("mailkeel apply --replace 'Authorization/desk:(app)'"))
            if loss.isOfKey { #expect(help.contains("move \(rig.paths.vault) away")) }
            if loss == .garbageKey { #expect(help.contains("move \(rig.paths.vaultKey) away")) }
        }
    }

    @Test(arguments: Loss.allCases)
    func `who has not is told which command knows it`(loss: Loss) async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try loss.happen(to: rig)
            let help = try #require(try await rig.openingFailure(of: nil).help)
            #expect(help.contains("mailkeel plan ") || help.contains("mailkeel test "))
            #expect(!help.contains("--replace"))
            // Where nothing is, the wrong directory is the first suspect.
            #expect(help.contains("if the project is elsewhere") == [.missing, .empty].contains(loss))
        }
    }

    @Test(arguments: Loss.allCases.filter { !$0.isOfKey })
    func `the plan changes nothing, and warns with path and command`(loss: Loss) async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try loss.happen(to: rig)
            let plan = try await rig.plan().plan
            #expect(plan.isEmpty)
            let note = try #require(plan.notes.first { $0.code == "plan.vault-not-observed" })
            #expect(note.isWarning)
            #expect(note.message.contains(rig.paths.vault))
            #expect(note.message.contains("mailkeel apply --replace 'Authorization/desk:(app)'"))
        }
    }

    @Test(arguments: Loss.allCases)
    func `what the words say mends it`(loss: Loss) async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try loss.happen(to: rig)
            #expect(unsafe rename(rig.paths.vault, rig.paths.vault + ".away") == 0 || loss == .missing)
            if loss == .garbageKey { #expect(unsafe rename(rig.paths.vaultKey, rig.paths.vaultKey + ".away") == 0) }
            let report = try await rig.apply(try await rig.plan(replacing: [EngineRig.authorization]))
            #expect(report.failures.isEmpty)
            #expect(try await rig.plan().plan.isEmpty)
            #expect(try await rig.test().allSatisfy(\.passed))
        }
    }

    @Test func `a destroy without its vault says so, and names no command that would obtain anything`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try rig.files.remove(rig.paths.vault)
            let report = try await rig.apply(try await rig.plan(destroying: true))
            #expect(report.applied.destroy == 5)
            let finding = try #require(report.findings.first)
            #expect(finding.contains("no vault at \(rig.paths.vault)") && !finding.contains("--replace"))
        }
    }

    @Test func `a test with another project's vault says that, not that a grant is missing`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let own = try #require(try rig.state().vault)
            try rig.files.remove(rig.paths.vault)
            let key = try #require(try KeyFile.load(rig.paths.vaultKey, rig.files))
            let other = try await Vault.open(path: rig.paths.vault, files: rig.files, key: key, access: .create)
            await other.close()
            for result in try await rig.test() {
                let diagnostic = try #require(result.failure).diagnostic
                #expect(diagnostic.code == "vault.foreign")
                #expect(
                    diagnostic.message
                        == "the vault at \(rig.paths.vault) (\(other.id)) is not the one of this state (\(own))")
                #expect(diagnostic.help?.contains("mailkeel apply --replace 'Authorization/desk:(app)'") == true)
            }
            let notes = try await rig.plan().plan.notes.filter { $0.code == "plan.other-vault" }
            #expect(notes.allSatisfy(\.isWarning) && notes.count == 1)
            #expect(notes.first?.message.contains(rig.paths.vault) == true)
        }
    }

    @Test(arguments: [FileFailure.Code.notDirectory, .readOnly, .noSpace])
    func `where no key can be made, the variables are named that name another place`(
        code: FileFailure.Code
    ) async throws {
        try await EngineRig.run { rig in
            let store = InMemoryFileStore()
            store.fail(rig.paths.vaultKey, with: code)
            let accessor = VaultAccessor(paths: rig.paths, files: store, time: rig.clock)
            let failure = await #expect(throws: EngineFailure.self) {
                var findings: [String] = []
                _ = try await accessor.openOrCreate(&findings)
            }
            let diagnostic = try #require(failure?.diagnostics.first)
            #expect(diagnostic.code == "key.inaccessible")
            let help = try #require(diagnostic.help)
            #expect(help.contains("HOME") && help.contains("MAILKEEL_VAULT_KEY_FILE"))
            #expect(help.contains("free some space") == (code == .noSpace))
        }
    }
}

extension EngineRig {
    fileprivate func openingFailure(of state: StateDocument?) async throws -> Diagnostic {
        let accessor = VaultAccessor(paths: paths, files: files, time: clock, state: state)
        let failure = try await #require(throws: EngineFailure.self) { _ = try await accessor.open() }
        return try #require(failure.diagnostics.first)
    }
}
