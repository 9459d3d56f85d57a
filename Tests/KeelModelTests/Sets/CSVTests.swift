import KeelBase
import KeelDiagnostics
import KeelModel
import KeelTestSupport
import Testing

/// Tables as a set reads them.
struct CSVTests {
    private static let set = SetTests.set(
        "key: k", "csv: t.csv", "account: { type: imap, server: h, userName: \"${item.v}\", password: { fromEnv: P } }")

    private static func load(_ table: String) -> Loaded { Loaded(files: [("f.yaml", set), ("t.csv", table)]) }

    @Test(arguments: [
        ("k,v\na,b\n", "b"), ("k,v\na,b", "b"), ("k,v\r\na,b\r\n", "b"), ("k,v\ra,b\r", "b"),
        ("\u{FEFF}k,v\na,b\n", "b"),
        ("k,v\na,\"b\"\n", "b"), ("\"k\",\"v\"\n\"a\",\"b\"\n", "b"), ("k,v\na,\"b,c\"\n", "b,c"),
        ("k,v\na,\"b\"\"c\"\n", "b\"c"), ("k,v\na,\"\"\"b\"\"\"\n", "\"b\""), ("k,v\na,\"\"\"\"\n", "\""),
        ("k,v\n\na,b\n\n\n", "b"), ("k,v\n,\na,b\n , \n", "b"), ("k , v\n a , b \n", "b"), ("k,v\na, \"b\" \n", "b"),
        ("k,v\na,\" b \"\n", " b "), ("k,v\na,é日😀\n", "é日😀"), ("v,k\nb,a\n", "b"), ("k,v,k2\na,b,\n", "b"),
        ("k,v\na,no\n", "no"), ("k,v\na,0123\n", "0123"),
    ])
    func `a cell's text is read`(table: String, value: String) {
        let loaded = Self.load(table)
        #expect(loaded.findings.isEmpty)
        #expect(loaded.account("branches.a")?.userName == value)
    }

    @Test(arguments: [
        ("1️⃣", ["csv.no-header"]), ("1️⃣\n\n", ["csv.no-header"]), ("k,1️⃣\na,b\n", ["csv.empty-column"]),
        ("k,v,1️⃣k\na,b,c\n", ["csv.duplicate-column"]), ("k,v\na1️⃣\n", ["csv.ragged-row"]),
        ("k,v\na,b,1️⃣c,d\n", ["csv.ragged-row"]), ("k,v\na,b1️⃣\"c\n", ["csv.syntax"]),
        ("k,v\na,\"b\"1️⃣c\n", ["csv.syntax"]), ("k,v\na,1️⃣\"b\nc,d\n", ["csv.syntax"]),
        ("k,v\na,\"b\nc\",1️⃣d\ne,f\"2️⃣\ng3️⃣\n", ["csv.ragged-row", "csv.syntax", "csv.ragged-row"]),
        ("k,v\na,b1️⃣\u{7}\n", ["csv.character"]), ("k,v\na,b1️⃣\u{202E}\n", ["csv.character"]),
        ("k,v\na,b\n1️⃣a,c\n", ["manifest.duplicate-key"]), ("k,v\n1️⃣,b\n", ["manifest.empty-key"]),
        ("k,v\n日,日1️⃣\"\n", ["csv.syntax"]),
    ])
    func `a mistake in a table is reported where it stands`(table: String, codes: [String]) {
        MarkedFiles([("f.yaml", Self.set), ("t.csv", table.replacing("f\"2️⃣", with: "f2️⃣\""))], codes).check()
    }

    @Test func `another encoding than UTF-8 is refused`() {
        var sources = SourceMap()
        for bytes in [[0xFF, 0xFE, 0x6B, 0], Array("k,v\na,b".utf8) + [0xE9, 0x0A]] as [[UInt8]] {
            let loaded = Loaded(bytes: [("f.yaml", Array(Self.set.utf8)), ("t.csv", bytes)])
            #expect(loaded.diagnostics.map(\.code) == ["csv.encoding"])
            #expect(loaded.helps == ["save it as UTF-8"])
            _ = sources.add(path: "t.csv", bytes: bytes)
        }
    }

    @Test func `mistakes of a hostile table are limited`() {
        let loaded = Self.load("k,v\n" + String(repeating: "x\"\n", count: 5000))
        #expect(loaded.diagnostics.count == 1001)
        #expect(loaded.diagnostics.last?.code == "csv.limit")
    }

    @Test func `rows and columns are limited`() {
        let wide = (0...1000).map { "c\($0)" }.joined(separator: ",")
        #expect(Self.load(wide + "\n").diagnostics.map(\.code) == ["csv.limit"])
        let long = "k,v\n" + String(repeating: "a,b\n", count: 100_001)
        #expect(Self.load(long).diagnostics.map(\.code) == ["csv.limit"])
    }

    @Test(arguments: 0..<200)
    func `any bytes are read without a crash`(seed: Int) {
        var random = UInt64(seed) &* 0x9E37_79B9_7F4A_7C15 | 1
        let alphabet = Array("k,v\"\"\n\r ,;\u{FEFF}é\t".utf8) + [0xFF, 0x00]
        let bytes = (0..<(seed % 60)).map { _ -> UInt8 in
            random ^= random << 13
            random ^= random >> 7
            random ^= random << 17
            return alphabet[Int(random % UInt64(alphabet.count))]
        }
        let loaded = Loaded(bytes: [("f.yaml", Array(Self.set.utf8)), ("t.csv", Array("k,v\n".utf8) + bytes)])
        for diagnostic in loaded.diagnostics { #expect(diagnostic.range != nil) }
        _ = DiagnosticTextRenderer(sources: loaded.sources, color: false).render(DiagnosticReport(loaded.diagnostics))
    }
}
