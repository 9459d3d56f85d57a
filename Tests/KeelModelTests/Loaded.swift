import KeelBase
import KeelDiagnostics
import KeelModel
import KeelTestSupport
import KeelYAML
import Testing

/// What came of manifests: decoded and resolved as `validate` does it, and judged if there is a linter.
struct Loaded {
    let sources: SourceMap
    let content: [ManifestDecoder.FileContent]
    let declarations: Declarations
    /// The tables that sets want.
    let tables: [SetTable]
    let set: EffectiveSet
    let diagnostics: [Diagnostic]

    /// One file in the project's directory.
    init(_ text: String) { self.init(files: [("f.yaml", text)]) }

    /// Files by their paths from the project's directory.
    init(files: [(path: String, text: String)], variables: [String: Variable] = [:], linter: Linter? = nil) {
        self.init(bytes: files.map { ($0.path, Array($0.text.utf8)) }, variables: variables, linter: linter)
    }

    /// Files by their paths from the project's directory; a `.csv` file is a table.
    init(bytes files: [(path: String, bytes: [UInt8])], variables: [String: Variable] = [:], linter: Linter? = nil) {
        var sources = SourceMap()
        var decoder = ManifestDecoder(variables: VariableScope(variables))
        var tables: [String: SourceFileID] = [:]
        var content: [ManifestDecoder.FileContent] = []
        var mistakes: [Diagnostic] = []
        for file in files {
            let id = sources.add(path: file.path, bytes: file.bytes)
            guard !file.path.hasSuffix(".csv") else {
                tables[file.path] = id
                continue
            }
            let stream = YAMLParser.parse(id, in: sources, limits: .standard)
            mistakes += stream.diagnostics
            let directory = file.path.lastIndex(of: "/").map { String(file.path[..<$0]) } ?? ""
            content.append(decoder.decode(stream.documents, directory: directory))
        }
        self.tables = decoder.tables
        decoder.expandSets(tables, in: sources)
        let resolver = Resolver(decoder.declarations)
        self.sources = sources
        self.content = content
        declarations = decoder.declarations
        set = resolver.set
        var report = DiagnosticReport(
            mistakes + decoder.diagnostics + resolver.diagnostics + (linter?.lint(resolver.set) ?? []))
        report.mergeRepeats()
        diagnostics = report.sorted(in: sources)
    }

    /// `manifest.bad-value 3:9`, sorted by place.
    var findings: [String] {
        diagnostics.map { "\($0.code) \($0.range?.start.description ?? "nowhere")" }
    }

    var messages: [String] { diagnostics.map(\.message) }
    var helps: [String] { diagnostics.map { $0.help ?? "" } }

    func account(_ name: String) -> EffectiveAccount? { set.accounts.first { $0.address.name == name } }
    func profile(_ name: String) -> EffectiveProfile? { set.profiles.first { $0.name == name } }
}

/// A manifest with a marker at each expected diagnostic, and the code expected there: these, and no others.
struct Fixture: Sendable, CustomTestStringConvertible {
    let text: String
    let codes: [String]

    init(_ text: String, _ codes: String...) {
        self.text = text
        self.codes = codes
    }

    var testDescription: String { text.debugDescription }

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let marked = MarkedText(text)
        #expect(marked.markers.count == codes.count, sourceLocation: sourceLocation)
        let expected = zip(codes, marked.markers).map { "\($0) \(marked[$1]?.description ?? "")" }
        let loaded = Loaded(marked.text)
        let words = loaded.diagnostics.map { Comment(rawValue: $0.message) }
        #expect(loaded.findings == expected, words.first, sourceLocation: sourceLocation)
    }
}

/// Manifests of which a test says only what it is about.
enum Manifest {
    static func document(_ kind: String, _ name: String, _ spec: [String], metadata: String = "") -> String {
        """
        apiVersion: mailkeel/v1
        kind: \(kind)
        metadata: { name: \(name)\(metadata) }
        spec:
        \(spec.map { "  \($0)\n" }.joined())---

        """
    }

    static func account(_ spec: String..., name: String = "a", metadata: String = "") -> String {
        document("EmailAccount", name, spec, metadata: metadata)
    }

    static func profile(_ spec: String..., name: String = "p", metadata: String = "") -> String {
        document("OAuthProfile", name, spec, metadata: metadata)
    }

    static func moved(_ from: String, _ to: String) -> String { rename("from: \(from), to: \(to)") }

    static func rename(_ spec: String) -> String { "apiVersion: mailkeel/v1\nkind: Moved\nspec: { \(spec) }\n---\n" }

    static func removed(_ address: String) -> String {
        "apiVersion: mailkeel/v1\nkind: Removed\nspec: { address: \(address) }\n---\n"
    }

    /// An account that is in order and needs no profile.
    static func mailbox(_ name: String) -> String {
        account("type: imap", "server: h", "userName: u", "password: { fromEnv: P }", name: name)
    }

    static let client = "client: { id: x, secret: { fromEnv: S } }"

    /// A profile `m365` that is in order.
    static let m365 = profile(
        "provider: microsoft365", "tenant: contoso.com", "grant: client_credentials", client, name: "m365")

    /// A profile `own` without a preset that is in order.
    static let own = profile(
        "endpoints: { token: https://login.example.com/token }", "grant: client_credentials", client, name: "own")
}
