import KeelModel
import KeelSystem

/// What a command line and the process around it say about values of variables.
package struct ProjectChoices: Sendable {
    /// A file that `--var-file` names.
    package struct NamedFile: Sendable, Hashable {
        /// As the user wrote it.
        package let name: String
        /// As this process sees it.
        package let path: String

        package init(name: String, path: String) {
            self.name = name
            self.path = path
        }
    }

    /// Where `MAILKEEL_VAR_NAME` comes from.
    package var process: ProcessEnvironment
    package var variableFiles: [NamedFile]
    package var assignments: [VariableInputs.Assignment]

    package init(
        process: ProcessEnvironment = ProcessEnvironment([:]), variableFiles: [NamedFile] = [],
        assignments: [VariableInputs.Assignment] = []
    ) {
        self.process = process
        self.variableFiles = variableFiles
        self.assignments = assignments
    }
}
