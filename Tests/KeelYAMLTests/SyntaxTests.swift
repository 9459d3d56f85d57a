import KeelDiagnostics
import KeelYAML
import Testing

struct SyntaxTests {
    @Test(arguments: [
        Fixture("a: b1️⃣: c\n", "yaml.syntax"),
        Fixture("é: ü1️⃣: c\n", "yaml.syntax"),
        Fixture("key: value\n  more1️⃣: x\n", "yaml.syntax"),
        Fixture("a:\n  b: 1\n 1️⃣c: 2\n", "yaml.syntax"),
        Fixture("a: 1\n1️⃣bcd\ne: 2\n", "yaml.syntax"),
        Fixture("a: [1, 2\nb1️⃣: 3\n", "yaml.syntax"),
        Fixture("a: 1️⃣\"x\nb: y\n", "yaml.syntax"),
        Fixture("a: 1️⃣'x\n---\nb: y\n", "yaml.syntax"),
        Fixture("a: \"C:1️⃣\\dir\"\n", "yaml.syntax"),
        Fixture("a:\n1️⃣\tb: 1\n", "yaml.syntax"),
        Fixture("a:\n  b: c\n1️⃣\td: e\n", "yaml.syntax"),
        Fixture("a: 1️⃣@x\n", "yaml.syntax"),
        Fixture("a: *1️⃣.example.com\n", "yaml.syntax"),
        Fixture("a: 1️⃣- b\n", "yaml.syntax"),
        Fixture("- a\n1️⃣b: c\n", "yaml.syntax"),
        Fixture("a: 'x' 1️⃣y\n", "yaml.syntax"),
        Fixture("a: | 1️⃣text\n", "yaml.syntax"),
        Fixture("b: {x: $1️⃣{var.y}}\n", "yaml.syntax"),
        Fixture("1️⃣%YAML 2.0\n---\na: 1\n", "yaml.version"),
    ])
    func `a syntax error is shown where its cause is`(fixture: Fixture) {
        fixture.check()
    }

    @Test(arguments: [
        ("a: b: c\n", "quote a text that contains \": \""),
        ("a:\n\tb: 1\n", "indent with spaces"),
        ("a: @x\n", "quote the text"),
        ("a: \"C:\\dir\"\n", "use single quotes"),
        ("a: [${var.x}]\n", "write \"${...}\" in double quotes"),
        ("a: {b: ${var.x}}\n", "write \"${...}\" in double quotes"),
        ("a: *.example.com\n", "quote a text that begins so"),
        ("a: 'x\n", "add the closing quote"),
        ("%YAML 2.0\n---\na: 1\n", "write %YAML 1.2"),
    ])
    func `the usual causes have a repair`(text: String, help: String) throws {
        let diagnostic = try #require(Parsed(text).stream.diagnostics.first)
        #expect(try #require(diagnostic.help).contains(help))
    }

    @Test func `a note says where the enclosing mapping began`() throws {
        let diagnostic = try #require(Parsed("x: 1\na: {\n  b: 1\nc: 2\n").stream.diagnostics.first)
        let note = try #require(diagnostic.notes.first)
        #expect(note.message == "in the mapping in braces that begins here")
        #expect(note.range?.start.description == "2:4")
    }
}
