import KeelBase
import KeelDiagnostics
import KeelModel
import KeelYAML

/// Finds the files that may hold manifests, without reading what they say.
struct ManifestFinder {
    private let files: any FileStore
    private var seen = 0
    private(set) var paths: [String] = []
    private(set) var diagnostics: [Diagnostic] = []

    /// Deeper trees are more likely a link that leads back than manifests.
    private static let maxDepth = 32
    /// More names than this are no project, but a home directory or a whole disk.
    private static let maxEntries = 200_000

    init(files: any FileStore) { self.files = files }

    /// Adds the files of a project: those that its project file names, else every `*.yaml` and `*.yml`.
    mutating func addProject(_ directory: String) {
        let patterns = patterns(in: directory)
        for name in ProjectFile.fileNames where patterns != nil {
            let path = Self.join(directory, name)
            if (try? files.mode(path)) != nil { paths.append(path) }
        }
        walk(directory, depth: 0, patterns: patterns ?? [], patterns?.map(\.start) ?? [])
    }

    /// Adds every `*.yaml` and `*.yml` below a directory except hidden ones.
    mutating func addAll(below directory: String) { walk(directory, depth: 0, patterns: [], []) }

    /// Nil where there is no project file, or none that says which files it wants.
    private func patterns(in directory: String) -> [ManifestPattern]? {
        for name in ProjectFile.fileNames {
            let path = Self.join(directory, name)
            guard let bytes = try? files.read(path, limit: YAMLLimits.standard.maxBytes) else { continue }
            var sources = SourceMap()
            let stream = YAMLParser.parse(sources.add(path: path, bytes: bytes), in: sources)
            return ProjectFileDecoder(stream, name: name).project?.manifests?.map(\.value)
        }
        return nil
    }

    private mutating func walk(
        _ directory: String, depth: Int, patterns: [ManifestPattern], _ reaches: [ManifestPattern.Reach]
    ) {
        let entries: [DirectoryEntry]
        do {
            entries = try files.list(directory)
        } catch {
            diagnostics.append(
                .error("project.unreadable", error.description, help: "check the path and its permissions"))
            return
        }
        for entry in entries where !entry.name.hasPrefix(".") {
            seen += 1
            guard seen <= Self.maxEntries else { return reportSize(directory) }
            let path = Self.join(directory, entry.name)
            switch entry.kind {
            case .directory where depth < Self.maxDepth:
                let below = zip(patterns, reaches).map { $0.below(entry.name, from: $1) }
                guard patterns.isEmpty || !below.allSatisfy(\.isEmpty) else { continue }
                walk(path, depth: depth + 1, patterns: patterns, below)
            case .file where entry.name.hasSuffix(".yaml") || entry.name.hasSuffix(".yml"):
                let isNamed = zip(patterns, reaches).contains { $0.matches(file: entry.name, from: $1) }
                if patterns.isEmpty || isNamed { paths.append(path) }
            case .directory, .file, .other: continue
            }
        }
    }

    private static func join(_ directory: String, _ name: String) -> String {
        directory == "." || directory.isEmpty
            ? name : directory.hasSuffix("/") ? directory + name : "\(directory)/\(name)"
    }

    private mutating func reportSize(_ directory: String) {
        guard seen == Self.maxEntries + 1 else { return }
        diagnostics.append(
            .error(
                "project.too-large", "there are more than \(Self.maxEntries) files below \(directory)",
                help: "change to the project's directory, name it with --chdir, or name the files to lay out"))
    }
}
