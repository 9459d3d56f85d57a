import KeelBase
import KeelDiagnostics
import KeelOAuth

extension FailureExplanation {
    /// A credential is there, and makes no request: no key in it, say.
    package func credentialUnusable(_ failure: CredentialFailure, _ profile: ResourceAddress) -> Diagnostic {
        Diagnostic(
            .error, "oauth.credential_unusable", "\(failure.field.rawValue): \(failure.reason)",
            at: place(profile, [failure.field.rawValue, "client.authentication", "grant"]), help: failure.remedy,
            address: profile, responsible: .operatorHere)
    }

    /// The client of a profile as it shows itself with one request, or why it cannot.
    func client(
        of terms: GrantTerms, _ profile: ResourceAddress, at now: Timestamp
    ) throws(StepFailure) -> TokenEndpointClient {
        do throws(CredentialFailure) {
            return try terms.client(at: now)
        } catch {
            throw StepFailure(credentialUnusable(error, profile))
        }
    }
}
