import KeelBase
import KeelDiagnostics
import KeelModel
import Testing

/// What YAML readers disagree about, as manifests are read: the table in docs/manifests.md.
struct YAMLDecisionTests {
    private static func account(_ lines: String...) -> String {
        "apiVersion: mailkeel/v1\nkind: EmailAccount\nmetadata: { name: a }\nspec:\n  type: imap\n  server: h\n"
            + "  password: { fromEnv: P }\n" + lines.map { "  \($0)\n" }.joined()
    }

    private static let bad = "manifest.bad-value"

    @Test(arguments: [
        "userName: 1️⃣no", "userName: 1️⃣Yes", "userName: 1️⃣ON", "userName: 1️⃣off", "userName: 1️⃣y", "userName: 1️⃣N",
        "userName: 1️⃣true", "userName: 1️⃣~", "userName: 1️⃣null", "userName:1️⃣", "userName: 1️⃣!!bool no",
        "userName: 1️⃣&x no",
    ])
    func `a word that some reader takes for no text is refused where text is wanted`(line: String) {
        Fixture(Self.account(line), Self.bad).check()
    }

    @Test(arguments: [
        "port: 1️⃣+993", "port: 1️⃣-1", "port: 1️⃣1e3", "port: 1️⃣0x3E1", "port: 1️⃣9_93", "port: 1️⃣0993", "port: 1️⃣9:93",
        "port: 1️⃣0b11", "port: 1️⃣0o1741", "port: 1️⃣993.0", "port: 1️⃣.5", "port: 1️⃣9.93e2", "port: 1️⃣!!str 993",
        "port: 1️⃣! 993", "port: 1️⃣99999999999999999999999", "port: 1️⃣2026-11-21", "port: 1️⃣٩٩٣", "port: 1️⃣|\n    993",
        "active: 1️⃣!!str true", "active: 1️⃣! false", "active: 1️⃣TRUE", "active: 1️⃣y", "active: 1️⃣'true'",
        "active: 1️⃣>-\n    true", "type: 1️⃣no",
    ])
    func `a number is digits, and a flag is true or false`(line: String) {
        let other =
            line.hasPrefix("type") ? Self.account(line).replacing("  type: imap\n", with: "") : Self.account(line)
        Fixture(other.replacing("spec:\n", with: "spec:\n  userName: u\n"), Self.bad).check()
    }

    @Test(arguments: [
        ("1.10", "1.10"), ("0123", "0123"), ("2026-11-21", "2026-11-21"), ("12:30", "12:30"), ("1_000", "1_000"),
        ("0x1F", "0x1F"), ("1e3", "1e3"), ("+1", "+1"), (".inf", ".inf"), ("\"no\"", "no"), ("!!str no", "no"),
        ("! no", "no"), ("!!int 12", "12"), ("|-\n    no", "no"), (">-\n    a\n    b", "a b"), ("norway", "norway"),
        ("nO", "nO"), ("\"\\u00e9\"", "é"), ("'it''s'", "it's"), ("a #b", "a"), ("a#b", "a#b"),
        ("a:b", "a:b"),
    ])
    func `text is what was written`(written: String, text: String) {
        let loaded = Loaded(Self.account("userName: \(written)"))
        #expect(loaded.findings.isEmpty)
        #expect(loaded.account("a")?.userName == text)
    }

    @Test func `an alias is read as if its text stood there`() {
        let text = Self.account("userName: &u someone", "tls: { caFile: *u }", "lifecycle: &l { onDestroy: forget }")
        let loaded = Loaded(text)
        #expect(loaded.findings.isEmpty)
        #expect(loaded.account("a")?.spec.declared["tls.caFile"] == .text("someone"))
        // Each use of a refused value is a place to mend.
        Fixture(Self.account("userName: 1️⃣&u no", "tls: { caFile: 2️⃣*u }"), Self.bad, Self.bad).check()
        Fixture(Self.account("userName: &u someone") + "---\n" + Self.account("userName: 1️⃣*u"), "yaml.alias").check()
    }

    @Test func `documents of comments alone are nothing`() {
        let account = Self.account("userName: u")
        let loaded = Loaded("# a\n---\n# b\n---\n\(account)...\n# c\n---\n---\n# d\n")
        #expect(loaded.content == [.manifests] && loaded.findings.isEmpty && loaded.set.accounts.count == 1)
        #expect(Loaded("---\n# only\n---\n# comments\n").content == [.foreign])
    }

    /// Tools count lines by CR LF, and columns without a byte order mark.
    @Test(arguments: ["\n", "\r\n", "\r"], ["", "\u{FEFF}"])
    func `a place is the same whatever the line ends are`(end: String, mark: String) {
        let text = Self.account("userName: u", "bogus: é", "port: 0993").replacing("\n", with: end)
        #expect(Loaded(mark + text).findings == ["manifest.unknown-field 9:3", "manifest.bad-value 10:9"])
        let first = "bogus: x\(end)" + text.replacing("  bogus: é\(end)  port: 0993\(end)", with: "")
        #expect(Loaded(mark + first).findings == ["manifest.unknown-field 1:1"])
    }
}
