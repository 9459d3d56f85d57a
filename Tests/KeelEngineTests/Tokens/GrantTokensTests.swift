import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelEngine
import KeelState
import KeelTestSupport
import KeelVault
import Synchronization
import Testing

struct GrantTokensTests {
    @Test func `a token that is good for a while is handed out without network`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.clock.advance(seconds: 2_900)
            #expect(try await rig.token() == "token-1")
            #expect(rig.transport.exchanges.count == 1)
        }
    }

    @Test func `a token that is about to lapse is renewed once`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.clock.advance(seconds: 3_100)
            #expect(try await rig.token() == "token-2")
            #expect(try await rig.token() == "token-2")
            #expect(rig.transport.exchanges.count == 2)
            #expect(rig.transport.exchanges.last?.form["scope"] == "mail.imap")
        }
    }

    @Test func `a short life has a short margin`() async throws {
        try await EngineRig.run { rig in
            rig.provider.issue(for: 100)
            try await rig.apply()
            rig.clock.advance(seconds: 70)
            #expect(try await rig.token() == "token-1")
            rig.clock.advance(seconds: 15)
            #expect(try await rig.token() == "token-2")
        }
    }

    @Test func `a token from a time when the clock was ahead is renewed`() async throws {
        try await EngineRig.run { rig in
            rig.clock.advance(seconds: 400 * 86_400)
            try await rig.apply()
            rig.clock.advance(seconds: -200)
            #expect(try await rig.token() == "token-1")
            rig.clock.advance(seconds: -400 * 86_400)
            #expect(try await rig.token() == "token-2")
            #expect(try await rig.token() == "token-2")
        }
    }

    @Test func `renewal takes neither manifests nor state`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            try rig.files.remove(rig.paths.state.state)
            try rig.files.remove(rig.paths.directory + "/mail.yaml")
            rig.clock.advance(seconds: 7_200)
            #expect(try await rig.token() == "token-2")
        }
    }

    @Test(.timeLimit(.minutes(5))) func `two who ask at once make one request`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.clock.advance(seconds: 7_200)
            let gate = Gate()
            let provider = rig.provider
            rig.transport.respond { request throws(ConnectionFailure) in
                await gate.pass()
                return try provider.answer(request)
            }
            // Each with a connection of its own to the vault, as two processes have.
            async let first = rig.token()
            await gate.whenReached()
            async let second = rig.token()
            for _ in 0..<100 { await Task.yield() }
            await gate.open()
            let tokens = try await [first, second]
            #expect(tokens == ["token-2", "token-2"])
            #expect(rig.transport.exchanges.count == 2)
        }
    }

    @Test func `a renewal that fails leaves the stored token`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.clock.advance(seconds: 7_200)
            rig.provider.rotate(to: "another-secret")
            let failure = await rig.tokenFailure()
            #expect(failure?.diagnostic.code == "oauth.invalid_client")
            #expect(failure?.diagnostic.address == EngineRig.profile)
            let stored = try await rig.withVault { vault in
                let grant = try #require(try await vault.grant(for: EngineRig.alpha))
                #expect(grant.status == .current)
                return try await vault.accessToken(of: grant.id)
            }
            #expect(stored?.secret.revealText() == "token-1")
            #expect(stored?.generation == 1)
            rig.provider.rotate(to: "first-secret")
            #expect(try await rig.token() == "token-2")
        }
    }

    @Test func `a renewal without its secret says where it should be`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            rig.clock.advance(seconds: 7_200)
            var careless = rig
            careless.environment = [:]
            let failure = await careless.tokenFailure()
            #expect(failure?.diagnostic.code == "secret.variable-not-set")
            #expect(failure?.diagnostic.message.contains("DESK_SECRET") == true)
            #expect(rig.transport.exchanges.count == 1)
        }
    }

    @Test func `who applied, authorized and read a token is in the audit`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            _ = try await rig.token()
            rig.clock.advance(seconds: 7_200)
            rig.provider.fail(.timedOut)
            _ = await rig.tokenFailure()
            let entries = try await rig.withVault { vault in
                try await vault.verifyAudit()
                return try await vault.audit(atMost: 10)
            }
            let grant = try rig.committed(EngineRig.alpha).grant
            #expect(entries.map(\.entry.action) == ["apply", "authorize", "token.read", "token.read"])
            #expect(Set(entries.prefix(2).map(\.entry.run)).count == 1)
            #expect(entries[1].entry.grant?.text == grant)
            let reads = entries.suffix(2).map(\.entry)
            #expect(reads.allSatisfy { $0.actor == "alice@desk" && $0.address == EngineRig.alpha })
            #expect(reads.allSatisfy { $0.grant?.text == grant })
        }
    }

    @Test func `an account without a grant is told how to get one`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let failure = await rig.tokenFailure(of: ResourceAddress(.emailAccount, "nobody"))
            #expect(failure?.diagnostic.code == "vault.not-found")
            #expect(failure?.diagnostic.message.contains("EmailAccount/nobody") == true)
            #expect(failure?.diagnostic.message.contains(rig.paths.vault) == true)
            #expect(failure?.diagnostic.help?.contains("mailkeel apply") == true)
            #expect(failure?.diagnostic.help?.contains("mailkeel plan") == true)
        }
    }

    @Test func `a fresh token is handed out where its reading cannot be noted, which is said`() async throws {
        try await EngineRig.run { rig in
            try await rig.apply()
            let key = try #require(try KeyFile.load(rig.paths.vaultKey, rig.files))
            let vault = try await Vault.open(path: rig.paths.vault, files: rig.files, key: key, access: .readOnly)
            let handout = try await rig.tokens.accessToken(of: EngineRig.alpha, in: vault, actor: "alice@desk")
            #expect(handout.token.revealText() == "token-1")
            let remark = try #require(handout.remarks.first)
            #expect(remark.contains(rig.paths.vault) && remark.contains("nothing can be written there"))
            #expect(!remark.contains("token-1") && !remark.contains("\n"))
        }
    }

    @Test func `without a vault the vault is missing, not its key`() async throws {
        try await EngineRig.run { rig in
            let accessor = VaultAccessor(paths: rig.paths, files: rig.files, time: rig.clock)
            let failure = await #expect(throws: EngineFailure.self) { _ = try await accessor.open() }
            #expect(failure?.diagnostics.map(\.code) == ["vault.missing"])
            #expect(failure?.diagnostics.first?.message == "there is no vault at \(rig.paths.vault)")
        }
    }
}

