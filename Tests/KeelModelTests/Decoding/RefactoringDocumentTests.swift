import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

struct RefactoringDocumentTests {
    private static func document(_ kind: String, _ rest: String) -> String {
        "apiVersion: mailkeel/v1\nkind: \(kind)\n\(rest)\n---\n"
    }

    @Test(arguments: [
        Fixture(Manifest.moved("1️⃣old", "EmailAccount/new"), "manifest.bad-value"),
        Fixture(Manifest.moved("1️⃣EmailAccount/", "EmailAccount/new"), "manifest.bad-value"),
        Fixture(Manifest.moved("1️⃣EmailAccount/a/b", "EmailAccount/new"), "manifest.bad-value"),
        Fixture(Manifest.moved("1️⃣EmailAcount/old", "EmailAccount/new"), "manifest.bad-value"),
        Fixture(Manifest.moved("1️⃣Authorization/p:u", "2️⃣Mailbox/q"), "manifest.bad-value", "manifest.bad-value"),
        Fixture(Manifest.moved("1️⃣no", "2️⃣[x]"), "manifest.bad-value", "manifest.wrong-type"),
        Fixture(Manifest.rename("1️⃣form: EmailAccount/a, to: EmailAccount/b"), "manifest.unknown-field"),
        Fixture(
            Manifest.rename("from: EmailAccount/a, 1️⃣address: EmailAccount/b, to: 2️⃣EmailAccount/b"),
            "manifest.unknown-field", "manifest.unknown-reference"),
        Fixture(document("Moved", "spec: 1️⃣{ from: EmailAccount/a }"), "manifest.missing-field"),
        Fixture(document("Moved", "spec: 1️⃣x"), "manifest.wrong-type"),
        Fixture("1️⃣" + document("Moved", "metadata: { name: x }"), "manifest.missing-field"),
        Fixture("1️⃣" + document("Removed", "metadata: { name: x }"), "manifest.missing-field"),
        Fixture(document("Removed", "1️⃣sepc: { address: EmailAccount/a }"), "manifest.unknown-field"),
        Fixture(document("Removed", "spec: 1️⃣{}"), "manifest.missing-field"),
        Fixture(Manifest.removed("1️⃣Authorization/p:(app)"), "manifest.bad-value"),
        Fixture(
            document("Removed", "metadata: { 1️⃣labels: { a: b } }\nspec: { address: EmailAccount/a }"),
            "manifest.unknown-field"),
        Fixture(document("Removed", "metadata: 1️⃣x\nspec: { address: EmailAccount/a }"), "manifest.wrong-type"),
        Fixture(
            document("Removed", "metadata: { name: 1️⃣a/b }\nspec: { address: EmailAccount/a }"), "manifest.bad-value"),
        Fixture(document("Removed", "spec: { address: EmailAccount/a }\n1️⃣status: {}"), "manifest.unknown-field"),
    ])
    func `a mistake is reported once, where it stands`(fixture: Fixture) { fixture.check() }

    @Test(arguments: [
        ("EmailAcount/a", "did you mean \"EmailAccount/a\"?"),
        ("a", "write the kind, a slash and the name: EmailAccount/NAME or OAuthProfile/NAME"),
        (
            "Authorization/p:u",
            "authorizations follow from the accounts that need them; name the account or its profile"
        ),
    ])
    func `an address that is none says what to write`(text: String, help: String) {
        #expect(Loaded(Manifest.removed(text)).helps == [help])
    }

    @Test func `metadata may hold a name and annotations`() {
        let metadata = "metadata: { name: spring-cleaning, annotations: { why: nobody reads it } }\n"
        let loaded = Loaded(Self.document("Removed", metadata + "spec: { address: EmailAccount/a }"))
        #expect(loaded.findings.isEmpty)
        #expect(loaded.set.refactoring.removals.map(\.address.description) == ["EmailAccount/a"])
    }

    @Test func `names in metadata need not be unique, for they declare nothing`() {
        let text = ["a", "b"].map {
            Self.document("Removed", "metadata: { name: x }\nspec: { address: EmailAccount/\($0) }")
        }
        #expect(Loaded(text.joined()).findings.isEmpty)
    }

    /// A refused document declares no resource, so nothing that others refer to is lost with it.
    @Test func `a mistake in it hides no unknown reference`() {
        Fixture(
            Manifest.account("type: imap", "server: h", "userName: u", "oauthProfile: 1️⃣nobody")
                + Manifest.removed("2️⃣x"), "manifest.unknown-reference", "manifest.bad-value"
        ).check()
    }
}
