import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelPlan

/// What became of each address, shown when not everything is done. What a thousand accounts have in common is one line.
package struct ResultTable {
    private struct Line {
        let subject: String
        let change: String
        let result: RunResult
        let why: String
    }

    /// What lines that may be one have in common.
    private struct Group: Hashable {
        let kind: ResourceKind
        let action: Action?
        let result: RunResult
        let why: String
    }

    private let lines: [Line]
    /// How many of a kind are named one by one.
    private static let manyDone = 20
    private static let manyLeft = 5

    package init(_ report: RunReport) {
        // What was only needed by others is worth a line when it kept them from being done.
        let rows = report.rows.filter { $0.action != nil || RunResult($0.outcome) != .done }
        var groups: [Group: [ResourceAddress]] = [:]
        var order: [Group] = []
        for row in rows {
            let group = Group(
                kind: row.address.kind, action: row.action, result: RunResult(row.outcome), why: row.outcome.why)
            if groups[group, default: []].isEmpty { order.append(group) }
            groups[group, default: []].append(row.address)
        }
        let isLong = (groups.filter { $0.key.result == .done }.map(\.value.count).reduce(0, +)) > Self.manyDone
        // A stable sort by result: what needs somebody's attention stands nearest to what is said about it.
        lines = RunResult.allCases.flatMap { result in
            order.filter { $0.result == result }.flatMap { group in
                Self.lines(group, groups[group] ?? [], isLong: isLong)
            }
        }
    }

    private static func lines(_ group: Group, _ addresses: [ResourceAddress], isLong: Bool) -> [Line] {
        let change = group.action.map { group.result.isCommitted ? $0.past : $0.rawValue } ?? ""
        func line(_ subject: String) -> Line {
            Line(subject: subject, change: change, result: group.result, why: group.why)
        }
        let isOne: Bool =
            switch group.result {
            case .done: isLong && addresses.count > 1
            case .unproven, .failed: addresses.count > manyDone
            case .skipped, .pending, .notReached: addresses.count > manyLeft
            }
        return isOne ? [line(counted(addresses.count, group.kind.noun))] : addresses.map { line($0.description) }
    }

    /// The table, ending in a newline.
    package func render(_ style: TextStyle) -> String {
        let table = ColumnTable(
            ["Resource", "Change", "Result", "Why"], lines.map { [$0.subject, $0.change, $0.result.word, $0.why] })
        let rows = table.lines { row, column, cell in
            column == 2 ? lines[row].result.painted(cell, style) : cell
        }
        return ([table.head(style)] + rows).map { "  \($0)\n" }.joined()
    }
}

/// What became of an address, in a word.
package enum RunResult: String, CaseIterable, Sendable {
    case done
    /// Committed without a login, as its manifest wants.
    case unproven
    case notReached = "not_reached"
    case skipped, pending, failed

    package init(_ outcome: RunReport.Outcome) {
        switch outcome {
        case .done: self = .done
        case .unproven: self = .unproven
        case .failed: self = .failed
        case .skipped: self = .skipped
        case .pending: self = .pending
        case .notReached: self = .notReached
        }
    }

    var isCommitted: Bool { self == .done || self == .unproven }

    var word: String {
        switch self {
        case .unproven: "UNPROVEN"
        case .notReached: "not reached"
        case .done, .skipped, .pending, .failed: rawValue
        }
    }

    func painted(_ text: String, _ style: TextStyle) -> String {
        switch self {
        case .done: style.green(text)
        case .unproven, .skipped, .notReached, .pending: style.yellow(text)
        case .failed: style.red(text)
        }
    }
}

extension RunReport.Outcome {
    /// Why it is not done, or on what it waits; empty if it is done.
    var why: String {
        switch self {
        case .done, .notReached: ""
        case .unproven: "no login: its proof is deferred"
        case .failed(let failure): failure.diagnostic.code
        case .skipped(let cause): "waiting for \(cause), which failed"
        case .pending(let action?, _): action.message
        case .pending(nil, let cause): "waiting for \(cause), which waits for a person"
        }
    }
}

extension Action {
    /// The word for what was done.
    fileprivate var past: String {
        switch self {
        case .create: "created"
        case .update: "updated"
        case .replace: "replaced"
        case .delete: "destroyed"
        case .move: "moved"
        case .forget: "forgotten"
        }
    }
}

extension ResourceKind {
    /// What people call one of them.
    var noun: String {
        switch self {
        case .oauthProfile: "OAuth profile"
        case .authorization: "authorization"
        case .emailAccount: "email account"
        }
    }
}
