import KeelBase
import KeelDiagnostics
import KeelMail
import KeelState

/// Why a step failed, ready to be shown.
package struct StepFailure: Error, Sendable {
    /// What a failure means for the whole run.
    package enum Weight: Sendable {
        /// Something is wrong that must be mended.
        case failed
        /// The account could not be proven and was not put into service; everything else may be fine.
        case unproven
        /// What was found at planning is no longer there.
        case stale
        /// A provider wants a person's consent or sign-in; everything else may be fine.
        case needsPerson
    }

    package let weight: Weight
    package var diagnostic: Diagnostic
    /// Credentials that the failure is the refusal of; they are not offered again.
    var refused: [String: Fingerprint] = [:]
    /// What a provider answered, or why it did not; nil where none was asked.
    package var provider: ProviderFailure?
    /// How a login at a mail server failed; nil where none was tried, or the connection did not stand.
    package var mail: MailFailure?
    /// At which stage a login failed; nil where none was tried.
    package var stage: ProbeStage?

    /// Whether a mail server did not take the token: a new one may be taken, once.
    package var rejectsToken: Bool {
        guard let mail, mail.kind == .authenticationFailed || mail.kind == .credentialExpired else { return false }
        // Nothing is wrong with its age (RFC 7628 section 3.2.2).
        return mail.challenge?.status?.text != "insufficient_scope"
    }

    /// Whether a mail server has said that the password is wrong, or no longer good: the same is not offered again.
    var rejectsPassword: Bool {
        guard let mail, mail.credentialWasOffered, mail.transience != .transient else { return false }
        return mail.kind == .authenticationFailed || mail.kind == .credentialExpired
    }

    /// Without a weight, the class of the provider's answer decides it.
    package init(_ diagnostic: Diagnostic, weight: Weight? = nil) {
        self.weight = weight ?? (diagnostic.failureClass == .reauthorize ? .needsPerson : .failed)
        self.diagnostic = diagnostic
    }
}
