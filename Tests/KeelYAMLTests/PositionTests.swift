import KeelDiagnostics
import KeelTestSupport
import KeelYAML
import Testing

/// Each fixture marks with 1️⃣ and 2️⃣ where the value of `x`, somewhere in it, begins and ends.
struct PositionTests {
    @Test(arguments: [
        "x: 1️⃣abc2️⃣\n",
        "x: 1️⃣abc2️⃣   # comment\n",
        "é: ü\n日本: 😀\nx: 1️⃣äöü2️⃣\n",
        "{é€😀: ü, x: 1️⃣'😀'2️⃣}",
        "a: b\r\nc:\r\n  - d\r\nx: 1️⃣abc2️⃣\r\n",
        "a: 'one\r\n  two'\r\nx: 1️⃣abc2️⃣\r\n",
        "a: |\r\n  one\r\n  two\r\nx: 1️⃣abc2️⃣\r\n",
        "\u{FEFF}x: 1️⃣abc2️⃣\n",
        "\u{FEFF}a: b\nx: 1️⃣abc2️⃣\n",
        "a:\tb\nx:\t1️⃣abc2️⃣\n",
        "a: b\rx: 1️⃣abc2️⃣\r",
        "x: 1️⃣\"a\\u00e9\\tb\"2️⃣\n",
        "x: 1️⃣'one\n  two\n\n  three'2️⃣\n",
        "x: 1️⃣[a,\n  b]2️⃣\n",
        "x:\n  1️⃣a: b\n  c: d2️⃣\n\n# comment\n\ny: z\n",
        "x:\n  1️⃣- a\n  - b:\n      c2️⃣\n\n\n---\n",
        "x:\n1️⃣- a\n- b2️⃣\ny: 1\n",
        "x: 1️⃣!!str abc2️⃣\n",
        "x:1️⃣2️⃣\ny: 1\n",
        "x: 1️⃣&e abc2️⃣\n",
        "# 😀 comment\n---\n# é\nx: 1️⃣abc2️⃣\n",
        "x: 1️⃣a\u{301}b2️⃣\n",
    ])
    func `a node has the place where it was written`(fixture: String) throws {
        let marked = MarkedText(fixture)
        let parsed = Parsed(marked.bytes)
        #expect(parsed.findings.isEmpty)
        let mapping = try #require(parsed.stream.documents.first?.root?.mapping)
        let range = try #require(mapping.value(of: "x")).range
        #expect(range.start.description == marked["1️⃣"]?.description)
        #expect(range.end.description == marked["2️⃣"]?.description)
    }

    @Test func `a key has its own place`() throws {
        let mapping = try #require(Parsed("ä: 1\n  \n'k': v\n").stream.documents.first?.root?.mapping)
        let ranges = mapping.map { "\($0.key.range.start)-\($0.key.range.end)" }
        #expect(ranges == ["1:1-1:2", "3:1-3:4"])
    }

    @Test func `a document has the place of its first line`() {
        let documents = Parsed("# c\na: 1\n---\nb: 2\n").stream.documents
        #expect(documents.map(\.range.start.description) == ["2:1", "3:1"])
    }
}
