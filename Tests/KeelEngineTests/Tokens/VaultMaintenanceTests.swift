import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelEngine
import KeelPlan
import KeelState
import KeelSystem
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

struct VaultMaintenanceTests {
    @Test func `status tells everything without the key, and with it whether all is sound`() async throws {
        try await EngineRig.run { rig in
            #expect(try await rig.maintenance.status(verifying: false) == nil)
            try await rig.apply()
            try rig.hideKey()
            let status = try #require(try await rig.maintenance.status(verifying: false))
            #expect(status.count(.current) == 1 && status.count(.candidate) == 0 && status.count(.retired) == 0)
            #expect(status.facts.format == 3 && status.facts.auditLength > 0 && status.verification == nil)
            #expect(status.troubled.isEmpty && status.due.isEmpty && status.snapshot.quarantine == nil)
            try rig.putKeyBack()
            let verified = try #require(try await rig.maintenance.status(verifying: true))
            #expect(verified.verification?.findings == [])
            #expect((verified.verification?.sound ?? 0) > 3)
        }
    }

    @Test func `a backup is restored, waits to be accepted, and then serves again`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let backup = rig.paths.directory + "/backup.db"
            #expect(try await rig.maintenance.backUp(to: backup, replacing: false) > 0)
            await #expect(throws: EngineFailure.self) {
                _ = try await rig.maintenance.backUp(to: backup, replacing: false)
            }
            try rig.files.remove(rig.paths.vault)
            for suffix in ["-wal", "-shm"] { try rig.files.remove(rig.paths.vault + suffix) }
            let restored = try await rig.maintenance.restore(backup, allowsOther: false)
            #expect(restored.grants == 1 && restored.aside == nil)
            // Nothing is concluded from an old copy: no difference, no work.
            let planned = try await rig.plan()
            #expect(planned.plan.changes.isEmpty)
            let accepted = try #require(try await rig.maintenance.acceptRestored())
            #expect(accepted.grants.count == 1)
            #expect(try await rig.maintenance.acceptRestored() == nil)
            let status = try #require(try await rig.maintenance.status(verifying: true))
            #expect(status.snapshot.quarantine == nil && status.verification?.findings == [])
            #expect(try await rig.audit().suffix(2) == ["vault.restore", "vault.accept-restore"])
        }
    }

    @Test func `another project's backup is refused by name`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let backup = rig.paths.directory + "/backup.db"
            let key = try #require(try KeyFile.load(rig.paths.vaultKey, rig.files))
            let other = try await Vault.open(
                path: rig.paths.directory + "/other.db", files: rig.files, key: key, access: .create)
            try await other.backUp(to: backup, files: rig.files)
            let failure = await #expect(throws: EngineFailure.self) {
                _ = try await rig.maintenance.restore(backup, allowsOther: false)
            }
            #expect(failure?.diagnostics.first?.code == "vault.foreign")
            #expect(failure?.diagnostics.first?.message.contains(other.id) == true)
        }
    }

    @Test func `a new key takes the first line, and the vault needs no other`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let old = try #require(try KeyFile.load(rig.paths.vaultKey, rig.files))
            let report = try #require(try await rig.maintenance.rekey(to: .keyFile))
            #expect(report.damaged.isEmpty && report.renewed > 3 && report.file == rig.paths.vaultKey)
            let keys = try KeyFile.loadAll(rig.paths.vaultKey, rig.files)
            #expect(keys.count == 2 && keys[1].matches(old) && KeyIdentifier(of: keys[0]) == report.key)
            let vault = try await Vault.open(
                path: rig.paths.vault, files: rig.files, key: keys[0], access: .readOnly)
            #expect(try await vault.verify().findings.isEmpty)
            await vault.close()
            // A vault under the former key goes on as well: the file has both.
            let again = try #require(try await rig.maintenance.rekey(to: .keyFile))
            #expect(again.key != report.key)
            #expect(try await rig.audit().suffix(2) == ["vault.rekey-begin", "vault.rekey"])
        }
    }

    @Test func `a key in a file of its own is made, used, and then there is nothing more to do`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let file = rig.paths.directory + "/new.key"
            let report = try #require(try await rig.maintenance.rekey(to: .file(file)))
            #expect(report.madeFile && report.file == file)
            #expect(try await rig.maintenance.rekey(to: .file(file)) == nil)
            #expect(try KeyFile.loadAll(rig.paths.vaultKey, rig.files).count == 1)
            let failure = await #expect(throws: EngineFailure.self) {
                _ = try await rig.maintenance.status(verifying: true)
            }
            #expect(failure?.diagnostics.first?.code == "vault.wrong-key")
        }
    }

    @Test func `what was broken off is finished, and says so`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let new = try KeyFile.add(to: rig.paths.vaultKey, rig.files)
            let vault = try await Vault.open(
                path: rig.paths.vault, files: rig.files, keys: KeyFile.loadAll(rig.paths.vaultKey, rig.files),
                access: .readWrite)
            try await vault.beginRekey(to: new, noting: AuditEntry(run: "r", actor: "me", action: "vault.rekey-begin"))
            await vault.close()
            let report = try #require(try await rig.maintenance.rekey(to: .keyFile))
            #expect(report.isContinued && report.key == KeyIdentifier(of: new))
            #expect(try KeyFile.loadAll(rig.paths.vaultKey, rig.files).count == 2)
        }
    }

    @Test func `what was retired long ago goes with its lock, and nothing else`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let vault = try await rig.openVault()
            let grant = try #require(try await vault.snapshot().grants.keys.first)
            for account in EngineRig.accounts { try await vault.forget(account) }
            try await vault.retire([grant])
            await vault.close()
            let locks = GrantLocks(directory: rig.paths.state.directory, files: rig.files)
            try await locks.acquire(grant, for: .seconds(1)).unlock()
            #expect(try await rig.maintenance.purge(olderThan: Vault.retention) == [])
            rig.clock.advance(seconds: Vault.retention + 1)
            #expect(try await rig.maintenance.status(verifying: false)?.purgeable == 1)
            #expect(try await rig.maintenance.purge(olderThan: Vault.retention) == [grant])
            #expect(try rig.files.list("\(rig.paths.state.directory)/grants").isEmpty)
            #expect(try await rig.audit().last == "vault.purge")
        }
    }
}

