import KeelBase
import KeelDiagnostics
import KeelYAML

extension ValueDecoder {
    /// A scalar as a field reads it.
    struct Reading {
        let text: String
        /// Whether it was written without quotes, and without a tag that makes it text. References need quotes in places, so
        /// what they make counts as plain.
        let isPlain: Bool
        /// What makes it plain.
        var remedy = "remove the quotes"
    }

    /// The scalar with its references replaced; nil if one has no value, which was reported or leaves the field out.
    mutating func reading(_ scalar: YAMLScalar, _ node: YAMLNode) -> Reading? {
        guard ReferenceText.mayRefer(scalar.bytes) else {
            guard scalar.isPlain, scalar.isTaggedText else {
                return Reading(text: scalar.text, isPlain: scalar.isPlain)
            }
            return Reading(text: scalar.text, isPlain: false, remedy: "remove the tag")
        }
        return expanded(scalar, node).map { Reading(text: $0, isPlain: true) }
    }

    /// The scalar's text with its references replaced; nil if one has no value.
    mutating func expanded(_ scalar: YAMLScalar, _ node: YAMLNode) -> String? {
        var bytes: [UInt8] = []
        var isWhole = true
        for part in ReferenceText(scalar.bytes).parts {
            switch part {
            // What is too long is refused below; there is no need to make it first.
            case _ where bytes.count > ReferenceBudget.value: continue
            case .literal(let literal): bytes += literal
            case .unclosed(let range):
                report(
                    .error(
                        "manifest.bad-reference", "\"${\" without \"}\"",
                        at: Self.place(of: range, in: scalar, node),
                        help: "write ${var.NAME}, or $${ for a literal ${"))
                isWhole = false
            case .reference(let reference):
                if let text = value(of: reference, Self.place(of: reference.bytes, in: scalar, node)) {
                    bytes += text.utf8
                } else {
                    isWhole = false
                }
            }
        }
        guard isWhole else { return nil }
        guard bytes.count <= ReferenceBudget.value, scope.budget.spend(bytes.count) else {
            report(
                .error(
                    "manifest.limit",
                    bytes.count > ReferenceBudget.value
                        ? "the references make more than \(ReferenceBudget.value) bytes of this value"
                        : "the references of all manifests make more than \(ReferenceBudget.total) bytes",
                    at: node.range.firstLine, help: "shorten what they stand for"))
            return nil
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func value(of reference: Reference, _ place: SourceRange) -> String? {
        switch reference.namespace {
        case .variable?: return variable(reference, place)
        case .item?: return cell(reference, place)
        case nil:
            report(
                .error(
                    "manifest.bad-reference", "unknown reference \(quoted("${\(reference.written)}"))", at: place,
                    help: meaning(of: reference)))
            return nil
        }
    }

    private mutating func variable(_ reference: Reference, _ place: SourceRange) -> String? {
        let name = reference.name
        guard let variable = known(reference, place) else { return nil }
        guard !variable.isSensitive else {
            report(
                .error(
                    "lint.sensitive-variable", "the variable \(quoted(name)) is sensitive and may not stand here",
                    at: place,
                    help: "write it as the whole value of a secret field: client.secret: ${var.\(name)}"))
            return nil
        }
        guard case .text(let text) = variable.value else {
            report(
                .error(
                    "manifest.unset-variable", "the variable \(quoted(name)) has no value", at: place,
                    help:
                        "give it a default or an environment's value in mailkeel.yaml, or set \(Variable.environmentName(name)), or use --var \(name)=VALUE"
                ))
            return nil
        }
        trace.note(variable: name)
        return text
    }

    /// The variable that is named; an unknown one is reported.
    private mutating func known(_ reference: Reference, _ place: SourceRange) -> Variable? {
        let name = reference.name
        guard scope.variables.isDecided else { return nil }
        if let variable = scope.variables[name] { return variable }
        let names = scope.variables.names
        report(
            .error(
                "manifest.unknown-variable", "there is no variable \(quoted(name))", at: place,
                help: names.nearest(to: name).map { "did you mean \"${var.\($0)}\"?" }
                    ?? (names.isEmpty
                        ? "declare it in mailkeel.yaml, under spec.variables"
                        : "declare it in mailkeel.yaml; the variables are \(names.listed)")))
        return nil
    }

    private mutating func cell(_ reference: Reference, _ place: SourceRange) -> String? {
        guard let item = scope.item else {
            report(
                .error(
                    "manifest.bad-reference", "${item...} has a meaning only in the template of an EmailAccountSet",
                    at: place, help: "write the value out, or name a variable: ${var.NAME}"))
            return nil
        }
        guard let column = item.columns[reference.name] else {
            let names = item.columns.names
            report(
                .error(
                    "manifest.unknown-column", "the items have no \(quoted(reference.name))", at: place,
                    help: names.nearest(to: reference.name).map { "did you mean \"${item.\(ForeignText($0).text)}\"?" }
                        ?? "they have \(names.listed)"))
            return nil
        }
        let cell = item.cell(column)
        guard let text = cell.text else {
            trace.note(emptyCell: cell.place)
            return nil
        }
        if case .row = item.cells, ReferenceText.mayRefer(Array(text.utf8)[...]) {
            report(
                .error(
                    "manifest.bad-reference", "references have no meaning in a table", at: cell.place,
                    help: "write the value out, or name the variable in the set's template"))
            return nil
        }
        trace.note(cell: cell.place)
        return text
    }

    /// What to write instead of a reference that nobody knows.
    private func meaning(of reference: Reference) -> String {
        let written = reference.written
        if scope.variables[written] != nil { return "write ${var.\(written)}" }
        switch written.prefix(while: { $0 != "." }).lowercased() {
        case "env":
            return
                "declare a variable in mailkeel.yaml; the environment gives it a value as \(Variable.environmentName("NAME"))"
        case "secret", "secrets", "vault", "file":
            return "a secret is named by its source: { fromEnv: NAME }, { fromFile: PATH } or { fromVault: NAME }"
        case let word:
            let known = Reference.Namespace.allCases.map(\.rawValue)
            guard let nearest = Suggestion.nearest(to: word.trimmed, among: known), !reference.name.isEmpty else {
                return "write ${var.NAME} for a variable of the project, or $${ for a literal ${"
            }
            return "did you mean \"${\(nearest).\(ForeignText(reference.name.trimmed).text)}\"?"
        }
    }

    // MARK: Templates

    /// Whether something in a node names a column of an item.
    func mentionsItem(_ node: YAMLNode) -> Bool {
        switch node.content {
        case .scalar(let scalar):
            ReferenceText.mayRefer(scalar.bytes)
                && ReferenceText(scalar.bytes).references.contains { $0.namespace == .item }
        case .sequence(let nodes): nodes.contains(where: mentionsItem)
        case .mapping(let members): members.contains { mentionsItem($0.value) }
        }
    }

    /// Whether all references in a node name something; those that do not are reported.
    mutating func checkReferences(in node: YAMLNode) -> Bool {
        let reported = diagnostics.count
        switch node.content {
        case .scalar(let scalar): if ReferenceText.mayRefer(scalar.bytes) { _ = expanded(scalar, node) }
        case .sequence(let nodes): for node in nodes { _ = checkReferences(in: node) }
        case .mapping(let members): for (_, value) in members { _ = checkReferences(in: value) }
        }
        trace = ReferenceTrace()
        return diagnostics.count == reported
    }

    // MARK: Secrets

    /// The source that a reference stands for where a secret's source belongs: a sensitive variable's, which only the
    /// environment holds.
    mutating func sensitiveSource(_ scalar: YAMLScalar, _ node: YAMLNode, _ field: ValueName) -> SecretSource? {
        let text = ReferenceText(scalar.bytes)
        guard let reference = text.only, case .variable? = reference.namespace else { return plainSecret(node, field) }
        let place = Self.place(of: reference.bytes, in: scalar, node)
        guard let variable = known(reference, place) else { return nil }
        guard variable.isSensitive else {
            report(
                .error(
                    "manifest.plain-secret",
                    "\(field) is a secret, and the variable \(quoted(reference.name)) is not sensitive", at: place,
                    help:
                        "declare it with sensitive: true, and give its value in the environment as \(Variable.secretName(reference.name))"
                ))
            return nil
        }
        trace.note(variable: reference.name)
        return SecretSource(.environment(Variable.secretName(reference.name)))
    }

    // MARK: Places

    /// The diagnostic about a node, where its value comes from: a cell that a reference names is the place to mend.
    func located(_ diagnostic: Diagnostic, _ node: YAMLNode) -> Diagnostic {
        guard case .scalar(let scalar) = node.content, ReferenceText.mayRefer(scalar.bytes) else { return diagnostic }
        var diagnostic = diagnostic
        var isInCell = false
        for reference in ReferenceText(scalar.bytes).references {
            switch reference.namespace {
            case .variable?:
                diagnostic.notes.append(.init("the value comes from variable \(ForeignText(reference.name).text)"))
            case .item?:
                guard !isInCell, let item = scope.item, let column = item.columns[reference.name] else { continue }
                isInCell = true
                diagnostic.range = item.cell(column).place
                diagnostic.notes.append(.init("the template takes it here", at: node.range.firstLine))
            case nil: continue
            }
        }
        return diagnostic
    }

    /// The place of a part of a scalar; the whole scalar where quotes, escapes or line breaks hide it.
    private static func place(of part: Range<Int>, in scalar: YAMLScalar, _ node: YAMLNode) -> SourceRange {
        let whole = node.range
        guard whole == node.definitionRange, whole.start.line == whole.end.line else { return whole.firstLine }
        let bytes = scalar.bytes
        let quotes = whole.end.column - whole.start.column - scalars(bytes)
        guard quotes == (scalar.isPlain ? 0 : 2) else { return whole }
        let start = whole.start.column + quotes / 2 + scalars(bytes[..<part.lowerBound])
        return SourceRange(
            file: whole.file, start: SourcePosition(line: whole.start.line, column: start),
            end: SourcePosition(line: whole.start.line, column: start + scalars(bytes[part])))
    }

    private static func scalars(_ bytes: ArraySlice<UInt8>) -> Int { bytes.count { $0 & 0xC0 != 0x80 } }
}

extension [String] {
    /// The name that was probably meant. The cost of a suggestion grows with the names, and a hostile project has many.
    func nearest(to name: String) -> String? { count <= 200 ? Suggestion.nearest(to: name, among: self) : nil }

    /// The names for people, the first ones of many.
    var listed: String {
        prefix(20).map { ForeignText($0).text }.joined(separator: ", ") + (count > 20 ? " and \(count - 20) more" : "")
    }
}

extension Set<String> {
    /// The name that was probably meant, the first in order of equally near ones.
    func nearest(to name: String) -> String? { count <= 200 ? sorted().nearest(to: name) : nil }
}

extension String {
    /// Without blanks around it.
    fileprivate var trimmed: String {
        String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
    }
}
