import KeelBase
import KeelDiagnostics
import KeelMail
import KeelOAuth
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
        /// What the provider says of the access token; nil where it cannot be asked.
        package let token: IntrospectedToken?
    }

    private let paths: ProjectPaths
    private let ports: EnginePorts
    private let login: GrantLogin
    private let secrets: SecretResolver
    private let checks: GrantChecks
    private let explanation: FailureExplanation
    package var parallelism = 10

    package init(paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation) {
        self.paths = paths
        self.ports = ports
        self.explanation = explanation
        self.secrets = secrets
        checks = GrantChecks(
            tokens: TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation),
            explanation: explanation, time: ports.time, place: paths.place)
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
        guard let record = try? document.committed(address), var work = TestWork(record) else { return nil }
        work.trust = paths.located(work.trust)
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
        let elapsed = clock.now - start
        await observe("connected", address, record, Self.json(outcome), vault)
        let token = await introspect(record, address, vault)
        if let token { await observe("token", address, record, Self.json(token), vault) }
        return Result(
            address: address, endpoint: work.endpoint, outcome: outcome, elapsed: elapsed, token: token)
    }

    /// Asks the provider about the access token in service (RFC 7662), where it can be asked. A fact worth having is not worth
    /// running somebody's program for.
    private func introspect(
        _ record: CommittedRecord, _ address: ResourceAddress, _ vault: Vault
    ) async -> IntrospectedToken? {
        guard let grant = record.grant.flatMap(GrantID.init(parsing:)), let stored = try? await vault.recipe(of: grant),
            stored.recipe.endpoints.introspection != nil, let token = try? await vault.accessToken(of: grant)
        else { return nil }
        let recipe = stored.recipe
        let profile = ResourceAddress(.oauthProfile, recipe.profile)
        let sources = recipe.credentials.filter { $0.key != .password }
        guard !sources.values.contains(where: \.isCommand) else { return nil }
        let credentials =
            if let secret = stored.clientSecret { ClientCredentials([.clientSecret: secret]) } else {
                try? await secrets.credentials(sources, in: vault, of: profile, explanation)
            }
        guard let credentials else { return nil }
        let terms = GrantTerms(recipe, credentials, trust: paths.located(Trust(caFile: recipe.caFile)))
        return await checks.introspect(token.secret, terms, recipe.endpoints, address)
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
        _ kind: String, _ address: ResourceAddress, _ record: CommittedRecord, _ value: JSON, _ vault: Vault
    ) async {
        let observation = Observation(
            of: address, kind: kind, observer: "test", observed: ports.time.now,
            grant: record.grant.flatMap(GrantID.init(parsing:)),
            settingsDigest: record.settingsDigest, value: value.text())
        _ = try? await vault.observe(observation)
    }

    private static func json(_ outcome: Swift.Result<LoginProof, StepFailure>) -> JSON {
        switch outcome {
        case .success(let proof):
            .object([.init("connected", true), .init("mechanism", .string(proof.mechanism.rawValue))])
        case .failure(let failure):
            .object([.init("connected", false), .init("code", .string(failure.diagnostic.code))])
        }
    }

    private static func json(_ token: IntrospectedToken) -> JSON {
        .present(
            ("active", .boolean(token.isActive)),
            ("scopes", token.scopes.map { .array($0.map { .string(ForeignText($0).text) }) }),
            ("expires", token.expiresAt.map { .string($0.description) }))
    }
}
