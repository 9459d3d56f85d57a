import KeelModel
import Testing

@Suite struct LeftAloneTests {
    @Test(arguments: ["services:\n    web: x\n", "a: [\n", "# mailkeel/\na:   b\n", ""])
    func `another tool's file is left alone`(_ text: String) {
        let formatting = Formatting(text)
        #expect(formatting.text == text)
        // What may be a manifest and cannot be read is broken; what cannot be one is nobody's business here.
        #expect(formatting.result.isForeign)
        #expect(formatting.codes.isEmpty)
    }

    @Test(arguments: [
        ("kind: [\n", "yaml.syntax"), ("a: 1\na:   2\n", "yaml.duplicate-key"), ("a:\n\tb: c\n", "yaml.syntax"),
        ("a: *b\n", "yaml.alias"), ("a: \u{1}\n", "yaml.character"),
    ])
    func `a file with mistakes in its YAML is left alone, and they are said`(_ spec: String, _ code: String) {
        let formatting = Formatting(spec: spec)
        #expect(formatting.spec == spec)
        #expect(formatting.codes == [code])
        #expect(!formatting.result.isForeign)
    }

    @Test func `mistakes in the fields do not keep a file from being laid out`() {
        #expect(
            Formatting("apiVersion:  mailkeel/v1\nkind:   Nonsense\n").text
                == "apiVersion: mailkeel/v1\nkind: Nonsense\n")
    }
}
