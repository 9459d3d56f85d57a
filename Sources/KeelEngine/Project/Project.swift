import KeelBase
import KeelDiagnostics
import KeelModel
import KeelPlan
import KeelYAML

/// The manifests of a project, read and resolved.
package struct Project: Sendable {
    package let sources: SourceMap
    package let set: EffectiveSet
    /// Every mistake in every file, and notes on files that were skipped.
    package let report: DiagnosticReport

    /// No manifests at all, which is what destroying wants.
    package static let empty = Project(sources: SourceMap(), set: EffectiveSet(), report: DiagnosticReport())

    /// Reads every `*.yaml` and `*.yml` below the directory except hidden paths.
    ///
    /// Writes nothing, contacts nobody, reads no secret. What the manifests want is judged by the rules of lint, as of `now` and
    /// with those of the keepers.
    package static func load(
        _ paths: ProjectPaths, files: any FileStore, now: Timestamp = SystemTimeSource().now,
        keepers: [any Keeper] = [LocalKeeper()]
    ) -> Project {
        var loader = ProjectLoader(paths: paths, files: files)
        loader.load()
        let resolver = Resolver(loader.decoder.declarations)
        var report = DiagnosticReport(loader.diagnostics + loader.decoder.diagnostics)
        report.append(contentsOf: resolver.diagnostics)
        let linter = Linter(
            policy: ProjectPolicy(),
            keepers: Dictionary(
                keepers.map { ($0.name, $0.capabilities.rules) }, uniquingKeysWith: { first, _ in first }),
            now: now)
        report.append(contentsOf: linter.lint(resolver.set))
        report.mergeRepeats()
        return Project(sources: loader.sources, set: resolver.set, report: report)
    }

    /// Where the first of these fields that the resource's manifest gives stands, else the resource itself.
    package func place(_ address: ResourceAddress, _ fields: [String]) -> SourceRange? {
        let spec =
            Self.spec(at: address, among: set.accounts, \.spec) ?? Self.spec(at: address, among: set.profiles, \.spec)
        guard let spec else { return nil }
        return fields.first(where: spec.isDeclared).map(spec.place(of:)) ?? spec.place
    }

    /// Resources stand in order of their addresses, and a thousand of them may fail at once.
    private static func spec<Resource>(
        at address: ResourceAddress, among resources: [Resource], _ spec: KeyPath<Resource, EffectiveSpec>
    ) -> EffectiveSpec? {
        var range = resources.indices
        while let first = range.first, !range.isEmpty {
            let middle = first + range.count / 2
            let found = resources[middle][keyPath: spec]
            if found.address == address { return found }
            range = found.address < address ? (middle + 1)..<range.upperBound : first..<middle
        }
        return nil
    }
}

/// Walks the project's directory.
private struct ProjectLoader {
    let paths: ProjectPaths
    let files: any FileStore
    var sources = SourceMap()
    var decoder = ManifestDecoder()
    var diagnostics: [Diagnostic] = []
    /// How many files were another tool's.
    private var foreign = 0
    /// How many names were seen.
    private var seen = 0
    /// Deeper trees are more likely a link that leads back than manifests.
    private static let maxDepth = 32
    /// More names than this are no project, but a home directory or a whole disk.
    private static let maxEntries = 200_000
    /// What every manifest holds. A file without it is another tool's, whatever state its YAML is in.
    private static let marker = Array("mailkeel/".utf8)

    init(paths: ProjectPaths, files: any FileStore) {
        self.paths = paths
        self.files = files
    }

    mutating func load() {
        walk("", depth: 0)
        expandSets()
        guard sources.files.isEmpty, diagnostics.count == foreign else { return }
        diagnostics.append(
            .error(
                "project.no-manifests", "there is no manifest below \(paths.directory)",
                help: "change to the project's directory, or name it with --chdir"))
    }

    /// Reads the tables that sets name, and makes their accounts.
    private mutating func expandSets() {
        var tables: [String: SourceFileID] = [:]
        for table in decoder.tables where tables[table.path] == nil {
            do {
                guard let bytes = try files.read(paths.located(table.path), limit: YAMLLimits.standard.maxBytes + 1)
                else {
                    diagnostics.append(
                        .error(
                            "project.unreadable", "there is no file \(table.path)", at: table.place,
                            help: "the path starts at the manifest's directory"))
                    continue
                }
                tables[table.path] = sources.add(path: table.path, bytes: bytes)
            } catch {
                diagnostics.append(
                    .error(
                        "project.unreadable", error.description, at: table.place,
                        help: "check the file and its permissions"))
            }
        }
        decoder.expandSets(tables, in: sources)
    }

    private mutating func walk(_ directory: String, depth: Int) {
        let entries: [DirectoryEntry]
        do {
            entries = try files.list(directory.isEmpty ? paths.directory : paths.located(directory))
        } catch {
            diagnostics.append(
                .error("project.unreadable", error.description, help: "check the path and its permissions"))
            return
        }
        for entry in entries where !entry.name.hasPrefix(".") {
            seen += 1
            guard seen <= Self.maxEntries else {
                if seen == Self.maxEntries + 1 {
                    diagnostics.append(
                        .error(
                            "project.too-large",
                            "there are more than \(Self.maxEntries) files below \(paths.directory)",
                            help: "change to the project's directory, or name it with --chdir"))
                }
                return
            }
            let path = directory.isEmpty ? entry.name : "\(directory)/\(entry.name)"
            switch entry.kind {
            case .directory where depth < Self.maxDepth: walk(path, depth: depth + 1)
            case .file where entry.name.hasSuffix(".yaml") || entry.name.hasSuffix(".yml"): read(path, directory)
            case .directory, .file, .other: continue
            }
        }
    }

    private mutating func read(_ path: String, _ directory: String) {
        let bytes: [UInt8]
        do {
            bytes = try files.read(paths.located(path), limit: YAMLLimits.standard.maxBytes + 1) ?? []
        } catch {
            diagnostics.append(
                .error("project.unreadable", error.description, help: "check the file and its permissions"))
            decoder.markIncomplete()
            return
        }
        guard bytes.count > YAMLLimits.standard.maxBytes || bytes.firstRange(of: Self.marker) != nil else {
            diagnostics.append(.note("project.skipped-file", "\(path) has no mailkeel/ document and was skipped"))
            foreign += 1
            return
        }
        let id = sources.add(path: path, bytes: bytes)
        let stream = YAMLParser.parse(id, in: sources, limits: .standard)
        diagnostics += stream.diagnostics
        if !stream.isComplete { decoder.markIncomplete() }
        switch decoder.decode(stream.documents, directory: directory) {
        case .manifests, .mixed: break
        case .foreign where !stream.hasErrors:
            diagnostics.append(.note("project.skipped-file", "\(path) has no mailkeel/ document and was skipped"))
        case .foreign: break
        }
    }
}
