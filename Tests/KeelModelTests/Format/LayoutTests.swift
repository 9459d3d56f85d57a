import KeelModel
import Testing

/// What a text looks like before and after.
struct Layout: Sendable, CustomTestStringConvertible {
    let before: String
    let after: String

    init(_ before: String, _ after: String) {
        self.before = before
        self.after = after
    }

    /// A text that is laid out already.
    init(_ text: String) { self.init(text, text) }

    var testDescription: String { before.debugDescription }

    func check(sourceLocation: SourceLocation = #_sourceLocation) {
        let formatting = Formatting(spec: before)
        #expect(formatting.codes.isEmpty, sourceLocation: sourceLocation)
        #expect(formatting.spec == after, sourceLocation: sourceLocation)
    }
}

@Suite struct LayoutTests {
    @Test(arguments: [
        Layout("a:    b\n", "a: b\n"),
        Layout("a : b\n", "a: b\n"),
        Layout("a:\n    b: c\n    d:\n          e: f\n", "a:\n  b: c\n  d:\n    e: f\n"),
        Layout("a:\n b:\n  c: d\n", "a:\n  b:\n    c: d\n"),
        Layout("a:\n- b\n- c\nd: e\n", "a:\n  - b\n  - c\nd: e\n"),
        Layout("a:\n    - b\n    -   c\n", "a:\n  - b\n  - c\n"),
        Layout("a:\n-   b: c\n    d: e\n-\n  f: g\n", "a:\n  - b: c\n    d: e\n  -\n    f: g\n"),
        Layout("a:\n- - b\n  - c\n-   -   d\n", "a:\n  - - b\n    - c\n  - - d\n"),
        Layout("a:\n- b:\n  - c\n  d: e\n", "a:\n  - b:\n      - c\n    d: e\n"),
        Layout("a:\n     b\n", "a:\n  b\n"),
        Layout("a:\nb:\n", "a:\nb:\n"),
        Layout("a: \t b\t\n", "a: b\n"),
        Layout("? a\n: b\n", "? a\n: b\n"),
        Layout("?   a\n:   - b\n    - c\n", "? a\n: - b\n  - c\n"),
    ])
    func `blocks are indented by two, lists within mappings too`(_ layout: Layout) { layout.check() }

    @Test(arguments: [
        Layout("a: {b: c,d: e}\n", "a: { b: c, d: e }\n"),
        Layout("a: {  }\n", "a: {}\n"),
        Layout("a: [ b,c , d ]\n", "a: [b, c, d]\n"),
        Layout("a: [ ]\n", "a: []\n"),
        Layout("a: [b, ]\n", "a: [b,]\n"),
        Layout("a: {b: [{c: d}]}\n", "a: { b: [{ c: d }] }\n"),
        Layout("a: [b: c]\n", "a: [b: c]\n"),
        Layout("a: {b: , c: }\n", "a: { b: , c: }\n"),
        Layout("a: {b}\n", "a: { b }\n"),
        Layout("a: {\"b\":c}\n", "a: { \"b\": c }\n"),
        Layout("a: [-]\n", "a: [-]\n"),
        Layout("a: {b: -}\n", "a: { b: -}\n"),
        Layout("a: [\n    b,\n      c\n    ]\n", "a: [\n  b,\n  c\n]\n"),
        Layout("a:\n  - {b: c,\n    d: [\n  e ]}\n", "a:\n  - { b: c,\n      d: [\n        e] }\n"),
        Layout("a: [{\nb: c\n}, {\nd: e\n}]\n", "a: [{\n  b: c\n}, {\n  d: e\n}]\n"),
        Layout(
            "a: [ # why\n  b # this\n  # and\n\n\n  # more\n]\n", "a: [  # why\n  b  # this\n  # and\n\n  # more\n]\n"),
        Layout("a: {b:\n   c}\n", "a: { b:\n    c }\n"),
    ])
    func `brackets have one blank where people write one`(_ layout: Layout) { layout.check() }

    @Test(arguments: [
        Layout("a: &x  b\nc: *x\n", "a: &x b\nc: *x\n"),
        Layout("a: &x\n    b: c\n", "a: &x\n  b: c\n"),
        Layout("&x a : b\nc: { *x : d }\n", "&x a: b\nc: { *x : d }\n"),
        Layout("a: !!str   1\n", "a: !!str 1\n"),
        Layout("a: &x\n- b\n", "a: &x\n  - b\n"),
        Layout("a: [&x  b,*x]\n", "a: [&x b, *x]\n"),
        Layout("a: !!str\nb: &y\n", "a: !!str\nb: &y\n"),
    ])
    func `anchors, aliases and tags keep their places`(_ layout: Layout) { layout.check() }

