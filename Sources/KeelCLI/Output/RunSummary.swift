import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// What a run is there for.
package enum RunOperation: String, Sendable {
    case apply, destroy

    /// At the beginning of a sentence.
    var name: String {
        switch self {
        case .apply: "Apply"
        case .destroy: "Destroy"
        }
    }
}

/// How a run ended: its exit code, its last words, and the same for machines.
package struct RunSummary: Sendable {
    private let operation: RunOperation
    private let report: RunReport
    /// Every code that applies, the one that ends the run first.
    package let statuses: [ExitStatus]

    /// `stop` is the code that a signal asked for; `allowsPending`: what waits for a person is in order.
    package init(_ operation: RunOperation, _ report: RunReport, stop: ExitStatus? = nil, allowsPending: Bool = false) {
        self.operation = operation
        self.report = report
        var applying: Set<ExitStatus> = []
        // A run that had reached everything before the signal came was not stopped by it.
        if let stop, !report.notReached.isEmpty || !report.failures.isEmpty { applying.insert(stop) }
        if stop == nil, !report.notReached.isEmpty { applying.insert(.failed) }
        if report.hasFailed { applying.insert(.failed) }
        if report.isStale { applying.insert(.stalePlan) }
        if report.hasUnproven { applying.insert(.unproven) }
        if !report.pending.isEmpty, !allowsPending { applying.insert(.pending) }
        // What may wait is what the plan said; a grant that died is not in order.
        if report.needsPerson { applying.insert(allowsPending ? .failed : .pending) }
        statuses = ExitStatus.ordered(applying)
    }

    /// A run that ended before it did anything.
    init(_ operation: RunOperation, endedBy status: ExitStatus) {
        self.operation = operation
        report = RunReport(rows: [])
        statuses = [status]
    }

    package var status: ExitStatus { statuses.first ?? .done }

    /// Whether each address is as the plan wanted it, proven or not.
    private var isComplete: Bool { isCompleteButPending && report.pending.isEmpty }
    private var isCompleteButPending: Bool { report.failures.isEmpty && report.notReached.isEmpty }

    /// The table of what is not done; empty if all is.
    package func table(_ style: TextStyle) -> String {
        let isWorthIt = report.rows.contains { RunResult($0.outcome) != .done }
        return isWorthIt ? "\n" + ResultTable(report).render(style) : ""
    }

    // MARK: The last words

    /// The last lines, in the words that tools look for: only a run that did everything is called complete.
    ///
    /// `command` does the rest of an approved plan; `isRemainder`: this run did so itself.
    package func sentence(_ style: TextStyle, pending command: String, isRemainder: Bool = false) -> String {
        if isComplete { return "\n\(style.bold(style.green("\(operation.name) complete!"))) \(numbers)\n" }
        if isCompleteButPending {
            let head = style.bold(style.yellow("\(operation.name) pending:"))
            return "\n\(head) \(waiting). \(numbers)\n\(Self.hint(command))"
        }
        let head = style.bold(style.red("\(operation.name) incomplete."))
        var text = "\n\(head) \(numbers) What succeeded stays.\n"
        if !report.pending.isEmpty {
            text += "Besides, \(waiting).\n\(Self.hint(command))"
        } else if isRemainder {
            text += "What is left stays approved. Once the cause is mended, this does it:\n\n    \(command)\n"
        }
        return text
    }

    /// `Resources: 1 added, 2 changed, 0 destroyed.`
    private var numbers: String {
        let counts = report.applied
        var text =
            switch operation {
            case .apply: "Resources: \(counts.add) added, \(counts.change) changed, \(counts.destroy) destroyed"
            case .destroy: "Resources: \(counts.destroy) destroyed"
            }
        if counts.forget > 0 { text += ", \(counts.forget) forgotten" }
        text += "."
        if counts.move > 0 { text += " Renamed: \(counts.move)." }
        return text
    }

    private var waiting: String {
        let count = report.pending.count
        return "\(counted(count, "resource")) \(count == 1 ? "waits" : "wait") for a person"
    }

    private static func hint(_ command: String) -> String {
        "What waits is approved and kept. Once the person has acted, this does it, and nothing else:\n\n    \(command)\n"
    }

    /// How what waits for a person is done, each way once.
    package var instructions: [String] {
        var seen: Set<String> = []
        return report.rows.compactMap { row in
            guard case .pending(let action?, _) = row.outcome, seen.insert(action.help).inserted else { return nil }
            return action.help
        }
    }

    // MARK: For machines

    /// One object for each address.
    package var results: [JSON] {
        report.rows.map { row in
            var members: [JSON.Member] = [
                .init("type", "result"), .init("address", .string(row.address.description)),
            ]
            if let action = row.action { members.append(.init("action", .string(action.rawValue))) }
            members.append(.init("result", .string(RunResult(row.outcome).rawValue)))
            return .object(members + row.outcome.members)
        }
    }

    /// The last object.
    package var json: JSON {
        let counts = report.applied
        let skipped: [JSON] = report.rows.compactMap { row in
            guard case .skipped(let cause) = row.outcome else { return nil }
            return .object([
                .init("address", .string(row.address.description)), .init("because", .string(cause.description)),
            ])
        }
        let unproven = report.rows.filter { RunResult($0.outcome) == .unproven }.map(\.address)
        func list(_ addresses: [ResourceAddress]) -> JSON { .array(addresses.map { .string($0.description) }) }
        return .object(
            [
                .init("type", "summary"), .init("operation", .string(operation.rawValue)),
                .init("add", .integer(counts.add)), .init("change", .integer(counts.change)),
                .init("destroy", .integer(counts.destroy)), .init("moved", .integer(counts.move)),
                .init("forgotten", .integer(counts.forget)), .init("failed", .integer(report.failures.count)),
                .init("skipped", .array(skipped)), .init("pending", list(report.pending)),
                .init("unproven", list(unproven)), .init("notReached", list(report.notReached)),
                .init("findings", .array(report.findings.map(JSON.string))),
            ] + ExitStatus.members(statuses))
    }
}

extension RunReport.Outcome {
    /// What machines are told besides the result.
    fileprivate var members: [JSON.Member] {
        switch self {
        case .done, .unproven, .notReached: []
        case .failed(let failure):
            [
                .init("code", .string(failure.diagnostic.code)),
                .init("exitCode", .integer(Int(failure.status.rawValue))),
            ]
        case .skipped(let cause): [.init("because", .string(cause.description))]
        case .pending(let action?, _):
            [.init("message", .string(action.message)), .init("help", .string(action.help))]
        case .pending(nil, let cause): [.init("because", .string(cause.description))]
        }
    }
}

extension StepFailure {
    /// The code that it makes a run end with.
    var status: ExitStatus {
        switch weight {
        case .failed: .failed
        case .unproven: .unproven
        case .stale: .stalePlan
        case .needsPerson: .pending
        }
    }
}
