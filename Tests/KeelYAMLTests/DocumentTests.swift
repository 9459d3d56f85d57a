import KeelDiagnostics
import KeelYAML
import Testing

struct DocumentTests {
    @Test(arguments: [
        ("a: 1\nb: [x, {y: z}]\n", [#"{"a":"1" "b":["x" {"y":"z"}]}"#]),
        ("- a\n- - b\n  - c\n- \n", [#"["a" ["b" "c"] ""]"#]),
        ("a: |\n  x\n  y\nb: >-\n  x\n  y\n", ["{\"a\":\"x\ny\n\" \"b\":\"x y\"}"]),
        ("a: \"\\u00e9\\n\"\nb: 'it''s'\n", ["{\"a\":\"é\n\" \"b\":\"it's\"}"]),
        ("a: 1\n---\nb: 2\n...\n---\nc: 3\n", [#"{"a":"1"}"#, #"{"b":"2"}"#, #"{"c":"3"}"#]),
        ("just text", [#""just text""#]),
        ("{}", ["{}"]), ("[]", ["[]"]), ("a:\n", [#"{"a":""}"#]),
        ("%YAML 1.1\n---\na: 1\n", [#"{"a":"1"}"#]), ("%YAML 1.2\n---\na: 1\n", [#"{"a":"1"}"#]),
        ("a: {b: c}\r\nd: e\r\n", [#"{"a":{"b":"c"} "d":"e"}"#]),
        ("\u{FEFF}a: b\n", [#"{"a":"b"}"#]),
    ])
    func `documents hold what was written`(text: String, outline: [String]) {
        let parsed = Parsed(text)
        #expect(parsed.findings.isEmpty)
        #expect(parsed.outline == outline)
    }

    @Test func `a document of comments alone has no root`() {
        #expect(Parsed("").outline.isEmpty)
        #expect(Parsed("# nothing\n").outline.isEmpty)
        #expect(Parsed("---\n# nothing\n---\na: 1\n---\n").outline == ["nothing", #"{"a":"1"}"#, "nothing"])
        #expect(Parsed("--- ~\n").outline == [#""~""#])
    }

    @Test func `an alias is the anchored node at the place of the alias`() throws {
        let parsed = Parsed("a: &x\n  b: 1\nc: *x\n")
        #expect(parsed.outline == [#"{"a":{"b":"1"} "c":{"b":"1"}}"#])
        let alias = try #require(parsed.stream.documents.first?.root?.mapping?.value(of: "c"))
        #expect(alias.range.start.description == "3:4")
        #expect(alias.range.end.description == "3:6")
        #expect(alias.definitionRange.start.description == "1:4")
    }

    @Test func `an anchor can be given again and holds to the end of its document`() {
        #expect(Parsed("a: &x 1\nb: *x\nc: &x 2\nd: *x\n").outline == [#"{"a":"1" "b":"1" "c":"2" "d":"2"}"#])
        #expect(Parsed("a: &x 1\n---\nb: *x\n").findings == ["yaml.alias 3:4"])
        #expect(Parsed("- &x k\n- *x : v\n").outline == [#"["k" {"k":"v"}]"#])
    }

    @Test func `collections know their size`() throws {
        let root = try #require(Parsed("a: [1, 2, 3]\nb: {}\n").stream.documents.first?.root?.mapping)
        #expect(root.count == 2)
        #expect(root.value(of: "a")?.sequence?.count == 3)
        #expect(root.value(of: "b")?.mapping?.isEmpty == true)
        #expect(root.value(of: "c") == nil)
        #expect(root.value(of: "a")?.scalar == nil)
    }

    @Test(arguments: [
        ("a", "a", true), ("a", "  a  # comment", true), ("{a: [b, c]}", "a:\n- b\n- c", true), ("'a'", "\"a\"", true),
        ("a", "b", false), ("a", "aa", false), ("no", "'no'", false), ("1", "!!str 1", false), ("[a]", "a", false),
        ("[a]", "[a, b]", false), ("[[a], b]", "[[a, b]]", false), ("{a: b}", "[a, b]", false), ("[]", "{}", false),
        ("[&x a, a]", "[&x a, *x]", false),
    ])
    func `two nodes say the same, or not`(left: String, right: String, same: Bool) throws {
        let mine = try #require(Parsed(left).stream.documents.first?.root)
        let theirs = try #require(Parsed("---\nx\n---\n\(right)").stream.documents.last?.root)
        #expect(mine.says(like: theirs) == same)
        #expect(theirs.says(like: mine) == same)
    }

    @Test func `documents before a syntax error are kept`() {
        let parsed = Parsed("a: 1\n---\nb: 2\n---\nc: [\n")
        #expect(parsed.outline == [#"{"a":"1"}"#, #"{"b":"2"}"#])
        #expect(parsed.findings == ["yaml.syntax 6:1"])
        #expect(Parsed("a: 1\n--- @\n").outline == [#"{"a":"1"}"#])
        #expect(Parsed("a: 1\n...\n@\n").outline == [#"{"a":"1"}"#])
    }

    @Test func `documents around one with a broken alias are kept`() {
        let parsed = Parsed("a: 1\n---\nb: [*x, *y]\n---\nc: 3\n")
        #expect(parsed.outline == [#"{"a":"1"}"#, #"{"c":"3"}"#])
        #expect(parsed.findings == ["yaml.alias 3:5", "yaml.alias 3:9"])
    }
}