    @Test(arguments: [
        Layout("a: b\n\n\n\nc: d\n", "a: b\n\nc: d\n"),
        Layout("a: b\n\n\n", "a: b\n"),
        Layout("a: b", "a: b\n"),
        Layout("a: b\n  \t\n", "a: b\n"),
        Layout("a: b\r\nc:\r\n- d\r\n", "a: b\nc:\n  - d\n"),
        Layout("a: b\rc: d\r", "a: b\nc: d\n"),
        Layout("a: b\n...\n", "a: b\n"),
        Layout("a: b\n...\n---\na: c\n", "a: b\n---\na: c\n"),
        Layout("a: b\n---\n---\na: c\n---", "a: b\n---\n---\na: c\n---\n"),
        Layout("a: b\n... # over\n# next\n---\na: c\n", "a: b\n# over\n# next\n---\na: c\n"),
        Layout("a: b\n...\n%YAML 1.1\n---  # two\n\n\na: c\n", "a: b\n...\n%YAML 1.1\n---  # two\n\na: c\n"),
        Layout("a: b\n--- {c: d}\n--- text\n--- |\n text\n", "a: b\n--- { c: d }\n--- text\n--- |\n  text\n"),
    ])
    func `lines end with a line feed and documents are kept apart`(_ layout: Layout) { layout.check() }

    @Test func `a byte order mark and blank lines before the first text go`() {
        #expect(
            Formatting("\u{FEFF}\n\n  apiVersion: mailkeel/v1\n  kind: X\n").text
                == "apiVersion: mailkeel/v1\nkind: X\n")
        #expect(
            Formatting("%YAML 1.2\n---\n\n apiVersion: mailkeel/v1\n").text
                == "%YAML 1.2\n---\n\napiVersion: mailkeel/v1\n")
        #expect(
            Formatting("\n# c\n\n\n--- # d\napiVersion:   mailkeel/v1").text
                == "# c\n\n---  # d\napiVersion: mailkeel/v1\n")
        #expect(Formatting("{apiVersion: mailkeel/v1,\nkind: X}").text == "{ apiVersion: mailkeel/v1,\n  kind: X }\n")
    }
}

@Suite struct CommentLayoutTests {
    @Test(arguments: [
        Layout("a: b # c\n", "a: b  # c\n"),
        Layout("a: b  #c \t\n", "a: b  #c\n"),
        Layout("a: b       # far\n", "a: b       # far\n"),
        Layout("a: b    # x\nlonger: d # y\n", "a: b    # x\nlonger: d  # y\n"),
        Layout("a: b      # x\nlonger: d # y\n", "a: b       # x\nlonger: d  # y\n"),
        Layout("a:  b    # x\nbc: d    # y\n", "a: b     # x\nbc: d    # y\n"),
        Layout("a: b # x\n\nlonger: d # y\n", "a: b  # x\n\nlonger: d  # y\n"),
    ])
    func `a comment behind a text stands two blanks away, or stays in its column`(_ layout: Layout) { layout.check() }

