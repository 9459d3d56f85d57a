import KeelDiagnostics
import KeelYAML
import Testing

/// Bytes without sense and manifests with scars: whatever comes, the parser returns, and what it returns is sound.
struct HostileInputTests {
    private struct SplitMix: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    private static let manifest = """
        %YAML 1.1
        ---
        apiVersion: mailkeel/v1
        kind: EmailAccount
        metadata: &meta {name: support-in, labels: {team: "service-desk", é: '日本'}}
        spec:
          server: outlook.office365.com   # comment
          port: 993
          scopes:
          - openid
          - !!str offline_access
          text: |
            one
            two
          folded: >-
            one
        --- # second
        ? key
        : [*meta, &a x, *a]
        ...

        """

    private static let dictionary = [
        "&a", "*a", "*meta", "<<: ", "- ", ": ", "? ", "[", "]", "{", "}", "\t", "\n", "\r\n", "\r", "---\n", "...\n",
        "!!int ", "!x ", "|", ">", "'", "\"", "\\", "#", "%TAG ! x\n", "\u{FEFF}", "\u{2028}", "\u{0}", "é", "😀",
    ].map { Array($0.utf8) }

    /// Visits everything and checks that places lie in the file and children in their parents.
    private func examine(_ bytes: [UInt8]) {
        let parsed = Parsed(bytes, limits: YAMLLimits(maxAliasExpansion: 2000))
        for document in parsed.stream.documents {
            guard let root = document.root else { continue }
            visit(root, in: parsed.sources[root.range.file])
        }
        let renderer = DiagnosticTextRenderer(sources: parsed.sources, color: false)
        #expect(
            renderer.render(DiagnosticReport(parsed.stream.diagnostics)).isEmpty == parsed.stream.diagnostics.isEmpty)
    }

    private func visit(_ node: YAMLNode, in file: SourceFile) {
        let range = node.range
        #expect(range.start <= range.end && range.end.line <= file.lineCount)
        func enter(_ child: YAMLNode) {
            let home = node.definitionRange
            #expect(home.start <= child.range.start && child.range.end <= home.end)
            visit(child, in: file)
        }
        switch node.content {
        case .scalar(let scalar): _ = (scalar.text, scalar.plainMeaning, scalar.tag)
        case .sequence(let items): for item in items { enter(item) }
        case .mapping(let entries):
            for (key, value) in entries {
                enter(key)
                enter(value)
            }
        }
    }

    @Test func `random bytes`() {
        var random = SplitMix(state: 1)
        let alphabet = Array(" \n\t:-?[]{},#&*!|>'\"%@`ab0~\\\r".utf8) + [0xC3, 0xA9, 0xFF, 0x00]
        for _ in 0..<1500 {
            let length = Int.random(in: 0..<60, using: &random)
            examine((0..<length).map { _ in alphabet.randomElement(using: &random) ?? 0 })
        }
    }

    @Test func `mutated manifests`() {
        var random = SplitMix(state: 2)
        let original = Array(Self.manifest.utf8)
        examine(original)
        for _ in 0..<1500 {
            var bytes = original
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let start = Int.random(in: 0...bytes.count, using: &random)
                let end = min(bytes.count, start + Int.random(in: 0..<8, using: &random))
                let piece = Self.dictionary.randomElement(using: &random) ?? []
                bytes.replaceSubrange(start..<end, with: Bool.random(using: &random) ? piece : [])
            }
            examine(bytes)
        }
    }

    @Test func `a manifest cut anywhere`() {
        let original = Array(Self.manifest.utf8)
        for length in original.indices { examine(Array(original[..<length])) }
    }
}
