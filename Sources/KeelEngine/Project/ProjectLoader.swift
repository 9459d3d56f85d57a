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
    /// How many files were read that are not another tool's.
    private var manifests = 0
    /// The tables that were read, by their paths.
    private var tables: [String: SourceFileID] = [:]

    /// `scopes` are the variables, one scope for each environment.
    init(_ head: ProjectHead, scopes: [VariableScope], sources: SourceMap, files: any FileStore) {
        self.head = head
        self.files = files
        self.sources = sources
        decoders = scopes.map(ManifestDecoder.init(variables:))
        diagnosticsOfEnvironment = Array(repeating: [], count: scopes.count)
    }

    mutating func load() {
        decode(head.documents, directory: "", isProjectFile: true)
        if head.documents.count > 1 { manifests += 1 }
        let walk = ManifestWalk(head, files: files)
        diagnostics += walk.diagnostics
        for path in walk.paths { read(path) }
        for pattern in walk.unmatched {
            diagnostics.append(
                .warning(
                    "project.unmatched-pattern", "no file matches \(pattern.value.text)",
                    at: pattern.range.firstLine, help: "correct it, or remove it"))
        }
        for index in decoders.indices { expandSets(index) }
        guard manifests == 0, !head.hasErrors, !diagnostics.contains(where: { $0.severity == .error }) else { return }
        diagnostics.append(
            .error(
                "project.no-manifests", "there is no manifest below \(head.directory)",
                help: (head.file?.manifests ?? []).isEmpty
                    ? "change to the project's directory, name it with --chdir, or write a first project with mailkeel init"
                    : "write one that the patterns under spec.manifests name"))
    }

    // MARK: Files

    private mutating func read(_ path: String) {
        let bytes: [UInt8]
        do {
            bytes = try files.read(located(path), limit: YAMLLimits.standard.maxBytes + 1) ?? []
        } catch {
            diagnostics.append(
                .error("project.unreadable", error.description, help: "check the file and its permissions"))
            for index in decoders.indices { decoders[index].markIncomplete() }
            return
        }
        guard bytes.count > YAMLLimits.standard.maxBytes || bytes.firstRange(of: ManifestWalk.marker) != nil else {
            return skip(path)
        }
        let stream = YAMLParser.parse(sources.add(path: path, bytes: bytes), in: sources, limits: .standard)
        manifests += 1
        diagnostics += stream.diagnostics
        if !stream.isComplete { for index in decoders.indices { decoders[index].markIncomplete() } }
        let directory = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""
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
            guard try isInside(table.path) else {
                diagnosticsOfEnvironment[index].append(
                    .error(
                        "project.outside", "\(table.path) is a link that leads out of the project", at: table.place,
                        help: "keep the file itself in the project's directory or below it"))
                return nil
            }
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

    /// Whether a file is the project's own, and not a link to what only this machine may read: its cells are shown in plans.
    /// Mounted configurations are links to hidden directories whose names begin with two dots.
    private func isInside(_ path: String) throws(FileFailure) -> Bool {
        guard let file = try files.resolved(located(path)) else { return true }
        guard let root = try files.resolved(head.directory.isEmpty ? "." : head.directory) else { return false }
        let parts = file.split(separator: "/")
        let above = root.split(separator: "/").filter { $0 != "." }
        guard parts.starts(with: above) else { return false }
        return !parts.dropFirst(above.count).contains { $0.hasPrefix(".") && !$0.hasPrefix("..") }
    }

    private func located(_ path: String) -> String { ProjectPaths.join(head.directory, path) }
}