struct KeySourceTests {
    private static let text = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"

    private static func paths(_ variables: [String: String]) -> ProjectPaths {
        ProjectPaths(
            directory: "/p", environment: ProcessEnvironment(variables), configuration: "/c")
    }

    @Test func `each variable names a source, and nothing else the file`() {
        #expect(Self.paths([:]).vaultKeySource.place == "/c/mailkeel/vault.key")
        #expect(Self.paths(["MAILKEEL_VAULT_KEY_FILE": "/k"]).vaultKeySource.place == "/k")
        #expect(Self.paths(["MAILKEEL_VAULT_KEY": Self.text]).vaultKeySource.place == "MAILKEEL_VAULT_KEY")
        let command = Self.paths(["MAILKEEL_PROJECT_KEY_COMMAND": "[\"pass\", \"show\"]"]).projectKeySource
        #expect(command.place == "what MAILKEEL_PROJECT_KEY_COMMAND prints")
    }

    @Test(arguments: ["pass show", "[]", "[1]", "[\"\"]", "{\"a\": 1}", "[\"pass\", 1]"])
    func `a command that is no list of words is refused, without the words`(text: String) {
        guard case .unclear(let words, _) = Self.paths(["MAILKEEL_VAULT_KEY_COMMAND": text]).vaultKeySource else {
            Issue.record("it was taken")
            return
        }
        #expect(words == "MAILKEEL_VAULT_KEY_COMMAND is not a list of a program and its arguments, as JSON")
    }

    @Test func `a vault is made and opened with a key from a variable or a command, and no file is made`() async throws
    {
        let sources = [
            ["MAILKEEL_VAULT_KEY": Self.text], ["MAILKEEL_VAULT_KEY_COMMAND": "[\"keys\", \"get\"]"],
        ]
        for variables in sources {
            try await withScratchDirectory { directory in
                let paths = ProjectPaths(
                    directory: directory, environment: ProcessEnvironment(variables),
                    configuration: directory + "/configuration")
                let programs = ScriptedPrograms { _ throws(ProcessFailure) in .printing(Self.text + "\n") }
                let accessor = VaultAccessor(
                    paths: paths, files: SystemFileStore(), time: FixedTimeSource(), processes: programs)
                var findings: [String] = []
                let vault = try await accessor.openOrCreate(&findings)
                try await vault.setSecret(Secret(copying: "s"), named: "a")
                await vault.close()
                let again = try await accessor.open()
                #expect(try await again.secret(named: "a")?.revealText() == "s")
                #expect(findings.isEmpty)
                #expect(try SystemFileStore().mode(paths.vaultKey) == nil)
            }
        }
    }

    @Test func `what is wrong with a source is said, with what mends it, and never what it held`() async throws {
        let cases: [([String: String], String)] = [
            (["MAILKEEL_VAULT_KEY": "canary-key"], "key.malformed"),
            (["MAILKEEL_VAULT_KEY": Self.text, "MAILKEEL_VAULT_KEY_FILE": "/k"], "key.unclear"),
            (["MAILKEEL_VAULT_KEY_COMMAND": "canary-command"], "key.unclear"),
            (["MAILKEEL_VAULT_KEY_COMMAND": "[\"nothing\"]"], "key.command-failed"),
        ]
        for (variables, code) in cases {
            try await withScratchDirectory { directory in
                let paths = ProjectPaths(
                    directory: directory, environment: ProcessEnvironment(variables), configuration: directory)
                let accessor = VaultAccessor(
                    paths: paths, files: SystemFileStore(), time: FixedTimeSource(), processes: ScriptedPrograms())
                var findings: [String] = []
                do {
                    _ = try await accessor.openOrCreate(&findings)
                    Issue.record("\(code): it was opened")
                } catch let failure as EngineFailure {
                    let diagnostic = try #require(failure.diagnostics.first)
                    #expect(diagnostic.code == code)
                    #expect(diagnostic.help?.isEmpty == false)
                    #expect(!"\(diagnostic)".contains("canary"))
                }
            }
        }
    }
}

extension EngineRig {
    fileprivate var maintenance: VaultMaintenance {
        VaultMaintenance(
            paths: paths, files: files, time: clock,
            options: RunOptions(operation: "vault", who: "me@desk", version: "1", info: ""))
    }

    fileprivate func openVault() async throws -> Vault {
        try await VaultAccessor(paths: paths, files: files, time: clock).open()
    }

    fileprivate func audit() async throws -> [String] {
        let vault = try await openVault()
        let actions = try await vault.audit(atMost: 100).map(\.entry.action)
        try await vault.verifyAudit()
        await vault.close()
        return actions
    }

    fileprivate func hideKey() throws { try move(paths.vaultKey, to: paths.vaultKey + ".away") }
    fileprivate func putKeyBack() throws { try move(paths.vaultKey + ".away", to: paths.vaultKey) }

    private func move(_ path: String, to other: String) throws {
        try files.preserve(path, as: other)
        try files.remove(path)
    }
}