    @Test(arguments: [
        Layout("# a\na: b\n", "# a\na: b\n"),
        Layout("a:\n# about b\n     # more\n    b: c\n", "a:\n  # about b\n  # more\n  b: c\n"),
        Layout("a:\n    b: c\n    # d: e\nf: g\n", "a:\n  b: c\n  # d: e\nf: g\n"),
        Layout("a:\n    b: c\n# about f\nf: g\n", "a:\n  b: c\n# about f\nf: g\n"),
        Layout(
            "a:\n    b:\n        c: d\n    # in a\n        # not in b again\n# about f\nf: g\n",
            "a:\n  b:\n    c: d\n  # in a\n  # not in b again\n# about f\nf: g\n"),
        Layout("a:\n    b: c\n    # end\n", "a:\n  b: c\n  # end\n"),
        Layout("a:\n    b: c\n# end\n\n\n# the very end", "a:\n  b: c\n# end\n\n# the very end\n"),
        Layout("a:\n    # b: c\nd: e\n", "a:\n  # b: c\nd: e\n"),
        Layout("a:\n- b\n# about c\n- c\n# about d\nd: e\n", "a:\n  - b\n  # about c\n  - c\n# about d\nd: e\n"),
        Layout("a:\n  - b\n  # - c\nd: e\n", "a:\n  - b\n  # - c\nd: e\n"),
        Layout("a:\n-\n  # nothing\n- b\n", "a:\n  -\n    # nothing\n  - b\n"),
        Layout("a:\n- b: c\n  # d: e\n- f: g\n", "a:\n  - b: c\n    # d: e\n  - f: g\n"),
        Layout("a: b\n# before\n---\n# behind\na: c\n", "a: b\n# before\n---\n# behind\na: c\n"),
        Layout("a: # why\n    # how\n    b: c\n", "a:  # why\n  # how\n  b: c\n"),
        Layout("a:\n    b: |\n        text\n    # about c\n    c: d\n", "a:\n  b: |\n    text\n  # about c\n  c: d\n"),
        Layout("a: |  # why\n   text\n # end\n", "a: |  # why\n  text\n# end\n"),
        Layout("a: # é\n  ü: b # c\n", "a:  # é\n  ü: b  # c\n"),
    ])
    func `a comment with its own line is indented as what it belongs to`(_ layout: Layout) { layout.check() }
}

@Suite struct ScalarLayoutTests {
    @Test(arguments: [
        Layout("a: |\n      x\n        y\n\n      z\n", "a: |\n  x\n    y\n\n  z\n"),
        Layout("a:\n    b: >-\n        x\n        y\n\n\n    c: d\n", "a:\n  b: >-\n    x\n    y\n\n  c: d\n"),
        Layout("a: |+\n    x\n\n\nb: c\n", "a: |+\n  x\n\n\nb: c\n"),
        Layout("a: |+\n    x\n\n\n", "a: |+\n  x\n\n\n"),
        Layout("a: |2\n    x\n   y\nb: c\n", "a: |2\n    x\n   y\nb: c\n"),
        Layout("a:\n    b: |1-\n       x\n     y\n", "a:\n  b: |1-\n     x\n   y\n"),
        Layout("a: |\n  x  \n     \n  y\t\n", "a: |\n  x  \n     \n  y\t\n"),
        Layout("a: |\n     \n     x\n", "a: |\n\n  x\n"),
        Layout("a: |\nb: >\nc: |+\n\n\nd: e\n", "a: |\nb: >\nc: |+\n\n\nd: e\n"),
        Layout("a: |\n  x", "a: |\n  x"),
        Layout("a: |-\n  x", "a: |-\n  x\n"),
        Layout("a:\n- |\n x\n- >2\n   y\n", "a:\n  - |\n    x\n  - >2\n     y\n"),
        Layout("a: |\n   # text\n  \n # no text\n", "a: |\n  # text\n\n# no text\n"),
    ])
    func `the text of a block is moved as a whole`(_ layout: Layout) { layout.check() }

    @Test(arguments: [
        Layout("a: b\n      c   \n\n\n   d\n", "a: b\n  c\n\n\n  d\n"),
        Layout("a:\n     b\n     c\n", "a:\n  b\n  c\n"),
        Layout("a: 'b  \n c '\n", "a: 'b\n  c '\n"),
        Layout("a: \" b  \n\n      c  \\\n     \\ d\\  \n   e \"\n", "a: \" b\n\n  c  \\\n  \\ d\\ \n  e \"\n"),
        Layout("a: \"b\n    --- c\"\n", "a: \"b\n  --- c\"\n"),
        Layout("a: [b\n      c, d]\n", "a: [b\n    c, d]\n"),
        Layout("a: b\n--- c\n   --- d\n", "a: b\n--- c\n  --- d\n"),
        Layout("a: 'b # c'\n", "a: 'b # c'\n"),
        Layout("a: b#c\n", "a: b#c\n"),
    ])
    func `lines of a text are indented and their meaning is kept`(_ layout: Layout) { layout.check() }

    @Test(arguments: [
        ("---\n    --- d\n  e\n", "---\n  --- d\n  e\n"), ("---\n     ...\n", "---\n  ...\n"),
        ("---\n    --- d: e\n    f: g\n", "---\n  --- d: e\n  f: g\n"),
    ])
    func `a text that would look like a mark between documents stays away from the margin`(
        _ before: String, _ after: String
    ) {
        #expect(Formatting(Formatting.head + before).text == "  " + Formatting.head + after)
    }
}