extension EngineRig {
    /// The token of an account, as `mailkeel token` gives it.
    fileprivate func token(of account: ResourceAddress = EngineRig.alpha) async throws -> String {
        try await withVault { vault in
            let handout = try await tokens.accessToken(of: account, in: vault, actor: "alice@desk")
            #expect(handout.remarks.isEmpty)
            return handout.token.revealText()
        }
    }

    fileprivate var tokens: GrantTokens {
        GrantTokens(paths: paths, ports: ports, secrets: secrets, explanation: FailureExplanation { _, _ in nil })
    }

    fileprivate func tokenFailure(of account: ResourceAddress = EngineRig.alpha) async -> StepFailure? {
        await #expect(throws: StepFailure.self) { _ = try await token(of: account) }
    }
}

/// Holds those who pass until it is opened.
private actor Gate {
    private var isOpen = false
    private var isReached = false
    private var held: [CheckedContinuation<Void, Never>] = []
    private var watchers: [CheckedContinuation<Void, Never>] = []

    func pass() async {
        isReached = true
        for watcher in watchers { watcher.resume() }
        watchers = []
        if !isOpen { await withCheckedContinuation { held.append($0) } }
    }

    func whenReached() async {
        if !isReached { await withCheckedContinuation { watchers.append($0) } }
    }

    func open() {
        isOpen = true
        for waiter in held { waiter.resume() }
        held = []
    }
}
