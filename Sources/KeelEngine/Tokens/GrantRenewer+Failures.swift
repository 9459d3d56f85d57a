import KeelBase
import KeelDiagnostics
import KeelOAuth
import KeelVault

/// What a renewal that failed means: the words, the class, and when it is tried again.
extension GrantRenewer {
    /// The stable code of a grant whose refresh token was probably replaced by one that nobody here has seen.
    static let rotationLoss = "oauth.possible_rotation_loss"
    /// The stable code of an endpoint that nobody asks for a while.
    static let endpointRests = "oauth.endpoint_resting"
    /// The stable code of a consent that came without a refresh token.
    static let noToken = "oauth.no_refresh_token"

    /// Throws what an earlier failure said, where that still holds.
    func checkMayAsk(_ attempt: RenewalAttempt) async throws(RenewalFailure) {
        let record = attempt.record
        if record.status == .retired {
            throw RenewalFailure(
                StepFailure(
                    explanation.local(
                        "engine.grant-retired", "grant \(record.id) was replaced or forgotten, and is not renewed",
                        help: "`\(ProjectCommand(["plan"], in: remedy.place))` says what serves the account now",
                        attempt.address)))
        }
        guard !attempt.insists else { return }
        if let problem = record.renewalProblem, let known = record.renewalProblemClass {
            if record.renewalDue == nil {
                throw RenewalFailure(StepFailure(givenUp(problem, attempt)), known, isOld: true)
            }
            // No provider is granted more than a day; more was written while the clock was wrong.
            if known == .throttled, let due = record.renewalDue, due > time.now,
                due <= time.now.adding(seconds: RetrySchedule.longestAsked)
            {
                throw RenewalFailure(StepFailure(waiting(problem, until: due, attempt)), known, retry: due, isOld: true)
            }
        }
        // A vault that cannot be read is found out where it matters.
        let health = try? await attempt.vault.health(of: attempt.recipe.tokenEndpoint)
        if let health, let until = health.openUntil, until > time.now,
            until <= time.now.adding(seconds: EndpointRest.longest)
        {
            throw RenewalFailure(
                StepFailure(resting(health, until: until, attempt)), .transient, retry: until, isOld: true)
        }
    }

    /// Notes a failure with the grant and with the endpoint, so that whoever comes next knows; nothing else changes.
    func noted(_ failure: StepFailure, _ attempt: RenewalAttempt) async -> RenewalFailure {
        guard let provider = failure.provider else { return RenewalFailure(failure) }
        return await noted(failure, provider, as: provider.failureClass(of: attempt.recipe.grantType), attempt)
    }

    private func noted(
        _ failure: StepFailure, _ provider: ProviderFailure?, as failureClass: FailureClass, _ attempt: RenewalAttempt
    ) async -> RenewalFailure {
        let now = time.now
        let record = attempt.record
        let isOurs = [Self.rotationLoss, Self.noToken].contains(failure.diagnostic.code)
        let shown =
            switch failureClass {
            case .reauthorize where !isOurs: refused(failure, attempt)
            case .ambiguous: doubted(failure, attempt)
            default: failure
            }
        // That a provider refuses what is being tried says nothing of the grant as it is in service.
        if attempt.isTrial, !isOurs { return RenewalFailure(shown, failureClass) }
        let retry = retries.retry(failureClass, after: record, asked: provider?.retryAfter, at: now)
        // A vault that takes nothing is the next renewal's trouble; this one's words are the provider's.
        _ = try? await attempt.vault.recordRenewalFailure(
            of: record.id, problem: failure.diagnostic.code, as: failureClass, generation: record.generation,
            retry: retry)
        if let provider, EndpointRest.counts(failureClass) || provider.stopsEndpoint {
            _ = try? await attempt.vault.recordFailure(
                at: attempt.recipe.tokenEndpoint, problem: failure.diagnostic.code
            ) { EndpointRest.until($0, provider, failureClass, at: now) }
        }
        return RenewalFailure(shown, failureClass, retry: retry)
    }

    // MARK: Words

    /// The command that mends what a person has to mend; a grant by password has none.
    private func authorizing(_ attempt: RenewalAttempt) -> String? {
        guard attempt.recipe.grantType.needsPerson else { return nil }
        let command = ProjectCommand(["authorize", attempt.authorization.description], in: remedy.place)
        return "`\(command)` asks for consent again; nothing was deleted here"
    }

