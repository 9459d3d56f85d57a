/// A command of Mailkeel for the project in a directory, to be copied from the screen.
package struct ProjectCommand: CustomStringConvertible, Sendable {
    package let description: String

    /// `directory` as this process sees it; `.` is left out.
    package init(_ words: [String], in directory: String = ".") {
        let project = directory == "." || directory.isEmpty ? [] : ["--chdir", directory]
        description = (["mailkeel"] + words + project).map { ShellWord($0).description }.joined(separator: " ")
    }
}
