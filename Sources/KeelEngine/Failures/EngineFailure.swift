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
    /// Who holds the lock, when that is the reason and it is known.
    package let holder: LockRecord?

    package init(_ diagnostics: [Diagnostic], reason: Reason = .failed, holder: LockRecord? = nil) {
        self.reason = reason
        self.diagnostics = diagnostics
        self.holder = holder
    }

    package init(_ failure: StateFailure) {
        let diagnostic = Diagnostic(
            .error, failure.code.rawValue, failure.description, help: failure.remedy, responsible: .operatorHere)
        self.init([diagnostic], reason: failure.code == .locked ? .locked : .failed, holder: failure.holder)
    }

    init(_ failure: FileFailure) {
        self.init([
            Diagnostic(
                .error, "file.\(failure.code.rawValue)", failure.description,
                help: "check the path, its permissions and the free space", responsible: .operatorHere)
        ])
    }

    /// Approved changes are no longer what would be done.
    package init(stale addresses: [ResourceAddress]) {
        let named = addresses.prefix(6).map(\.description).joined(separator: ", ")
        let more = addresses.count > 6 ? " and \(addresses.count - 6) more" : ""
        self.init(
            [
                Diagnostic(
                    .error, "plan.stale", "the plan is stale: \(named)\(more) changed since it was made",
                    help: "run mailkeel plan again and review what is different", responsible: .operatorHere)
            ], reason: .stale)
    }

    init(_ failure: VaultFailure) { self.init([Diagnostic.local(failure)]) }
}
