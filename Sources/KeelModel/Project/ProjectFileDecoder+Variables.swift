import KeelBase
import KeelDiagnostics
import KeelYAML

extension ProjectFileDecoder {
    mutating func decodeVariables(_ node: YAMLNode, _ project: inout ProjectFile) {
        let path = ProjectFile.Member.variables
        let entries = reader.entries(
            node, .spec(path), names: "a variable's name has letters, digits and _, and does not begin with a digit",
            DeclaredVariable.isName)
        for (name, value) in entries {
            project.variables[name.value] = variable(name, value, "\(path).\(name.value)")
        }
    }

    private mutating func variable(_ name: Located<String>, _ node: YAMLNode, _ path: String) -> DeclaredVariable {
        typealias Member = DeclaredVariable.Member
        var variable = DeclaredVariable(name)
        guard
            let members = reader.members(
                node, DeclaredVariable.members, "spec.\(path)", of: "variable \(name.value)")
        else {
            variable.isRefused = true
            return variable
        }
        if let node = members[Member.type] {
            let words = VariableType.allCases.map(\.rawValue)
            let type = reader.choice(node, words, .spec("\(path).\(Member.type)")).flatMap(VariableType.init)
            variable.type = type ?? .text
            variable.isRefused = type == nil
        }
        if let node = members[Member.description] {
            variable.description = reader.text(node, .spec("\(path).\(Member.description)"))
        }
        if let node = members[Member.sensitive] {
            variable.isSensitive = reader.boolean(node, .spec("\(path).\(Member.sensitive)")) ?? true
        }
        // What a value of a type that nobody knows may be, nobody knows.
        guard !variable.isRefused else { return variable }
        if variable.isSensitive {
            refuseValues(of: variable, members)
        } else {
            if let node = members[Member.oneOf] { variable.oneOf = oneOf(node, variable, path) }
            if let node = members[Member.defaultValue] {
                variable.defaultValue = reader.value(node, of: variable, .spec("\(path).\(Member.defaultValue)"))
            }
        }
        return variable
    }

    private mutating func refuseValues(of variable: DeclaredVariable, _ members: [String: YAMLNode]) {
        for member in [DeclaredVariable.Member.defaultValue, DeclaredVariable.Member.oneOf] {
            if let node = members[member] { reader.report(.plainSecret(variable, at: node.range.firstLine)) }
        }
        if variable.type != .text, let node = members[DeclaredVariable.Member.type] {
            reader.report(
                .error(
                    "manifest.bad-value", "a sensitive variable is text: its value is never looked at",
                    at: node.range.firstLine, help: "remove the type"))
        }
    }

    private mutating func oneOf(_ node: YAMLNode, _ variable: DeclaredVariable, _ path: String) -> [String] {
        let path = ValueName.spec("\(path).\(DeclaredVariable.Member.oneOf)")
        guard let items = reader.items(node, path, of: "values") else { return [] }
        if items.isEmpty {
            reader.report(
                .error(
                    "manifest.bad-value", "\(path) is an empty list, so no value would be right",
                    at: node.range.firstLine, help: "list the values, or remove the line"))
        }
        var allowed: [String] = []
        for item in items {
            if let text = reader.value(item, of: variable.type, path) { allowed.append(text) }
        }
        return allowed
    }
}
