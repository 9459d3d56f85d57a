import KeelBase
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

    /// The proof, and the token that gave it.
    func login(
        _ work: TestWork, with grant: GrantID, in vault: Vault, for address: ResourceAddress
    ) async throws(StepFailure) -> (proof: LoginProof, token: Secret) {
        let token = try await grants.accessToken(of: grant, in: vault, for: address)
        let refusal: StepFailure
        do throws(StepFailure) {
            return (try await logins.login(work, accessToken: token, for: address), token)
        } catch {
            guard error.rejectsToken else { throw error }
            refusal = error
        }
        // A new token that is refused too is the mailbox's affair, and no reason to ask the provider again.
        guard renewed.withLock({ $0[grant] })?.matches(token) != true else { throw refusal }
        // Logins that were refused side by side wait for one renewal, under the grant's lock.
        let fresh = try await grants.accessToken(of: grant, in: vault, for: address, rejected: token)
        renewed.withLock { $0[grant] = fresh }
        return (try await logins.login(work, accessToken: fresh, for: address), fresh)
    }
}
