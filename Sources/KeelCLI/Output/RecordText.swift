import KeelBase
import KeelDiagnostics
import KeelPlan
import KeelState

/// What the state remembers of an address, for people and for machines.
enum RecordText {
    static func show(_ addresses: [ResourceAddress], of document: StateDocument, _ context: CommandContext) throws {
        for (index, address) in addresses.enumerated() {
            guard let record = document.resources[address] else {
                let near = Suggestion.nearest(
                    to: address.description, among: document.resources.keys.map(\.description))
                try context.fail(
                    .error(
                        "state.unknown-address", "the state has no \(address)",
                        help: near.map { "did you mean \"\($0)\"?" } ?? "mailkeel state list shows what there is"))
            }
            if context.console.isJSON {
                try context.console.output(
                    .object([.init("address", .string(address.description)), .init("record", record.json)]))
            } else {
                let text = text(address, record, context.console.outputStyle)
                try context.console.output((index > 0 ? "\n" : "") + text)
            }
        }
    }

    private static func text(_ address: ResourceAddress, _ record: ResourceRecord, _ style: TextStyle) -> String {
        var text = style.bold("# \(address)") + "\n"
        if let committed = record.committed {
            for field in PlanText.fields(address.kind, committed.effective) { text += "  \(field)\n" }
            text += facts(committed).map { "  \(style.cyan($0.0 + ":")) \($0.1)\n" }.joined()
        } else {
            text += "  never in service\n"
        }
        if let failure = record.failure {
            text += "  \(style.red("last attempt failed:")) \(failure.message) (\(failure.code), \(failure.at))\n"
        }
        return text
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
        facts.append(("committed", "\(record.committedAt), run \(record.run)"))
        return facts
    }
}
