import KeelBase
import KeelDiagnostics
import KeelYAML

extension ProjectFileDecoder {
    mutating func decodeEnvironments(_ node: YAMLNode, _ project: inout ProjectFile) {
        let path = ProjectFile.Member.environments
        let entries = reader.entries(
            node, .spec(path),
            names: "an environment's name has letters, digits, -, _ and ., and begins with a letter or digit",
            DeclaredEnvironment.isName)
        for (name, value) in entries {
            project.environments[name.value] = environment(name, value, "\(path).\(name.value)", project)
        }
        checkPlaces(project)
    }

    private mutating func environment(
        _ name: Located<String>, _ node: YAMLNode, _ path: String, _ project: ProjectFile
    ) -> DeclaredEnvironment {
        typealias Member = DeclaredEnvironment.Member
        var environment = DeclaredEnvironment(name)
        guard
            let members = reader.members(
                node, DeclaredEnvironment.members, "spec.\(path)", of: "environment \(name.value)")
        else { return environment }
        if let node = members[Member.variables] {
            environment.variables = values(node, "\(path).\(Member.variables)", project)
        }
        environment.state = located(members[Member.state], "\(path).\(Member.state)")
        environment.vault = located(members[Member.vault], "\(path).\(Member.vault)")
        environment.keeper = located(members[Member.keeper], "\(path).\(Member.keeper)")
        return environment
    }

    private mutating func located(_ node: YAMLNode?, _ path: String) -> Located<String>? {
        guard let node else { return nil }
        return reader.text(node, .spec(path)).map { Located($0, node.range) }
    }

    private mutating func values(
        _ node: YAMLNode, _ path: String, _ project: ProjectFile
    ) -> [String: Located<String>] {
        guard case .mapping(let mapping) = node.content else {
            reader.report(.wrongType("spec.\(path)", wanted: "a mapping", node))
            return [:]
        }
        var values: [String: Located<String>] = [:]
        for (key, node) in mapping {
            guard case .scalar(let scalar) = key.content else { continue }
            guard let variable = project.variables[scalar.text] else {
                if knowsVariables {
                    reader.report(.unknownVariable(scalar.text, at: key.range, known: project.variables.suggestedNames))
                }
                continue
            }
            values[variable.name.value] = reader.value(
                node, of: variable, .spec("\(path).\(variable.name.value)"))
        }
        return values
    }

    /// Two environments with one state or vault would undo each other's work.
    private mutating func checkPlaces(_ project: ProjectFile) {
        var owners: [String: (name: Located<String>, place: SourceRange)] = [:]
        for environment in project.environments.values.sorted(by: { $0.name.range.start < $1.name.range.start }) {
            for (path, place) in [
                (environment.statePath, environment.state?.range), (environment.vaultPath, environment.vault?.range),
            ] {
                let owner = (name: environment.name, place: place ?? environment.name.range)
                guard let earlier = owners.updateValue(owner, forKey: Self.normal(path)) else { continue }
                reader.report(
                    .error(
                        "project.shared-file", "\(quoted(path)) is the state or vault of two environments",
                        at: owner.place.firstLine, notes: [Diagnostic.Note("it is named here too", at: earlier.place)],
                        help: "give each environment a state and a vault of its own"))
            }
        }
    }

    /// The path without `.` and `..`, so that one file has one name.
    private static func normal(_ path: String) -> String {
        (path.hasPrefix("/") ? "/" : "") + projectPath(String(path.drop { $0 == "/" }), from: ".")
    }
}
