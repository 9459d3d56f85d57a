import KeelBase
import KeelDiagnostics
import KeelModel
import KeelYAML

/// An input as files: what stands before the first line `#%% PATH` is one manifest, and each such line begins another file.
///
/// `mailkeel.yaml` is the project file, `vars.yaml` one of `--var-file`, `*.csv` a table; all others are manifests.
struct FuzzProject {
    private var sources = SourceMap()
    private var manifests: [(id: SourceFileID, directory: String)] = []
    private var tables: [String: SourceFileID] = [:]
    private var projectFile: SourceFileID?
    private var variableFiles: [SourceFileID] = []

    private static let marker = Array("#%% ".utf8)
    private static let mostFiles = 20
    private static let mostShown = 12

    init(_ bytes: [UInt8]) {
        var path = "fuzz.yaml"
        var start = 0
        var line = 0
        while line < bytes.count, sources.files.count < Self.mostFiles {
            let end = bytes[line...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1
            if bytes[line...].starts(with: Self.marker) {
                if line > start || start == 0 { add(path, Array(bytes[start..<line])) }
                path = String(decoding: bytes[line...end].dropFirst(Self.marker.count), as: UTF8.self)
                if path.last?.isNewline == true { path.removeLast() }
                start = end + 1
            }
            line = end + 1
        }
        add(path, Array(bytes[min(start, bytes.count)...]))
    }

    private mutating func add(_ path: String, _ bytes: [UInt8]) {
        let id = sources.add(path: path, bytes: bytes)
        if path.hasSuffix(".csv") {
            tables[path] = id
        } else if ProjectFile.fileNames.contains(path) {
            projectFile = id
        } else if path == "vars.yaml" {
            variableFiles.append(id)
        } else {
            manifests.append((id, path.lastIndex(of: "/").map { String(path[..<$0]) } ?? ""))
        }
    }

    /// Everything that is to be said of the files.
    mutating func load() -> DiagnosticReport {
        var report = DiagnosticReport()
        var project: ProjectFile?
        var documents: [YAMLDocument] = []
        if let projectFile {
            let stream = YAMLParser.parse(projectFile, in: sources)
            let decoder = ProjectFileDecoder(stream, name: ProjectFile.fileNames[0])
            report.append(contentsOf: stream.diagnostics + decoder.diagnostics)
            project = decoder.project
            documents = stream.documents
        }
        let files = variableFiles.map { YAMLParser.parse($0, in: sources) }
        let variables = VariableResolver(
            project, environment: project?.environments.keys.min(), VariableInputs(files: files))
        report.append(contentsOf: files.flatMap(\.diagnostics) + variables.diagnostics)
        var decoder = ManifestDecoder(variables: variables.scope)
        _ = decoder.decode(documents, directory: "", isProjectFile: true)
        for manifest in manifests {
            let stream = YAMLParser.parse(manifest.id, in: sources)
            report.append(contentsOf: stream.diagnostics)
            if !stream.isComplete { decoder.markIncomplete() }
            _ = decoder.decode(stream.documents, directory: manifest.directory)
        }
        decoder.expandSets(tables, in: sources)
        let resolver = Resolver(decoder.declarations)
        report.append(contentsOf: decoder.diagnostics + resolver.diagnostics)
        let rules = KeeperRules(oneActiveSender: true, exclusiveMailbox: true)
        let linter = Linter(
            policy: project?.policy ?? ProjectPolicy(), keepers: ["local": rules],
            now: Timestamp(seconds: 1_800_000_000))
        report.append(contentsOf: linter.lint(resolver.set))
        return report
    }

    /// A place is a place of its file: behind its end there is nothing to point at.
    func checkPlaces(of report: DiagnosticReport) {
        for diagnostic in report.diagnostics {
            for range in [diagnostic.range] + diagnostic.notes.map(\.range) {
                guard let range else { continue }
                precondition(range.start <= range.end, "a place ends before it begins")
                precondition(range.end.line <= sources[range.file].lineCount, "a place lies behind its file")
            }
        }
    }

    /// Shows the report in one of the formats: all of them each time would take most of the time.
    func show(_ report: DiagnosticReport, format: Int) {
        let report = DiagnosticReport(Array(report.diagnostics.prefix(Self.mostShown)))
        guard !report.isEmpty else { return }
        switch format % 8 {
        case 0: _ = SARIFLog(ReviewReport(report, in: sources), toolVersion: "0").json.text()
        case 1: _ = JUnitReport(ReviewReport(report, in: sources)).text
        case 2: _ = WorkflowCommands(ReviewReport(report, in: sources)).text
        case 3:
            let review = ReviewReport(report, in: sources)
            _ = CodeQualityReport(review, projectFile: ProjectFile.fileNames[0]).json.text()
        case 4: for diagnostic in report.diagnostics { _ = diagnostic.json(in: sources).text() }
        case let other: _ = DiagnosticTextRenderer(sources: sources, color: other == 5).render(report)
        }
    }
}
