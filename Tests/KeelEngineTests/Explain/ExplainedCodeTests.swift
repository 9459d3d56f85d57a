import KeelBase
import KeelModel
import KeelSystem
import Testing

struct ExplainedCodeTests {
    private static let root = "\(#filePath)".replacing(
        "/Tests/KeelEngineTests/Explain/ExplainedCodeTests.swift", with: "")

    /// All files below a directory of the repository.
    private static func files(below directory: String) throws -> [String] {
        try SystemFileStore().list("\(root)/\(directory)").flatMap { entry in
            let path = "\(directory)/\(entry.name)"
            return switch entry.kind {
            case .directory: try files(below: path)
            case .file: [path]
            case .other: [String]()
            }
        }
    }

    private static func text(_ path: String) throws -> String {
        String(decoding: try SystemFileStore().read("\(root)/\(path)", limit: 1 << 22) ?? [], as: UTF8.self)
    }

    @Test(arguments: [
        "KeelDiagnostics", "KeelYAML", "KeelModel", "KeelPlan", "KeelEngine", "KeelCLI",
    ])
    func `every code has an entry in the catalogue`(target: String) throws {
        let code = /"((?:yaml|csv|manifest|project|plan|lint|fmt)\.[a-z]+(?:-[a-z]+)*)"/
        for path in try Self.files(below: "Sources/\(target)") where path.hasSuffix(".swift") {
            for match in try Self.text(path).matches(of: code) {
                let entry = ExplanationCatalogue.explanation(of: String(match.1))
                #expect(
                    entry != nil, "\(path) uses \(match.1), which Sources/KeelModel/Explain/Entries does not explain")
            }
        }
    }

    @Test func `every code that the page about errors names is explained`() throws {
        let code =
            /`((?:authorize|identity|state|key|secret|file|vault|mail|connection|plan|project|oauth)\.[a-z][a-z_-]+)`/
        let codes = try Set(Self.text("docs/errors.md").matches(of: code).map { String($0.1) }).subtracting(["vault.db"]
        )
        #expect(codes.count > 40)
        let unknown = codes.filter { ExplanationCatalogue.explanation(of: $0) == nil }
        #expect(unknown.isEmpty, "\(unknown.sorted())")
    }

    @Test func `the page about lint says what the rules say`() throws {
        let page = try Self.text("docs/lint.md")
        let heading = "## The rules\n\n"
        let start = try #require(page.firstRange(of: heading)?.upperBound)
        #expect(String(page[start...]) == RuleReference.markdown)
    }
}
