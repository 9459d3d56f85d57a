import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelEngine
import KeelSystem
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

/// A project whose vault's key follows from a passphrase, at the least cost there is.
private struct PassphraseRig {
    static let passphrase = "correct horse battery staple"

    let directory: String
    let files = SystemFileStore()

    static func run(_ body: (PassphraseRig) async throws -> Void) async throws {
        try await withScratchDirectory { directory in try await body(PassphraseRig(directory: directory)) }
    }

    /// What a new process has, with these variables; `typing` is what somebody types at its terminal, nil for no terminal.
    func paths(_ variables: [String: String], typing answers: [String]? = nil) -> (ProjectPaths, Questions) {
        let questions = Questions(answers ?? [])
        let environment = ProcessEnvironment(variables)
        let ask: VaultPassphrase.Asking = { questions.answer($0) }
        let passphrase = VaultPassphrase(environment, cost: 14, ask: answers == nil ? nil : ask)
        let paths = ProjectPaths(
            directory: directory, environment: environment, configuration: directory + "/configuration",
            passphrase: passphrase)
        return (paths, questions)
    }

    func accessor(_ variables: [String: String], typing answers: [String]? = nil) -> VaultAccessor {
        VaultAccessor(paths: paths(variables, typing: answers).0, files: files, time: FixedTimeSource())
    }

    func maintenance(_ paths: ProjectPaths) -> VaultMaintenance {
        VaultMaintenance(
            paths: paths, files: files, time: FixedTimeSource(),
            options: RunOptions(operation: "vault", who: "me@desk", version: "1", info: ""))
    }

    /// Makes the vault under the passphrase, with a secret in it.
    func make() async throws {
        var findings: [String] = []
        let vault = try await accessor([Self.variable: Self.passphrase]).openOrCreate(&findings)
        try await vault.setSecret(Secret(copying: "s"), named: "a")
        await vault.close()
        #expect(findings.count == 1 && findings[0].contains("passphrase"))
    }

    static let variable = "MAILKEEL_VAULT_PASSPHRASE"

    /// Who sits at the terminal.
    final class Questions: Sendable {
        private let state: Mutex<(answers: [String], asked: [String])>
        init(_ answers: [String]) { state = Mutex((answers, [])) }
        var asked: [String] { state.withLock { $0.asked } }
        func answer(_ prompt: String) -> Secret? {
            state.withLock { state in
                state.asked.append(prompt)
                return state.answers.isEmpty ? nil : Secret(copying: state.answers.removeFirst())
            }
        }
    }
}

/// The first diagnostic of what `body` throws.
private func diagnostic(_ body: () async throws -> Void) async throws -> (code: String, text: String) {
    do {
        try await body()
        return ("", "")
    } catch let failure as EngineFailure {
        let diagnostic = try #require(failure.diagnostics.first)
        #expect(diagnostic.help?.isEmpty == false)
        return (diagnostic.code, "\(diagnostic)")
    }
}

private func secret(in vault: Vault) async throws -> String? {
    let text = try await vault.secret(named: "a")?.revealText()
    await vault.close()
    return text
}

struct PassphraseTests {
    @Test func `a new vault is put under the passphrase that a variable or a file gives, and no key file is made`()
        async throws
    {
        try await PassphraseRig.run { rig in
            try await rig.make()
            let file = rig.directory + "/passphrase"
            try rig.files.create(file, with: Array("\(PassphraseRig.passphrase)\n".utf8))
            let accessor = rig.accessor(["MAILKEEL_VAULT_PASSPHRASE_FILE": file])
            #expect(try await secret(in: try await accessor.open()) == "s")
            let (paths, _) = rig.paths([:])
            #expect(try rig.files.mode(paths.vaultKey) == nil)
            let status = try #require(try await rig.maintenance(paths).status(verifying: false))
            #expect(status.facts.keys.derivations.count == 1)
        }
    }

