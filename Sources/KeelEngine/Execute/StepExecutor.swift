import KeelBase
import KeelCrypto
import KeelDiagnostics
import KeelPlan
import KeelState
import KeelVault

/// Does the steps of one run. It decides nothing: each step brings its input.
struct StepExecutor: StepPerformer {
    let run: String
    /// Who runs this, for the audit.
    let actor: String
    let context: RunContext
    let state: StateRun
    let vault: Vault?
    let secrets: SecretResolver
    let tokens: TokenObtainer
    let issuers: IssuerDirectory
    let checks: GrantChecks
    let prover: ClientProver
    let revoker: GrantRevoker
    let revocations: [StepID: [RevokeWork]]
    let intake: GrantIntake
    let grants: GrantTokens
    let logins: LoginTester
    /// Logs in with what earlier runs committed.
    let grantLogin: GrantLogin
    /// Logs in with passwords; nil when no account of the plan has one.
    let passwords: PasswordLogin?
    let keepers: [String: any KeeperClient]
    /// Under which address the state has what goes on under another name.
    let previous: [ResourceAddress: ResourceAddress]
    let explanation: FailureExplanation
    /// Makes fingerprints of secrets; nil when nothing has to be fingerprinted.
    let fingerprints: SecretFingerprints?
    /// Whether a credential that a server refused is offered again.
    let offersRefused: Bool
    let time: any TimeSource
    let place: ProjectPlace
    let located: @Sendable (Trust) -> Trust

    func perform(_ step: Step) async -> StepOutcome {
        do throws(StepFailure) {
            try await check(step.preconditions)
            return try await outcome(of: step)
        } catch {
            return await failed(error, step.id)
        }
    }

    private func outcome(of step: Step) async throws(StepFailure) -> StepOutcome {
        let address = step.id.address
        switch step.work {
        case .resolve(let work): try await resolve(work, address)
        case .discover(let work): try await discover(work, address)
        case .verifyClient(let work): try await verify(work, address)
        case .authorize(let work): return try await authorize(work, address)
        case .test(let work): try await test(work, address)
        case .stage(let work), .activate(let work): try await write(work, address)
        case .authorizeThere(let work): return try await authorizeThere(work, address)
        case .proveThere(let work): try await prove(work, address)
        case .verifyRecord(let work): try await verify(work, address)
        case .revoke(let work): try await revoke(work, address)
        case .record: return await commit([step]).first ?? .notStarted
        }
        return .done
    }

    // MARK: Before

    /// Looks again at what planning found.
    func check(_ preconditions: [Precondition]) async throws(StepFailure) {
        for precondition in preconditions {
            let holds: Bool
            let address: ResourceAddress
            switch precondition {
            case .committed(let subject, let digest):
                address = subject
                holds = await state.head(of: subject)?.digest == digest
            case .grant(let slot, let grant):
                address = slot
                holds = await state.head(of: slot)?.grant == grant
            }
            guard holds else {
                throw StepFailure(
                    Diagnostic(
                        .error, "plan.stale", "\(address) is not what it was when the plan was made",
                        help: "run mailkeel plan again and review what is different", address: address,
                        responsible: .operatorHere), weight: .stale)
            }
        }
    }

    // MARK: After a failure

    func failed(_ error: StepFailure, _ id: StepID) async -> StepOutcome {
        // A step that was cut off says nothing about its resource.
        if Task.isCancelled { return .notStarted }
        var failure = error
        failure.diagnostic.address = failure.diagnostic.address ?? id.address
        // Where the next success clears it: an account's record is written again with its login, a profile's may not be.
        await remember(failure, at: id.kind == .test ? id.address : failure.diagnostic.address ?? id.address)
        return .failed(failure)
    }

    /// A failed change leaves what was in service as it was, and says why the change did not come.
    private func remember(_ failure: StepFailure, at address: ResourceAddress) async {
        guard failure.weight != .stale else { return }
        let (now, run) = (time.now, run)
        // If even this cannot be written, the failure itself is still reported.
        try? await state.amend(address) { record in
            // A failure of another kind says nothing about a credential that was refused before.
            var refused = record.failure?.refused ?? [:]
            for (name, fingerprint) in failure.refused where refused[name]?.fingerprint != fingerprint {
                refused[name] = RefusedCredential(fingerprint, at: now)
            }
            record.failure = FailureRecord(
                code: failure.diagnostic.code, message: failure.diagnostic.message, at: now, run: run,
                refused: refused)
        }
    }

    // MARK: Borders

    /// What the state remembers of an address now.
    func stored(_ address: ResourceAddress) async throws(StepFailure) -> ResourceRecord? {
        do throws(StateFailure) {
            return try await state.record(of: address)
        } catch {
            throw StepFailure(explanation.local(error.code.rawValue, error.description, help: error.remedy, address))
        }
    }

    func commit(_ address: ResourceAddress, _ record: ResourceRecord?) async throws(StepFailure) {
        do throws(StateFailure) {
            try await state.commit(address, record)
        } catch {
            throw StepFailure(explanation.local(error.code.rawValue, error.description, help: error.remedy, address))
        }
    }

    @discardableResult
    func inVault<Result: Sendable>(
        _ body: (Vault) async throws(VaultFailure) -> Result
    ) async throws(StepFailure) -> Result {
        guard let vault else { throw local("engine.no-vault", "the run has no vault", nil) }
        do throws(VaultFailure) {
            return try await body(vault)
        } catch {
            throw StepFailure(.local(error))
        }
    }

    func local(_ code: String, _ reason: String, _ address: ResourceAddress?) -> StepFailure {
        StepFailure(explanation.local(code, reason, help: nil, address))
    }
}
