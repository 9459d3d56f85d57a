import KeelBase
import KeelDiagnostics
import KeelModel

/// Puts a first project into a directory, and nothing in the place of anything that is there.
package struct StarterWriter: Sendable {
    private let paths: ProjectPaths
    private let files: any FileStore

    package init(paths: ProjectPaths, files: any FileStore) {
        self.paths = paths
        self.files = files
    }

    /// Refuses a directory that has manifests of that name already, before anything is asked or written.
    package func checkIsFree(_ names: [String]) throws(EngineFailure) {
        let taken = names.filter { (try? files.mode(paths.located($0))) != .some(nil) }
        guard taken.isEmpty else {
            let list = taken.joined(separator: ", ")
            throw EngineFailure([
                Diagnostic(
                    .error, "init.exists",
                    "\(list) \(taken.count == 1 ? "is" : "are") there already in \(paths.directory)",
                    help: "use an empty directory, or write further manifests by hand; nothing was changed",
                    responsible: .operatorHere)
            ])
        }
    }

    /// Writes the project and returns the names of what it wrote or added to.
    package func write(_ project: StarterProject) throws(EngineFailure) -> [String] {
        try checkIsFree(project.files.map(\.path))
        do throws(FileFailure) {
            for file in project.files {
                let path = paths.located(file.path)
                if let slash = path.lastIndex(of: "/") { try files.createDirectory(String(path[..<slash])) }
                try files.create(path, with: Array(file.text.utf8))
            }
            var isIgnoring = false
            for pattern in project.ignored {
                if try ignore(pattern) { isIgnoring = true }
            }
            return project.files.map(\.path) + (isIgnoring ? [".gitignore"] : [])
        } catch {
            throw EngineFailure([
                Diagnostic(
                    .error, "init.unwritable", error.description,
                    help:
                        "check the directory, its permissions and its disk; remove what is half done, and start again",
                    responsible: .operatorHere)
            ])
        }
    }

    /// Adds a line to `.gitignore`, whatever else is in it; false if it is there already.
    private func ignore(_ pattern: String) throws(FileFailure) -> Bool {
        let path = paths.located(".gitignore")
        guard let bytes = try files.read(path, limit: 1 << 20) else {
            try files.create(path, with: Array("\(pattern)\n".utf8))
            return true
        }
        let text = String(decoding: bytes, as: UTF8.self)
        let same: Set<Substring> = [Substring(pattern), pattern.dropLast(), "/" + pattern, "/" + pattern.dropLast()]
        guard !text.split(whereSeparator: \.isNewline).contains(where: same.contains) else { return false }
        let separator = text.isEmpty || text.last?.isNewline == true ? "" : "\n"
        try files.replace(path, with: bytes + Array("\(separator)\(pattern)\n".utf8))
        return true
    }
}
