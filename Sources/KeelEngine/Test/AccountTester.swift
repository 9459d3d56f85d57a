import KeelBase
import KeelDiagnostics
import KeelMail
import KeelOAuth
import KeelPlan
import KeelState
import KeelVault

/// Tries the logins of committed accounts with what is in service, and keeps what it saw as observations. It changes no
/// state and takes no state lock.
package struct AccountTester: Sendable {
    /// What came of one account.
    package struct Result: Sendable {
        package let address: ResourceAddress
        package let endpoint: HostPort
        package let outcome: Swift.Result<LoginProof, StepFailure>
        package let elapsed: Duration
        /// The login; nil where it did not come to one.
        package let trial: LoginTrial?
        /// What the provider says of the access token; nil where it cannot be asked.
        package let token: IntrospectedToken?
        /// What the server showed otherwise than when it was seen last.
        package let changes: [ObservedChange]
        /// The certificate of the server's chain that ends soon, if one does.
        package let endingCertificate: CertificateFacts?
        /// What became of the message that it sent; nil where it sent none.
        package let delivery: Delivery?

        package init(
            address: ResourceAddress, endpoint: HostPort, outcome: Swift.Result<LoginProof, StepFailure>,
            elapsed: Duration, trial: LoginTrial?, token: IntrospectedToken?, changes: [ObservedChange],
            endingCertificate: CertificateFacts?, delivery: Delivery? = nil
        ) {
            self.address = address
            self.endpoint = endpoint
            self.outcome = outcome
            self.elapsed = elapsed
            self.trial = trial
            self.token = token
            self.changes = changes
            self.endingCertificate = endingCertificate
            self.delivery = delivery
        }

        package var failure: StepFailure? { if case .failure(let failure) = outcome { failure } else { nil } }
    }

    let paths: ProjectPaths
    let ports: EnginePorts
    let login: GrantLogin
    let logins: LoginTester
    let secrets: SecretResolver
    let checks: GrantChecks
    let explanation: FailureExplanation
    package var parallelism = 10
    /// Whether a password that a server refused is offered again.
    package var offersRefused = false
    /// What accounts that send are to send; nil: nothing.
    package var sends: DeliveryOrder?
    /// Whether to begin no more logins.
    package var isStopping: @Sendable () -> Bool = { false }

    /// `keepsTranscripts`: each test leaves a wire transcript, in which `fingerprint` stands for a credential. `watch` is told of each stage as it begins.
    package init(
        paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation,
        keepsTranscripts: Bool = false, fingerprint: (@Sendable (Secret) -> String)? = nil,
        watch: @escaping @Sendable (ResourceAddress, ProbeStage) -> Void = { _, _ in }
    ) {
        self.paths = paths
        self.ports = ports
        self.explanation = explanation
        self.secrets = secrets
        checks = GrantChecks(
            tokens: TokenObtainer(transport: ports.transport, time: ports.time, explanation: explanation),
            explanation: explanation, time: ports.time, place: paths.place)
        var logins = LoginTester(paths: paths, ports: ports, explanation: explanation)
        logins.keepsTranscripts = keepsTranscripts
        logins.fingerprint = fingerprint
        logins.watch = watch
        self.logins = logins
        login = GrantLogin(
            grants: GrantTokens(paths: paths, ports: ports, secrets: secrets, explanation: explanation),
            logins: logins)
    }

    /// Tests each account of `accounts`; the results come as they are had. An account that is not in service has none.
    package func test(
        _ accounts: [ResourceAddress], of document: StateDocument, in vault: Vault,
        report: @escaping @Sendable (Result) async -> Void
    ) async -> [Result] {
        let observations = (try? await vault.observations()) ?? []
        let shared = Shared(
            document: document, vault: vault, earlier: EarlierObservations(observations),
            passwords: offeredPasswords(observations))
        var results: [Result] = []
        await withTaskGroup(of: Result?.self) { group in
            var waiting = accounts.makeIterator()
            var running = 0
            while true {
                while running < parallelism, !Task.isCancelled, !isStopping(), let address = waiting.next() {
                    group.addTask { await test(address, shared) }
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

    /// What the tests of one run share.
    struct Shared: Sendable {
        let document: StateDocument
        let vault: Vault
        let earlier: EarlierObservations
        let passwords: OfferedPasswords
        let introspections = TokenIntrospections()
    }

    private func test(_ address: ResourceAddress, _ shared: Shared) async -> Result? {
        let vault = shared.vault
        guard let record = try? shared.document.committed(address), var work = TestWork(record) else { return nil }
        work.trust = paths.located(work.trust)
        let clock = ContinuousClock()
        let start = clock.now
        let trial: LoginTrial?
        var refusal: JSON?
        var outcome: Swift.Result<LoginProof, StepFailure>
        var delivery: Delivery?
        do throws(StepFailure) {
            try checkIsOwn(vault, shared.document, address)
            let order = work.type == .smtp ? sends : nil
            let message = order?.message(of: address, work, record, at: ports.time.now)
            let tried = try await self.trial(
                of: work, record, address, shared, task: message.map(ProbeTask.submit) ?? .prove)
            (trial, outcome, refusal) = (tried.trial, tried.trial.outcome, tried.refusal)
            if let order, let message {
                guard let followed = await follow(message, tried.trial, address, shared, order) else { return nil }
                delivery = followed.delivery
                if let failure = followed.failure { outcome = .failure(failure) }
            }
        } catch {
            trial = nil
            outcome = .failure(error)
        }
        // What was cut off says nothing about the account.
        if Task.isCancelled { return nil }
        let elapsed = clock.now - start
        let token = await introspect(record, address, shared)
        let facts = trial?.facts ?? ObservedFacts()
        // A login that worked is one, whatever became of a message.
        await observe(facts, trial?.outcome ?? outcome, token, refusal, address, record, vault)
        return Result(
            address: address, endpoint: work.endpoint, outcome: outcome, elapsed: elapsed, trial: trial,
            token: token, changes: facts.changes(from: shared.earlier.facts(of: address)),
            endingCertificate: facts.endingCertificate(at: ports.time.now), delivery: delivery)
    }

    /// Logs in with what is in service for the account; `refusal` is what is to be remembered of its password.
    func trial(
        of work: TestWork, _ record: CommittedRecord, _ address: ResourceAddress, _ shared: Shared,
        task: ProbeTask = .prove
    ) async throws(StepFailure) -> (trial: LoginTrial, refusal: JSON?) {
        switch work.login {
        case .grant:
            guard let grant = record.grant.flatMap(GrantID.init(parsing:)) else {
                throw StepFailure(
                    explanation.local(
                        "engine.no-grant", "the state names no grant for it", help: "run mailkeel apply", address))
            }
            return (try await login.login(work, with: grant, in: shared.vault, for: address, task: task).trial, nil)
        case .password(let source):
            let failure = (try? shared.document.record(address))?.failure
            let attempt = try await shared.passwords.login(for: address)
                .login(work, from: source, in: shared.vault, after: failure, for: address, task: task)
            return (attempt.trial, attempt.observation)
        case .none: return (await logins.login(work, credential: nil, for: address, task: task), nil)
        }
    }

    /// How passwords are offered, and which are not.
    private func offeredPasswords(_ observations: [Observation]) -> OfferedPasswords {
        let (paths, files, time, offersRefused) = (paths, ports.files, ports.time, offersRefused)
        let (secrets, logins, explanation) = (secrets, logins, explanation)
        return OfferedPasswords {
            // The key is there since something was committed with a password.
            var findings: [String] = []
            let key: Secret
            do throws(EngineFailure) {
                key = try await VaultAccessor(paths: paths, files: files, time: time).projectKey(&findings)
            } catch {
                return .failure(error)
            }
            let refused = RefusedPasswords(SecretFingerprints(key: key), observations, offersAgain: offersRefused)
            return .success(
                PasswordLogin(secrets: secrets, logins: logins, refused: refused, explanation: explanation))
        }
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
}
