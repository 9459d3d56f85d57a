import KeelBase
import KeelDiagnostics

extension FailureExplanation {
    /// A credential is there, and makes no request: no key in it, say.
    package func credentialUnusable(_ failure: CredentialFailure, _ profile: ResourceAddress) -> Diagnostic {
        Diagnostic(
            .error, "oauth.credential_unusable", "\(failure.field.rawValue): \(failure.reason)",
            at: place(profile, [failure.field.rawValue, "client.authentication", "grant"]), help: failure.remedy,
            address: profile, responsible: .operatorHere)
    }
}
