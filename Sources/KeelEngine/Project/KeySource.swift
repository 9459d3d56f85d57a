import KeelBase
import KeelSystem

/// Where a key is from: a file, unless a variable names something else.
package enum KeySource: Sendable {
    case file(String)
    /// The variable, and what it holds.
    case variable(String, Secret)
    /// A program with its arguments, named by a variable, and the environment that it gets.
    case command([String], variable: String, environment: [String: Secret])
    /// What is wrong with the variables, and what mends it.
    case unclear(String, remedy: String)

    /// As the variables that begin with `name` say: `NAME_FILE`, `NAME`, `NAME_COMMAND`.
    init(_ name: String, in environment: ProcessEnvironment, otherwise file: String) {
        let commandName = "\(name)_COMMAND"
        let given = Self.given(name, environment)
        guard given.count <= 1 else {
            self = .unclear(
                "\(given.joined(separator: " and ")) are set, and only one of them can say where the key is",
                remedy: "unset all but one of them")
            return
        }
        switch given.first {
        case name: self = .variable(name, environment.secret(name) ?? Secret(copying: ""))
        case commandName: self = .init(command: environment.nonEmpty(commandName) ?? "", commandName, environment)
        default: self = .file(environment.nonEmpty("\(name)_FILE") ?? file)
        }
    }

    /// Whether any of the variables is set.
    static func isNamed(_ name: String, in environment: ProcessEnvironment) -> Bool {
        !given(name, environment).isEmpty
    }

    private static func given(_ name: String, _ environment: ProcessEnvironment) -> [String] {
        ["\(name)_FILE", name, "\(name)_COMMAND"].filter { environment.nonEmpty($0) != nil }
    }

    private init(command text: String, _ name: String, _ environment: ProcessEnvironment) {
        let words = (try? JSON(parsing: Array(text.utf8)))?.array.map { $0.compactMap(\.string) }
        guard let words, let first = words.first, !first.isEmpty,
            words.count == (try? JSON(parsing: Array(text.utf8)))?.array?.count
        else {
            self = .unclear(
                "\(name) is not a list of a program and its arguments, as JSON",
                remedy: "write it as [\"pass\", \"show\", \"mailkeel\"]; no shell looks at it")
            return
        }
        self = .command(words, variable: name, environment: environment.variables)
    }

    /// For messages: where to look for the key.
    package var place: String {
        switch self {
        case .file(let path): path
        case .variable(let name, _): name
        case .command(_, let variable, _): "what \(variable) prints"
        case .unclear: "its variables"
        }
    }
}
