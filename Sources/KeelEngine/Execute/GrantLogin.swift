import KeelBase
import KeelDiagnostics
import KeelMail
import KeelPlan
import KeelVault
import Synchronization

/// Logs in with committed grants.
///
/// A server may refuse a token before its time: the provider was restarted, or revoked it. Then a new one is obtained
/// and offered, once; a second refusal is the server's word on the mailbox. However many mailboxes of a grant refuse, the
/// provider is asked once for each grant.
final class GrantLogin: Sendable {
    private let grants: GrantTokens
    private let logins: LoginTester
    /// The token that this run has obtained for a grant because a server had refused the earlier one.
    private let renewed = Mutex<[GrantID: Secret]>([:])

    init(grants: GrantTokens, logins: LoginTester) {
        self.grants = grants
        self.logins = logins
    }

    /// What the second refusal is evidence of.
    private static let twice = Diagnostic.Note(
        "a token that had not expired was tried first, then a new one: the server took neither")

    /// What the login came to, and the token that it was tried with.
    func login(
        _ work: TestWork, with grant: GrantID, in vault: Vault, for address: ResourceAddress,
        task: ProbeTask = .prove
    ) async throws(StepFailure) -> (trial: LoginTrial, token: Secret) {
        let token = try await grants.accessToken(of: grant, in: vault, for: address)
        let trial = await logins.login(work, credential: .accessToken(token), for: address, task: task)
        guard trial.failure?.rejectsToken == true else { return (trial, token) }
        // A new token that is refused too is the mailbox's affair, and no reason to ask the provider again.
        guard renewed.withLock({ $0[grant] })?.matches(token) != true else { return (trial, token) }
        // Logins that were refused side by side wait for one renewal, under the grant's lock.
        let fresh = try await grants.accessToken(of: grant, in: vault, for: address, rejected: token)
        renewed.withLock { $0[grant] = fresh }
        let second = await logins.login(work, credential: .accessToken(fresh), for: address, task: task)
        return (second.changingFailure { if $0.rejectsToken { $0.diagnostic.notes.append(Self.twice) } }, fresh)
    }
}
