import ArgumentParser
import KeelBase
import KeelDiagnostics
import KeelModel
import KeelProviders

/// `mailkeel explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Say what a code means and what to do about it, a provider's error too; without a code, list all.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: "List the families of codes, or the codes of the family that is named instead of a code.")
    var list = false

    @Flag(help: ArgumentHelp("Print the rules of lint as docs/lint.md has them.", visibility: .hidden))
    var reference = false

    @Argument(
        help:
            "A code, as it stands in brackets or in a provider's answer: lint.port-security, AADSTS7000222, google invalid_grant."
    )
    var code: [String] = []

    func run() throws {
        let console = CommandContext(withoutProject: global).console
        let text = ExplanationText(style: console.outputStyle)
        if reference { return try console.output(RuleReference.markdown) }
        if list, code.isEmpty {
            guard global.json else { return try console.output(text.table(ExplanationCatalogue.groups)) }
            for group in ExplanationCatalogue.groups { try console.output(group.json) }
            return
        }
        if list || code.isEmpty {
            let entries = try listed()
            guard global.json else { return try console.output(text.table(entries)) }
            for entry in entries { try console.output(entry.json) }
            return
        }
        let words = code.joined(separator: " ")
        let name = Self.bare(words)
        // What stands in brackets may be a code of ours, or a part of a reply.
        let whole = ExplanationCatalogue.explanations(meant: words)
        let entries = whole.isEmpty ? ExplanationCatalogue.explanations(meant: name) : whole
        guard !entries.isEmpty else { throw ValidationError(Self.unknown(name)) }
        guard global.json else { return try console.output(text.render(entries)) }
        for entry in entries { try console.output(entry.json) }
    }

    /// The entries of the family that was named; all when none was.
    private func listed() throws -> [Explanation] {
        guard !code.isEmpty else { return ExplanationCatalogue.all }
        let name = code.joined(separator: " ")
        let groups = ExplanationCatalogue.groups
        guard let group = groups.first(where: { $0.name == name.lowercased() }) else {
            let meant = Suggestion.nearest(to: name, among: groups.map(\.name)).map { "did you mean \($0)?" }
            throw ValidationError(
                "there is no family \"\(ForeignText(name))\"; \(meant ?? "mailkeel explain --list shows them")")
        }
        return group.entries
    }

    private static func unknown(_ name: String) -> String {
        let meant = ExplanationCatalogue.nearest(to: name).map { "did you mean \($0)?" }
        if let number = ErrorCatalogue.number(name) {
            let page = "Microsoft's own page is \(ProviderError.link(number: number))"
            return
                "there is nothing to say about AADSTS\(number); \([meant, page].compactMap { $0 }.joined(separator: " "))"
        }
        let elsewhere =
            "mailkeel explain --list shows what is known; what a run met says itself who must act and what helps, and docs/errors.md has more"
        return "there is nothing to say about \"\(ForeignText(name))\"; \(meant ?? elsewhere)"
    }

    /// The code alone, of a headline such as `error[lint.port-security]` or an annotation `allow/lint.port-security` too.
    private static func bare(_ text: String) -> String {
        var code = text[...]
        if let open = code.firstIndex(of: "[") { code = code[code.index(after: open)...].prefix { $0 != "]" } }
        if code.hasPrefix(LintRule.silencePrefix) { code = code.dropFirst(LintRule.silencePrefix.count) }
        return String(code)
    }
}
