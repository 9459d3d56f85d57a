import KeelBase
import KeelModel
import Testing

/// What is made from the tables and kept in the repository is what they make now.
struct GeneratedFileTests {
    private static let files =
        JSONSchema.kinds.map { kind in
            GeneratedFile(path: "schemas/\(kind.rawValue).schema.json") { JSONSchema.of(kind).text(.pretty) }
        } + [
            GeneratedFile(path: "schemas/mailkeel.schema.json") { JSONSchema.ofAnyKind.text(.pretty) },
            GeneratedFile(path: "docs/reference/manifests.md") { ReferencePage.text },
        ]

    @Test(arguments: JSONSchema.kinds)
    func `the overview of a kind is right`(kind: DocumentKind) throws {
        let needed: String =
            switch kind {
            case .emailAccount, .emailAccountSet: DocumentKind.oauthProfile.overview
            case .moved: Manifest.mailbox("support-in")
            case .oauthProfile, .removed, .project: ""
            }
        let text = "\(kind.overview)\n---\n\(needed)"
        #expect((kind == .project ? LoadedProject(text).findings : Loaded(text).findings).isEmpty)
    }

    @Test(arguments: files)
    func `a generated file is current`(file: GeneratedFile) throws { try file.check() }
}
