import KeelDiagnostics
import KeelModel
import KeelYAML
import Testing

@Suite struct FormatPropertyTests {
    @Test(arguments: 0..<12)
    func `random manifests keep their meaning and comments, and are laid out once and for all`(_ batch: Int) {
        for seed in batch * 100..<(batch + 1) * 100 {
            let manifest = RandomManifest(seed: UInt64(seed))
            let first = Formatting(manifest.text)
            guard first.codes.isEmpty else {
                Issue.record("seed \(seed): \(first.result.diagnostics)\n\(manifest.text)")
                continue
            }
            #expect(Formatting(first.text).text == first.text, "seed \(seed)")
            #expect(outline(first.text) == outline(manifest.text), "seed \(seed)")
            #expect(found(manifest.comments, in: first.text), "seed \(seed)")
            #expect(!first.text.contains("\r") && !first.text.hasPrefix("\n"), "seed \(seed)")
        }
    }

    /// Whether texts occur in this order, which no node says, so that it is looked for and not parsed.
    private func found(_ comments: [String], in text: String) -> Bool {
        var rest = text[...]
        for comment in comments {
            guard let range = rest.firstRange(of: comment) else { return false }
            rest = rest[range.upperBound...]
        }
        return true
    }

    /// What a reader of manifests is told.
    private func outline(_ text: String) -> [String] {
        var sources = SourceMap()
        let id = sources.add(path: "f.yaml", bytes: Array(text.utf8))
        let stream = YAMLParser.parse(id, in: sources)
        return stream.documents.map { $0.root.map(outline(of:)) ?? "nothing" }
    }

    private func outline(of node: YAMLNode) -> String {
        switch node.content {
        case .scalar(let scalar): (scalar.isPlain ? "" : "quoted ") + (scalar.tag ?? "") + scalar.text.debugDescription
        case .sequence(let items): "[" + items.map(outline(of:)).joined(separator: " ") + "]"
        case .mapping(let entries):
            "{" + entries.map { outline(of: $0.key) + ":" + outline(of: $0.value) }.joined(separator: " ") + "}"
        }
    }
}
