import ArgumentParser
import KeelBase
import KeelModel

/// `mailkeel explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain", abstract: "Say what a code means and what to do about it; without a code, list all.")

    @OptionGroup var global: GlobalOptions

    @Flag(help: ArgumentHelp("Print the rules of lint as docs/lint.md has them.", visibility: .hidden))
    var reference = false

    @Argument(help: "A code, as it stands in brackets: lint.port-security, manifest.plain-secret.")
    var code: String?

    func run() throws {
        let console = CommandContext(withoutProject: global).console
        let text = ExplanationText(style: console.outputStyle)
        if reference { return try console.output(RuleReference.markdown) }
        guard let code else {
            guard global.json else { return try console.output(text.table(ExplanationCatalogue.all)) }
            for entry in ExplanationCatalogue.all { try console.output(entry.json) }
            return
        }
        let name = Self.bare(code)
        guard let entry = ExplanationCatalogue.explanation(of: name) else {
            let meant = ExplanationCatalogue.nearest(to: name).map { "did you mean \($0)?" }
            let elsewhere =
                "explain knows codes of manifests, projects and plans, and lists them; what a run met, such as oauth.invalid_client, says itself who must act and what helps, and docs/errors.md has more"
            throw ValidationError("there is nothing to say about \"\(ForeignText(name))\"; \(meant ?? elsewhere)")
        }
        if global.json { return try console.output(entry.json) }
        try console.output(text.render(entry))
    }

    /// The code alone, of a headline such as `error[lint.port-security]` or an annotation `allow/lint.port-security` too.
    private static func bare(_ text: String) -> String {
        var code = text[...]
        if let open = code.firstIndex(of: "[") { code = code[code.index(after: open)...].prefix { $0 != "]" } }
        if code.hasPrefix(LintRule.silencePrefix) { code = code.dropFirst(LintRule.silencePrefix.count) }
        return String(code)
    }
}
