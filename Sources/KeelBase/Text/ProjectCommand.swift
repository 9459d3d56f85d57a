/// Which project, and which of its environments, a command is about: what its options say.
package struct ProjectPlace: Sendable, Hashable, ExpressibleByStringLiteral {
    /// As this process sees it; `.` is left out of commands.
    package var directory: String
    package var environment: String?

    package init(_ directory: String, environment: String? = nil) {
        self.directory = directory
        self.environment = environment
    }

    package init(stringLiteral directory: String) { self.init(directory) }
}

/// A command of Mailkeel for a project, to be copied from the screen.
package struct ProjectCommand: CustomStringConvertible, Sendable {
    package let description: String

    package init(_ words: [String], in place: ProjectPlace = ".") {
        let isHere = place.directory == "." || place.directory.isEmpty
        let project = isHere ? [] : ["--chdir", place.directory]
        let environment = place.environment.map { ["--env", $0] } ?? []
        description = (["mailkeel"] + words + project + environment).map { ShellWord($0).description }
            .joined(separator: " ")
    }
}