    /// The provider takes no refresh token of the grant: what its words advise comes after the command.
    private func refused(_ failure: StepFailure, _ attempt: RenewalAttempt) -> StepFailure {
        guard let help = authorizing(attempt) else { return failure }
        var failure = failure
        if let remedy = failure.diagnostic.help { failure.diagnostic.notes.append(Diagnostic.Note(remedy)) }
        failure.diagnostic.address = attempt.authorization
        failure.diagnostic.help = help
        return failure
    }

    /// Some providers say nothing of a refresh token that is dead: what looks like a matter of the client may be the person's.
    private func doubted(_ failure: StepFailure, _ attempt: RenewalAttempt) -> StepFailure {
        guard attempt.recipe.grantType.needsPerson else { return failure }
        let again = ProjectCommand(["authorize", attempt.authorization.description, "--again"], in: remedy.place)
        var failure = failure
        failure.diagnostic.notes.append(
            Diagnostic.Note(
                "if nothing is wrong with the client, the refresh token is no longer good: `\(again)` asks for a new consent"
            ))
        return failure
    }

    /// It takes none, and may have issued one that nobody here has seen.
    func lost(_ failure: StepFailure, _ attempt: RenewalAttempt) -> StepFailure {
        var lost = failure
        let when = attempt.basis.interrupted.first.map { ", begun by `\(ForeignText($0.run))` at \($0.created)," } ?? ""
        lost.diagnostic = Diagnostic(
            .error, Self.rotationLoss,
            "possible rotation loss: an earlier renewal\(when) did not come to its end, and the provider takes none of the refresh tokens that are kept here; it may have issued one that was never received",
            notes: failure.diagnostic.notes, help: authorizing(attempt), address: attempt.authorization,
            answer: failure.diagnostic.answer, responsible: .user)
        return lost
    }

    func withoutRefreshToken(_ attempt: RenewalAttempt) async -> RenewalFailure {
        let failure = StepFailure(
            Diagnostic(
                .error, Self.noToken,
                "the provider gave no refresh token with this consent, so it ended with its access token",
                notes: [
                    Diagnostic.Note(
                        "Microsoft gives one when the scopes hold offline_access, Google with access_type: offline and prompt: consent under authorizationParameters"
                    )
                ], help: authorizing(attempt), address: attempt.authorization, responsible: .manifestAuthor))
        return await noted(failure, nil, as: .reauthorize, attempt)
    }

    /// Nothing is stored and nothing noted: whether the provider has rotated is not known.
    func interrupted(_ attempt: RenewalAttempt) -> RenewalFailure {
        RenewalFailure(
            ended: "the renewal was interrupted while the provider was asked",
            help: "run the command again: it goes on where this one was", attempt.authorization)
    }

    private func givenUp(_ problem: String, _ attempt: RenewalAttempt) -> Diagnostic {
        let again = ProjectCommand(["refresh", "--retry-refused"], in: remedy.place)
        return Diagnostic(
            .error, problem,
            "the provider refused to renew this grant at \(attempt.record.updated) (\(problem)), and it is not asked again by itself",
            notes: [Diagnostic.Note("if something was mended at the provider, `\(again)` asks once more")],
            help: authorizing(attempt) ?? "put the right password where it comes from, then run `\(again)`",
            address: attempt.authorization, responsible: .user)
    }

    private func waiting(_ problem: String, until: Timestamp, _ attempt: RenewalAttempt) -> Diagnostic {
        Diagnostic(
            .error, problem, "the provider asked not to be asked before \(until)",
            help: "wait until then: nobody has to act", address: attempt.authorization, responsible: .nobody)
    }

    private func resting(_ health: EndpointHealth, until: Timestamp, _ attempt: RenewalAttempt) -> Diagnostic {
        Diagnostic(
            .error, Self.endpointRests,
            "\(health.endpoint) is left alone until \(until), after \(counted(health.failures, "failure")) in a row (\(health.problem))",
            help: "wait until then: nobody has to act unless it stays", address: attempt.authorization,
            responsible: .nobody)
    }
}
