import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct SetTests {
    static let mailbox = "account: { type: imap, server: h, userName: \"${item.mailbox}\", password: { fromEnv: P } }"

    static func set(_ spec: String..., name: String = "branches", metadata: String = "") -> String {
        Manifest.document("EmailAccountSet", name, spec, metadata: metadata)
    }

    private static func names(_ loaded: Loaded) -> [String] { loaded.set.accounts.map(\.address.name) }

    @Test func `each item is an account`() throws {
        let loaded = Loaded(
            Self.set(
                "key: site", "items:", "  - { site: muc, mailbox: muc@contoso.com }",
                "  - { site: ber, mailbox: ber@contoso.com }", Self.mailbox))
        #expect(loaded.findings.isEmpty)
        #expect(Self.names(loaded) == ["branches.ber", "branches.muc"])
        #expect(loaded.account("branches.muc")?.userName == "muc@contoso.com")
        #expect(loaded.account("branches.muc")?.spec.origin("userName") == .manifest)
    }

    @Test func `each row of a table is several accounts`() throws {
        let text = Self.set(
            "key: site", "csv: data/branches.csv", "accounts:",
            "  in: { type: imap, server: h, port: \"${item.port}\", userName: \"${item.mailbox}\", password: { fromEnv: \"PW_${item.site}\" } }",
            "  out: { type: smtp, server: h, userName: \"${item.mailbox}\", from: \"${item.from}\", password: { fromEnv: P } }",
            metadata:
                ", labels: { site: \"${item.site}\", team: desk, town: \"${item.town}\" }, annotations: { note: \"${item.town}\" }"
        )
        let table =
            "site,mailbox,from,port,town\r\nber,ber@contoso.com,,1993,\"Berlin, \"\"Mitte\"\"\"\r\nmuc,muc@contoso.com,no-reply@contoso.com,,\r\n"
        let loaded = Loaded(files: [("x/f.yaml", text), ("x/data/branches.csv", table)])
        #expect(loaded.findings.isEmpty)
        #expect(Self.names(loaded) == ["branches.ber.in", "branches.ber.out", "branches.muc.in", "branches.muc.out"])
        let ber = try #require(loaded.account("branches.ber.in"))
        #expect(
            ber.endpoint.port == 1993 && ber.spec.value("password") == .secret(SecretSource(.environment("PW_ber"))))
        #expect(
            ber.spec.declared["metadata.labels"]
                == .map(["site": "ber", "team": "desk", "town": "Berlin, \"Mitte\""]))
        #expect(ber.spec.annotations["note"]?.text == "Berlin, \"Mitte\"")
        let muc = try #require(loaded.account("branches.muc.in"))
        #expect(muc.endpoint.port == 993 && !muc.spec.isDeclared("port"))
        #expect(muc.spec.declared["metadata.labels"] == .map(["site": "muc", "team": "desk"]))
        #expect(loaded.account("branches.ber.out")?.spec.isDeclared("from") == false)
        #expect(loaded.account("branches.muc.out")?.spec.value("from") == .text("no-reply@contoso.com"))
    }

    @Test(arguments: [
        ("", "site,mailbox\n"), ("delimiter: \";\"", "site;mailbox\n"), ("delimiter: tab", "site\tmailbox\n"),
    ])
    func `columns are separated by the delimiter`(line: String, header: String) {
        let delimiter = header.dropFirst("site".count).first.map(String.init) ?? ""
        let loaded = Loaded(files: [
            ("f.yaml", Self.set("key: site", "csv: ./t.csv", line, Self.mailbox)),
            ("t.csv", header + "a\(delimiter)b\n"),
        ])
        #expect(loaded.findings.isEmpty && Self.names(loaded) == ["branches.a"])
    }

    @Test(
        arguments: [
            ("userName: \"${item.mailbox}\"", "{ mailbox: 4711 }", .text("4711")),
            ("userName: \"${item.mailbox}\"", "{ mailbox: \"no\" }", .text("no")),
            ("userName: \"${item.mailbox}\"", "{ mailbox: true }", .text("true")),
            ("userName: \"${item.mailbox}\"", "{ mailbox: \"x@${var.tenant}\" }", .text("x@contoso.com")),
            ("userName: \"${item.mailbox}\"", "{ mailbox: \"$${x}\" }", .text("${x}")),
            ("userName: \"${item.a}-${var.tenant}\"", "{ a: x, mailbox: z }", .text("x-contoso.com")),
        ] as [(String, String, FieldValue)])
    func `an item holds scalars`(line: String, item: String, value: FieldValue) {
        let text = Self.set(
            "key: k", "items: [{ k: a, \(item.dropFirst(2))]",
            "account: { type: imap, server: h, password: { fromEnv: P }, \(line) }")
        let loaded = Loaded(files: [("f.yaml", text)], variables: ["tenant": Variable(.text("contoso.com"))])
        #expect(loaded.findings.isEmpty)
        #expect(loaded.account("branches.a")?.spec.value("userName") == value)
    }

    @Test(arguments: ["{ k: a }", "{ k: a, active: }", "{ k: a, active: ~ }", "{ k: a, active: \"\" }"])
    func `a field that names an empty value is omitted`(item: String) throws {
        let text = Self.set(
            "key: k", "items: [\(item), { k: b, active: false, x: y }]",
            "account: { type: imap, server: h, password: { fromEnv: P }, userName: u, active: \"${item.active}\", lifecycle: { ignoreChanges: [port, \"${item.x}\"] } }"
        ).replacing("\"${item.x}\"", with: "\"${item.field}\"").replacing("x: y", with: "field: debug")
        let loaded = Loaded(text)
        #expect(loaded.findings.isEmpty)
        #expect(loaded.account("branches.a")?.spec.isDeclared("active") == false)
        #expect(loaded.account("branches.a")?.active == true && loaded.account("branches.b")?.active == false)
        #expect(loaded.account("branches.a")?.spec.value("lifecycle.ignoreChanges") == .set(["port"]))
        #expect(loaded.account("branches.b")?.spec.value("lifecycle.ignoreChanges") == .set(["debug", "port"]))
    }

    @Test func `the order of items has no meaning`() {
        let items = ["{ k: c, mailbox: x }", "{ k: a, mailbox: w }", "{ k: b, mailbox: z }"]
        let one = Loaded(Self.set("key: k", "items: [\(items.joined(separator: ", "))]", Self.mailbox))
        let other = Loaded(Self.set("key: k", "items: [\(items.reversed().joined(separator: ", "))]", Self.mailbox))
        #expect(Self.names(one) == ["branches.a", "branches.b", "branches.c"])
        #expect(one.set.accounts.map(\.spec.declared) == other.set.accounts.map(\.spec.declared))
    }

    @Test func `a set without items has no accounts`() {
        #expect(
            Loaded(
                Self.set(
                    "key: k", "items: []", "account: { type: imap, server: h, userName: u, password: { fromEnv: P } }")
            ).findings.isEmpty)
        #expect(Loaded(Self.set("key: k", "items: []", Self.mailbox)).findings.isEmpty)
        let empty = Loaded(files: [
            ("f.yaml", Self.set("key: site", "csv: t.csv", Self.mailbox)), ("t.csv", "site,mailbox\n"),
        ])
        #expect(empty.findings == ["manifest.empty-table 6:8"] && empty.set.accounts.isEmpty)
    }

    @Test func `accounts of a set share profiles and can be moved`() {
        let loaded = Loaded(
            Manifest.m365
                + Self.set(
                    "key: k", "items: [{ k: ber, mailbox: a@contoso.com }]",
                    "account: { type: imap, userName: \"${item.mailbox}\", oauthProfile: m365 }")
                + Manifest.moved("EmailAccount/berlin", "EmailAccount/branches.ber")
                + Manifest.removed("EmailAccount/branches.ber.in"))
        #expect(loaded.findings.isEmpty)
        #expect(loaded.account("branches.ber")?.authorization?.description == "Authorization/m365:(app)")
        #expect(loaded.set.refactoring.moves.map(\.to.name) == ["branches.ber"])
    }

    @Test func `a name of three parts may be longer than a name`() {
        let long = String(repeating: "x", count: 63)
        let loaded = Loaded(
            Self.set(
                "key: k", "items: [{ k: \(long), mailbox: u }]",
                "accounts: { \(long): { type: imap, server: h, userName: u, password: { fromEnv: P } } }", name: long)
                + Manifest.moved("EmailAccount/a", "EmailAccount/\(long).\(long).\(long)"))
        #expect(loaded.findings.isEmpty)
        #expect(ResourceAddress(.emailAccount, "\(long).\(long).\(long)").isDeclarable)
        #expect(!ResourceAddress(.emailAccount, "\(long).\(long).\(long)x").isDeclarable)
    }

    @Test func `two sets may read one table`() {
        let files = [
            ("a.yaml", Self.set("key: site", "csv: t.csv", Self.mailbox, name: "a")),
            ("b.yaml", Self.set("key: site", "csv: t.csv", Self.mailbox, name: "b")),
            ("t.csv", "site,mailbox\nx,\"y\n"),
        ]
        #expect(Loaded(files: files).findings == ["csv.syntax 2:3"])
    }

    @Test func `what a table lacks is known by the tables that are wanted`() {
        var sources = SourceMap()
        let id = sources.add(
            path: "x/f.yaml", bytes: Array(Self.set("key: site", "csv: ../y/t.csv", Self.mailbox).utf8))
        let loaded = Loaded(files: [("x/f.yaml", Self.set("key: site", "csv: ../y/t.csv", Self.mailbox))])
        #expect(loaded.tables.map(\.path) == ["y/t.csv"] && loaded.tables.map(\.place.start.line) == [6])
        #expect(loaded.findings.isEmpty && loaded.set.accounts.isEmpty && id.index == 0)
    }
}
