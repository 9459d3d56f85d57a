import KeelBase
import KeelDiagnostics
import KeelModel
import KeelSystem
import KeelYAML

/// A project's directory and what its own file says: known before any manifest is read, and all that commands need which
/// read none.
package struct ProjectHead: Sendable {
    /// As this process sees it.
    package let directory: String
    /// The file's name in the directory; nil if there is none.
    package let fileName: String?
    /// Nil if there is none, or one that is too wrong to be read.
    package private(set) var file: ProjectFile?
    package private(set) var sources = SourceMap()
    package private(set) var diagnostics: [Diagnostic] = []
    /// Everything that stands in the file.
    private(set) var documents: [YAMLDocument] = []

    /// Reads the project file, if there is one. Nothing else is looked at.
    package init(_ directory: String, files: any FileStore) {
        self.directory = directory
        var found: [(name: String, bytes: [UInt8])] = []
        for name in ProjectFile.fileNames {
            do throws(FileFailure) {
                let limit = YAMLLimits.standard.maxBytes + 1
                guard let bytes = try files.read(ProjectPaths.join(directory, name), limit: limit) else { continue }
                found.append((name, bytes))
            } catch  where error.code == .notDirectory {
                // The directory itself is none, which reading the manifests reports.
                continue
            } catch {
                diagnostics.append(
                    .error("project.unreadable", error.description, help: "check the file and its permissions"))
            }
        }
        fileName = found.first?.name
        guard let first = found.first else { return }
        guard found.count == 1 else {
            diagnostics.append(
                .error(
                    "project.two-files", "there are both \(found.map(\.name).joined(separator: " and "))",
                    help: "keep one of them"))
            return
        }
        let stream = YAMLParser.parse(
            sources.add(path: first.name, bytes: first.bytes), in: sources, limits: .standard)
        let decoder = ProjectFileDecoder(stream, name: first.name)
        diagnostics += stream.diagnostics + decoder.diagnostics
        documents = stream.documents
        file = decoder.project
    }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// The names of the environments, in order.
    package var environments: [String] { (file?.environments.keys).map { $0.sorted() } ?? [] }

    /// The environment that `--env` names; nil for a project that has none.
    package func environment(_ name: String?) throws(EngineFailure) -> DeclaredEnvironment? {
        guard let name else {
            guard environments.isEmpty else { throw EngineFailure([needed]) }
            return nil
        }
        if let environment = file?.environments[name] { return environment }
        throw EngineFailure([unknown(name)])
    }

    private var needed: Diagnostic {
        Diagnostic(
            .error, "project.environment-needed",
            "this project has environments, and nothing says which one is meant: \(environments.joined(separator: ", "))",
            help: "name it: --env \(environments.first ?? "NAME")", responsible: .operatorHere)
    }

    private func unknown(_ name: String) -> Diagnostic {
        let help =
            if environments.isEmpty {
                "leave --env out, or declare it under spec.environments of \(fileName ?? ProjectFile.fileNames[0])"
            } else {
                Suggestion.nearest(to: name, among: environments).map { "did you mean \"\($0)\"?" }
                    ?? "the environments are \(environments.joined(separator: ", "))"
            }
        return Diagnostic(
            .error, "project.unknown-environment", "this project has no environment \"\(ForeignText(name).text)\"",
            help: help, responsible: .operatorHere)
    }

    // MARK: Values of variables

    /// Reads what `--var-file` names, and adds it to `sources`.
    func variableFiles(
        _ choices: ProjectChoices, files: any FileStore, _ sources: inout SourceMap
    ) -> (streams: [YAMLStream], diagnostics: [Diagnostic]) {
        var diagnostics: [Diagnostic] = []
        var streams: [YAMLStream] = []
        for named in choices.variableFiles {
            do throws(FileFailure) {
                guard let bytes = try files.read(named.path, limit: YAMLLimits.standard.maxBytes + 1) else {
                    diagnostics.append(
                        .error(
                            "project.unreadable", "there is no file \(ForeignText(named.name).text)",
                            help: "--var-file names a YAML file with names and values of variables"))
                    continue
                }
                let id = sources.add(path: named.name, bytes: bytes)
                streams.append(YAMLParser.parse(id, in: sources, limits: .standard))
            } catch {
                diagnostics.append(
                    .error("project.unreadable", error.description, help: "check the file and its permissions"))
            }
        }
        return (streams, diagnostics)
    }

    /// The values of variables in an environment, and what is wrong with them.
    func variables(
        _ choices: ProjectChoices, _ named: [YAMLStream], in environment: DeclaredEnvironment?
    ) -> (scope: VariableScope, diagnostics: [Diagnostic]) {
        let resolver = VariableResolver(
            file, environment: environment?.name.value,
            VariableInputs(process: choices.process.nonEmpty, files: named, assignments: choices.assignments))
        return (resolver.scope, resolver.diagnostics)
    }
}
