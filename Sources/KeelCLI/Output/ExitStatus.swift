import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine

/// The exit codes; docs/exit-codes.md explains them.
package enum ExitStatus: Int32, Sendable {
    case done = 0
    case failed = 1
    /// With `--detailed-exitcode`: there are changes.
    case changes = 2
    /// With `fmt --check`: files are not laid out as they should be.
    case unformatted = 3
    case stalePlan = 4
    case lockHeld = 5
    /// All else was applied; named accounts could not be proven and were not put into service.
    case unproven = 6
    /// A policy or a safety threshold refused.
    case policy = 7
    /// All else was applied; a person must authorize.
    case pending = 8
    case usage = 64
    case interrupted = 130
    case terminated = 143

    /// Which one ends a run to which several apply: the first of these.
    private static let order: [ExitStatus] = [
        .interrupted, .terminated, .usage, .failed, .policy, .stalePlan, .lockHeld, .unproven, .pending, .changes,
        .unformatted,
    ]

    /// Those that apply in order, the one that ends the run first; `done` if none does.
    package static func ordered(_ applying: Set<ExitStatus>) -> [ExitStatus] {
        let known = order.filter(applying.contains)
        return known.isEmpty ? [.done] : known
    }

    /// The last members of a summary: the code that ends the run, and all that apply.
    static func members(_ statuses: [ExitStatus]) -> [JSON.Member] {
        [
            .init("exitCode", .integer(Int((statuses.first ?? .done).rawValue))),
            .init("exitCodes", .array(statuses.map { .integer(Int($0.rawValue)) })),
        ]
    }

    /// Ends the command with this code.
    var exit: ExitCode { ExitCode(rawValue) }
}

extension ExitStatus {
    /// What mistakes that end a command before it did anything mean for its code.
    package static func of(_ diagnostics: [Diagnostic]) -> ExitStatus {
        let applying = diagnostics.lazy.filter { $0.severity == .error }
            .map { $0.code == "plan.prevent-destroy" ? ExitStatus.policy : .failed }
        return ordered(Set(applying)).first { $0 != .done } ?? .failed
    }

    /// What it means that the engine could not do its work at all.
    package static func of(_ failure: EngineFailure) -> ExitStatus {
        switch failure.reason {
        case .failed: of(failure.diagnostics)
        case .stale: .stalePlan
        case .locked: .lockHeld
        }
    }
}
