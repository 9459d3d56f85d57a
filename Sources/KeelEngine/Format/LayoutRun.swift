import KeelBase
import KeelDiagnostics
import KeelModel
import KeelYAML

/// Lays out files: reads each, and writes what changed if it is to.
///
/// Nothing is resolved and nothing else of the project is read; one broken file does not stop the others.
package struct LayoutRun {
    /// A file that is not laid out as it should be.
    package struct Change: Sendable {
        package let path: String
        package let before: [UInt8]
        package let after: [UInt8]
        /// Lines, from one, whose text may be a secret, and is not to be shown.
        fileprivate let hiddenLines: Set<Int>

        /// The change as `diff -u` shows it.
        package var diff: String { UnifiedDiff.text(from: before, to: after, path: path, hiding: hiddenLines) }
    }

    package private(set) var changes: [Change] = []
    package private(set) var sources = SourceMap()
    package private(set) var diagnostics: [Diagnostic] = []
    private let files: any FileStore
    private let writes: Bool
    private var done: Set<String> = []

    /// `writes`: whether files are changed.
    package init(files: any FileStore, writes: Bool) {
        self.files = files
        self.writes = writes
    }

    package var hasErrors: Bool { diagnostics.contains { $0.severity == .error } }

    /// Lays out the files of the project in a directory.
    package mutating func run(project directory: String) {
        // Mistakes in the project file are for `validate`; where it names no patterns, all files count.
        let head = ProjectHead(directory, files: files)
        take(ManifestWalk(head, files: files), and: head.fileName, below: directory)
    }

    /// Lays out a file, or all below a directory.
    package mutating func run(path: String) {
        do throws(FileFailure) {
            guard let bytes = try files.read(path, limit: YAMLLimits.standard.maxBytes + 1) else {
                diagnostics.append(.error("fmt.no-file", "there is no file \(path)", help: "check the path"))
                return
            }
            layOut(path, bytes, isNamed: true)
        } catch {
            guard error.code == .isDirectory else { return report(error) }
            take(ManifestWalk(below: path, files: files), and: nil, below: path)
        }
    }

    /// Lays out a text that is no file; nil if it has mistakes.
    package mutating func run(text: [UInt8], name: String) -> [UInt8]? {
        let id = sources.add(path: name, bytes: text)
        let result = ManifestFormatter.format(id, in: sources)
        diagnostics += result.diagnostics
        guard result.diagnostics.isEmpty else { return nil }
        if result.bytes != text { note(name, text, result.bytes, id) }
        return result.bytes
    }

    private mutating func take(_ walk: ManifestWalk, and projectFile: String?, below directory: String) {
        diagnostics += walk.diagnostics
        for found in (projectFile.map { [$0] } ?? []) + walk.paths {
            let path = ProjectPaths.join(directory, found)
            do throws(FileFailure) {
                guard let bytes = try files.read(path, limit: YAMLLimits.standard.maxBytes + 1) else { continue }
                layOut(path, bytes, isNamed: false)
            } catch {
                report(error)
            }
        }
    }

    /// `isNamed`: somebody asked for this very file, and is told if nothing is done about it.
    private mutating func layOut(_ path: String, _ bytes: [UInt8], isNamed: Bool) {
        guard done.insert(path).inserted else { return }
        let id = sources.add(path: path, bytes: bytes)
        let result = ManifestFormatter.format(id, in: sources)
        diagnostics += result.diagnostics
        if result.isForeign, isNamed {
            diagnostics.append(.note("fmt.foreign-file", "\(path) has no mailkeel/ document and was left alone"))
        }
        guard result.bytes != bytes else { return }
        if writes {
            do throws(FileFailure) {
                try files.rewrite(path, with: result.bytes)
            } catch {
                return report(error)
            }
        }
        note(path, bytes, result.bytes, id)
    }

    private mutating func note(_ path: String, _ before: [UInt8], _ after: [UInt8], _ id: SourceFileID) {
        changes.append(Change(path: path, before: before, after: after, hiddenLines: hiddenLines(id)))
    }

    private mutating func report(_ failure: FileFailure) {
        diagnostics.append(
            .error("fmt.unreadable", failure.description, help: "check the file and its permissions"))
    }

    /// Where a secret was written out by mistake: a difference goes into logs that many can read.
    private func hiddenLines(_ id: SourceFileID) -> Set<Int> {
        let stream = YAMLParser.parse(id, in: sources)
        var decoder = ManifestDecoder()
        _ = decoder.decode(stream.documents, directory: "")
        let project = ProjectFileDecoder(stream, name: sources[id].path)
        return SecretLines(stream, decoder.diagnostics + project.diagnostics).lines
    }
}
