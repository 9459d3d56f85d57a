import KeelBase
import KeelDiagnostics
import KeelPlan

/// Why a step failed, ready to be shown.
package struct StepFailure: Error, Sendable {
    /// What a failure means for the whole run.
    package enum Weight: Sendable {
        /// Something is wrong that must be mended.
        case failed
        /// The account could not be proven and was not put into service; everything else may be fine.
        case unproven
    }

    package let weight: Weight
    package let diagnostic: Diagnostic

    /// Whether a mail server did not take the token: a new one may be taken, once.
    package var rejectsToken: Bool {
        ["mail.authentication_failed", "mail.credential_expired"].contains(diagnostic.code)
    }

    package init(_ diagnostic: Diagnostic, weight: Weight = .failed) {
        self.weight = weight
        self.diagnostic = diagnostic
    }
}
