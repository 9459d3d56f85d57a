import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

/// What one manifest says decides nothing about how the next one is read, however alike the two are.
struct RepeatedValueTests {
    /// An account that is in order otherwise.
    private static func account(_ name: String, _ line: String, metadata: String = "") -> String {
        Manifest.account(
            "type: imap", "server: h.example.com", "userName: u", "password: { fromEnv: P }", line, name: name,
            metadata: metadata)
    }

    @Test(arguments: [
        ("recordIn: 'no'", "recordIn: 1️⃣no"), ("recordIn: \"~\"", "recordIn: 1️⃣~"),
        ("recordIn: !!str no", "recordIn: 1️⃣no"),
        ("active: true", "active: 1️⃣'true'"), ("port: 993", "port: 1️⃣9930000"), ("recordIn: ab", "recordIn: 1️⃣\"a\\tb\""),
        ("mechanism: PLAIN", "mechanism: 1️⃣plain"),
        ("lifecycle: { ignoreChanges: [port] }", "lifecycle: { ignoreChanges: [port, 1️⃣port] }"),
    ])
    func `a value is refused after one that only looks like it`(good: String, bad: String) {
        Fixture(Self.account("a", good) + Self.account("b", bad), "manifest.bad-value").check()
    }

    @Test(arguments: ["recordIn: 1️⃣no", "port: 1️⃣0", "active: 1️⃣yes", "lifecycle: { ignoreChanges: [1️⃣no] }"])
    func `a mistake is reported as often as it is made`(line: String) {
        let again = line.replacing("1️⃣", with: "2️⃣")
        Fixture(
            Self.account("a", line) + Self.account("b", again), "manifest.bad-value", "manifest.bad-value"
        ).check()
    }

    @Test func `equal values have their own places`() throws {
        let loaded = Loaded(Self.account("a", "port: 993") + Self.account("b", "port: 993"))
        let places = try ["a", "b"].map { try #require(loaded.account($0)).spec.place(of: "port").start.line }
        #expect(places == [9, 19])
        #expect(loaded.findings.isEmpty)
    }

    @Test func `labels are those of the account`() throws {
        let labels = ["{ team: desk }", "{ team: desk }", "{ team: sales }", "{ desk: team }", "{ team: desk, a: b }"]
        let names = ["a", "b", "c", "d", "e"]
        let loaded = Loaded(
            zip(names, labels).map { Self.account($0, "debug: true", metadata: ", labels: \($1)") }.joined())
        let read = try names.map { try #require(loaded.account($0)?.spec.declared["metadata.labels"]) }
        #expect(
            read == [
                .map(["team": "desk"]), .map(["team": "desk"]), .map(["team": "sales"]), .map(["desk": "team"]),
                .map(["team": "desk", "a": "b"]),
            ])
    }

    @Test func `a path is taken from the directory of its own manifest`() throws {
        let text = { (name: String) in Self.account(name, "tls: { caFile: ca.pem }") }
        let loaded = Loaded(files: [("x/a.yaml", text("a")), ("y/b.yaml", text("b")), ("c.yaml", text("c"))])
        let paths = try ["a", "b", "c"].map { try #require(loaded.account($0)).trust.caFile }
        #expect(paths == ["x/ca.pem", "y/ca.pem", "ca.pem"])
    }

    @Test func `accounts come in order of their addresses, whatever the order of the manifests`() {
        let loaded = Loaded(["c", "a", "b-2", "b", "b-10"].map { Self.account($0, "debug: true") }.joined())
        #expect(loaded.set.accounts.map(\.address.name) == ["a", "b", "b-10", "b-2", "c"])
    }
}
