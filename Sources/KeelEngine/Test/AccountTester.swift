import KeelBase
import KeelDiagnostics
import KeelMail
import KeelPlan
import KeelState
import KeelVault

/// Tries the logins of committed accounts with the grants that are in service, and keeps what it saw as observations.
/// It changes no state and takes no state lock.
package struct AccountTester: Sendable {
    /// What came of one account.
    package struct Result: Sendable {
        package let address: ResourceAddress
        package let endpoint: HostPort
        package let outcome: Swift.Result<LoginProof, StepFailure>
        package let elapsed: Duration
    }

    private let paths: ProjectPaths
    private let ports: EnginePorts
    private let login: GrantLogin
    private let explanation: FailureExplanation
    package var parallelism = 10

    package init(paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation) {
        self.paths = paths
        self.ports = ports
        self.explanation = explanation
        login = GrantLogin(
            grants: GrantTokens(paths: paths, ports: ports, secrets: secrets, explanation: explanation),
            logins: LoginTester(dialer: ports.dialer, explanation: explanation))
    }

    /// Tests each account of `accounts`; the results come as they are had.
    package func test(
        _ accounts: [ResourceAddress], of document: StateDocument, in vault: Vault,
        report: @escaping @Sendable (Result) async -> Void
    ) async -> [Result] {
        var results: [Result] = []
        await withTaskGroup(of: Result?.self) { group in
            var waiting = accounts.makeIterator()
            var running = 0
            while true {
                while running < parallelism, let address = waiting.next() {
                    group.addTask { await test(address, document, vault) }
                    running += 1
                }
                guard running > 0, let result = await group.next() else { break }
                running -= 1
                if let result {
                    await report(result)
                    results.append(result)
                }
            }
        }
        return results.sorted { $0.address < $1.address }
    }

    private func test(_ address: ResourceAddress, _ document: StateDocument, _ vault: Vault) async -> Result? {
        guard let record = try? document.committed(address), let work = TestWork(record, located: paths.located) else {
            return nil
        }
        let clock = ContinuousClock()
        let start = clock.now
        let outcome: Swift.Result<LoginProof, StepFailure>
        do throws(StepFailure) {
            try checkIsOwn(vault, document, address)
            guard let grant = record.grant.flatMap(GrantID.init(parsing:)) else {
                throw StepFailure(
                    explanation.local(
                        "engine.no-grant", "the state names no grant for it", help: "run mailkeel apply", address))
            }
            outcome = .success(try await login.login(work, with: grant, in: vault, for: address).proof)
        } catch {
            outcome = .failure(error)
        }
        await observe(address, record, outcome, vault)
        return Result(address: address, endpoint: work.endpoint, outcome: outcome, elapsed: clock.now - start)
    }

    /// Another vault has none of the state's grants, which is no fault of theirs.
    private func checkIsOwn(
        _ vault: Vault, _ document: StateDocument, _ address: ResourceAddress
    ) throws(StepFailure) {
        guard let expected = document.vault, expected != vault.id else { return }
        let words = "the vault at \(vault.path) (\(vault.id)) is not the one of this state (\(expected))"
        let remedy = VaultRemedy(place: paths.place, slots: document.slots)
        throw StepFailure(.local(VaultFailure(.foreign, words, path: vault.path), address, remedy))
    }

    /// A late result for another grant or other settings is dropped by the vault. What cannot be kept is still reported.
    private func observe(
        _ address: ResourceAddress, _ record: CommittedRecord, _ outcome: Swift.Result<LoginProof, StepFailure>,
        _ vault: Vault
    ) async {
        let value: JSON =
            switch outcome {
            case .success(let proof):
                .object([.init("connected", true), .init("mechanism", .string(proof.mechanism.rawValue))])
            case .failure(let failure):
                .object([.init("connected", false), .init("code", .string(failure.diagnostic.code))])
            }
        let observation = Observation(
            of: address, kind: "connected", observer: "test", observed: ports.time.now,
            grant: record.grant.flatMap(GrantID.init(parsing:)),
            settingsDigest: record.settingsDigest, value: value.text())
        _ = try? await vault.observe(observation)
    }
}

extension TestWork {
    /// The login of a committed account; nil if it has none that this version can do, or is not in service.
    init?(_ record: CommittedRecord, located: (Trust) -> Trust) {
        func text(_ field: String) -> String? {
            if case .text(let text)? = record.effective[field]?.value { text } else { nil }
        }
        guard record.effective["active"]?.value != .boolean(false),
            let type = text("type").flatMap(MailProtocol.init), type == .imap, text("connectionSecurity") == "tls",
            let mechanism = text("mechanism").flatMap(SASLMechanism.init), let host = text("server"),
            case .integer(let port)? = record.effective["port"]?.value, let userName = text("userName"),
            let authorization = record.dependencies.first(where: { $0.kind == .authorization })
        else { return nil }
        self.init(
            type: type, endpoint: HostPort(host: host, port: port), security: .tls, mechanism: mechanism,
            userName: userName,
            authorization: authorization, trust: located(Trust(caFile: text("tls.caFile"))), debug: false,
            settings: record.settingsDigest)
    }
}
