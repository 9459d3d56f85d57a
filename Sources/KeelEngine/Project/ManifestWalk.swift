import KeelBase
import KeelDiagnostics
import KeelModel

/// Finds the files below a directory that may hold manifests, without reading them.
struct ManifestWalk {
    /// Relative to the directory, in the order in which they were found.
    private(set) var paths: [String] = []
    private(set) var diagnostics: [Diagnostic] = []
    /// Patterns that no file matched.
    var unmatched: [Located<ManifestPattern>] { patterns.filter { !$0.isUsed }.map(\.pattern) }

    private let root: String
    private let projectFile: String?
    private let files: any FileStore
    private var patterns: [PatternUse]
    /// How many names were seen.
    private var seen = 0

    /// Deeper trees are more likely a link that leads back than manifests.
    private static let maxDepth = 32
    /// More names than this are no project, but a home directory or a whole disk.
    private static let maxEntries = 200_000

    /// What every manifest holds. A file without it is another tool's, whatever state its YAML is in.
    static let marker = Array("mailkeel/".utf8)

    /// A pattern of the project file, and whether a file matched it.
    private struct PatternUse {
        let pattern: Located<ManifestPattern>
        var isUsed = false
    }

    /// Walks a directory. Without patterns every `*.yaml` and `*.yml` may hold manifests; hidden paths never do.
    init(below root: String, files: any FileStore) {
        self.init(root, projectFile: nil, patterns: [], files)
    }

    /// Walks a project, except for its project file, which is read before anything else.
    init(_ head: ProjectHead, files: any FileStore) {
        self.init(head.directory, projectFile: head.fileName, patterns: head.file?.manifests ?? [], files)
    }

    private init(
        _ root: String, projectFile: String?, patterns: [Located<ManifestPattern>], _ files: any FileStore
    ) {
        self.root = root
        self.projectFile = projectFile
        self.files = files
        self.patterns = patterns.map { PatternUse(pattern: $0) }
        walk("", depth: 0, patterns.map(\.value.start))
    }

    /// Whether a file of this name may hold manifests.
    static func mayHoldManifests(_ name: String) -> Bool { name.hasSuffix(".yaml") || name.hasSuffix(".yml") }

    /// `reaches` says for each pattern what can match in the directory.
    private mutating func walk(_ directory: String, depth: Int, _ reaches: [ManifestPattern.Reach]) {
        let entries: [DirectoryEntry]
        do {
            entries = try files.list(directory.isEmpty ? root : ProjectPaths.join(root, directory))
        } catch {
            diagnostics.append(
                .error("project.unreadable", error.description, help: "check the path and its permissions"))
            return
        }
        for entry in entries where !entry.name.hasPrefix(".") {
            seen += 1
            guard seen <= Self.maxEntries else {
                if seen == Self.maxEntries + 1 { reportSize() }
                return
            }
            let path = directory.isEmpty ? entry.name : "\(directory)/\(entry.name)"
            switch entry.kind {
            case .directory where depth < Self.maxDepth:
                guard let below = below(entry.name, reaches) else { continue }
                walk(path, depth: depth + 1, below)
            case .file where Self.mayHoldManifests(entry.name):
                guard path != projectFile, isNamed(entry.name, reaches) else { continue }
                paths.append(path)
            case .other: look(at: entry.name, path, reaches)
            case .directory, .file: continue
            }
        }
    }

    /// What is neither file nor directory may be a link. One that is passed over in silence would let a plan destroy what stands
    /// behind it.
    private mutating func look(at name: String, _ path: String, _ reaches: [ManifestPattern.Reach]) {
        if Self.mayHoldManifests(name) {
            guard path != projectFile, isNamed(name, reaches) else { return }
            diagnostics.append(
                .error(
                    "project.unreadable", "\(ForeignText(path)) is no file, and no link that leads to one",
                    help: "mend the link or remove it; what it declared is not known"))
        } else if below(name, reaches) != nil, (try? files.list(ProjectPaths.join(root, path))) != nil {
            diagnostics.append(
                .warning(
                    "project.linked-directory",
                    "\(ForeignText(path)) is a link to a directory, and manifests are not looked for behind it",
                    help: "keep the directory itself in the project, or link the files one by one"))
        }
    }

    /// What can match below a directory; nil if nothing can.
    private func below(_ name: String, _ reaches: [ManifestPattern.Reach]) -> [ManifestPattern.Reach]? {
        guard !patterns.isEmpty else { return reaches }
        let below = zip(patterns, reaches).map { $0.pattern.value.below(name, from: $1) }
        return below.allSatisfy(\.isEmpty) ? nil : below
    }

    /// Whether the file is one that is wanted.
    private mutating func isNamed(_ name: String, _ reaches: [ManifestPattern.Reach]) -> Bool {
        guard !patterns.isEmpty else { return true }
        var isNamed = false
        for index in patterns.indices where patterns[index].pattern.value.matches(file: name, from: reaches[index]) {
            patterns[index].isUsed = true
            isNamed = true
        }
        return isNamed
    }

    private mutating func reportSize() {
        diagnostics.append(
            .error(
                "project.too-large", "there are more than \(Self.maxEntries) files below \(root)",
                help:
                    "change to the project's directory, name it with --chdir, or name the files under spec.manifests of \(ProjectFile.fileNames[0])"
            ))
    }
}
