import KeelBase
import KeelDiagnostics
import KeelModel
import KeelTestSupport
import Testing

/// What the schemas accept, the decoder accepts, and the other way round.
struct SchemaAgreementTests {
    private static let profile = Manifest.profile(
        "provider: microsoft365", "tenant: contoso.com", "grant: client_credentials", Manifest.client)
    private static let variables: [String: Variable] = [
        "text": Variable(.text("x")), "port": Variable(.text("993")), "flag": Variable(.text("true")),
        "tenant": Variable(.text("fabrikam.com")), "secret": Variable(.unset, isSensitive: true),
    ]

    /// What only the whole project, a preset or a calendar tells.
    private static func isBeyondSchemas(_ diagnostic: Diagnostic, _ spec: JSON?) -> Bool {
        diagnostic.code == "manifest.unknown-reference" && diagnostic.message.contains("cloud")
            || diagnostic.message.contains("spec.tenant is missing")
            || diagnostic.message.contains("needs spec.client.secret")
            || diagnostic.message.contains("the grant of OAuthProfile/")
            || diagnostic.message.contains("no provider preset knows it")
                && (spec?["oauthProfile"] != nil || spec?["provider"] != nil)
    }

    private static func mistakes(_ document: JSON) -> [Diagnostic] {
        Loaded(files: [("p.yaml", profile), ("f.yaml", document.text())], variables: variables).diagnostics
            .filter { $0.severity == .error && !isBeyondSchemas($0, document["spec"]) }
    }

    @Test(arguments: [FieldTable.emailAccount, .oauthProfile].map(\.kind))
    func `schema and decoder agree about random documents`(kind: ResourceKind) throws {
        let table = try #require(FieldTable.of(kind))
        let document = try #require(DocumentKind(rawValue: kind.rawValue))
        var validator = SchemaValidator(JSONSchema.of(document))
        var whole = SchemaValidator(JSONSchema.ofAnyKind)
        var random = SeededGenerator(seed: 1)
        var accepted = 0
        for _ in 0..<800 {
            let sample = SampleDocument(table, using: &random).document
            let mistakes = Self.mistakes(sample)
            let isAccepted = try validator.accepts(sample)
            if isAccepted { accepted += 1 }
            #expect(
                isAccepted == mistakes.isEmpty, "\(sample.text()): \(mistakes.map(\.message).joined(separator: "; "))")
            #expect(try whole.accepts(sample) == isAccepted, "\(sample.text())")
        }
        #expect(accepted > 80 && accepted < 700)
        #expect(validator.unknownKeywords.isEmpty)
    }

    /// The same documents are judged by the program and by a validator that others wrote.
    @Test func `the loader judges documents as the schemas do`() throws {
        let surroundings = try GeneratedFile.read("Tests/Schemas/surroundings.yaml")
        let documents = try GeneratedFile.read("Tests/Schemas/documents.yaml").split(separator: "\n---\n").dropFirst()
        #expect(documents.count > 30)
        for document in documents {
            let text = String(document)
            let isProject = text.contains("\nkind: Project\n")
            let loaded =
                isProject ? LoadedProject(text).diagnostics : Loaded(text + "\n---\n" + surroundings).diagnostics
            let messages = loaded.filter { $0.severity == .error }.map(\.message)
            #expect(messages.isEmpty == text.hasPrefix("# good: "), "\(text.prefix { $0 != "\n" }) \(messages)")
        }
    }

    private static func set(_ spec: String) -> String {
        "{\"apiVersion\":\"mailkeel/v1\",\"kind\":\"EmailAccountSet\",\"metadata\":{\"name\":\"s\"},\"spec\":\(spec)}"
    }

    private static let account = "{\"type\":\"imap\",\"userName\":\"${item.b}\",\"oauthProfile\":\"p\"}"

    @Test(arguments: [
        (true, set("{\"key\":\"a\",\"items\":[{\"a\":\"x\",\"b\":\"u\"}],\"account\":\(account)}")),
        (true, set("{\"key\":\"a\",\"items\":[{\"a\":\"x\",\"b\":1,\"c\":null}],\"accounts\":{\"in\":\(account)}}")),
        (true, set("{\"key\":\"a\",\"items\":[],\"account\":\(account)}")),
        (false, set("{\"key\":\"a\",\"items\":[{\"a\":\"x\",\"b\":\"u\"}]}")),
        (false, set("{\"key\":\"a\",\"account\":\(account)}")),
        (false, set("{\"items\":[{\"a\":\"x\",\"b\":\"u\"}],\"account\":\(account)}")),
        (false, set("{\"key\":\"a\",\"items\":[{\"a\":[],\"b\":\"u\"}],\"account\":\(account)}")),
        (
            false,
            set("{\"key\":\"a\",\"items\":[{\"a\":\"x\",\"b\":\"u\"}],\"delimiter\":\";\",\"account\":\(account)}")
        ),
        (
            false,
            set("{\"key\":\"a\",\"items\":[{\"a\":\"x\",\"b\":\"u\"}],\"account\":\(account),\"accounts\":{}}")
        ),
        (
            false,
            set("{\"key\":\"a\",\"items\":[{\"a\":\"x\",\"b\":\"u\"}],\"account\":{\"type\":\"imap\",\"mode\":1}}")
        ),
        (
            false,
            "{\"apiVersion\":\"mailkeel/v1\",\"kind\":\"EmailAccount\",\"metadata\":{\"name\":\"s\"},\"spec\":\(account)}"
        ),
        (
            true,
            "{\"apiVersion\":\"mailkeel/v1\",\"kind\":\"Removed\",\"spec\":{\"address\":\"EmailAccount/a.b.c\"}}"
        ),
        (false, "{\"apiVersion\":\"mailkeel/v1\",\"kind\":\"Removed\",\"spec\":{\"address\":\"Authorization/a:b\"}}"),
        (false, "{\"apiVersion\":\"mailkeel/v1\",\"kind\":\"Moved\",\"spec\":{\"from\":\"EmailAccount/a\"}}"),
        (
            false,
            "{\"apiVersion\":\"mailkeel/v1\",\"kind\":\"OAuthProfile\",\"metadata\":{\"name\":\"n\"},\"spec\":"
                + "{\"provider\":\"nobody\",\"grant\":\"device_code\",\"client\":{\"id\":\"x\"}}}"
        ),
        (false, "{\"apiVersion\":\"mailkeel/v1\",\"kind\":\"Mailbox\",\"spec\":{}}"),
        (false, "{\"apiVersion\":\"mailkeel/v2\",\"kind\":\"Moved\",\"spec\":{}}"),
    ])
    func `schema and decoder agree about other documents`(isRight: Bool, text: String) throws {
        let document = try JSON(parsing: Array(text.utf8))
        var validator = SchemaValidator(JSONSchema.ofAnyKind)
        #expect(try validator.accepts(document) == isRight)
        #expect(Self.mistakes(document).isEmpty == isRight, "\(Self.mistakes(document).map(\.message))")
        #expect(validator.unknownKeywords.isEmpty)
    }
}
