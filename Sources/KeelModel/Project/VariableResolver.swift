import KeelBase
import KeelDiagnostics
import KeelYAML

/// What the command line and the process say about variables.
package struct VariableInputs: Sendable {
    /// One `--var NAME=VALUE`.
    package struct Assignment: Sendable, Hashable {
        package let name: String
        package let value: String

        /// Nil if there is no `=` with a name before it.
        package init?(parsing text: String) {
            guard let sign = text.firstIndex(of: "="), sign != text.startIndex else { return nil }
            name = String(text[..<sign])
            value = String(text[text.index(after: sign)...])
        }
    }

    /// The value of a variable of the process; nil if it is not set, or to nothing.
    package var process: @Sendable (String) -> String?
    /// What `--var-file` names, in order.
    package var files: [YAMLStream]
    /// In order.
    package var assignments: [Assignment]

    package init(
        process: @escaping @Sendable (String) -> String? = { _ in nil }, files: [YAMLStream] = [],
        assignments: [Assignment] = []
    ) {
        self.process = process
        self.files = files
        self.assignments = assignments
    }
}

/// Gives variables their values: the default, then the environment of the project file, then `MAILKEEL_VAR_NAME`, then
/// `--var-file`, then `--var`; the last one wins.
package struct VariableResolver {
    /// The values; not to be used if `diagnostics` holds an error.
    package private(set) var scope = VariableScope.empty
    package var diagnostics: [Diagnostic] { reader.diagnostics }

    private let declared: [String: DeclaredVariable]
    private var values: [String: String] = [:]
    private var reader = MemberReader()

    /// `environment` is one of the project's, if it has any.
    package init(_ project: ProjectFile?, environment: String?, _ inputs: VariableInputs) {
        declared = project?.variables ?? [:]
        values = declared.compactMapValues(\.defaultValue?.value)
        if let environment = environment.flatMap({ project?.environments[$0] }) {
            values.merge(environment.variables.mapValues(\.value)) { $1 }
        }
        take(inputs.process)
        for stream in inputs.files { take(stream) }
        for assignment in inputs.assignments { take(assignment) }
        scope = VariableScope(
            declared.mapValues { variable in
                Variable(
                    values[variable.name.value].map(Variable.Value.text) ?? .unset, isSensitive: variable.isSensitive)
            })
    }

    /// What the process knows besides may be meant for another project, so it is no mistake.
    private mutating func take(_ process: (String) -> String?) {
        for (name, variable) in declared.sorted(by: { $0.key < $1.key }) where !variable.isSensitive {
            let source = Variable.environmentName(name)
            if let text = process(source) { take(text, for: variable, from: source) }
        }
    }

    private mutating func take(_ assignment: VariableInputs.Assignment) {
        guard let variable = declared[assignment.name] else {
            reader.report(.unknownVariable(assignment.name, known: declared.suggestedNames))
            return
        }
        guard !variable.isSensitive else {
            // Everybody on the machine can read the arguments of a process.
            reader.report(.plainSecret(variable, in: "on a command line"))
            return
        }
        take(assignment.value, for: variable, from: "--var \(assignment.name)")
    }

    private mutating func take(_ text: String, for variable: DeclaredVariable, from source: String) {
        guard variable.type.accepts(text) else { return refuse(text, variable, variable.type.words, source) }
        guard variable.allows(text) else { return refuse(text, variable, variable.choices, source) }
        values[variable.name.value] = text
    }

    private mutating func refuse(_ text: String, _ variable: DeclaredVariable, _ wanted: String, _ source: String) {
        reader.report(
            .error(
                "manifest.bad-value",
                "variable \(variable.name.value) must be \(wanted), and \(source) gives it \(quoted(text))",
                notes: [Diagnostic.Note("it is declared here", at: variable.name.range)],
                help: variable.description.map { "it is for: \($0)" }))
    }

    private mutating func take(_ file: YAMLStream) {
        for diagnostic in file.diagnostics { reader.report(diagnostic) }
        let roots = file.documents.compactMap(\.root)
        for root in roots.dropFirst() {
            reader.report(
                .error(
                    "project.bad-variable-file", "a file of variables has one document", at: root.range.firstLine,
                    help: "write one mapping of names and values"))
        }
        guard let root = roots.first else { return }
        guard case .mapping(let mapping) = root.content else {
            reader.report(.wrongType("a file of variables", wanted: "a mapping of names and values", root))
            return
        }
        for (key, node) in mapping {
            guard case .scalar(let scalar) = key.content else { continue }
            guard let variable = declared[scalar.text] else {
                reader.report(.unknownVariable(scalar.text, at: key.range, known: declared.suggestedNames))
                continue
            }
            let name = variable.name.value
            if let value = reader.value(node, of: variable, .variable(name)) { values[name] = value.value }
        }
    }
}
