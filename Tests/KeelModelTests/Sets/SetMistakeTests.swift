import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct SetMistakeTests {
    private static func files(_ spec: [String], _ table: String? = nil) -> [(path: String, text: String)] {
        [("f.yaml", Manifest.document("EmailAccountSet", "s", spec))] + (table.map { [("t.csv", $0)] } ?? [])
    }

    private static let rest = "account: { type: imap, server: h, userName: \"${item.m}\", password: { fromEnv: P } }"

    @Test(
        arguments: [
            // The set itself.
            (["1️⃣kye: k", "items: [{ k: a, m: x }]", rest], ["manifest.unknown-field"]),
            (["key: 1️⃣no", "items: [{ k: a, m: x }]", rest], ["manifest.bad-value"]),
            (["key: 1️⃣site", "items: [{ k: a, m: x }]", rest], ["manifest.unknown-column"]),
            (["key: k", "items: 1️⃣{ k: a, m: x }", rest], ["manifest.wrong-type"]),
            (
                [
                    "key: 1️⃣k", "items: [{}, {}]",
                    "account: { type: imap, server: h, userName: u, password: { fromEnv: P } }",
                ], ["manifest.unknown-column"]
            ),
            (["key: k", "items: [1️⃣a, { k: b, m: x }]", rest], ["manifest.wrong-type"]),
            (["key: k", "items: [{ k: a, m: 1️⃣[x] }]", rest], ["manifest.wrong-type"]),
            (["key: k", "items: [{ k: a, m: 1️⃣no }]", rest], ["manifest.bad-value"]),
            (["key: k", "items: [{ k: a, m: \"1️⃣${item.k}\" }]", rest], ["manifest.bad-reference"]),
            (["key: k", "items: [{ k: a, m: x }]", "1️⃣csv: t.csv", rest], ["manifest.field-not-applicable"]),
            (["key: k", "items: [{ k: a, m: x }]", "1️⃣delimiter: ;", rest], ["manifest.field-not-applicable"]),
            (["key: k", "csv: t.csv", "delimiter: 1️⃣\"|\"", rest], ["manifest.bad-value"]),
            // Nobody knows what the delimiter would be beside.
            (["key: k", "1️⃣cvs: t.csv", "delimiter: \";\"", rest], ["manifest.unknown-field"]),
            (["key: k", "csv: 1️⃣/etc/passwd", rest], ["manifest.bad-value"]),
            (["key: k", "csv: 1️⃣../t.csv", rest], ["manifest.bad-value"]),
            (["key: k", "csv: 1️⃣a/../../t.csv", rest], ["manifest.bad-value"]),
            (
                ["key: k", "items: [{ k: a, m: x }]", rest, "1️⃣accounts: { a: { type: imap } }"],
                ["manifest.field-not-applicable"]
            ),
            (["key: k", "items: [{ k: a, m: x }]", "accounts: 1️⃣{}"], ["manifest.bad-value"]),
            (["key: k", "items: [{ k: a, m: x }]", "accounts: 1️⃣[]"], ["manifest.wrong-type"]),
            (["key: k", "items: [{ k: a, m: x }]", "account: 1️⃣x"], ["manifest.wrong-type"]),
            (
                [
                    "key: k", "items: [{ k: a, m: x }]",
                    "accounts: { 1️⃣a/b: { type: imap, server: h, userName: u, password: { fromEnv: P } } }",
                ], ["manifest.bad-value"]
            ),
            // Items.
            (["key: k", "items: [{ k: a, m: x }, { k: 1️⃣a, m: w }]", rest], ["manifest.duplicate-key"]),
            (["key: k", "items: [{ k: 1️⃣\"\", m: x }]", rest], ["manifest.empty-key"]),
            (["key: k", "items: [1️⃣{ m: x }, { k: b, m: w }]", rest], ["manifest.empty-key"]),
            (["key: k", "items: [{ k: 1️⃣a@b.c, m: x }]", rest], ["manifest.bad-key"]),
            (["key: k", "items: [{ k: a, m: x }, 1️⃣{ k: b }]", rest], ["manifest.missing-field"]),
            (["key: k", "items: [{ k: a, m: 1️⃣\"x\\ty\" }]", rest], ["manifest.bad-value"]),
            (["key: k", "items: [{ k: a, 1️⃣\"${var.x}\": x, m: w }]", rest], ["manifest.bad-reference"]),
        ] as [([String], [String])])
    func `a mistake in a set is reported once, where it stands`(spec: [String], codes: [String]) {
        MarkedFiles(Self.files(spec), codes).check()
    }

    /// Of every mistake there are three items.
    @Test(arguments: [
        ("1️⃣sever: h, userName: u, password: { fromEnv: P }", ["manifest.unknown-field"]),
        ("server: h, userName: u, password: { fromEnv: P }, port: 1️⃣0993", ["manifest.bad-value"]),
        ("server: h, userName: \"1️⃣${item.mm}\", password: { fromEnv: P }", ["manifest.unknown-column"]),
        ("server: h, userName: \"a1️⃣${item.m\", password: { fromEnv: P }", ["manifest.bad-reference"]),
        ("server: h, userName: \"1️⃣${var.x}${item.m}\", password: { fromEnv: P }", ["manifest.unknown-variable"]),
        ("server: h, userName: u, password: 1️⃣\"${item.m}\"", ["manifest.plain-secret"]),
        (
            "server: h, userName: u, password: { fromEnv: P }, lifecycle: { ignoreChanges: [1️⃣no, \"${item.f}\"] }",
            ["manifest.bad-value"]
        ),
        ("server: h, userName: u, oauthProfile: 1️⃣nobody", ["manifest.unknown-reference"]),
        ("server: h, userName: u, password: { fromEnv: P }, from: 1️⃣x", ["manifest.field-not-applicable"]),
    ])
    func `a mistake of the template is reported once for all items`(line: String, codes: [String]) {
        MarkedFiles(
            Self.files([
                "key: k", "items: [{ k: a, m: x, f: port }, { k: b, m: w, f: port }, { k: c, m: z, f: debug }]",
                "account: { type: imap, \(line) }",
            ]), codes
        ).check()
    }

    @Test(arguments: [
        ("1️⃣account: { type: imap, server: h, password: { fromEnv: P } }", "manifest.missing-field"),
        ("1️⃣account: { type: imap, userName: u, password: { fromEnv: P } }", "manifest.missing-field"),
        ("1️⃣account: { type: imap, server: h, userName: u }", "manifest.missing-field"),
        ("accounts: { 1️⃣in: { type: imap, userName: u, password: { fromEnv: P } } }", "manifest.missing-field"),
    ])
    func `what the template lacks is reported at its name`(line: String, code: String) {
        MarkedFiles(Self.files(["key: k", "items: [{ k: a }, { k: b }]", line]), [code]).check()
    }

    @Test(arguments: [
        ("port: \"${item.v}\"", "k,m,v\na,x,993\nb,y,1️⃣99999\n", ["manifest.bad-value"]),
        ("port: \"${item.v}\"", "k,m,v\na,x, 1️⃣\"9,3\"\nb,y,2️⃣no\n", ["manifest.bad-value", "manifest.bad-value"]),
        ("active: \"${item.v}\"", "k,m,v\na,x,true\nb,y,1️⃣yes\n", ["manifest.bad-value"]),
        ("recordIn: \"${item.v}\"", "k,m,v\r\na,x,\"one\r\ntwo\",\r\n", ["csv.ragged-row"]),
        ("recordIn: \"${item.v}\"", "k,m,v\r\na,x,1️⃣\"one\r\ntwo\"\r\nb,y,ok\r\n", ["manifest.bad-value"]),
        ("recordIn: \"${item.v}\"", "k,m,v\na,x,1️⃣${var.x}\nb,y,$x\n", ["manifest.bad-reference"]),
        ("mechanism: \"X${item.v}\"", "k,m,v\nä,x,OAUTH2\n", ["manifest.bad-key"]),
        ("tls: { caFile: \"${item.k}${item.v}\" }", "k,m,v\nab,x,c\na,1️⃣,bc\n", ["manifest.missing-field"]),
    ])
    func `a mistake in a cell is reported in the cell`(line: String, table: String, codes: [String]) {
        var table = table
        if codes == ["csv.ragged-row"] { table = table.replacing("two\",", with: "two\",1️⃣") }
        if codes == ["manifest.bad-key"] { table = table.replacing("ä", with: "1️⃣ä") }
        MarkedFiles(
            Self.files(
                [
                    "key: k", "csv: t.csv",
                    "account: { type: imap, server: h, userName: \"${item.m}\", password: { fromEnv: P }, \(line) }",
                ], table), codes
        ).check()
    }

    @Test func `a table without rows may be an export that failed`() {
        MarkedFiles(Self.files(["key: k", "csv: 1️⃣t.csv", Self.rest], "k,m\r\n"), ["manifest.empty-table"]).check()
    }

    @Test func `a mistake in a cell shows where the template takes it`() {
        let loaded = Loaded(
            files: Self.files(
                [
                    "key: k", "csv: t.csv",
                    "account: { type: imap, server: h, userName: u, port: \"${item.port}\", oauthProfile: \"${item.profile}\" }",
                ], "k,port,profile\na,x,\nb,993,nobody\n") + [("p.yaml", Manifest.own)])
        #expect(
            loaded.diagnostics.map(\.code) == [
                "manifest.bad-value", "manifest.missing-field", "manifest.unknown-reference",
            ])
        #expect(
            loaded.diagnostics.map { $0.address?.description } == [
                "EmailAccount/s.a", "EmailAccount/s.a", "EmailAccount/s.b",
            ])
        let reference = loaded.diagnostics.last
        #expect(reference?.range.map { loaded.sources[$0.file].path } == "t.csv")
        #expect(reference?.notes.map(\.message) == ["the template takes it here"])
        #expect(reference?.notes.first?.range.map { loaded.sources[$0.file].path } == "f.yaml")
        #expect(loaded.diagnostics.first?.notes.map(\.message) == ["the template takes it here"])
    }

    @Test func `an unknown column says what there is`() {
        func helps(_ name: String, _ table: String, key: String = "k") -> [String] {
            Loaded(
                files: Self.files(
                    [
                        "key: \(key)", "csv: t.csv",
                        "account: { type: imap, server: h, userName: \"${item.\(name)}\", password: { fromEnv: P } }",
                    ], table)
            ).helps
        }
        #expect(helps("mailbx", "k,mailbox\na,b\n") == ["did you mean \"${item.mailbox}\"?"])
        #expect(helps("xyz", "k,mailbox\na,b\n") == ["they have k, mailbox"])
        #expect(helps("User Name", "k,User Name\na,b\n").isEmpty)
        #expect(
            helps("mailbox", "site;mailbox\na;b\n", key: "site") == ["is the delimiter \";\"? write delimiter: \";\""],
            "said once, and not again for each column")
    }

    @Test func `a set that is declared twice is refused, and so is an account that exists`() {
        let set = SetTests.set("key: k", "items: [{ k: a, mailbox: x }]", SetTests.mailbox)
        let twice = Loaded(set + set)
        #expect(twice.messages.contains("EmailAccountSet/branches is declared twice"))
        let account = Loaded(set + Manifest.mailbox("branches.a"))
        #expect(account.messages == ["EmailAccount/branches.a is declared twice"])
    }

    @Test func `a move to an account of a set with a mistake is not missed`() {
        let text =
            SetTests.set("key: k", "items: [{ k: a, mailbox: no }]", SetTests.mailbox)
            + Manifest.moved("EmailAccount/x", "EmailAccount/branches.a")
        #expect(Loaded(text).diagnostics.map(\.code) == ["manifest.bad-value"])
        let other =
            SetTests.set("key: k", "items: [{ k: a, mailbox: u }]", SetTests.mailbox)
            + Manifest.moved("EmailAccount/x", "EmailAccount/branches.b")
        #expect(Loaded(other).diagnostics.map(\.code) == ["manifest.unknown-reference"])
    }

    @Test func `what small files may ask for has an end`() {
        let long = String(repeating: "x", count: 9000)
        #expect(
            Loaded(
                SetTests.set(
                    "key: k", "items: [{ k: a, m: \(long) }]",
                    "account: { type: imap, server: h, userName: \"${item.m}${item.m}\", password: { fromEnv: P } }")
            ).diagnostics.map(\.code) == ["manifest.limit"])
        let templates = (0..<201).map { "  t\($0): { type: imap, server: h, userName: u, password: { fromEnv: P } }" }
        let many = Manifest.document("EmailAccountSet", "s", ["key: k", "csv: t.csv", "accounts:"] + templates)
        let table = "k\n" + (0..<1000).map { "a\($0)\n" }.joined()
        #expect(Loaded(files: [("f.yaml", many), ("t.csv", table)]).findings == ["manifest.limit 3:19"])
    }

    @Test(arguments: [
        "1️⃣apiVersion: mailkeel/v1\nkind: EmailAccountSet\nspec: { key: k, items: [], account: { type: imap } }\n",
        "1️⃣apiVersion: mailkeel/v1\nkind: EmailAccountSet\nmetadata: { name: s }\n",
    ])
    func `a set has metadata and a spec`(text: String) { Fixture(text, "manifest.missing-field").check() }

    @Test func `a project stands in the project file only`() {
        Fixture(
            "1️⃣apiVersion: mailkeel/v1\nkind: Project\nmetadata: { name: p }\nspec: {}\n", "manifest.misplaced-project"
        ).check()
    }
}
