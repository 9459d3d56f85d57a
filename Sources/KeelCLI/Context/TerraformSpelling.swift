/// Accepts what fingers remember from Terraform: long options with one dash, and global options before the command.
package enum TerraformSpelling {
    private static let options = [
        "auto-approve", "chdir", "detailed-exitcode", "help", "json", "no-color", "parallelism", "replace", "version",
    ]

    /// The arguments as the parser wants them: two dashes, and global options behind the command.
    package static func normalized(_ arguments: [String]) -> [String] {
        // Behind `--` stands what the user means literally (POSIX Utility Syntax Guideline 10).
        let literal = arguments.firstIndex(of: "--") ?? arguments.endIndex
        let dashed = arguments[..<literal].map(doubled) + arguments[literal...]
        var leading: [String] = []
        var index = 0
        while index < dashed.count, let count = globalOptionLength(dashed[index...]) {
            leading += dashed[index..<index + count]
            index += count
        }
        let rest = dashed[index...]
        guard !rest.isEmpty else { return dashed }
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        return rest[..<end] + leading + rest[end...]
    }

    private static func doubled(_ argument: String) -> String {
        guard argument.hasPrefix("-"), !argument.hasPrefix("--") else { return argument }
        let name = argument.dropFirst().prefix { $0 != "=" }
        return options.contains(String(name)) ? "-" + argument : argument
    }

    /// How many arguments the global option at the front takes; nil if none stands there.
    private static func globalOptionLength(_ arguments: ArraySlice<String>) -> Int? {
        guard let first = arguments.first else { return nil }
        if first == "--json" || first == "--no-color" || first.hasPrefix("--chdir=") { return 1 }
        return first == "--chdir" && arguments.count > 1 ? 2 : nil
    }
}
