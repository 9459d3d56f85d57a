import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelState

/// What is unusual about a record, as far as planning's first look shows it. Only what that leaves open is decoded.
package struct RecordMarks: Equatable {
    let isCommitted: Bool
    let isProven: Bool
    let hasFailure: Bool
    /// Whether it is in service although no login ever proved it, as its manifest wants.
    let isDeferred: Bool
    /// Where its record was begun and not finished.
    let keeper: String?

    package init(_ address: ResourceAddress, of document: StateDocument) throws(StateFailure) {
        let head = document.head(address) ?? RecordHead()
        isCommitted = head.digest != nil
        isProven = head.isProven
        hasFailure = head.hasFailure
        let mayBeDeferred = isCommitted && !isProven && address.kind == .emailAccount
        isDeferred = mayBeDeferred ? try document.committed(address)?.hasDeferredProof ?? false : false
        keeper = head.isStaged ? try document.record(address)?.staging?.keeper ?? "?" : nil
    }

    /// Behind an address: `   (never in service)   (last attempt failed)`.
    package func text(_ style: TextStyle) -> String {
        var marks: [String] = []
        if !isCommitted { marks.append("(never in service)") }
        if isDeferred { marks.append("(\(style.yellow("UNPROVEN")), deferred)") }
        if hasFailure { marks.append("(\(style.red("last attempt failed")))") }
        if let keeper { marks.append("(unfinished at \(ForeignText(keeper)))") }
        return marks.map { "   " + $0 }.joined()
    }

    /// For `--json`.
    package var members: [JSON.Member] {
        var members: [JSON.Member] = [
            .init("committed", .boolean(isCommitted)), .init("proven", .boolean(isProven)),
            .init("unproven", .boolean(isDeferred)), .init("failed", .boolean(hasFailure)),
        ]
        if let keeper { members.append(.init("unfinishedAt", .string(keeper))) }
        return members
    }
}

extension CommittedRecord {
    /// Whether the account is in service, nothing has proven it, and its manifest wants it so.
    fileprivate var hasDeferredProof: Bool {
        proof == nil && effective["active"]?.value == .boolean(true) && effective["proof"]?.value == .text("deferred")
    }
}

/// What the state remembers of an address, for people and for machines.
package enum RecordText {
    static func show(_ addresses: [ResourceAddress], of document: StateDocument, _ context: CommandContext) throws {
        for address in addresses where document.head(address) == nil {
            let near = Suggestion.nearest(
                to: address.description, among: document.addresses.lazy.map(\.description))
            try context.fail(
                .error(
                    "state.unknown-address", "the state has no \(address)",
                    help: near.map { "did you mean \"\($0)\"?" } ?? "mailkeel state list shows what there is"))
        }
        var parts: [String] = []
        for address in addresses {
            guard let record = try context.reading({ try document.record(address) }) else { continue }
            parts.append(
                context.console.isJSON
                    ? JSON.object([.init("address", .string(address.description)), .init("record", record.json)]).text()
                        + "\n"
                    : text(address, record, context.console.outputStyle))
        }
        try context.console.output(parts.joined(separator: context.console.isJSON ? "" : "\n"))
    }

    /// One record for people.
    package static func text(_ address: ResourceAddress, _ record: ResourceRecord, _ style: TextStyle) -> String {
        var text = style.bold("# \(TerminalText.clean(address.description))") + "\n"
        if let committed = record.committed {
            for field in PlanText.fields(address.kind, committed.effective) { text += "  \(field)\n" }
            if committed.hasDeferredProof { text += "  \(style.yellow("UNPROVEN:")) its proof is deferred\n" }
            text += lines(facts(committed), style)
        } else {
            text += "  never in service\n"
        }
        if let failure = record.failure {
            let words = "\(ForeignText(failure.message)) (\(failure.code), \(failure.at), run \(failure.run))"
            text += "  \(style.red("last attempt failed:")) \(words)\n"
            if !failure.refused.isEmpty {
                text += lines(
                    [("refused, and not offered again", failure.refused.keys.sorted().joined(separator: ", "))], style)
            }
        }
        if let staging = record.staging {
            text +=
                "  \(style.yellow("unfinished at \(ForeignText(staging.keeper)):")) begun \(staging.at), run \(staging.run)\n"
            text += lines(facts(staging), style)
        }
        return text
    }

    private static func lines(_ facts: [(String, String)], _ style: TextStyle) -> String {
        facts.map { "  \(style.cyan($0.0 + ":")) \(TerminalText.clean($0.1))\n" }.joined()
    }

    private static func facts(_ record: CommittedRecord) -> [(String, String)] {
        var facts: [(String, String)] = []
        if let grant = record.grant { facts.append(("grant", grant)) }
        if let proof = record.proof { facts.append(("proven", "\(proof.at) by \(proof.mechanism), run \(proof.run)")) }
        if !record.dependencies.isEmpty {
            facts.append(("depends on", record.dependencies.map(\.description).joined(separator: ", ")))
        }
        for (field, fingerprint) in record.fingerprints.sorted(by: { $0.key < $1.key }) {
            facts.append(("fingerprint of \(field)", "under key \(fingerprint.key)"))
        }
        if !record.external.isEmpty { facts.append(("at its keeper", pairs(record.external))) }
        facts.append(("committed", "\(record.committedAt), run \(record.run)"))
        return facts
    }

    private static func facts(_ record: StagingRecord) -> [(String, String)] {
        var facts: [(String, String)] = []
        if !record.external.isEmpty { facts.append(("there", pairs(record.external))) }
        for write in record.writes {
            facts.append(("write \(write.id)", write.isDone ? "done" : "intended, and perhaps done"))
        }
        return facts
    }

    private static func pairs(_ values: [String: String]) -> String {
        values.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }.joined(separator: ", ")
    }
}
