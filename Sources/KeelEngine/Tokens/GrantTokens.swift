import KeelBase
import KeelDiagnostics
import KeelState
import KeelVault

/// Hands out access tokens of committed grants, renewing those that are about to lapse. It reads the vault only: never
/// manifests, never state.
package struct GrantTokens: Sendable {
    /// Renews what has lapsed.
    package var renewer: GrantRenewer
    private let remedy: VaultRemedy

    package init(
        paths: ProjectPaths, ports: EnginePorts, secrets: SecretResolver, explanation: FailureExplanation,
        run: String = "token"
    ) {
        renewer = GrantRenewer(paths: paths, ports: ports, secrets: secrets, explanation: explanation, run: run)
        remedy = VaultRemedy(place: paths.place)
    }

    /// A token that is good for at least its margin, or for as long as it lasts where it cannot be renewed just now.
    ///
    /// A `rejected` token, which a server refused before its time, is renewed like one that has lapsed.
    package func accessToken(
        of grant: GrantID, in vault: Vault, for address: ResourceAddress, rejected: Secret? = nil
    ) async throws(StepFailure) -> Secret {
        try await handout(of: grant, in: vault, for: address, rejected: rejected).token
    }

    /// A token for somebody outside, and what is to be said about it.
    package struct Handout: Sendable {
        package let token: Secret
        /// Lines for people; none if all went as it should.
        package let remarks: [String]
    }

    /// A token of the grant that serves an account; that it was read is noted in the audit.
    ///
    /// Mail goes on where the audit cannot be written, as on a full disk, and while the provider is down and the token there
    /// still lasts; then the remarks say so.
    package func accessToken(
        of account: ResourceAddress, in vault: Vault, actor: String
    ) async throws(StepFailure) -> Handout {
        let record: GrantRecord?
        do throws(VaultFailure) { record = try await vault.grant(for: account) } catch { throw failure(error, account) }
        guard let grant = record?.id else { throw StepFailure(await noGrant(account, vault)) }
        let entry = AuditEntry(run: "token", actor: actor, action: "token.read", address: account, grant: grant)
        let remark = try await note(entry, vault, account)
        var grants = self
        grants.renewer.actor = actor
        let handout = try await grants.handout(of: grant, in: vault, for: account, rejected: nil)
        return Handout(token: handout.token, remarks: (remark.map { [$0] } ?? []) + handout.remarks)
    }

    private func handout(
        of grant: GrantID, in vault: Vault, for address: ResourceAddress, rejected: Secret?
    ) async throws(StepFailure) -> Handout {
        var stored: AccessToken?
        do throws(RenewalFailure) {
            let basis = try await renewer.basis(of: grant, in: vault, for: address)
            let now = renewer.time.now
            if let token = basis.access, rejected.map(token.secret.matches) != true {
                let schedule = RenewalSchedule(basis)
                if schedule.isFresh(token, at: now) {
                    await keepInUse(basis.record, token, schedule, vault)
                    return Handout(token: token.secret, remarks: [])
                }
                stored = token.lasts(at: now) ? token : nil
            }
            let renewal = try await renewer.renew(grant, in: vault, for: address, .demand(rejected: rejected))
            return Handout(token: renewal.token.secret, remarks: [])
        } catch {
            // Another process may have renewed it while this one waited for its lock.
            guard let token = error.lasting ?? stored else { throw error.failure }
            return Handout(token: token.secret, remarks: [lasting(token, error)])
        }
    }

    /// A grant that was only kept alive is used again: from now on its tokens are renewed before they lapse. Written once, at
    /// the first use after each renewal; where it cannot be, the token is renewed when it is needed.
    private func keepInUse(
        _ record: GrantRecord, _ token: AccessToken, _ schedule: RenewalSchedule, _ vault: Vault
    ) async {
        guard let expires = token.expires, record.renewalProblem == nil else { return }
        let due = schedule.due(forUse: expires, obtained: token.obtained)
        guard (record.renewalDue ?? due.adding(seconds: 1)) > due else { return }
        try? await vault.hastenRenewal(of: record.id, to: due)
    }

    private func lasting(_ token: AccessToken, _ error: RenewalFailure) -> String {
        let until = token.expires.map { " until \($0)" } ?? ""
        let help = error.failure.diagnostic.help.map { "; \($0)" } ?? ""
        return
            "This token could not be renewed; it lasts\(until). \(error.failure.diagnostic.code): \(error.failure.diagnostic.message)\(help)."
    }

    /// Notes a reading; returns why it could not be noted, if reading may go on without.
    private func note(
        _ entry: AuditEntry, _ vault: Vault, _ account: ResourceAddress
    ) async throws(StepFailure) -> String? {
        do throws(VaultFailure) {
            try await vault.record(entry)
            return nil
        } catch {
            guard [.full, .readOnly, .io, .locked].contains(error.code) else { throw failure(error, account) }
            return "That this token was read could not be noted in the audit: \(error)."
        }
    }

    private func noGrant(_ account: ResourceAddress, _ vault: Vault) async -> Diagnostic {
        var diagnostic = Diagnostic.local(
            VaultFailure(.notFound, "the vault at \(vault.path) holds no grant for \(account)", path: vault.path),
            account)
        let plan = ProjectCommand(["plan"], in: remedy.place)
        let apply = ProjectCommand(["apply"], in: remedy.place)
        let known = ((try? await vault.snapshot())?.accounts.keys).map { $0.map(\.description) } ?? []
        let near = Suggestion.nearest(to: account.description, among: known).map { "did you mean \"\($0)\"? " } ?? ""
        diagnostic.help =
            near
            + "`\(plan)` says what obtains it: `\(apply)`, or a person's consent first; an account with a password has none"
        return diagnostic
    }

    private func failure(_ failure: VaultFailure, _ address: ResourceAddress) -> StepFailure {
        StepFailure(.local(failure, address, remedy))
    }
}

extension Diagnostic {
    /// The vault failed: a matter of this machine.
    package static func local(_ failure: VaultFailure, _ address: ResourceAddress? = nil) -> Diagnostic {
        local(failure, address, VaultRemedy())
    }

    static func local(_ failure: VaultFailure, _ address: ResourceAddress? = nil, _ remedy: VaultRemedy) -> Diagnostic {
        Diagnostic(
            .error, failure.code.rawValue,
            failure.description, help: remedy(failure), address: address, responsible: .operatorHere)
    }
}
