import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelEngine
import KeelSystem
import KeelYAML

/// `mailkeel fmt`
struct FmtCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fmt", abstract: "Lay the manifests out in the one layout that all manifests share.",
        discussion: """
            Prints the names of the files that it changes. Blanks, blank lines and line ends change; what the manifests say, \
            the order, the quotes and the comments do not.
            """)

    @OptionGroup var global: GlobalOptions

    @Flag(help: "Change nothing; exit with 3 if a file would change.")
    var check = false

    @Flag(help: "Show what changes.")
    var diff = false

    @Option(help: "With false, change nothing.")
    var write = true

    @Argument(
        help: "Files, or directories with all below them; - for standard input. Without any, the project's files.")
    var paths: [String] = []

    private static let standardInput = "-"

    func validate() throws {
        guard !paths.contains(Self.standardInput) || paths.count == 1 else {
            throw ValidationError("- stands for standard input, and nothing can be named beside it")
        }
    }

    func run() throws {
        let context = CommandContext(withoutProject: global)
        var run = LayoutRun(files: context.files, writes: write && !check)
        if paths == [Self.standardInput] {
            try layOutInput(&run, context)
        } else {
            if paths.isEmpty { run.run(project: context.paths.directory) }
            for path in paths { run.run(path: context.located(file: path)) }
            try show(run, context)
        }
        var applying: Set<ExitStatus> = []
        if run.hasErrors { applying.insert(.failed) }
        if check, !run.changes.isEmpty { applying.insert(.unformatted) }
        if let status = ExitStatus.ordered(applying).first, status != .done { throw status.exit }
    }

    /// Lays out standard input to standard output; of what has mistakes nothing is written.
    private func layOutInput(_ run: inout LayoutRun, _ context: CommandContext) throws {
        let bytes: [UInt8]
        do {
            bytes = try context.files.read("/dev/stdin", limit: YAMLLimits.standard.maxBytes + 1) ?? []
        } catch {
            try context.fail(.error("fmt.unreadable", error.description, help: "check what is piped in"))
        }
        let result = run.run(text: bytes, name: "<stdin>")
        guard let result, !check, !diff, !global.json else { return try show(run, context) }
        try context.console.output(String(decoding: result, as: UTF8.self))
    }

    private func show(_ run: LayoutRun, _ context: CommandContext) throws {
        let console = context.console
        for change in run.changes {
            let path = WorkingDirectory.relative(change.path)
            if console.isJSON {
                let members: [JSON.Member] = [
                    .init("type", "file"), .init("path", .string(path)),
                    .init("written", .boolean(write && !check && paths != [Self.standardInput])),
                ]
                try console.output(.object(members + (diff ? [.init("diff", .string(change.diff))] : [])))
            } else {
                try console.output(path + "\n")
                if diff { try console.output(change.diff) }
            }
        }
        let report = DiagnosticReport(run.diagnostics)
        try console.show(report.sorted(in: run.sources), sources: run.sources)
        if !console.isJSON, let summary = report.summary { console.remark(summary) }
    }
}
