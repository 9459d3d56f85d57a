import KeelBase
import KeelDiagnostics
import KeelYAML

/// Reads mappings by their tables of members, and collects what is wrong with them.
struct MemberReader {
    private(set) var diagnostics: [Diagnostic] = []
    private var values = ValueDecoder()

    mutating func report(_ diagnostic: Diagnostic) { diagnostics.append(diagnostic) }

    /// The members' values by their names; nil if the node is no mapping. `path` is that of the mapping, `owner` what it is
    /// called when a name in it is unknown.
    mutating func members(
        _ node: YAMLNode, _ definitions: [MemberDefinition], _ path: String, of owner: String
    ) -> [String: YAMLNode]? {
        guard case .mapping(let mapping) = node.content else {
            report(.wrongType(path, wanted: "a mapping", node))
            return nil
        }
        let known = definitions.map(\.name)
        var members: [String: YAMLNode] = [:]
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key.content else { continue }
            let name = scalar.text
            if known.contains(name) {
                members[name] = value
            } else {
                report(.unknownField(name, key.range, in: owner, known: known))
            }
        }
        return members
    }

    /// The entries of a mapping whose names the author chose and which `isName` accepts.
    mutating func entries(
        _ node: YAMLNode, _ path: ValueName, names: String, _ isName: (String) -> Bool
    ) -> [(name: Located<String>, value: YAMLNode)] {
        guard case .mapping(let mapping) = node.content else {
            report(.wrongType(path.description, wanted: "a mapping", node))
            return []
        }
        var entries: [(name: Located<String>, value: YAMLNode)] = []
        for (key, value) in mapping {
            guard case .scalar(let scalar) = key.content else { continue }
            let name = scalar.text
            if isName(name) {
                entries.append((Located(name, key.range), value))
            } else {
                report(
                    .error(
                        "manifest.bad-value", "\(quoted(name)) is no name here", at: key.range.firstLine, help: names))
            }
        }
        return entries
    }

    /// The items of a list.
    mutating func items(_ node: YAMLNode, _ path: ValueName, of what: String) -> YAMLSequence? {
        if case .sequence(let sequence) = node.content { return sequence }
        report(.wrongType(path.description, wanted: "a list of \(what)", node))
        return nil
    }

    /// Text as fields hold it.
    mutating func text(_ node: YAMLNode, _ path: ValueName) -> String? {
        guard checkNoReference(node, path) else { return nil }
        return value(node, .text, path)?.text
    }

    mutating func boolean(_ node: YAMLNode, _ path: ValueName) -> Bool? {
        guard checkNoReference(node, path) else { return nil }
        if case .boolean(let flag)? = value(node, .boolean, path) { return flag }
        return nil
    }

    mutating func choice(_ node: YAMLNode, _ words: [String], _ path: ValueName) -> String? {
        guard checkNoReference(node, path) else { return nil }
        return value(node, .choice(words), path)?.text
    }

    /// A value of a variable.
    mutating func value(_ node: YAMLNode, of type: VariableType, _ path: ValueName) -> String? {
        guard checkNoReference(node, path) else { return nil }
        guard type.isPlain, case .scalar(let scalar) = node.content else {
            guard let text = value(node, .text, path)?.text else { return nil }
            return check(text, type, node, path)
        }
        guard scalar.isPlain else {
            bad(node, "\(path) must be \(type.words), without quotes", help: "remove the quotes")
            return nil
        }
        return check(scalar.text, type, node, path)
    }

    private mutating func check(_ text: String, _ type: VariableType, _ node: YAMLNode, _ path: ValueName) -> String? {
        if type.accepts(text) { return text }
        bad(node, "\(path) must be \(type.words), not \(quoted(text))", help: nil)
        return nil
    }

    private mutating func value(_ node: YAMLNode, _ type: FieldType, _ path: ValueName) -> FieldValue? {
        values = ValueDecoder()
        defer { diagnostics += values.diagnostics }
        return values.value(node, type, field: path)
    }

    /// The file that gives variables their values uses none.
    private mutating func checkNoReference(_ node: YAMLNode, _ path: ValueName) -> Bool {
        guard case .scalar(let scalar) = node.content, scalar.bytes.firstRange(of: Array("${".utf8)) != nil else {
            return true
        }
        bad(
            node, "\(path) holds ${, which has no meaning where variables get their values",
            help: "write the value out; manifests name variables")
        return false
    }

    private mutating func bad(_ node: YAMLNode, _ message: String, help: String?) {
        report(.error("manifest.bad-value", message, at: node.range.firstLine, help: help))
    }
}

extension MemberReader {
    /// A value that a file gives a variable.
    mutating func value(_ node: YAMLNode, of variable: DeclaredVariable, _ path: ValueName) -> Located<String>? {
        guard !variable.isSensitive else {
            report(.plainSecret(variable, at: node.range.firstLine))
            return nil
        }
        guard !variable.isRefused, let text = value(node, of: variable.type, path) else { return nil }
        guard variable.allows(text) else {
            report(
                .error(
                    "manifest.bad-value", "\(path) must be \(variable.choices), not \(quoted(text))",
                    at: node.range.firstLine,
                    help: variable.oneOf.nearest(to: text).map { "did you mean \"\($0)\"?" }))
            return nil
        }
        return Located(text, node.range)
    }
}

extension [String: DeclaredVariable] {
    /// The names in order; none where they are so many that a file full of mistakes would take forever.
    var suggestedNames: [String] { count <= 200 ? keys.sorted() : [] }
}

extension Diagnostic {
    static func unknownVariable(_ name: String, at range: SourceRange? = nil, known: [String]) -> Diagnostic {
        .error(
            "manifest.unknown-variable", "the project declares no variable \(quoted(name))", at: range,
            help: known.nearest(to: name).map { "did you mean \"\($0)\"?" }
                ?? (known.isEmpty
                    ? "declare it under spec.variables of the project file, mailkeel.yaml"
                    : "the variables are \(known.listed)"))
    }

    /// The value itself is in no diagnostic: neither in its words nor in a line of source.
    static func plainSecret(_ variable: DeclaredVariable, at range: SourceRange? = nil, in place: String = "here")
        -> Diagnostic
    {
        let name = variable.name.value
        var diagnostic = Diagnostic.error(
            "manifest.plain-secret", "variable \(name) is sensitive, so its value never stands \(place)", at: range,
            help:
                "set \(Variable.secretName(name)) in the environment of the command, and replace the secret if others could read it"
        )
        diagnostic.hidesSource = true
        return diagnostic
    }
}
