import ArgumentParser
import KeelBase
import KeelModel

/// `mailkeel schema`
struct SchemaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "schema", abstract: "Print the JSON Schema of a kind, for editors and validators.")

    @OptionGroup var global: GlobalOptions

    @Argument(help: "EmailAccount, OAuthProfile, Moved or Removed; all, as one schema, when none is named.")
    var kind: String?

    func run() throws {
        let context = CommandContext(global)
        guard let kind else {
            let schemas = JSONSchema.kinds.map(JSONSchema.of)
            return try context.console.output(JSON.object([.init("oneOf", .array(schemas))]).text(.pretty))
        }
        guard let known = DocumentKind(rawValue: kind) else {
            throw ValidationError("there is no kind \(kind); the kinds are \(DocumentKind.names)")
        }
        try context.console.output(JSONSchema.of(known).text(.pretty))
    }
}
