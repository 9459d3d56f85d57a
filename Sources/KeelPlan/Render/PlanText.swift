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
            let isPart = plan.notes.contains { Selection.codes.contains($0.code) }
            let words = isPart ? "Nothing that was selected differs from" : "Your mail accounts match"
            text += style.bold(style.green("No changes.")) + " \(words) the manifests.\n"
        } else {
            text += "Mailkeel will perform the following actions:\n"
            let steps = Dictionary(grouping: plan.steps, by: \.id.address)
            for change in plan.changes { render(change, steps[change.address] ?? [], into: &text) }
            let changed = Set(plan.changes.map(\.address))
            for step in plan.authorized where !changed.contains(step.id.address) {
                text += "\n  # \(step.id.address) is obtained again: this vault does not hold its grant\n"
            }
            text += "\n" + summary(plan)
        }
        for note in plan.notes {
            let subject = note.address.map { "\($0): " } ?? ""
            let label = note.isWarning ? style.yellow("Warning:") : style.dim("Note:")
            text += "\(label) \(subject)\(note.message).\n"
        }
        return text
    }

    /// `Plan: 1 to add, 2 to change, 0 to destroy.` and what apply will prove.
    private func summary(_ plan: Plan) -> String {
        let counts = plan.counts
        var text =
            style.bold("Plan:") + " \(counts.add) to add, \(counts.change) to change, \(counts.destroy) to destroy"
        if counts.forget > 0 { text += ", \(counts.forget) to forget" }
        text += ".\n"
        if counts.move > 0 { text += "Renamed: \(counts.move).\n" }
        return text + proofs(plan)
    }

    /// `Proof: 3 authorizations (2 need a person), 2 connection tests (support-in again, support-out).`
    private func proofs(_ plan: Plan) -> String {
        let authorized = plan.authorized
        let tested = plan.tested
        var parts: [String] = []
        if !authorized.isEmpty {
            parts.append(counted(authorized.count, "authorization") + Self.people(authorized.map(\.needsPerson)))
        }
        if !tested.isEmpty {
            let committed = Set(plan.changes.filter { $0.action != .create }.map(\.address))
            let names = tested.map { committed.contains($0) ? "\($0.name) again" : $0.name }
            parts.append("\(counted(tested.count, "connection test")) (\(Self.some(names)))")
        }
        let unproven = plan.changes.filter { $0.reasons.contains { $0.code == .unproven } }.map(\.address.name)
        if !unproven.isEmpty { parts.append("\(unproven.count) UNPROVEN (\(Self.some(unproven)))") }
        return parts.isEmpty ? "" : "Proof: \(parts.joined(separator: ", ")).\n"
    }

    /// How many of the authorizations wait for somebody, behind their number; empty if none does.
    private static func people(_ needs: [PersonNeed]) -> String {
        let sure = needs.count { $0 == .yes }
        let unsure = needs.count { $0 == .maybe }
        if needs.count == 1 { return sure == 1 ? " (needs a person)" : unsure == 1 ? " (may need a person)" : "" }
        var parts: [String] = []
        if sure > 0 { parts.append("\(sure) \(sure == 1 ? "needs" : "need") a person") }
        if unsure > 0 { parts.append("\(unsure) may need a person") }
        return parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))"
    }

    // MARK: One change

    private func render(_ change: Change, _ steps: [Step], into text: inout String) {
        text += "\n" + style.bold("  # \(Self.sentence(change))") + "\n"
        for reason in change.reasons { text += style.dim("  # (\(reason.text))") + "\n" }
        text += "  \(symbol(change.action)) \(change.address)\n"
        // Defaults of a new resource say nothing that a reviewer must weigh.
        let isNew = change.action == .create
        let fields = change.fields.filter { !isNew || $0.remark != EffectiveValue.Origin.schemaDefault.text }
        let width = fields.map(\.field.shownWidth).max() ?? 0
        let values = fields.map { render($0, width) }
        let remarks = zip(values, fields).filter { $1.remark != nil }.map(\.0.visibleWidth)
        let column = min(remarks.max() ?? 0, Self.remarkColumn)
        for (value, field) in zip(values, fields) {
            text += value.text
            if let remark = field.remark {
                text += String(repeating: " ", count: max(0, column - value.visibleWidth)) + style.dim("  # \(remark)")
            }
            text += "\n"
        }
        let hidden = change.fields.count - fields.count
        if hidden > 0 { text += style.dim("      # (\(counted(hidden, "default")) hidden)") + "\n" }
        for step in steps.sorted(by: { Self.rank($0.id.kind) < Self.rank($1.id.kind) }) {
            if let words = step.work.words { text += "      \(style.cyan(">")) \(words)\n" }
        }
    }

    /// Remarks stand in one column, but a long value does not push all others to the right.
    private static let remarkColumn = 72

    /// One field and its value, and how wide they are without colours.
    private func render(_ field: FieldChange, _ width: Int) -> (text: String, visibleWidth: Int) {
        let name = field.field + ":" + String(repeating: " ", count: width - field.field.shownWidth)
        let (sign, value) =
            switch (field.before, field.after) {
            case (nil, let after): (style.green("+"), after.map(Self.text) ?? "")
            case (let before, nil): (style.red("-"), before.map(Self.text) ?? "")
            case (let before?, let after?): (style.yellow("~"), Self.difference(before, after))
            }
        return ("      \(sign) \(name) \(value)", 9 + name.shownWidth + value.shownWidth)
    }

    private func symbol(_ action: Action) -> String {
        switch action {
        case .create: style.green("+")
        case .update: style.yellow("~")
        case .replace: style.green("+") + "/" + style.red("-")
        case .delete: style.red("-")
        case .move: style.cyan("=")
        case .forget: style.dim(".")
        }
    }

    private static func sentence(_ change: Change) -> String {
        switch change.action {
        case .create: "\(change.address) will be created"
        case .update: "\(change.address) will be updated in-place"
        case .replace: "\(change.address) must be replaced"
        case .delete: "\(change.address) will be destroyed"
        case .move: "\(change.previous ?? change.address) has moved to \(change.address)"
        case .forget: "\(change.address) will no longer be managed by Mailkeel, but will not be destroyed"
        }
    }

    private static func rank(_ kind: StepKind) -> Int { StepKind.allCases.firstIndex(of: kind) ?? 0 }

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

extension String {
    /// How many columns the text takes. Characters are counted only where they are not bytes: a large plan holds much text.
    fileprivate var shownWidth: Int { utf8.allSatisfy { $0 < 0x80 } ? utf8.count : count }
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