    @Test func `somebody at a terminal is asked once, and again after a slip`() async throws {
        try await PassphraseRig.run { rig in
            try await rig.make()
            let (paths, questions) = rig.paths([:], typing: ["corect horse", PassphraseRig.passphrase])
            let accessor = VaultAccessor(paths: paths, files: rig.files, time: FixedTimeSource())
            for _ in 1...3 { #expect(try await secret(in: try await accessor.open()) == "s") }
            #expect(questions.asked.count == 2)
            #expect(questions.asked[0].contains(paths.vault) && questions.asked[1].contains("another"))
        }
    }

    @Test func `what is wrong is said, with what mends it, and nothing of the passphrase or the content`() async throws
    {
        try await PassphraseRig.run { rig in
            try await rig.make()
            let key = [
                "MAILKEEL_VAULT_PASSPHRASE": PassphraseRig.passphrase,
                "MAILKEEL_VAULT_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            ]
            let file = "MAILKEEL_VAULT_PASSPHRASE_FILE"
            let cases: [(variables: [String: String], typed: [String]?, code: String)] = [
                ([:], nil, "key.passphrase-needed"),
                ([:], [], "key.passphrase-needed"),
                ([PassphraseRig.variable: "canary passphrase"], nil, "key.passphrase-wrong"),
                ([PassphraseRig.variable: "canary passphrase"], ["canary 2", "canary 3"], "key.passphrase-wrong"),
                ([:], ["canary 1", "canary 2", "canary 3"], "key.passphrase-wrong"),
                ([PassphraseRig.variable: "canary", file: "/nothing"], nil, "key.unclear"),
                ([file: rig.directory + "/nothing"], nil, "key.passphrase-file"),
            ]
            for (variables, typed, code) in cases {
                let found = try await diagnostic {
                    _ = try await rig.accessor(variables, typing: typed).open()
                }
                #expect(found.code == code)
                #expect(!found.text.contains("canary"))
                // Neither a name of a key: it would let a guess be confirmed.
                let names = try await rig.maintenance(rig.paths([:]).0).status(verifying: false)?.facts.keys
                #expect(names?.current.map { !found.text.contains($0.description) } == true)
            }
            // The vault says which it needs; a variable for another vault is in nobody's way.
            #expect(try await secret(in: try await rig.accessor(key).open()) == "s")
        }
    }

    @Test(arguments: [
        (["MAILKEEL_VAULT_PASSPHRASE": "too short"], "key.passphrase-short"),
        (
            [
                "MAILKEEL_VAULT_PASSPHRASE": "correct horse battery staple",
                "MAILKEEL_VAULT_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
            ], "key.unclear"
        ),
    ])
    func `no vault is made with less`(variables: [String: String], code: String) async throws {
        try await PassphraseRig.run { rig in
            var findings: [String] = []
            let found = try await diagnostic { _ = try await rig.accessor(variables).openOrCreate(&findings) }
            #expect(found.code == code)
            #expect(try rig.files.mode(rig.paths([:]).0.vault) == nil)
        }
    }

    @Test func `rekey goes from a key to a passphrase, to another one, and back to a key`() async throws {
        try await PassphraseRig.run { rig in
            var findings: [String] = []
            let vault = try await rig.accessor([:]).openOrCreate(&findings)
            try await vault.setSecret(Secret(copying: "s"), named: "a")
            await vault.close()

            let first = try #require(
                try await rig.maintenance(rig.paths([:]).0).rekey(
                    to: .passphrase(Secret(copying: PassphraseRig.passphrase))))
            #expect(first.damaged.isEmpty && first.file == nil && first.derivation != nil)
            #expect(try await diagnostic { _ = try await rig.accessor([:]).open() }.code == "key.passphrase-needed")

            let (under, _) = rig.paths([PassphraseRig.variable: PassphraseRig.passphrase])
            #expect(
                try await diagnostic { _ = try await rig.maintenance(under).rekey(to: .keyFile) }.code
                    == "key.not-a-file")
            let short = RekeyTarget.passphrase(Secret(copying: "short"))
            #expect(
                try await diagnostic { _ = try await rig.maintenance(under).rekey(to: short) }.code
                    == "key.passphrase-short")
            let second = try #require(
                try await rig.maintenance(under).rekey(to: .passphrase(Secret(copying: "another dozen letters"))))
            #expect(second.key != first.key)
            let (late, _) = rig.paths([PassphraseRig.variable: "another dozen letters"])
            let file = rig.directory + "/own.key"
            let third = try #require(try await rig.maintenance(late).rekey(to: .file(file)))
            #expect(third.madeFile && third.derivation == nil)
            let accessor = rig.accessor(["MAILKEEL_VAULT_KEY_FILE": file])
            #expect(try await secret(in: try await accessor.open()) == "s")
            #expect(
                try await rig.maintenance(rig.paths(["MAILKEEL_VAULT_KEY_FILE": file]).0).status(verifying: true)?
                    .verification?.findings == [])
        }
    }

    @Test
    func `a change to a passphrase that was broken off is finished with both, and either opens the vault meanwhile`()
        async throws
    {
        try await PassphraseRig.run { rig in
            var findings: [String] = []
            let vault = try await rig.accessor([:]).openOrCreate(&findings)
            try await vault.setSecret(Secret(copying: "s"), named: "a")
            let derivation = PassphraseDerivation.random(cost: 14)
            let key = try #require(derivation.key(from: Secret(copying: PassphraseRig.passphrase)))
            try await vault.beginRekey(
                to: key, derivation, noting: AuditEntry(run: "r", actor: "me", action: "vault.rekey-begin"))
            await vault.close()

            #expect(try await secret(in: try await rig.accessor([:]).open()) == "s")
            let (paths, _) = rig.paths([:], typing: [PassphraseRig.passphrase])
            let report = try #require(try await rig.maintenance(paths).rekey(to: .keyFile))
            #expect(report.isContinued && report.key == KeyIdentifier(of: key) && report.derivation == derivation)
            #expect(
                try await secret(in: try await rig.accessor([PassphraseRig.variable: PassphraseRig.passphrase]).open())
                    == "s")
        }
    }

    @Test func `a backup is made without the passphrase, and restored with it where there is nothing else`()
        async throws
    {
        try await PassphraseRig.run { rig in
            try await rig.make()
            let backup = rig.directory + "/backup.db"
            let (paths, questions) = rig.paths([:], typing: [PassphraseRig.passphrase])
            _ = try await rig.maintenance(paths).backUp(to: backup, replacing: false)
            #expect(questions.asked.isEmpty)
            for suffix in ["", "-wal", "-shm"] { try? rig.files.remove(paths.vault + suffix) }
            _ = try await rig.maintenance(paths).restore(backup, allowsOther: true)
            #expect(questions.asked.count == 1)
            #expect(try await rig.maintenance(paths).acceptRestored() != nil)
            #expect(questions.asked.count == 1)
        }
    }

    @Test func `token opens no such vault`() async throws {
        try await PassphraseRig.run { rig in
            let accessor = rig.accessor([PassphraseRig.variable: PassphraseRig.passphrase])
            try await accessor.requireNoPassphrase(for: "token")
            try await rig.make()
            let found = try await diagnostic { try await accessor.requireNoPassphrase(for: "token") }
            #expect(found.code == "key.passphrase-refused" && found.text.contains("--new-key"))
        }
    }
}
