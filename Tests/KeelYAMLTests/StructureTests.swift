import KeelDiagnostics
import KeelYAML
import Testing

struct StructureTests {
    @Test(arguments: [
        Fixture("a: 1\nb: 2\n1️⃣a: 3\n2️⃣'a': 4\n", "yaml.duplicate-key", "yaml.duplicate-key"),
        Fixture("x:\n  - {a: 1, 1️⃣a: 2}\n", "yaml.duplicate-key"),
        Fixture("é: 1\n1️⃣e\u{301}: 2\n", "yaml.duplicate-key"),
        Fixture("&k a: 1\n1️⃣*k : 2\n", "yaml.duplicate-key"),
        Fixture("a: &x {b: 1}\nc:\n  1️⃣<<: *x\n", "yaml.merge-key"),
        Fixture("{1️⃣[a]: b, 2️⃣{c: d}: e}\n", "yaml.key", "yaml.key"),
        Fixture("a: {1️⃣{ x }}\n", "yaml.key"),
        Fixture("?1️⃣\n: b\n", "yaml.key"),
        Fixture("a: 1️⃣!foo b\n", "yaml.tag"),
        Fixture("a: 1️⃣!!python/object:os.system [a]\n", "yaml.tag"),
        Fixture("a: 1️⃣!!set {a, b}\nb: 2️⃣!!binary aGk=\n", "yaml.tag", "yaml.tag"),
        Fixture("a: 1️⃣!!int x\nb: 2️⃣!!str [a]\nc: 3️⃣!!map x\n", "yaml.tag", "yaml.tag", "yaml.tag"),
        Fixture("a: 1️⃣!x!y b\n", "yaml.tag"),
        Fixture("%TAG !! tag:example.com,2000:\n---\na: 1️⃣!!str x\n", "yaml.tag"),
        Fixture("a: 1️⃣*x\n", "yaml.alias"),
        Fixture("a: &x [1️⃣*x]\n", "yaml.alias"),
    ])
    func `what a manifest cannot have is refused at its place`(fixture: Fixture) {
        fixture.check()
    }

    @Test(arguments: [
        "a: {x: 1}\nb: {x: 1}\n", "a: !!str 1\nb: !!int '2'\nc: !!seq []\nd: !!map {}\ne: ! x\n", "'<<': 1\n",
        "e: 1\né: 2\nE: 3\n", "a: !!float 1\nb: !!null ''\nc: !!bool yes\nd: !!timestamp 2026-11-21\n",
    ])
    func `what is unusual and harmless is not`(text: String) {
        #expect(Parsed(text).findings.isEmpty)
    }

    @Test func `a duplicate key is found among many`() throws {
        let keys = (0..<500).map { "key\($0): x" } + ["key7: y"]
        let parsed = Parsed(keys.joined(separator: "\n"))
        #expect(parsed.findings == ["yaml.duplicate-key 501:1"])
        let note = try #require(parsed.stream.diagnostics.first?.notes.first)
        #expect(note.range?.start.description == "8:1")
    }

    @Test func `an unknown anchor suggests a known one`() throws {
        let diagnostic = try #require(Parsed("a: &defaults 1\nb: *default\n").stream.diagnostics.first)
        #expect(diagnostic.help == "did you mean \"*defaults\"?")
    }

    @Test func `all mistakes of a file are reported at once`() {
        let parsed = Parsed("a: !x 1\na: 2\n---\n<<: 3\n---\nb: [\n")
        #expect(parsed.findings == ["yaml.tag 1:4", "yaml.duplicate-key 2:1", "yaml.merge-key 4:1", "yaml.syntax 7:1"])
    }
}
