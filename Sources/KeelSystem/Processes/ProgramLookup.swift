import Glibc
import KeelBase

/// Finds programs as a shell does, but never in the working directory by accident.
enum ProgramLookup {
    /// Where programs are looked for when `PATH` is not set.
    private static let usualPath = "/usr/local/bin:/usr/bin:/bin"

    /// The path of the file to execute.
    ///
    /// An empty part of `path` would mean the working directory; it is passed over, for there the author of a branch
    /// decides what lies.
    static func find(_ name: String, from directory: String, path: String?) throws(ProcessFailure) -> String {
        if name.contains("/") {
            let file = name.hasPrefix("/") ? name : "\(directory)/\(name)"
            switch judge(file) {
            case .executable: return file
            case .present: throw notExecutable(file)
            case .absent: throw ProcessFailure(.notFound, "there is no program \(ForeignText(file))")
            }
        }
        var refused: String?
        for part in (path ?? usualPath).split(separator: ":") where !name.isEmpty {
            let file = part.hasSuffix("/") ? "\(part)\(name)" : "\(part)/\(name)"
            switch judge(file) {
            case .executable: return file
            case .present: refused = refused ?? file
            case .absent: continue
            }
        }
        if let refused { throw notExecutable(refused) }
        throw ProcessFailure(.notFound, "there is no program \(ForeignText(name)) in the directories of PATH")
    }

    private enum Judgement { case executable, present, absent }

    private static func judge(_ file: String) -> Judgement {
        var status = stat()
        guard unsafe stat(file, &status) == 0 else { return .absent }
        guard status.st_mode & S_IFMT == S_IFREG, unsafe access(file, X_OK) == 0 else { return .present }
        return .executable
    }

    private static func notExecutable(_ file: String) -> ProcessFailure {
        ProcessFailure(.notExecutable, "\(ForeignText(file)) is no file that may be executed")
    }
}
