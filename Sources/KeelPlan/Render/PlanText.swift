import KeelBase
import KeelDiagnostics

/// A plan as people review it. Wording and symbols follow Terraform's, which reviewers and their tools parse.
package struct PlanText {
    private let style: TextStyle

    package init(style: TextStyle) { self.style = style }

    /// The whole text, ending in a newline.
    package func render(_ plan: Plan) -> String {
        var text = ""
        if plan.isEmpty {
            text += style.bold(style.green("No changes.")) + " Your mail accounts match the manifests.\n"
        } else {
            text += "Mailkeel will perform the following actions:\n"
            let steps = Dictionary(grouping: plan.steps, by: \.id.address)
            for change in plan.changes { text += "\n" + render(change, steps[change.address] ?? []) }
            let changed = Set(plan.changes.map(\.address))
            for address in plan.authorized where !changed.contains(address) {
                text += "\n  # \(address) is obtained again: this vault does not hold its grant\n"
            }
            text += "\n" + summary(plan)
        }
        for note in plan.notes {
            let subject = note.address.map { "\($0): " } ?? ""
            text += "\(style.dim("Note:")) \(subject)\(note.message).\n"
        }
        return text
    }

    /// `Plan: 1 to add, 2 to change, 0 to destroy.` and what apply will prove.
    private func summary(_ plan: Plan) -> String {
        let counts = plan.counts
        var text =
            style.bold("Plan:") + " \(counts.add) to add, \(counts.change) to change, \(counts.destroy) to destroy.\n"
        let tested = plan.tested.map(\.name)
        guard !plan.authorized.isEmpty || !tested.isEmpty else { return text }
        text +=
            "Proof: \(counted(plan.authorized.count, "authorization")), \(counted(tested.count, "connection test"))"
        if !tested.isEmpty { text += " (\(Self.some(tested)))" }
        return text + ".\n"
    }

    // MARK: One change

    private func render(_ change: Change, _ steps: [Step]) -> String {
        var text = style.bold("  # \(change.address) \(Self.sentence(change.action))") + "\n"
        for reason in change.reasons { text += style.dim("  # (\(reason))") + "\n" }
        text += "  \(symbol(change.action)) \(change.address)\n"
        // Defaults of a new resource say nothing that a reviewer must weigh.
        let fields = change.fields.filter {
            change.action != .create || $0.remark != EffectiveValue.Origin.schemaDefault.text
        }
        let width = fields.map(\.field.count).max() ?? 0
        for field in fields { text += render(field, width) }
        let hidden = change.fields.count - fields.count
        if hidden > 0 { text += style.dim("      # (\(counted(hidden, "default")) hidden)") + "\n" }
        for step in steps.sorted(by: { Self.rank($0.id.kind) < Self.rank($1.id.kind) }) {
            if let words = Self.words(step.work) { text += "      \(style.cyan(">")) \(words)\n" }
        }
        return text
    }

    private func render(_ field: FieldChange, _ width: Int) -> String {
        let name = field.field + ":" + String(repeating: " ", count: width - field.field.count)
        let (sign, value) =
            switch (field.before, field.after) {
            case (nil, let after): (style.green("+"), after.map(Self.text) ?? "")
            case (let before, nil): (style.red("-"), before.map(Self.text) ?? "")
            case (let before?, let after?): (style.yellow("~"), Self.difference(before, after))
            }
        let remark = field.remark.map { style.dim("  # \($0)") } ?? ""
        return "      \(sign) \(name) \(value)\(remark)\n"
    }

    private func symbol(_ action: Action) -> String {
        switch action {
        case .create: style.green("+")
        case .update: style.yellow("~")
        case .replace: style.green("+") + "/" + style.red("-")
        case .delete: style.red("-")
        }
    }

    private static func sentence(_ action: Action) -> String {
        switch action {
        case .create: "will be created"
        case .update: "will be updated in-place"
        case .replace: "must be replaced"
        case .delete: "will be destroyed"
        }
    }

    private static func rank(_ kind: StepKind) -> Int { StepKind.allCases.firstIndex(of: kind) ?? 0 }

    /// What a step does on the wire; nil for steps that a reviewer takes for granted.
    private static func words(_ work: Step.Work) -> String? {
        switch work {
        case .resolve(let work):
            "resolve "
                + work.secrets.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.summary)" }.joined(
                    separator: ", ")
        case .discover(let work): "discover \(ForeignText(work.asWritten))"
        case .authorize(let work):
            "authorize: \(work.grant.rawValue) as \(ForeignText(work.subject)) at "
                + (work.tokenEndpoint?.origin ?? work.issuer.map { ForeignText($0).text } ?? "?")
        case .test(let work):
            "test \(work.type.rawValue) \(work.endpoint) \(work.security.rawValue) \(work.mechanism.rawValue) as \(ForeignText(work.userName))"
        case .record: nil
        }
    }

    // MARK: Values

    static func text(_ value: FieldValue) -> String {
        switch value {
        case .text(let text): JSON.string(ForeignText(text).text).text()
        case .integer(let number): String(number)
        case .boolean(let flag): String(flag)
        case .set(let texts): "[" + texts.map { ForeignText($0).text }.joined(separator: ", ") + "]"
        case .map(let pairs):
            "{ "
                + pairs.sorted { $0.key < $1.key }.map { ForeignText("\($0.key): \($0.value)").text }.joined(
                    separator: ", ") + " }"
        case .secret(let source): "(\(ForeignText(source.summary)))"
        }
    }

    private static func difference(_ before: FieldValue, _ after: FieldValue) -> String {
        guard case .set(let old) = before, case .set(let new) = after else {
            return "\(text(before)) -> \(text(after))"
        }
        let added = Set(new).subtracting(old).sorted().map { "+ \(ForeignText($0))" }
        let removed = Set(old).subtracting(new).sorted().map { "- \(ForeignText($0))" }
        return (added + removed).joined(separator: " ")
    }

    /// The first few names, and how many more there are.
    private static func some(_ names: [String]) -> String {
        let shown = names.prefix(6).joined(separator: ", ")
        return names.count > 6 ? "\(shown) and \(names.count - 6) more" : shown
    }
}

extension PlanText {
    /// Values of a resource, one line each, in the order of its kind's table.
    package static func fields(_ kind: ResourceKind, _ values: [String: EffectiveValue]) -> [String] {
        let width = values.keys.map(\.count).max() ?? 0
        return values.keys.sorted(by: FieldOrder(kind).precedes).compactMap { name in
            values[name].map { "\(name):\(String(repeating: " ", count: width - name.count)) \(text($0.value))" }
        }
    }
}
