import KeelBase
import KeelOAuth
import KeelVault

/// Asking the provider, and making durable what it gave.
extension GrantRenewer {
    /// For grants that no person is needed for: nothing is lost when one is.
    func askAnew(_ attempt: RenewalAttempt, _ terms: GrantTerms) async throws(RenewalFailure) -> Renewal {
        let issued: KeelOAuth.IssuedTokens
        do throws(StepFailure) {
            issued = try await tokens.obtain(terms, for: attempt.profile)
        } catch {
            throw await noted(error, attempt)
        }
        try reached(.answered)
        return try await store(issued, attempt, used: nil, rotation: nil)
    }

    /// Exchanges the refresh token, with its intent in the vault before and its fruit there after.
    func rotate(_ attempt: RenewalAttempt, _ terms: GrantTerms) async throws(RenewalFailure) -> Renewal {
        let candidates = attempt.basis.refresh
        guard !candidates.isEmpty else { throw await withoutRefreshToken(attempt) }
        let intent = try await begin(attempt)
        try reached(.intended)
        var course = RotationCourse(count: candidates.count, isInDoubt: attempt.isInDoubt)
        var index = 0
        while true {
            // The first is the current one, which the vault assumes.
            let used = index == 0 ? nil : candidates[index].generation
            let failure: StepFailure
            switch await refresh(candidates[index].secret, attempt, terms) {
            case .success(let issued):
                try reached(.answered)
                return try await store(issued, attempt, used: used, rotation: intent)
            case .failure(let found): failure = found
            }
            guard let provider = failure.provider else {
                // Nothing was sent: a credential lacks or is unusable.
                await abandon(intent, attempt)
                throw RenewalFailure(failure)
            }
            if await rescued(provider, attempt, used, intent) { throw await noted(failure, attempt) }
            guard !Task.isCancelled else { throw interrupted(attempt) }
            switch course.next(after: provider.outcome(of: attempt.recipe.grantType), of: index) {
            case .ask(let next): index = next
            case .askLater(let next):
                await pause()
                index = next
            case .stop(let isInDoubt, let isRefused):
                throw await ended(failure, attempt, intent, isInDoubt: isInDoubt, isRefused: isRefused)
            }
        }
    }

    // MARK: Parts

    /// The scopes go with every request: some servers take their absence for a mistake (AADSTS900144), others for a smaller
    /// grant.
    private func refresh(
        _ token: Secret, _ attempt: RenewalAttempt, _ terms: GrantTerms
    ) async -> Result<KeelOAuth.IssuedTokens, StepFailure> {
        do throws(StepFailure) {
            let request = TokenRequest.refresh(
                try explanation.client(of: terms, attempt.profile, at: time.now), refreshToken: token,
                scopes: terms.scopes, additional: terms.additional)
            return .success(
                try await tokens.send(
                    request, scopes: terms.scopes, withholding: terms.credentials.withheld + [token],
                    trust: terms.trust, for: attempt.profile))
        } catch {
            return .failure(error)
        }
    }

    private func begin(_ attempt: RenewalAttempt) async throws(RenewalFailure) -> IntentID {
        do throws(VaultFailure) {
            return try await attempt.vault.beginRotation(of: attempt.record.id, run: run).id
        } catch {
            throw failure(error, attempt.address)
        }
    }

    /// An intent that is left is no harm: the next renewal finds the same token good.
    private func abandon(_ intent: IntentID, _ attempt: RenewalAttempt) async {
        try? await attempt.vault.abandon(intent)
    }

    /// Makes durable what the provider gave: before anybody uses or sees it, and whoever is interrupted meanwhile.
    private func store(
        _ issued: KeelOAuth.IssuedTokens, _ attempt: RenewalAttempt, used: Int?, rotation: IntentID?
    ) async throws(RenewalFailure) -> Renewal {
        let now = time.now
        let schedule = RenewalSchedule(attempt.recipe, seed: attempt.record.id.text)
        let stored = schedule.stored(issued, at: now, isUsed: attempt.isForUse)
        let (vault, grant) = (attempt.vault, attempt.record)
        let entry = AuditEntry(run: run, actor: actor, action: "renew", address: attempt.authorization, grant: grant.id)
        let task = Task<Result<GrantRecord, VaultFailure>, Never> {
            do throws(VaultFailure) {
                return .success(
                    try await vault.replaceTokens(
                        of: grant.id, generation: grant.generation, with: stored, used: used, rotation: rotation,
                        noting: entry))
            } catch {
                return .failure(error)
            }
        }
        let record: GrantRecord
        do throws(VaultFailure) {
            record = try await task.value.get()
        } catch {
            throw failure(error, attempt.address)
        }
        try reached(.stored)
        // What cannot be noted of the endpoint is no reason to withhold the token.
        try? await vault.recordSuccess(at: attempt.recipe.tokenEndpoint)
        let token = AccessToken(
            secret: issued.accessToken, obtained: now, expires: issued.expiresAt, generation: record.generation)
        return Renewal(token: token, record: record, issued: issued)
    }

    /// Keeps the refresh token of an answer that is of no use otherwise; false if there is none, or it could not be kept.
    private func rescued(
        _ provider: ProviderFailure, _ attempt: RenewalAttempt, _ used: Int?, _ intent: IntentID
    ) async -> Bool {
        guard case .answered(let failure) = provider, let token = failure.rescuedRefreshToken else { return false }
        let horizon = RenewalSchedule(attempt.recipe, seed: attempt.record.id.text).horizon(from: time.now)
        let (vault, grant) = (attempt.vault, attempt.record.id)
        let task = Task {
            do throws(VaultFailure) {
                try await vault.rescue(token, of: grant, used: used, horizon: horizon, rotation: intent)
                return true
            } catch {
                return false
            }
        }
        return await task.value
    }

    /// Ends an exchange that gave nothing. The intent stays where the provider may have rotated: the next renewal must know.
    private func ended(
        _ failure: StepFailure, _ attempt: RenewalAttempt, _ intent: IntentID, isInDoubt: Bool, isRefused: Bool
    ) async -> RenewalFailure {
        guard isRefused else {
            if !isInDoubt { await abandon(intent, attempt) }
            return await noted(failure, attempt)
        }
        let noted = await noted(isInDoubt ? lost(failure, attempt) : failure, attempt)
        // With the verdict durable, there is nothing left to find out.
        if noted.failureClass == .reauthorize { try? await attempt.vault.abandonRotations(of: attempt.record.id) }
        return noted
    }
}
