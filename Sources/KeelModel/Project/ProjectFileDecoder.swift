import KeelBase
import KeelDiagnostics
import KeelYAML

/// Decodes the `Project` among the documents of the project file. The others are decoded with all manifests.
package struct ProjectFileDecoder {
    /// Nil if a mistake leaves nothing to go by.
    package private(set) var project: ProjectFile?
    package var diagnostics: [Diagnostic] { reader.diagnostics }
    var reader = MemberReader()
    /// Whether all variables that are declared are known, so that another name is a mistake.
    var knowsVariables = true
    private var metadata = MetadataDecoder()

    private static let envelope = [
        MemberDefinition("apiVersion", .value(.choice([ManifestDecoder.apiVersion])), "The version.", required: true),
        MemberDefinition("kind", .value(.choice([DocumentKind.project.rawValue])), "The kind.", required: true),
        MemberDefinition("metadata", .members([]), "The project's name.", required: true),
        MemberDefinition("spec", .members(ProjectFile.members), "The project.", required: true),
    ]

    /// `name` is the file's, for words about it.
    package init(_ stream: YAMLStream, name: String) {
        let projects = stream.documents.compactMap(\.root).filter(Self.isProject)
        for extra in projects.dropFirst() {
            reader.report(
                .error(
                    "project.two-projects", "a project has one document of kind Project", at: extra.range.firstLine,
                    notes: projects.first.map { [Diagnostic.Note("this is the first", at: $0.range.firstLine)] } ?? [],
                    help: "move what is in this one to the first, and remove it"))
        }
        if let root = projects.first {
            decode(root)
        } else if !stream.hasErrors {
            reader.report(
                .error(
                    "project.no-project", "\(name) has no document of kind Project",
                    at: stream.documents.lazy.compactMap(\.root).first?.range.firstLine,
                    help: "add one, or give the file another name if it holds nothing but manifests"))
        }
    }

    static func isProject(_ root: YAMLNode) -> Bool {
        root.mapping?.value(of: "kind")?.scalar?.isText("Project") ?? false
    }

    private mutating func decode(_ root: YAMLNode) {
        guard let parts = reader.members(root, Self.envelope, "a Project", of: "a Project") else { return }
        if parts["apiVersion"]?.isScalar(ManifestDecoder.apiVersion) != true {
            let range = parts["apiVersion"]?.range.firstLine ?? root.range.firstLine
            reader.report(
                .error(
                    "manifest.unknown-version", "a Project needs the apiVersion that this version of Mailkeel knows",
                    at: range, help: "write apiVersion: \(ManifestDecoder.apiVersion), or use a newer Mailkeel"))
            return
        }
        guard let node = parts["metadata"] else {
            reader.report(
                .missingField("metadata", at: root.range.firstLine, help: "write metadata: { name: ... }"))
            return
        }
        var mistakes: [Diagnostic] = []
        let decoded = metadata.decode(node, &mistakes)
        for mistake in mistakes { reader.report(mistake) }
        var project = ProjectFile(name: decoded?.name ?? Located("", root.range.firstLine))
        if let spec = parts["spec"] {
            decodeSpec(spec, &project)
        } else {
            reader.report(
                .missingField("spec", at: root.range.firstLine, help: "write spec: {} if there is nothing to say"))
        }
        self.project = project
    }

    private mutating func decodeSpec(_ node: YAMLNode, _ project: inout ProjectFile) {
        typealias Member = ProjectFile.Member
        let reported = diagnostics.count
        guard let members = reader.members(node, ProjectFile.members, "spec", of: "Project spec") else { return }
        // A mistyped member may have been meant to declare them.
        if members[Member.variables] == nil, diagnostics.count > reported { knowsVariables = false }
        if let node = members[Member.manifests] { project.manifests = patterns(node) }
        if let node = members[Member.policy] { decodePolicy(node, &project) }
        if let node = members[Member.variables] { decodeVariables(node, &project) }
        if let node = members[Member.environments] { decodeEnvironments(node, &project) }
    }

    // MARK: Manifests and policy

    private mutating func patterns(_ node: YAMLNode) -> [Located<ManifestPattern>]? {
        let path = ValueName.spec(ProjectFile.Member.manifests)
        guard let items = reader.items(node, path, of: "patterns") else { return nil }
        guard !items.isEmpty else {
            reader.report(
                .error(
                    "manifest.bad-value", "\(path) is an empty list, so nothing would be read",
                    at: node.range.firstLine, help: "name the files, or remove the line to read all"))
            return nil
        }
        var patterns: [Located<ManifestPattern>] = []
        for item in items {
            guard let text = reader.text(item, path) else { continue }
            do throws(ManifestPattern.Fault) {
                patterns.append(Located(try ManifestPattern(parsing: text), item.range))
            } catch {
                reader.report(
                    .error(
                        "manifest.bad-value", "the pattern \(quoted(text)) \(error.reason)", at: item.range.firstLine,
                        help: error.help))
            }
        }
        return patterns
    }

    private mutating func decodePolicy(_ node: YAMLNode, _ project: inout ProjectFile) {
        let path = ProjectFile.Member.policy
        guard let members = reader.members(node, ProjectFile.policyMembers, "spec.\(path)", of: "Project spec.\(path)"),
            let clearText = members[ProjectFile.Member.clearText]
        else { return }
        let words = ["refuse", "allow"]
        let word = reader.choice(clearText, words, .spec("\(path).\(ProjectFile.Member.clearText)"))
        project.policy.allowsClearText = word == "allow"
    }
}
