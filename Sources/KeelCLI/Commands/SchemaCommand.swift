import ArgumentParser
import KeelBase
import KeelModel

/// `mailkeel schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of manifests, for editors and validators.")

    @OptionGroup var global: GlobalOptions

    @Flag(name: .customLong("markdown"), help: "Print the reference of all kinds and fields as Markdown.")
    var isMarkdown = false

    @Argument(
        help: ArgumentHelp(
            "\(DocumentKind.names); one schema for any document when none is named.", valueName: "kind"))
    var kind: String?

    func run() throws {
        let context = CommandContext(withoutProject: global)
        if isMarkdown {
            guard kind == nil else { throw ValidationError("--markdown prints all kinds; name none") }
            return try context.console.output(ReferencePage.text)
        }
        guard let kind else { return try context.console.output(JSONSchema.ofAnyKind.text(.pretty)) }
        guard let known = DocumentKind(rawValue: kind) else {
            throw ValidationError("there is no kind \(kind); the kinds are \(DocumentKind.names)")
        }
        try context.console.output(JSONSchema.of(known).text(.pretty))
    }
}
