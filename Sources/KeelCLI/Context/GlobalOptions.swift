import ArgumentParser

/// The options that every command has.
struct GlobalOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Work in this directory.", valueName: "dir"))
    var chdir: String?

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
