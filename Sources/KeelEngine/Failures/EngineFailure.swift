import KeelBase
import KeelDiagnostics
import KeelState
import KeelVault

/// Why a command could not do its work at all.
package struct EngineFailure: Error, Sendable {
    package enum Reason: Sendable {
        case failed
        /// The plan is no longer what would be planned.
        case stale
        /// Another run holds the state lock.
        case locked
    }

    package let reason: Reason
    package let diagnostics: [Diagnostic]

    package init(_ diagnostics: [Diagnostic], reason: Reason = .failed) {
        self.reason = reason
        self.diagnostics = diagnostics
    }

    init(_ failure: StateFailure) {
        let diagnostic = Diagnostic(
            .error, failure.code.rawValue, failure.description, help: failure.remedy, responsible: .operatorHere)
        self.init([diagnostic], reason: failure.code == .locked ? .locked : .failed)
    }

    init(_ failure: VaultFailure) { self.init([Diagnostic.local(failure)]) }
}
