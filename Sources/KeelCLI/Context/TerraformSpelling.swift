/// Accepts what fingers remember from Terraform: long options with one dash, and global options before the command.
package enum TerraformSpelling {
    /// The long options of Terraform and OpenTofu: those that Mailkeel has not are then refused by their whole name.
    private static let options: Set<String> = [
        "allow-missing", "auto-approve", "backend", "backend-config", "backup", "backup-out", "chdir", "check",
        "compact-warnings", "concise", "config", "consolidate-errors", "consolidate-warnings", "destroy",
        "detailed-exitcode", "diff", "draw-cycles", "dry-run", "exclude", "exclude-file", "filter", "force",
        "force-copy", "from-module", "generate-config-out", "get", "help", "id", "ignore-remote-version", "input",
        "json", "json-into", "junit-xml", "list", "lock", "lock-timeout", "lockfile", "migrate-state",
        "minimal-refresh", "module-depth", "no-color", "no-tests", "out", "parallelism", "plan", "plugin-dir", "raw",
        "reconfigure", "recursive", "refresh", "refresh-only", "replace", "show-sensitive", "state", "state-out",
        "suppress-forget-errors", "target", "target-file", "test-directory", "type", "upgrade", "var", "var-file",
        "verbose", "version", "write",
    ]

    /// Options of Terraform's that have no counterpart, with what to do instead.
    private static let refusals: [(option: String, words: String)] = [
        (
            "lock",
            "there is no --lock: a run without the state lock could overwrite what another run commits, and plan needs none; --lock-timeout 5m waits for the other run"
        ),
        ("input", "there is no --input: only apply and destroy ask, and with --auto-approve they do not"),
        (
            "refresh",
            "there is no --refresh: plan contacts nobody in any case, and mailkeel test tries the logins of what is committed"
        ),
        (
            "refresh-only",
            "there is no --refresh-only: mailkeel test tries the logins of what is committed, and changes nothing"
        ),
        (
            "state",
            "there is no --state: the state is .mailkeel/state.json in the project that --chdir names, and of an environment where the project file says"
        ),
        (
            "state-out",
            "there is no --state-out: the state is .mailkeel/state.json in the project that --chdir names, and of an environment where the project file says"
        ),
        (
            "target",
            "there is no --target: --selector team=desk plans and applies a part of the accounts, by their labels, with what they need"
        ),
        ("backup", "there is no --backup: each run keeps the state as it was in .mailkeel/history"),
    ]

    /// Why arguments, as `normalized` returns them, cannot mean what they mean in Terraform; nil if they may.
    package static func refusal(of arguments: [String]) -> String? {
        let named = arguments.prefix { $0 != "--" }.lazy.filter { $0.hasPrefix("--") }
            .map { String($0.dropFirst(2).prefix { $0 != "=" }) }
        return named.compactMap { name in refusals.first { $0.option == name }?.words }.first
    }

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
        let named = ["--chdir", "--env"]
        if first == "--json" || first == "--no-color" || named.contains(where: { first.hasPrefix("\($0)=") }) {
            return 1
        }
        return named.contains(first) && arguments.count > 1 ? 2 : nil
    }
}
