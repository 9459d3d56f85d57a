import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelVault

/// What a refresh pass came to: its exit code, its words, and the same for machines.
package struct RefreshSummary: Sendable {
    private let report: RefreshReport
    /// Every code that applies, the one that ends the pass first.
    package let statuses: [ExitStatus]
    /// How many grants are named one by one, of those that an earlier pass gave up.
    private static let manyGivenUp = 20

    /// `stop` is the code that a signal asked for, `failure` that of a pass that could not be made at all.
    package init(_ report: RefreshReport, stop: ExitStatus? = nil, endedBy failure: ExitStatus? = nil) {
        self.report = report
        var applying = Set([failure].compactMap(\.self))
        if let stop, report.rows.contains(where: \.isNotReached) { applying.insert(stop) }
        if report.count(.broken) > 0 { applying.insert(.failed) }
        if report.count(.passing) > 0 || !report.revocationFailures.isEmpty { applying.insert(.unproven) }
        if report.count(.needsPerson) > 0 || !report.givenUp.isEmpty { applying.insert(.pending) }
        statuses = ExitStatus.ordered(applying)
    }

    package var status: ExitStatus { statuses.first ?? .done }

    // MARK: For people

    /// The line of one grant, as soon as it is done.
    package static func line(_ row: RefreshReport.Row, _ style: TextStyle) -> String {
        let name = row.authorization.description
        let took = " (\(row.elapsed.wholeMilliseconds) ms)"
        switch row.outcome {
        case .renewed(let expires, let next):
            let until = expires.map { ", its access token lasts until \($0)" } ?? ""
            let due = next.map { "; due again \($0)" } ?? "; due again when somebody needs a token"
            return "\(style.green("renewed")) \(name)\(until)\(due)\(took)"
        case .renewedElsewhere: return "\(style.green("renewed")) \(name), by another process"
        case .failed(let failure):
            let word = row.meaning == .passing ? style.yellow("not now") : style.red("FAILED")
            let again = failure.retry.map { ", tried again from \($0) on" } ?? ""
            return "\(word) \(name): \(failure.failure.diagnostic.code)\(again)\(took)"
        case .notAsked(let cause):
            let why = cause.map { $0.failure.diagnostic.code } ?? "the pass ended before its turn; it stays due"
            return "\(style.yellow("not asked")) \(name): \(why)"
        }
    }

    /// What has to be explained: each failure of this pass once, whatever many grants met it.
    package var diagnostics: [Diagnostic] {
        var seen: Set<String> = []
        let renewals: [Diagnostic] = report.rows.compactMap { row in
            guard case .failed(let failure) = row.outcome else { return nil }
            let diagnostic = failure.failure.diagnostic
            let isOfGrant = diagnostic.address?.kind == .authorization
            // What two profiles have in common each of them has to be told.
            let what = "\(row.record.profile) \(diagnostic.code) \(diagnostic.message)"
            return isOfGrant || seen.insert(what).inserted ? diagnostic : nil
        }
        return renewals + report.revocationFailures.map(\.diagnostic) + skews
    }

    /// For each profile whose provider's clock differs from this machine's.
    private var skews: [Diagnostic] {
        var seen: Set<String> = []
        return report.rows.compactMap { row in
            guard let skew = row.clockSkew, seen.insert(row.record.profile).inserted else { return nil }
            return Diagnostic(
                .warning, "oauth.clock_skew", FailureExplanation.words(ofSkew: skew),
                help: "let this machine's clock be set by NTP; tokens are renewed by it",
                address: ResourceAddress(.oauthProfile, row.record.profile), responsible: .operatorHere)
        }
    }

    /// Whether there was nothing to do, and nothing waits.
    package var isIdle: Bool {
        report.rows.isEmpty && report.givenUp.isEmpty && report.revoked == 0 && report.revocationFailures.isEmpty
    }

    /// The last words, ending in a newline.
    package func text(_ style: TextStyle, command: (_ words: [String]) -> String) -> String {
        var text = ""
        for given in report.givenUp.prefix(Self.manyGivenUp) {
            let problem = given.record.renewalProblem ?? ""
            let serves = given.accounts.isEmpty ? "" : " It serves \(Self.named(given.accounts))."
            text +=
                "\(style.red("waiting")) \(given.authorization): \(problem) since \(given.record.updated).\(serves)\n"
            if given.record.type.needsPerson {
                text += "    \(command(["authorize", given.authorization.description]))\n"
            }
        }
        if report.givenUp.count > Self.manyGivenUp {
            text += "... and \(report.givenUp.count - Self.manyGivenUp) more that wait.\n"
        }
        return text + sentence(style)
    }

    private func sentence(_ style: TextStyle) -> String {
        if isIdle { return "Nothing is due.\n" }
        var parts = ["\(report.count(.fine)) renewed"]
        for (count, words) in [
            (report.count(.passing), "to be tried again"), (report.count(.broken), "failed"),
            (report.count(.needsPerson) + report.givenUp.count, "waiting for a person"),
            (report.revoked, "ended at their providers"),
            (report.revocationFailures.count, "still to be ended at their providers"),
        ] where count > 0 { parts.append("\(count) \(words)") }
        let more = report.hasMore ? " More are due: run it again, or raise --max." : ""
        return "\(style.bold(parts.joined(separator: ", "))).\(more)\n"
    }

    private static func named(_ accounts: [ResourceAddress]) -> String {
        let few = accounts.prefix(5).map(\.description).joined(separator: ", ")
        return accounts.count > 5 ? "\(few) and \(accounts.count - 5) more" : few
    }

    // MARK: For machines

    /// One grant.
    package static func object(_ row: RefreshReport.Row) -> JSON {
        var members = Self.members("renewal", row.record, row.authorization, row.accounts)
        switch row.outcome {
        case .renewed(let expires, let next):
            members += [
                JSON.Member("result", "renewed"), JSON.Member("expires", JSON(time: expires)),
                JSON.Member("nextAttempt", JSON(time: next)),
            ]
        case .renewedElsewhere: members.append(JSON.Member("result", "renewed_elsewhere"))
        case .failed(let failure):
            members += [
                JSON.Member("result", "failed"), JSON.Member("code", .string(failure.failure.diagnostic.code)),
                JSON.Member("class", failure.failureClass.map { .string($0.rawValue) } ?? .null),
                JSON.Member("nextAttempt", JSON(time: failure.retry)),
                JSON.Member("meaning", .string(row.meaning.rawValue)),
            ]
        case .notAsked(let cause):
            members += [
                JSON.Member("result", "not_asked"),
                JSON.Member("code", cause.map { .string($0.failure.diagnostic.code) } ?? .null),
            ]
        }
        if let skew = row.clockSkew { members.append(JSON.Member("clockSkew", .integer(skew))) }
        members.append(JSON.Member("milliseconds", .integer(row.elapsed.wholeMilliseconds)))
        return .object(members)
    }

    /// Those that an earlier pass gave up, one object each.
    package var waiting: [JSON] {
        report.givenUp.map { given in
            .object(
                Self.members("waiting", given.record, given.authorization, given.accounts) + [
                    .init("code", given.record.renewalProblem.map { .string($0) } ?? .null),
                    .init("class", given.record.renewalProblemClass.map { .string($0.rawValue) } ?? .null),
                    .init("since", .string(given.record.updated.description)),
                ])
        }
    }

    /// The last object.
    package var json: JSON {
        .object(
            [
                .init("type", "summary"), .init("operation", "refresh"),
                .init("renewed", .integer(report.count(.fine))),
                .init("retried", .integer(report.count(.passing))), .init("failed", .integer(report.count(.broken))),
                .init("waiting", .integer(report.count(.needsPerson) + report.givenUp.count)),
                .init("hasMore", .boolean(report.hasMore)), .init("purged", .integer(report.purged)),
                .init("revoked", .integer(report.revoked)),
                .init("revocationsFailed", .integer(report.revocationFailures.count)),
            ] + ExitStatus.members(statuses))
    }

    private static func members(
        _ type: String, _ record: GrantRecord, _ authorization: ResourceAddress, _ accounts: [ResourceAddress]
    ) -> [JSON.Member] {
        [
            .init("type", .string(type)), .init("address", .string(authorization.description)),
            .init("grant", .string(record.id.text)),
            .init("accounts", .array(accounts.map { .string($0.description) })),
        ]
    }
}

extension RefreshReport.Row {
    /// Whether the pass ended before it could begin.
    fileprivate var isNotReached: Bool {
        if case .notAsked(nil) = outcome { true } else { false }
    }
}

extension JSON {
    fileprivate init(time: Timestamp?) { self = time.map { .string($0.description) } ?? .null }
}
