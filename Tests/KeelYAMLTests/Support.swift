import KeelDiagnostics
import KeelTestSupport
import KeelYAML
import Testing

/// What came of a fixture.
struct Parsed {
    let sources: SourceMap
    let stream: YAMLStream

    init(_ bytes: [UInt8], limits: YAMLLimits = .standard) {
        var sources = SourceMap()
        let id = sources.add(path: "f.yaml", bytes: bytes)
        self.sources = sources
        stream = YAMLParser.parse(id, in: sources, limits: limits)
    }

    init(_ text: String, limits: YAMLLimits = .standard) {
        self.init(Array(text.utf8), limits: limits)
    }

    /// `yaml.tag 3:5`, sorted by place.
    var findings: [String] {
        DiagnosticReport(stream.diagnostics).sorted(in: sources).map { diagnostic in
            "\(diagnostic.code) \(diagnostic.range?.start.description ?? "nowhere")"
        }
    }

    /// All documents in a short form: scalars quoted, lists in brackets, mappings in braces.
    var outline: [String] { stream.documents.map { $0.root.map(outline(of:)) ?? "nothing" } }

    func outline(of node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let scalar): "\"" + scalar.text + "\""
        case .sequence(let items): "[" + items.map(outline(of:)).joined(separator: " ") + "]"
        case .mapping(let entries):
            "{" + entries.map { outline(of: $0.key) + ":" + outline(of: $0.value) }.joined(separator: " ") + "}"
        }
    }
}

/// A fixture with a marker at each expected diagnostic, and the code expected there.
struct Fixture: Sendable, CustomTestStringConvertible {
    let text: String
    let codes: [String]

    init(_ text: String, _ codes: String...) {
        self.text = text
        self.codes = codes
    }

    var testDescription: String { text.debugDescription }

    /// Parses the fixture and compares what was found with what was marked.
    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let marked = MarkedText(text)
        let expected = zip(codes, marked.markers).map { "\($0) \(marked[$1]?.description ?? "")" }
        #expect(marked.markers.count == codes.count, sourceLocation: sourceLocation)
        #expect(Parsed(marked.bytes).findings == expected, sourceLocation: sourceLocation)
    }
}
