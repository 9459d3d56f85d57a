import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct RefactoringTests {
    private static func moves(_ loaded: Loaded) -> [String] {
        loaded.set.refactoring.moves.map { "\($0.from) -> \($0.to) \($0.place.start)" }
    }

    @Test func `a move keeps the place of what it moves`() {
        let loaded = Loaded(Manifest.mailbox("new") + Manifest.moved("EmailAccount/old", "EmailAccount/new"))
        #expect(loaded.findings.isEmpty)
        #expect(Self.moves(loaded) == ["EmailAccount/old -> EmailAccount/new 12:15"])
        #expect(loaded.set.accounts.map(\.address.name) == ["new"])
    }

    @Test func `chains lead to their end, in whatever order they are written`() {
        let links = [
            Manifest.moved("EmailAccount/b", "EmailAccount/c"), Manifest.moved("EmailAccount/a", "EmailAccount/b"),
            Manifest.moved("EmailAccount/c", "EmailAccount/d"), Manifest.moved("OAuthProfile/a", "OAuthProfile/own"),
        ]
        let expected = [
            "OAuthProfile/a -> OAuthProfile/own", "EmailAccount/a -> EmailAccount/d",
            "EmailAccount/b -> EmailAccount/d", "EmailAccount/c -> EmailAccount/d",
        ]
        for order in [links, links.reversed()] {
            let loaded = Loaded(order.joined() + Manifest.own + Manifest.mailbox("d"))
            #expect(loaded.findings.isEmpty)
            #expect(loaded.set.refactoring.moves.map { "\($0.from) -> \($0.to)" } == expected)
        }
    }

    @Test func `removals are sorted, and need no declaration`() {
        let loaded = Loaded(
            Manifest.removed("EmailAccount/b") + Manifest.removed("EmailAccount/a") + Manifest.removed("OAuthProfile/z")
        )
        #expect(loaded.findings.isEmpty)
        #expect(
            loaded.set.refactoring.removals.map { "\($0.address) \($0.place.start)" } == [
                "OAuthProfile/z 11:18", "EmailAccount/a 7:18", "EmailAccount/b 3:18",
            ])
    }

    @Test func `manifests without such documents refactor nothing`() {
        #expect(Loaded(Manifest.mailbox("a")).set.refactoring == Refactoring())
    }

    @Test(arguments: [
        Fixture(
            Manifest.mailbox("a") + Manifest.moved("EmailAccount/a", "1️⃣EmailAccount/a"), "manifest.move-to-itself"),
        Fixture(
            Manifest.own + Manifest.moved("EmailAccount/a", "1️⃣OAuthProfile/own"), "manifest.move-between-kinds"),
        Fixture(
            Manifest.mailbox("a") + Manifest.mailbox("b") + Manifest.moved("1️⃣EmailAccount/a", "EmailAccount/b"),
            "manifest.moved-still-declared"),
        Fixture(
            Manifest.own + Manifest.moved("EmailAccount/a", "1️⃣EmailAccount/own"), "manifest.unknown-reference"),
        Fixture(
            Manifest.mailbox("b") + Manifest.mailbox("c") + Manifest.moved("EmailAccount/a", "EmailAccount/b")
                + Manifest.moved("1️⃣EmailAccount/a", "EmailAccount/c"), "manifest.duplicate-move"),
        Fixture(
            Manifest.mailbox("c") + Manifest.moved("EmailAccount/a", "EmailAccount/c")
                + Manifest.moved("EmailAccount/b", "1️⃣EmailAccount/c"), "manifest.move-collision"),
        // A swap of declared names is one mistake, not three.
        Fixture(
            Manifest.mailbox("a") + Manifest.mailbox("b") + Manifest.moved("1️⃣EmailAccount/a", "EmailAccount/b")
                + Manifest.moved("EmailAccount/b", "EmailAccount/a"), "manifest.move-cycle"),
        Fixture(
            Manifest.moved("1️⃣EmailAccount/a", "EmailAccount/b") + Manifest.moved("EmailAccount/b", "EmailAccount/c")
                + Manifest.moved("EmailAccount/c", "EmailAccount/a"), "manifest.move-cycle"),
        // What leads into a cycle meets it at one of its addresses: two moves arrive there.
        Fixture(
            Manifest.moved("EmailAccount/x", "EmailAccount/a") + Manifest.moved("1️⃣EmailAccount/a", "EmailAccount/b")
                + Manifest.moved("EmailAccount/b", "2️⃣EmailAccount/a"), "manifest.move-cycle",
            "manifest.move-collision"),
        Fixture(Manifest.mailbox("a") + Manifest.removed("1️⃣EmailAccount/a"), "manifest.removed-still-declared"),
        Fixture(
            Manifest.removed("EmailAccount/a") + Manifest.removed("1️⃣EmailAccount/a"), "manifest.duplicate-removal"),
        Fixture(
            Manifest.mailbox("b") + Manifest.moved("EmailAccount/a", "EmailAccount/b")
                + Manifest.removed("1️⃣EmailAccount/a"), "manifest.removed-and-moved"),
        Fixture(
            Manifest.moved("EmailAccount/a", "EmailAccount/b") + Manifest.removed("1️⃣EmailAccount/b"),
            "manifest.removed-and-moved"),
        // In a chain only the end must be declared, and what stands between must not.
        Fixture(
            Manifest.mailbox("b") + Manifest.moved("EmailAccount/a", "EmailAccount/b")
                + Manifest.moved("1️⃣EmailAccount/b", "2️⃣EmailAccount/c"), "manifest.moved-still-declared",
            "manifest.unknown-reference"),
    ])
    func `a mistake is reported once, where it stands`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        (
            Manifest.mailbox("support-in") + Manifest.moved("EmailAccount/x", "EmailAccount/suport-in"),
            "did you mean \"EmailAccount/support-in\"?", []
        ),
        (
            Manifest.mailbox("b") + Manifest.mailbox("a") + Manifest.moved("EmailAccount/a", "EmailAccount/b"),
            "rename the resource to \"b\", or remove the document", ["it is declared here 12:19"]
        ),
        (
            Manifest.moved("EmailAccount/a", "EmailAccount/b") + Manifest.moved("EmailAccount/b", "EmailAccount/a"),
            "remove one of the documents; to swap two names, apply a move to a third name first",
            ["EmailAccount/b moves on to EmailAccount/a 7:15"]
        ),
        (
            Manifest.moved("EmailAccount/a", "EmailAccount/b") + Manifest.removed("EmailAccount/b"),
            "remove the move; where EmailAccount/a may still be committed, remove that address too",
            ["it is moved here 3:35"]
        ),
    ])
    func `a mistake says what mends it, and shows the other place`(text: String, help: String, notes: [String]) throws {
        let diagnostic = try #require(Loaded(text).diagnostics.first)
        #expect(diagnostic.help == help)
        #expect(diagnostic.notes.map { "\($0.message) \($0.range?.start.description ?? "")" } == notes)
        #expect(diagnostic.severity == .error && diagnostic.address?.kind == .emailAccount)
    }

    /// What a move leads to may stand in what could not be read; that was reported.
    @Test(arguments: [
        "apiVersion: mailkeel/v1\nkind: EmailAcount\nmetadata: { name: new }\nspec: { type: imap }\n",
        "apiVersion: mailkeel/v1\nkind: EmailAccount\nspec: { type: imap }\n",
        "apiVersion: mailkeel/v2\nkind: EmailAccount\nmetadata: { name: new }\nspec: { type: imap }\n",
        "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: new }\nspec: { type: jmap }\n",
        "apiVersion: mailkeel/v1\nkind: Moved\nspec: { from: EmailAccount/new }\n",
        "kind: ConfigMap\n---\n" + Manifest.own,
    ])
    func `what was lost is not missed`(other: String) {
        let move = Manifest.moved("EmailAccount/old", "EmailAccount/new")
        let codes = Loaded(files: [("a.yaml", move), ("b.yaml", other)]).diagnostics.map(\.code)
        #expect(!codes.isEmpty && !codes.contains("manifest.unknown-reference"))
    }

    @Test func `a long chain is followed in linear time and without recursion`() {
        let count = 20_000
        let chain = (0..<count).map { Manifest.moved("EmailAccount/m\($0)", "EmailAccount/m\($0 + 1)") }
        let loaded = Loaded(chain.reversed().joined() + Manifest.mailbox("m\(count)"))
        #expect(loaded.findings.isEmpty)
        #expect(loaded.set.refactoring.moves.allSatisfy { $0.to.name == "m\(count)" })
        #expect(loaded.set.refactoring.moves.count == count)
    }
}
