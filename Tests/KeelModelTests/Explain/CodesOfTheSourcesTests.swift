import FoundationEssentials
import KeelModel
import Testing

/// A code that somebody sees can be looked up: the sources are read for the codes that they name.
struct CodesOfTheSourcesTests {
    /// What looks like a code and is none: names in JSON, files and audit entries.
    private static let others: Set = [
        "vault.backup", "vault.restore", "vault.accept-restore", "vault.purge", "vault.rekey", "vault.rekey-begin",
        "token.read", "profile.yaml", "sandbox.log", "vault.key", "project.key", "secret.set", "secret.unset",
        "mail.send",
    ]

    private static let families =
        "authorize|identity|engine|state|key|keeper|secret|file|vault|mail|connection|plan|manifest|project|yaml|fmt|sandbox|test|oauth|set"

    @Test func `every code that the sources name is explained`() throws {
        let sources = "\(#filePath)".replacing(
            "Tests/KeelModelTests/Explain/CodesOfTheSourcesTests.swift", with: "Sources")
        let code = try Regex("\"((?:\(Self.families))\\.[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*)\"")
        var unknown: Set<String> = []
        var seen = 0
        for file in try FileManager.default.subpathsOfDirectory(atPath: sources) where file.hasSuffix(".swift") {
            // There a text of this form is a field, a scope or a host.
            guard !file.contains("/Presets/"), !file.contains("/Fields/") else { continue }
            let text = try String(contentsOfFile: "\(sources)/\(file)", encoding: .utf8)
            for match in text.matches(of: code) {
                guard let name = match.output[1].substring.map(String.init), !Self.others.contains(name) else {
                    continue
                }
                seen += 1
                if ExplanationCatalogue.explanation(of: name) == nil { unknown.insert(name) }
            }
        }
        #expect(seen > 200)
        #expect(unknown.isEmpty, "\(unknown.sorted())")
    }
}
