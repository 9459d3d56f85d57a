import ArgumentParser
import KeelModel

/// The options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Work in this directory.", valueName: "dir"))
    var chdir: String?

    @Option(help: ArgumentHelp("Work in this environment of the project.", valueName: "name"))
    var env: String?

    @Flag(help: "Print for machines: JSON, one object a line for long work.")
    var json = false

    @Flag(help: "Print without colours; so does the variable NO_COLOR.")
    var noColor = false
}

/// How many steps may run at the same time.
struct ParallelismOption: ParsableArguments {
    @Option(help: ArgumentHelp("How many steps may run at the same time.", valueName: "n"))
    var parallelism = 10

    func validate() throws {
        guard (1...256).contains(parallelism) else { throw ValidationError("--parallelism must be from 1 to 256") }
    }
}

/// Values of the project's variables.
struct VariableOptions: ParsableArguments {
    @Option(
        name: .customLong("var"),
        help: ArgumentHelp("Give a variable of the project this value.", valueName: "name=value"),
        transform: VariableOptions.assignment)
    var assignments: [VariableInputs.Assignment] = []

    @Option(
        name: .customLong("var-file"),
        help: ArgumentHelp(
            "Take values of variables from a YAML file with names and values; --var counts more.", valueName: "file"))
    var files: [String] = []

    /// The options as they are written on a command line. No secret is among them: what is sensitive is refused there.
    var words: [String] {
        files.flatMap { ["--var-file", $0] } + assignments.flatMap { ["--var", "\($0.name)=\($0.value)"] }
    }

    private static func assignment(_ text: String) throws -> VariableInputs.Assignment {
        guard let assignment = VariableInputs.Assignment(parsing: text) else {
            throw ValidationError("write the name of the variable, =, and the value")
        }
        return assignment
    }
}

/// Which accounts are meant.
struct SelectorOption: ParsableArguments {
    @Option(
        name: [.customShort("l"), .long],
        help: ArgumentHelp(
            "Only accounts whose labels match, as in Kubernetes: team=desk, tier!=test, region in (emea,apac), !legacy.",
            valueName: "labels"),
        transform: SelectorOption.parse)
    var selector: LabelSelector?

    private static func parse(_ text: String) throws -> LabelSelector {
        do throws(LabelSelector.Fault) {
            return try LabelSelector(parsing: text)
        } catch {
            throw ValidationError("\(error)")
        }
    }
}
