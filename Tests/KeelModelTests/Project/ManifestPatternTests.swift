import KeelModel
import Testing

/// Which files the patterns of a project file name.
struct ManifestPatternTests {
    private static func matches(_ pattern: String, _ path: String) throws -> Bool {
        let pattern = try ManifestPattern(parsing: pattern)
        let names = path.split(separator: "/").map(String.init)
        let reach = names.dropLast().reduce(pattern.start) { pattern.below($1, from: $0) }
        return pattern.matches(file: try #require(names.last), from: reach)
    }

    @Test(arguments: [
        ("profiles.yaml", "profiles.yaml"), ("./profiles.yaml", "profiles.yaml"), ("*.yaml", "a.yaml"),
        ("*", "a.yaml"), ("a?.yaml", "a1.yaml"), ("a?.yaml", "aé.yaml"), ("a?.yaml", "a\u{1F600}.yaml"),
        ("**/*.yaml", "a.yaml"), ("**/*.yaml", "x/y/z/a.yaml"), ("accounts/**/*.yaml", "accounts/a.yaml"),
        ("accounts/**/*.yaml", "accounts/emea/de/a.yaml"), ("**/desk/*.yml", "a/desk/b/desk/c.yml"),
        ("*/*/a.yaml", "x/y/a.yaml"), ("**/**/a.yaml", "a.yaml"), ("a*b*c.yaml", "aXbYbZc.yaml"),
        ("*a*a*.yaml", "aa.yaml"),
    ])
    func `a pattern names a file`(pattern: String, path: String) throws {
        #expect(try Self.matches(pattern, path))
    }

    @Test(arguments: [
        ("*.yaml", "x/a.yaml"), ("*.yaml", "a.yml"), ("profiles.yaml", "x/profiles.yaml"), ("a?.yaml", "a.yaml"),
        ("accounts/*.yaml", "accounts/x/a.yaml"), ("accounts/**/*.yaml", "b/accounts/a.yaml"), ("*/a.yaml", "a.yaml"),
        ("a/b", "a"), ("**/x/*.yaml", "x"), ("A.yaml", "a.yaml"), ("a*b.yaml", "ab.yamlx"),
    ])
    func `a pattern does not name a file`(pattern: String, path: String) throws {
        #expect(try !Self.matches(pattern, path))
    }

    @Test(arguments: [
        ("/etc/x.yaml", "leads out of the project"), ("../x.yaml", "leads out of the project"),
        ("a/../b.yaml", "leads out of the project"), ("accounts/", "names a directory"), ("a//b.yaml", "two slashes"),
        (".git/x.yaml", "hidden"), ("a**.yaml", "beside other characters"), ("{a,b}.yaml", "holds {"),
        ("[ab].yaml", "holds ["), ("!a.yaml", "holds !"), ("accounts/**", "names no files"), (".", "names no files"),
        (String(repeating: "a/", count: 40) + "b.yaml", "deeper"),
    ])
    func `what is no pattern is refused with a reason`(text: String, reason: String) {
        let fault = #expect(throws: ManifestPattern.Fault.self) { try ManifestPattern(parsing: text) }
        #expect(fault?.reason.contains(reason) == true && fault?.help.isEmpty == false)
    }

    @Test func `directories without a match are known before they are entered`() throws {
        let pattern = try ManifestPattern(parsing: "accounts/*/x.yaml")
        #expect(pattern.below("profiles", from: pattern.start).isEmpty)
        let accounts = pattern.below("accounts", from: pattern.start)
        let deeper = pattern.below("emea", from: accounts)
        #expect(!accounts.isEmpty && !deeper.isEmpty)
        #expect(pattern.below("de", from: deeper).isEmpty)
    }

    @Test func `many stars do not multiply the work`() throws {
        let stars = String(repeating: "*a", count: 100)
        #expect(try !Self.matches("\(stars)b.yaml", String(repeating: "a", count: 240)))
        let directories = String(repeating: "**/a/", count: 15)
        #expect(try !Self.matches("\(directories)b.yaml", String(repeating: "a/", count: 2000) + "c.yaml"))
    }
}
