import KeelDiagnostics
import KeelYAML
import Testing

struct LimitTests {
    @Test func `a document that doubles itself is refused`() {
        var text = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol, lol]\n"
        for level in 1...60 {
            let alias = "*a\(level - 1)"
            let aliases = [String](repeating: alias, count: 10).joined(separator: ",")
            text += "a\(level): &a\(level) [\(aliases)]\n"
        }
        let parsed = Parsed(text)
        #expect(parsed.stream.diagnostics.map(\.code) == ["yaml.limit"])
        #expect(parsed.stream.documents.isEmpty)
    }

    @Test func `what aliases add is counted exactly`() {
        // Two aliases of a list of two: three nodes each.
        let text = "- &a [x, y]\n- *a\n- *a\n"
        #expect(Parsed(text, limits: YAMLLimits(maxAliasExpansion: 6)).findings.isEmpty)
        #expect(Parsed(text, limits: YAMLLimits(maxAliasExpansion: 5)).findings == ["yaml.limit 3:3"])
        // The second anchor holds the first: four nodes and what its alias adds.
        let nested = "- &a [x, y]\n- &b [*a]\n- *b\n"
        #expect(Parsed(nested, limits: YAMLLimits(maxAliasExpansion: 8)).findings.isEmpty)
        #expect(Parsed(nested, limits: YAMLLimits(maxAliasExpansion: 7)).findings == ["yaml.limit 3:3"])
    }

    @Test func `many aliases of one large node are refused before they fill the memory`() {
        let items = [String](repeating: "x", count: 999).joined(separator: ",")
        let text = "- &a [\(items)]\n" + String(repeating: "- *a\n", count: 2000)
        // Each alias stands for a list and its 999 items, so the alias after the thousandth is one too many.
        let parsed = Parsed(text)
        #expect(parsed.findings == ["yaml.limit 1002:3"])
        #expect(parsed.stream.documents.isEmpty && !parsed.stream.isComplete)
    }

    @Test func `one large text and many small documents are read`() {
        let large = Parsed("a: \"" + String(repeating: "x", count: 1 << 20) + "\"\n")
        #expect(large.findings.isEmpty)
        #expect(large.stream.documents.first?.root?.mapping?.value(of: "a")?.scalar?.bytes.count == 1 << 20)
        let documents = Parsed(String(repeating: "--- a\n", count: 20_000))
        #expect(documents.findings.isEmpty && documents.stream.documents.count == 20_000)
        let empty = Parsed(String(repeating: "---\n", count: 20_000), limits: YAMLLimits(maxDocuments: 19_999))
        #expect(empty.findings == ["yaml.limit 20000:1"])
    }

    @Test(arguments: [
        ("a: 1\na: 2\n", true), ("a: !x b\n", true), ("<<: {}\n", true), ("a: *b\n", false), ("a\n---\n: [\n", false),
        ("a: \u{7}\n", false), ("a: b: c\n", false), ("", true), ("a\n", true),
    ])
    func `a stream knows whether a document is missing`(text: String, isComplete: Bool) {
        #expect(Parsed(text).stream.isComplete == isComplete)
    }

    @Test func `aliases count over all documents of a file`() {
        let text = "- &a [x, y]\n- *a\n---\n- &a [x, y]\n- *a\n"
        let parsed = Parsed(text, limits: YAMLLimits(maxAliasExpansion: 5))
        #expect(parsed.findings == ["yaml.limit 5:3"])
        #expect(parsed.stream.documents.count == 1)
    }

    @Test func `depth is limited in every style`() {
        let limits = YAMLLimits(maxDepth: 3)
        #expect(Parsed("[[[x]]]", limits: limits).findings.isEmpty)
        #expect(Parsed("[[[[x]]]]", limits: limits).findings == ["yaml.limit 1:4"])
        #expect(Parsed("a:\n  b:\n    c:\n      d: 1\n", limits: limits).findings == ["yaml.limit 4:7"])
        #expect(Parsed("- - - - x\n", limits: limits).findings == ["yaml.limit 1:7"])
        #expect(Parsed(String(repeating: "[", count: 100_000)).findings == ["yaml.limit 1:65"])
        #expect(Parsed(String(repeating: "- ", count: 100_000)).findings == ["yaml.limit 1:129"])
    }

    @Test func `size, documents and nodes are limited`() {
        #expect(Parsed("a: b\n", limits: YAMLLimits(maxBytes: 4)).findings == ["yaml.limit 1:1"])
        let documents = Parsed("a\n---\nb\n---\nc\n", limits: YAMLLimits(maxDocuments: 2))
        #expect(documents.findings == ["yaml.limit 4:1"])
        #expect(documents.outline == ["\"a\"", "\"b\""])
        #expect(Parsed("[a, b, c]", limits: YAMLLimits(maxNodes: 4)).findings.isEmpty)
        #expect(Parsed("[a, b, c]", limits: YAMLLimits(maxNodes: 3)).findings == ["yaml.limit 1:8"])
    }

    @Test func `a file of mistakes has a bounded report`() {
        let keys = String(repeating: "a: 1\n", count: 50)
        let parsed = Parsed(keys, limits: YAMLLimits(maxMistakes: 10))
        #expect(parsed.stream.diagnostics.count == 11)
        #expect(parsed.stream.diagnostics.last?.code == "yaml.limit")
        let tags = Parsed("[" + String(repeating: "!x a, ", count: 50) + "]", limits: YAMLLimits(maxMistakes: 10))
        #expect(tags.stream.diagnostics.count == 11)
        #expect(tags.stream.documents.isEmpty)
    }

    @Test func `directives that cost the square of their number are refused`() {
        let directives = (0..<200).map { "%TAG !h\($0)! tag:example.com,2000:\n" }.joined()
        #expect(Parsed(directives + "--- a\n").findings == ["yaml.limit 1:1"])
    }
}
