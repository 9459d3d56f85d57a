import KeelBase
import KeelMail
import KeelPlan
import KeelVault

/// Logs in with a committed grant.
///
/// A server may refuse a token before its time: the provider was restarted, or revoked it. Then a new one is obtained
/// and offered, once; a second refusal is the server's word on the mailbox.
struct GrantLogin: Sendable {
    let grants: GrantTokens
    let logins: LoginTester

    /// The proof, and the token that gave it.
    func login(
        _ work: TestWork, with grant: GrantID, in vault: Vault, for address: ResourceAddress
    ) async throws(StepFailure) -> (proof: LoginProof, token: Secret) {
        let token = try await grants.accessToken(of: grant, in: vault, for: address)
        do throws(StepFailure) {
            return (try await logins.login(work, accessToken: token, for: address), token)
        } catch {
            guard error.rejectsToken else { throw error }
        }
        let renewed = try await grants.accessToken(of: grant, in: vault, for: address, rejected: token)
        return (try await logins.login(work, accessToken: renewed, for: address), renewed)
    }
}
