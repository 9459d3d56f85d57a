import KeelBase
import KeelDiagnostics
import KeelModel
import KeelYAML

/// Reads the manifests of a project, each file once, for one environment or for several.
struct ProjectLoader {
    private let head: ProjectHead
    private let files: any FileStore
    private(set) var sources: SourceMap
    /// One for each environment.
    private(set) var decoders: [ManifestDecoder]
    /// What is wrong whatever the environment is.
    private(set) var diagnostics: [Diagnostic] = []
    /// What is wrong in one environment.
    private(set) var diagnosticsOfEnvironment: [[Diagnostic]]
    private var patterns: [PatternUse]
    /// How many files were read that are not another tool's.
    private var manifests = 0
    /// How many names were seen.
    private var seen = 0
    /// The tables that were read, by their paths.
    private var tables: [String: SourceFileID] = [:]

    /// Deeper trees are more likely a link that leads back than manifests.
    private static let maxDepth = 32
    /// More names than this are no project, but a home directory or a whole disk.
    private static let maxEntries = 200_000
    /// What every manifest holds. A file without it is another tool's, whatever state its YAML is in.
    private static let marker = Array("mailkeel/".utf8)

    /// A pattern of the project file, and whether a file matched it.
    private struct PatternUse {
        let pattern: Located<ManifestPattern>
        var isUsed = false
    }

    /// `scopes` are the variables, one scope for each environment.
    init(_ head: ProjectHead, scopes: [VariableScope], sources: SourceMap, files: any FileStore) {
        self.head = head
        self.files = files
        self.sources = sources
        decoders = scopes.map(ManifestDecoder.init(variables:))
        diagnosticsOfEnvironment = Array(repeating: [], count: scopes.count)
        patterns = (head.file?.manifests ?? []).map { PatternUse(pattern: $0) }
    }

    mutating func load() {
        decode(head.documents, directory: "", isProjectFile: true)
        if head.documents.count > 1 { manifests += 1 }
        walk("", depth: 0, patterns.map(\.pattern.value.start))
        for use in patterns where !use.isUsed {
            diagnostics.append(
                .warning(
                    "project.unmatched-pattern", "no file matches \(use.pattern.value.text)",
                    at: use.pattern.range.firstLine, help: "correct it, or remove it"))
        }
        for index in decoders.indices { expandSets(index) }
        guard manifests == 0, !diagnostics.contains(where: { $0.severity == .error }) else { return }
        diagnostics.append(
            .error(
                "project.no-manifests", "there is no manifest below \(head.directory)",
                help: patterns.isEmpty
                    ? "change to the project's directory, or name it with --chdir"
                    : "write one that the patterns under spec.manifests name"))
    }

    // MARK: Files

    /// `reaches` says for each pattern what can match in the directory.
    private mutating func walk(_ directory: String, depth: Int, _ reaches: [ManifestPattern.Reach]) {
        let entries: [DirectoryEntry]
        do {
            entries = try files.list(directory.isEmpty ? head.directory : located(directory))
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
            switch entry.kind {
            case .directory where depth < Self.maxDepth:
                guard let below = below(entry.name, reaches) else { continue }
                walk(Self.path(entry.name, in: directory), depth: depth + 1, below)
            case .file where entry.name.hasSuffix(".yaml") || entry.name.hasSuffix(".yml"):
                guard depth > 0 || entry.name != head.fileName, isNamed(entry.name, reaches) else { continue }
                read(Self.path(entry.name, in: directory), directory)
            case .directory, .file, .other: continue
            }
        }
    }

    private static func path(_ name: String, in directory: String) -> String {
        directory.isEmpty ? name : "\(directory)/\(name)"
    }

    private mutating func reportSize() {
        diagnostics.append(
            .error(
                "project.too-large", "there are more than \(Self.maxEntries) files below \(head.directory)",
                help:
                    "change to the project's directory, name it with --chdir, or name the files under spec.manifests of \(ProjectFile.fileNames[0])"
            ))
    }

    /// What can match below a directory; nil if nothing can.
    private func below(_ name: String, _ reaches: [ManifestPattern.Reach]) -> [ManifestPattern.Reach]? {
        guard !patterns.isEmpty else { return reaches }
        let below = zip(patterns, reaches).map { $0.pattern.value.below(name, from: $1) }
        return below.allSatisfy(\.isEmpty) ? nil : below
    }

    /// Whether the project wants the file to be read.
    private mutating func isNamed(_ name: String, _ reaches: [ManifestPattern.Reach]) -> Bool {
        guard !patterns.isEmpty else { return true }
        var isNamed = false
        for index in patterns.indices where patterns[index].pattern.value.matches(file: name, from: reaches[index]) {
            patterns[index].isUsed = true
            isNamed = true
        }
        return isNamed
    }

    private mutating func read(_ path: String, _ directory: String) {
        let bytes: [UInt8]
        do {
            bytes = try files.read(located(path), limit: YAMLLimits.standard.maxBytes + 1) ?? []
        } catch {
            diagnostics.append(
                .error("project.unreadable", error.description, help: "check the file and its permissions"))
            for index in decoders.indices { decoders[index].markIncomplete() }
            return
        }
        guard bytes.count > YAMLLimits.standard.maxBytes || bytes.firstRange(of: Self.marker) != nil else {
            return skip(path)
        }
        let stream = YAMLParser.parse(sources.add(path: path, bytes: bytes), in: sources, limits: .standard)
        manifests += 1
        diagnostics += stream.diagnostics
        if !stream.isComplete { for index in decoders.indices { decoders[index].markIncomplete() } }
        let content = decode(stream.documents, directory: directory)
        if content == .foreign, !stream.hasErrors { skip(path) }
    }

    private mutating func skip(_ path: String) {
        diagnostics.append(.note("project.skipped-file", "\(path) has no mailkeel/ document and was skipped"))
    }

    @discardableResult
    private mutating func decode(
        _ documents: [YAMLDocument], directory: String, isProjectFile: Bool = false
    ) -> ManifestDecoder.FileContent {
        var content = ManifestDecoder.FileContent.foreign
        for index in decoders.indices {
            content = decoders[index].decode(documents, directory: directory, isProjectFile: isProjectFile)
        }
        return content
    }

    // MARK: Tables

    /// Reads the tables that sets name, and makes their accounts.
    private mutating func expandSets(_ index: Int) {
        var found: [String: SourceFileID] = [:]
        for table in decoders[index].tables where found[table.path] == nil {
            if let id = read(table, for: index) { found[table.path] = id }
        }
        decoders[index].expandSets(found, in: sources)
    }

    private mutating func read(_ table: SetTable, for index: Int) -> SourceFileID? {
        if let id = tables[table.path] { return id }
        do {
            guard let bytes = try files.read(located(table.path), limit: YAMLLimits.standard.maxBytes + 1) else {
                diagnosticsOfEnvironment[index].append(
                    .error(
                        "project.unreadable", "there is no file \(table.path)", at: table.place,
                        help: "the path starts at the manifest's directory"))
                return nil
            }
            let id = sources.add(path: table.path, bytes: bytes)
            tables[table.path] = id
            return id
        } catch {
            diagnosticsOfEnvironment[index].append(
                .error(
                    "project.unreadable", error.description, at: table.place, help: "check the file and its permissions"
                ))
            return nil
        }
    }

    private func located(_ path: String) -> String { ProjectPaths.join(head.directory, path) }
}
